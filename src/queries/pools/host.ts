// The filesystems of this host that images lie on, each asked once.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { folderUsage } from '../../host/folder-usage.js';
import { type Mount, mountHolding, mounts } from '../../host/mounts.js';
import { problemOf } from '../problem.js';
import type { Problem } from '../report.js';
import type { PoolFile, PoolFilesystem, PoolImage, PoolsReport } from './record.js';

type Answer = PoolFilesystem | Problem;

/** The answers with what their images lie on; a filesystem that does not answer is a problem of each guest that has it. */
export async function withHosts(reports: readonly PoolsReport[]): Promise<readonly PoolsReport[]> {
  const ask = asker(await mounts());
  const told: PoolsReport[] = [];
  for (const report of reports) {
    const images: PoolImage[] = [];
    const problems = new Map<Problem, string>();
    for (const image of report.images) {
      const files: PoolFile[] = [];
      for (const file of image.files) {
        const answer = await ask(dirname(file.path));
        if ('code' in answer) problems.set(answer, image.disk);
        files.push('code' in answer ? { ...file, on: null } : await placed(file, answer));
      }
      images.push({ ...image, files, on: files[0]?.on ?? null });
    }
    const place = { guest: report.guest, device: null };
    const added = [...problems].map(([problem, disk]) => ({ ...place, disk, ...problem }));
    told.push({ ...report, images, problems: [...report.problems, ...added] });
  }
  return told;
}

/** Of a filesystem that has answered. */
async function placed(file: PoolFile, on: PoolFilesystem): Promise<PoolFile> {
  const found = await stat(file.path, { bigint: true }).catch(() => null);
  return { ...file, on, id: found === null ? null : `${found.dev}:${found.ino}` };
}

function asker(all: readonly Mount[]): (folder: string) => Promise<Answer> {
  const asked = new Map<string, Promise<Answer>>();
  return (folder) => {
    const id = mountHolding(all, folder)?.device ?? folder;
    const asking = asked.get(id) ?? usageOf(folder);
    asked.set(id, asking);
    return asking;
  };
}

async function usageOf(folder: string): Promise<Answer> {
  try {
    const { device, mountPoint, type, sizeBytes, freeBytes, availBytes } =
      await folderUsage(folder);
    // Where nobody shows the table of mounts, one filesystem still has one number.
    const id = device ?? String((await stat(folder)).dev);
    return { id, mountPoint, type, sizeBytes, usedBytes: sizeBytes - freeBytes, availBytes };
  } catch (error) {
    return problemOf(error);
  }
}
