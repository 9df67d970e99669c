// JSON of `virt-df jobs`: the schema virt-df-jobs/1 (docs/virt-df-jobs-1.schema.json), as one object or as lines. Bytes are
// integers, unknown is null.
import type {
  DiskJobRecord,
  JobFileRecord,
  JobRecord,
  JobsReport,
  Progress,
} from '../../queries/jobs/record.js';
import { guestKeys, type Json, problemRecord, type RunInfo, runHeader } from '../json.js';
import { clean } from '../text.js';

const SCHEMA = 'virt-df-jobs/1';

/** The one object of `jobs --json`, indented, with its line end. */
export function jobsJson(reports: readonly JobsReport[], info: RunInfo): string {
  const document: Json = {
    ...runHeader(SCHEMA, info),
    guests: reports.map(guestRecord),
    problems: reports.flatMap(({ problems }) => problems.map(problemRecord)),
    summary: summary(reports),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The lines of `jobs --ndjson`: each guest with its problems, and a summary. */
export function jobsNdjson(reports: readonly JobsReport[], info: RunInfo): string {
  const guests = reports.flatMap((report) => [
    { kind: 'guest', ...guestRecord(report) },
    ...report.problems.map((one) => ({ kind: 'problem', ...problemRecord(one) })),
  ]);
  const last = { kind: 'summary', ...runHeader(SCHEMA, info), ...summary(reports) };
  return [...guests, last].map((record: Json) => `${JSON.stringify(record)}\n`).join('');
}

function guestRecord(report: JobsReport) {
  const { stop, warnings, diskErrors, jobs, reason, askedAtMs } = report;
  return {
    ...guestKeys(report),
    paused_reason: reason,
    asked_at: new Date(askedAtMs).toISOString(),
    stop: stop === null ? null : { kind: stop.kind, message: clean(stop.message) },
    warnings: warnings.map(({ disk, message, seconds }) => {
      return { disk: clean(disk), message: clean(message), seconds };
    }),
    disk_errors: diskErrors.map(({ disk, error }) => ({ disk: clean(disk), error })),
    jobs: jobs.map(jobRecord),
  };
}

/** A job, also in the answers of other commands. */
export function jobRecord(job: JobRecord) {
  const fields = Object.entries(job.fields).map(([name, value]) => [clean(name), plain(value)]);
  return {
    operation: job.operation,
    mode: job.mode,
    incremental: job.isIncremental,
    state: job.state,
    elapsed_ms: job.elapsedMs,
    remaining_ms: job.remainingMs,
    error: clean(job.error),
    data: progress(job.data),
    memory: progress(job.memory),
    disk: progress(job.disk),
    disk_temp_used_bytes: job.tempUsedBytes,
    disk_temp_total_bytes: job.tempTotalBytes,
    rate_bytes: job.rateBytes,
    fields: Object.fromEntries(fields) as { readonly [key: string]: Json },
    disks: job.disks.map(diskRecord),
  };
}

/** Integers that a number cannot count are text. */
function plain(value: JobRecord['fields'][string]): Json {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'bigint') return value;
  const count = Number(value);
  return Number.isSafeInteger(count) ? count : String(value);
}

function progress(found: Progress | null) {
  if (found === null) return null;
  const { totalBytes, processedBytes, remainingBytes } = found;
  return {
    total_bytes: totalBytes,
    processed_bytes: processedBytes,
    remaining_bytes: remainingBytes,
  };
}

function diskRecord(disk: DiskJobRecord) {
  return {
    disk: clean(disk.disk),
    type: disk.type,
    meaning: disk.meaning,
    cur: disk.curBytes,
    end: disk.endBytes,
    bandwidth_bytes: disk.bandwidthBytes,
    ready: disk.isReady,
    rate_bytes: disk.rateBytes,
    file: fileRecord(disk.file),
  };
}

function fileRecord(file: JobFileRecord | null) {
  if (file === null) return null;
  const { filesystem } = file;
  return {
    role: file.role,
    path: clean(file.path),
    device: file.isDevice,
    capacity_bytes: file.capacityBytes,
    allocation_bytes: file.allocationBytes,
    physical_bytes: file.physicalBytes,
    filesystem:
      filesystem === null
        ? null
        : { size_bytes: filesystem.sizeBytes, avail_bytes: filesystem.availBytes },
    left_bytes: file.leftBytes,
    growth_bytes: file.growthBytes,
    full_in_seconds: file.fullInSeconds,
  };
}

function summary(reports: readonly JobsReport[]) {
  const jobs = reports.flatMap((report) => report.jobs);
  const count = (isIt: (job: JobRecord) => boolean) => jobs.filter(isIt).length;
  return {
    guests: reports.length,
    running: count(({ state }) => state === 'running' || state === 'ready'),
    ended: count(({ state }) => state !== 'running' && state !== 'ready'),
    stops: reports.filter(({ stop }) => stop !== null).length,
    warnings: reports.reduce((sum, { warnings }) => sum + warnings.length, 0),
    problems: reports.reduce((sum, { problems }) => sum + problems.length, 0),
  };
}
