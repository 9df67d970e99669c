// What libvirt tells of a domain's jobs, in words.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainJobType, virDomainJobOperation, VIR_DOMAIN_JOB_*,
// virDomainBlockJobType); what the numbers mean was measured, docs/jobs.md
import type { DiskJob, DomainJobs } from '../../guests/libvirt/domain-jobs.js';
import type { Fields, JobStats } from '../../guests/libvirt/job-protocol.js';
import type { Backup } from '../../guests/libvirt/job-xml.js';
import { bytes, exact } from './fields.js';
import { jobFile } from './file.js';
import { doneBytes, type Parts } from './progress.js';
import type {
  BlockJobType,
  DiskJobRecord,
  JobRecord,
  JobState,
  Meaning,
  Operation,
  Progress,
} from './record.js';

const OPERATIONS: readonly Operation[] = [
  'unknown',
  'start',
  'save',
  'restore',
  'migration in',
  'migration out',
  'snapshot',
  'snapshot revert',
  'dump',
  'backup',
  'snapshot delete',
];

const BLOCK_JOB_TYPES: readonly BlockJobType[] = [
  'unknown',
  'pull',
  'copy',
  'commit',
  'active commit',
  'backup',
];

/** virDomainJobType: none, bounded, unbounded, completed, failed, cancelled */
const STATES: readonly (JobState | null)[] = [
  null,
  'running',
  'running',
  'completed',
  'failed',
  'cancelled',
];

/** The guest's own job, with the disks of a backup, then what other disks do. */
export function jobRecords(jobs: DomainJobs): readonly JobRecord[] {
  const { current, ended, disks } = jobs;
  const isOfGuest = ({ info }: DiskJob) => current !== null && blockJobType(info.type) === 'backup';
  const ofGuest = disks.filter(isOfGuest).map((one) => diskJob(one, jobs));
  const own = disks.filter((one) => !isOfGuest(one)).map((one) => blockJob(diskJob(one, jobs)));
  return [
    ...(current === null ? [] : [guestJob(current, jobs.backup, ofGuest)]),
    ...own,
    ...(ended === null ? [] : [guestJob(ended, null, [])]),
  ];
}

function guestJob(
  { type, fields }: JobStats,
  backup: Backup | null,
  disks: readonly DiskJobRecord[],
): JobRecord {
  const [data, memory, disk] = ['data', 'memory', 'disk'].map((kind) => progress(fields, kind));
  const remainingMs = bytes(fields, 'time_remaining');
  const job = {
    operation: OPERATIONS[Number(fields.operation ?? 0)] ?? 'unknown',
    mode: backup?.mode ?? null,
    isIncremental: backup?.isIncremental ?? null,
    state: STATES[type] ?? 'running',
    elapsedMs: bytes(fields, 'time_elapsed'),
    // libvirt has 0 where it does not know.
    remainingMs: remainingMs === 0 ? null : remainingMs,
    error: typeof fields.errmsg === 'string' ? fields.errmsg : null,
    data: data ?? null,
    memory: memory ?? null,
    disk: disk ?? null,
    tempUsedBytes: bytes(fields, 'disk_temp_used'),
    tempTotalBytes: bytes(fields, 'disk_temp_total'),
    fields,
    disks,
  };
  return { ...job, rateBytes: reportedRate(fields) ?? meanRate(job) };
}

function progress(fields: Fields, kind: string): Progress | null {
  const [totalBytes, processedBytes, remainingBytes] = ['total', 'processed', 'remaining'].map(
    (part) => bytes(fields, `${kind}_${part}`),
  );
  const found = {
    totalBytes: totalBytes ?? null,
    processedBytes: processedBytes ?? null,
    remainingBytes: remainingBytes ?? null,
  };
  return Object.values(found).every((one) => one === null) ? null : found;
}

/** As libvirt measures it, of memory and of disks. */
function reportedRate(fields: Fields): number | null {
  const rates = [bytes(fields, 'memory_bps'), bytes(fields, 'disk_bps')].filter(
    (one) => one !== null && one > 0,
  );
  return rates.length === 0 ? null : rates.reduce<number>((sum, one) => sum + (one ?? 0), 0);
}

/** Since it began. */
function meanRate(job: Pick<JobRecord, 'elapsedMs' | 'tempUsedBytes'> & Parts): number | null {
  const { elapsedMs } = job;
  const done = doneBytes(job);
  return done === null || elapsedMs === null || elapsedMs === 0
    ? null
    : Math.round((done * 1000) / elapsedMs);
}

function blockJobType(type: number): BlockJobType {
  return BLOCK_JOB_TYPES[type] ?? 'unknown';
}

function diskJob({ disk, info }: DiskJob, jobs: DomainJobs): DiskJobRecord {
  const type = blockJobType(info.type);
  const mirror = jobs.mirrors.find((one) => one.disk === disk);
  const isMirror = type === 'copy' || type === 'active commit';
  return {
    disk,
    type,
    meaning: meaningOf(type, jobs.backup),
    curBytes: exact(info.cur),
    endBytes: exact(info.end),
    bandwidthBytes: info.bandwidth === 0n ? null : exact(info.bandwidth),
    isReady: isMirror ? (mirror?.isReady ?? null) : null,
    rateBytes: null,
    file: jobFile(disk, type, jobs),
  };
}

function meaningOf(type: BlockJobType, backup: Backup | null): Meaning {
  if (type === 'active commit') return 'written';
  if (type === 'unknown') return 'unknown';
  if (type !== 'backup') return 'offset';
  return backup === null ? 'unknown' : backup.mode === 'pull' ? 'preserved' : 'offset';
}

/** A disk's job that is none of the guest's: job calls say nothing of it. */
function blockJob(disk: DiskJobRecord): JobRecord {
  return {
    operation: disk.type,
    mode: null,
    isIncremental: null,
    state: disk.isReady === true ? 'ready' : 'running',
    elapsedMs: null,
    remainingMs: null,
    error: null,
    data: null,
    memory: null,
    disk: null,
    tempUsedBytes: null,
    tempTotalBytes: null,
    rateBytes: null,
    fields: {},
    disks: [disk],
  };
}
