// How fast jobs go and their files grow: since the last poll, or since they began.
import { guestKey, rateOf } from '../between-polls.js';
import { doneBytes } from './progress.js';
import type { DiskJobRecord, JobFileRecord, JobRecord, JobsReport } from './record.js';

/** The reports with speeds; `previous` are those of the poll before. */
export function withSpeeds(
  reports: readonly JobsReport[],
  previous: readonly JobsReport[],
): readonly JobsReport[] {
  const known = new Map(previous.map((report) => [guestKey(report), report]));
  const grown = reports.map((report) => speeds(report, known.get(guestKey(report))));
  const growth = growthByFilesystem(grown);
  return grown.map((report) =>
    mapFiles(report, (file) => ({ ...file, ...fullTime(file, growth) })),
  );
}

function speeds(report: JobsReport, before: JobsReport | undefined): JobsReport {
  const seconds = before === undefined ? 0 : (report.askedAtMs - before.askedAtMs) / 1000;
  const jobs = report.jobs.map((job) => {
    const old = before?.jobs.find((one) => isSame(one, job));
    const since = rateOf(doneBytes(job), old === undefined ? null : doneBytes(old), seconds);
    const disks = job.disks.map((disk) => diskSpeed(disk, job, old, seconds));
    return { ...job, rateBytes: job.state === 'running' ? (since ?? job.rateBytes) : null, disks };
  });
  return { ...report, jobs };
}

/** Whether a job is the one that was there before, and not one that began since. */
function isSame(old: JobRecord, job: JobRecord): boolean {
  const isOlder = old.elapsedMs === null || (job.elapsedMs ?? 0) >= old.elapsedMs;
  const [first, other] = [old.disks[0]?.disk, job.disks[0]?.disk];
  return old.operation === job.operation && isOlder && (job.elapsedMs !== null || first === other);
}

function diskSpeed(
  disk: DiskJobRecord,
  { elapsedMs }: JobRecord,
  old: JobRecord | undefined,
  seconds: number,
): DiskJobRecord {
  const before = old?.disks.find((one) => one.disk === disk.disk && one.type === disk.type);
  const age = (elapsedMs ?? 0) / 1000;
  const mean = elapsedMs === null ? null : rateOf(disk.curBytes, 0, age);
  const rateBytes = rateOf(disk.curBytes, before?.curBytes ?? null, seconds) ?? mean;
  const { file } = disk;
  if (file === null) return { ...disk, rateBytes };
  const was = before?.file ?? null;
  const grown = rateOf(takenBytes(file), was === null ? null : takenBytes(was), seconds);
  // What it has before anything was saved is its tables.
  const isFresh = elapsedMs === null || disk.curBytes === 0;
  const growthBytes = grown ?? (isFresh ? null : rateOf(takenBytes(file), 0, age));
  return { ...disk, rateBytes, file: { ...file, growthBytes } };
}

/** Of a device, what was written; of a file, what the host stores. */
function takenBytes({ isDevice, allocationBytes, physicalBytes }: JobFileRecord): number | null {
  return isDevice ? allocationBytes : physicalBytes;
}

/** What all files of a filesystem take a second. */
function growthByFilesystem(reports: readonly JobsReport[]): ReadonlyMap<string, number> {
  const growth = new Map<string, number>();
  for (const { file } of reports.flatMap(({ jobs }) => jobs.flatMap(({ disks }) => disks))) {
    if (file === null || file.filesystem === null) continue;
    const { device } = file.filesystem;
    growth.set(device, (growth.get(device) ?? 0) + (file.growthBytes ?? 0));
  }
  return growth;
}

function fullTime(file: JobFileRecord, growth: ReadonlyMap<string, number>) {
  const { filesystem, leftBytes, growthBytes } = file;
  const speed = filesystem === null ? growthBytes : (growth.get(filesystem.device) ?? null);
  const fullInSeconds =
    leftBytes === null || speed === null || speed === 0 ? null : Math.floor(leftBytes / speed);
  return { fullInSeconds };
}

function mapFiles(report: JobsReport, change: (file: JobFileRecord) => JobFileRecord): JobsReport {
  const jobs = report.jobs.map((job) => ({
    ...job,
    disks: job.disks.map((disk) =>
      disk.file === null ? disk : { ...disk, file: change(disk.file) },
    ),
  }));
  return { ...report, jobs };
}
