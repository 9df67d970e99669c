// JSON and NDJSON: the schema virt-df/1 (docs/virt-df-1.schema.json). Bytes are integers, unknown is null. A field may
// be added within virt-df/1, never removed or retyped.

import type { SignatureClaim } from '../errors.js';
import type {
  GuestHeader,
  GuestReport,
  LiveNumber,
  LiveRecord,
  Problem,
  ProblemRecord,
} from '../queries/report.js';
import { usePercent } from '../queries/use-percent.js';
import type { Label } from '../validation/guest.js';
import type { Column } from './column.js';
import { RECORD_COLUMNS } from './columns.js';
import { type Row, rowsOf } from './row.js';
import { totalsOf } from './select.js';
import { clean } from './text.js';

/** Version, time and host of a run. */
export interface RunInfo {
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly generatedAt: string;
  /** The name of the host that virt-df ran on. */
  readonly host: string;
}

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** The one object of --json, indented, with its line end. `rows` are the filesystems, filtered and sorted. */
export function json(reports: readonly GuestReport[], rows: readonly Row[], info: RunInfo): string {
  const document: Json = {
    ...runHeader('virt-df/1', info),
    guests: reports.map(guestRecord),
    filesystems: filesystemRecords(rows),
    volumes: reports.flatMap(volumeRecords),
    problems: reports.flatMap(({ problems }) => problems.map(problemRecord)),
    summary: summary(reports),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * --json or --ndjson with --output: only these columns of the filesystems, and what could not be read; the schema
 * virt-df-columns/1 (docs/virt-df-columns-1.schema.json).
 */
export function columnsJson(
  reports: readonly GuestReport[],
  rows: readonly Row[],
  info: RunInfo,
  columns: readonly Column[],
): string {
  const document: Json = {
    ...runHeader(COLUMNS_SCHEMA, info),
    columns: columns.map(({ name }) => name),
    filesystems: filesystemRecords(rows, columns),
    problems: reports.flatMap(({ problems }) => problems.map(problemRecord)),
    summary: summary(reports),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const COLUMNS_SCHEMA = 'virt-df-columns/1';

/** The lines of --ndjson for one guest, printed when it has been read. `columns` are those of --output. */
export function ndjsonGuest(
  report: GuestReport,
  rows: readonly Row[],
  columns: readonly Column[] | null = null,
): string {
  if (columns !== null) {
    return lines([
      ...filesystemRecords(rows, columns).map((record) => ({ kind: 'filesystem', ...record })),
      ...problemLines(report),
    ]);
  }
  return lines([
    { kind: 'guest', ...guestRecord(report) },
    ...filesystemRecords(rows).map((record) => ({ kind: 'filesystem', ...record })),
    ...volumeRecords(report).map((record) => ({ kind: 'volume', ...record })),
    ...problemLines(report),
  ]);
}

/** The last lines of --ndjson: the problems of guests that were found when all were read, and the summary of all. */
export function ndjsonEnd(
  reports: readonly GuestReport[],
  info: RunInfo,
  last: readonly ProblemRecord[] = [],
  columns: readonly Column[] | null = null,
): string {
  const head = runHeader(columns === null ? 'virt-df/1' : COLUMNS_SCHEMA, info);
  return lines([
    ...problemLines({ problems: last }),
    { kind: 'summary', ...head, ...summary(reports) },
  ]);
}

function problemLines({ problems }: Pick<GuestReport, 'problems'>): Json[] {
  return problems.map((problem) => ({ kind: 'problem', ...problemRecord(problem) }));
}

function lines(records: readonly Json[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** The first keys of every document. */
export function runHeader(schema: string, { version, generatedAt, host }: RunInfo) {
  return { schema, version, generated_at: generatedAt, host: clean(host) };
}

/** The first keys of a guest. `guest_bytes` is its very name in base64, where `guest` is not. */
export function guestKeys({
  guest,
  givenName,
  uuid,
  state,
  uri,
}: Pick<GuestHeader, 'guest' | 'givenName' | 'uuid' | 'state' | 'uri'>) {
  const bytes =
    givenName === undefined ? {} : { guest_bytes: Buffer.from(givenName).toString('base64') };
  return {
    guest: clean(guest),
    ...bytes,
    uuid: clean(uuid),
    state: clean(state),
    uri: clean(uri),
  };
}

/** The label, and in base64 the label itself where that is another. */
export function labelKeys({ label, labelBytes }: Label) {
  const bytes =
    labelBytes === undefined ? {} : { label_bytes: Buffer.from(labelBytes).toString('base64') };
  return { label: clean(label), ...bytes };
}

function guestRecord(report: GuestReport) {
  return {
    ...guestKeys(report),
    disks: report.disks.map((disk) => ({
      disk: clean(disk.disk),
      target: clean(disk.target),
      path: clean(disk.path),
      format: clean(disk.format),
      capacity_bytes: disk.capacityBytes,
      allocation_bytes: disk.allocationBytes,
      physical_bytes: disk.physicalBytes,
      chain: disk.layerCount,
      access: disk.access,
    })),
  };
}

/** The filesystems' records by the registry of columns; the problem and the doubts are objects here, sentences in CSV. */
function filesystemRecords(
  rows: readonly Row[],
  columns: readonly Column[] = RECORD_COLUMNS,
): { readonly [key: string]: Json }[] {
  const fieldOf = (column: Column, row: Row): Json => {
    if (column.name === 'problem') return problemOf(row);
    return column.name === 'doubts' ? row.doubts.map(problemFields) : column.value(row);
  };
  const fieldsOf = (column: Column, row: Row) =>
    column.name === 'label'
      ? Object.entries(labelKeys(row))
      : [[column.name, fieldOf(column, row)] as const];
  return rows
    .filter(({ kind }) => kind === 'filesystem')
    .map((row) => ({
      ...Object.fromEntries(columns.flatMap((column) => fieldsOf(column, row))),
      ...(columns === RECORD_COLUMNS && row.live !== undefined
        ? { live: liveFields(row.live) }
        : {}),
    }));
}

/** By the names of the fields beside it. */
const NUMBER_KEYS: Readonly<Record<LiveNumber, string>> = {
  sizeBytes: 'size_bytes',
  usedBytes: 'used_bytes',
  freeBytes: 'free_bytes',
  availBytes: 'avail_bytes',
};

function liveFields(live: LiveRecord) {
  return {
    match: live.match,
    name: clean(live.name),
    mountpoints: live.mountpoints.map((path) => clean(path)),
    total_bytes: live.totalBytes,
    used_bytes: live.usedBytes,
    from_agent: live.numbers.map((name) => NUMBER_KEYS[name]),
    disk_used_bytes: live.diskUsedBytes,
    disk_avail_bytes: live.diskAvailBytes,
  };
}

function problemOf({ problem }: Row): Json {
  return problem === null ? null : problemFields(problem);
}

function problemFields({ code, message, signatures }: Problem) {
  const fields = { code, message: clean(message) };
  return signatures === undefined ? fields : { ...fields, signatures: signatures.map(signature) };
}

function signature({ format, type, label, uuid, offsetBytes }: SignatureClaim) {
  return {
    format: clean(format),
    type: clean(type),
    label: clean(label),
    fs_uuid: clean(uuid),
    offset_bytes: offsetBytes,
  };
}

function volumeRecords({ volumes }: GuestReport) {
  return volumes.map((volume) => ({
    guest: clean(volume.guest),
    disk: clean(volume.disk),
    device: clean(volume.device),
    type: clean(volume.type),
    size_bytes: volume.sizeBytes,
    offset_bytes: volume.offsetBytes,
    partition_bytes: volume.partitionBytes,
    ...labelKeys(volume),
    fs_uuid: clean(volume.fsUuid),
    fs_version: clean(volume.fsVersion),
  }));
}

/** A problem in the list of all. */
export function problemRecord({ guest, disk, device, ...problem }: ProblemRecord) {
  return {
    guest: clean(guest),
    disk: clean(disk),
    device: clean(device),
    ...problemFields(problem),
  };
}

function summary(reports: readonly GuestReport[]) {
  const rows = reports.flatMap(rowsOf);
  const totals = totalsOf(rows);
  const read = (count: (report: GuestReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  return {
    guests: reports.length,
    filesystems: read(({ filesystems }) => filesystems.length),
    volumes: read(({ volumes }) => volumes.length),
    problems: read(({ problems }) => problems.length),
    size_bytes: totals.sizeBytes,
    used_bytes: totals.usedBytes,
    free_bytes: totals.freeBytes,
    avail_bytes: totals.availBytes,
    use_percent: usePercent(totals.usedBytes, totals.availBytes),
    files: totals.files,
    files_used: totals.filesUsed,
    files_free: totals.filesFree,
    reads: read(({ statistics }) => statistics.readCount),
    bytes_read: read(({ statistics }) => statistics.bytesRead),
  };
}
