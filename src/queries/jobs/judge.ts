// When a guest will stop, which no job call says: a scratch file that finds no room pauses the guest whose disk has enough.
// Reference: docs/jobs.md, where it was measured
import { KIB } from '../../limits.js';
import type { DiskJobRecord, JobRecord, JobsReport } from './record.js';

/** What a backup saves at a time: with less room its next write fails. */
const CLUSTER_BYTES = 64 * KIB;

/** The reports with what stops their guests, or will; those of which something does come first. */
export function judged(reports: readonly JobsReport[]): readonly JobsReport[] {
  const all = reports.map((report) => ({
    ...report,
    stop: stopOf(report),
    warnings: report.jobs.flatMap(warningsOf),
  }));
  const order = ({ stop, warnings }: JobsReport) =>
    stop !== null ? 0 : warnings.length > 0 ? 1 : 2;
  return [...all].sort((a, b) => order(a) - order(b));
}

function stopOf({ reason, diskErrors, jobs }: JobsReport): JobsReport['stop'] {
  const full = jobs.flatMap(({ disks }) => disks).filter(isFull);
  const files = full.map(
    ({ disk, file }) => `the scratch file of ${disk}, ${file?.path ?? '-'}, has no room`,
  );
  const errors = diskErrors.map(({ disk, error }) => `${disk}: ${error}`);
  const why = [...errors, ...files].join('; ');
  if (reason === 'I/O error') {
    return { kind: 'stopped', message: `the guest is stopped by an I/O error${behind(why)}` };
  }
  if (errors.length > 0) return { kind: 'error', message: `a disk has an error${behind(why)}` };
  if (files.length === 0) return null;
  return { kind: 'full', message: `the guest stops when it writes next${behind(why)}` };
}

function behind(why: string): string {
  return why === '' ? '' : `: ${why}`;
}

/** Not one that has all of its disk already. */
function isFull(disk: DiskJobRecord): boolean {
  const { file } = disk;
  if (file === null || file.leftBytes === null || file.role !== 'scratch') return false;
  return file.leftBytes < CLUSTER_BYTES && mostBytes(disk) > 0;
}

function warningsOf(job: JobRecord): JobsReport['warnings'] {
  return job.disks.flatMap((disk) => {
    const { file } = disk;
    const seconds = file?.fullInSeconds ?? null;
    if (file === null || seconds === null || file.leftBytes === null || isFull(disk)) return [];
    if (file.leftBytes >= mostBytes(disk) || seconds > endsIn(job, disk)) return [];
    const end = file.role === 'scratch' ? 'the guest stops' : 'the job fails';
    const message = `${end} when ${file.path ?? 'the file'} has no room any more`;
    return [{ disk: disk.disk, message, seconds }];
  });
}

/** What the file may still take: a scratch file all that was not saved yet. */
function mostBytes({ curBytes, endBytes }: DiskJobRecord): number {
  return Math.max(0, endBytes - curBytes);
}

/** In seconds. A backup that is pulled ends when its reader says so. */
function endsIn({ mode }: JobRecord, { curBytes, endBytes, rateBytes }: DiskJobRecord): number {
  if (mode === 'pull' || rateBytes === null || rateBytes === 0) return Number.POSITIVE_INFINITY;
  return (endBytes - curBytes) / rateBytes;
}
