// JSON of `virt-df du`: the schema virt-df-du/1 (docs/virt-df-du-1.schema.json). It is told piece by piece, since a guest may
// have millions of files.
import type { DuEntry } from '../../queries/du/listing.js';
import { duEntries } from '../../queries/du/listing.js';
import type { DuFilesystem, DuOther, DuReport } from '../../queries/du/record.js';
import { guestKeys, type Json, problemRecord, type RunInfo, runHeader } from '../json.js';
import { clean } from '../text.js';
import { pathKeys } from './path.js';

const SCHEMA = 'virt-df-du/1';
/** Records that are put together before they are printed. */
const BATCH = 1000;

/** The one object of `du --json`, with a line for each entry. */
export function* duJson(reports: readonly DuReport[], info: RunInfo): Generator<string> {
  yield `{${fields(runHeader(SCHEMA, info))},\n"guests": [`;
  for (const [index, report] of reports.entries()) {
    yield `${index === 0 ? '' : ','}\n {${fields(guestKeys(report))},\n  "filesystems": [`;
    for (const [at, filesystem] of report.filesystems.entries()) {
      yield `${at === 0 ? '' : ','}\n   {${fields(headOf(filesystem))},\n    "entries": [`;
      yield* batches(entryRecords(filesystem), (record, isFirst) => {
        return `${isFirst ? '' : ','}\n     ${JSON.stringify(record)}`;
      });
      yield `],\n    ${fields(restOf(filesystem))}}`;
    }
    yield ']}';
  }
  const problems = reports.flatMap((report) => report.problems.map(problemRecord));
  yield `],\n${fields({ problems })}}\n`;
}

function fields(record: { readonly [key: string]: Json }): string {
  return JSON.stringify(record).slice(1, -1);
}

function* entryRecords({ listing }: DuFilesystem): Generator<Json> {
  if (listing === null) return;
  for (const entry of duEntries(listing)) yield entryRecord(entry);
}

function* batches(
  records: Iterable<Json>,
  text: (record: Json, isFirst: boolean) => string,
): Generator<string> {
  let [batch, count] = ['', 0];
  for (const record of records) {
    batch += text(record, count === 0);
    count += 1;
    if (count % BATCH !== 0) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

function headOf({ record }: DuFilesystem) {
  return {
    device: clean(record.device),
    type: clean(record.type),
    label: clean(record.label),
    fs_uuid: clean(record.fsUuid),
    size_bytes: record.sizeBytes,
    used_bytes: record.usedBytes,
  };
}

function restOf({ other, outside, problem }: DuFilesystem) {
  return {
    other: other.map(otherRecord),
    outside: outside.map(otherRecord),
    problem: problem === null ? null : { code: problem.code, message: clean(problem.message) },
  };
}

function otherRecord({ kind, name, allocatedBytes, fileCount }: DuOther) {
  return { kind, name: clean(name), allocated_bytes: allocatedBytes, files: fileCount };
}

function entryRecord(entry: DuEntry): { readonly [key: string]: Json } {
  const { kind, tree, modifiedSeconds, isRepeated } = entry;
  return {
    ...pathKeys(entry.path),
    type: kind,
    size_bytes: entry.sizeBytes,
    allocated_bytes: entry.allocatedBytes,
    ...(kind === 'directory' ? { total_bytes: entry.totalBytes } : {}),
    inode: entry.inode,
    ...(tree === 0 ? {} : { tree }),
    links: entry.linkCount,
    ...(modifiedSeconds === null ? {} : { modified: timeOf(modifiedSeconds) }),
    ...(isRepeated ? { repeated: true } : {}),
  };
}

/** A time that no calendar has stays a number of seconds. */
function timeOf(seconds: number): string | number {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? seconds : date.toISOString();
}
