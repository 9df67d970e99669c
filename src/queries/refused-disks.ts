// A device that is missing, where all disks were given and one of them could not be read: what was missed is probably on that one,
// and so its row says. Example: of the two disks of a btrfs the second is an image that may not be opened.
import { GIVE_ALL_DISKS } from '../errors.js';
import type { FilesystemRecord, Problem } from './report.js';

/** The rows, of which those with a missing device name the disks that could not be read. */
export function namingRefused(rows: readonly FilesystemRecord[]): readonly FilesystemRecord[] {
  const refused = rows.filter(({ device, disk, problem }) => device === disk && isRefusal(problem));
  if (refused.length === 0) return rows;
  const names = refused.map(({ device }) => device).join(', ');
  const advice = `it may be on ${names}, which could not be read`;
  return rows.map((row) => {
    const { problem } = row;
    if (problem?.code !== 'MISSING_DEVICE') return row;
    return {
      ...row,
      problem: { ...problem, message: problem.message.replace(GIVE_ALL_DISKS, advice) },
    };
  });
}

/** Of a disk whose image was not opened: it does not exist, may not be opened, or is no image. */
function isRefusal(problem: Problem | null): boolean {
  return problem !== null && problem.code !== 'MISSING_DEVICE';
}
