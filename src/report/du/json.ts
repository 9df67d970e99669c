// JSON of `virt-df du`: the schema virt-df-du/1 (docs/virt-df-du-1.schema.json), as one object or as lines. It is told piece by
// piece, since a guest may have millions of files.
import { type DuEntry, duEntries } from '../../queries/du/listing.js';
import type { DuFilesystem, DuOther, DuReport } from '../../queries/du/record.js';
import { jsonText, pathFields } from '../files/path.js';
import { together } from '../files/together.js';
import {
  guestKeys,
  type Json,
  labelKeys,
  problemRecord,
  type RunInfo,
  runHeader,
} from '../json.js';
import { clean } from '../text.js';

const SCHEMA = 'virt-df-du/1';

/** The one object of `du --json`, with a line for each entry. */
export function* duJson(reports: readonly DuReport[], info: RunInfo): Generator<string> {
  yield `{${fields(runHeader(SCHEMA, info))},\n"guests": [`;
  for (const [index, report] of reports.entries()) {
    yield `${index === 0 ? '' : ','}\n {${fields(guestKeys(report))},\n  "filesystems": [`;
    for (const [at, filesystem] of report.filesystems.entries()) {
      yield `${at === 0 ? '' : ','}\n   {${fields(headOf(filesystem))},\n    "entries": [`;
      yield* together(entryTexts(filesystem, '\n     {', '}', ','));
      yield `],\n    ${fields(restOf(filesystem))}}`;
    }
    yield ']}';
  }
  const problems = reports.flatMap((report) => report.problems.map(problemRecord));
  yield `],\n${fields({ problems })}}\n`;
}

/** The lines of `du --ndjson` for one guest, when it was read; each entry says which guest and device it is of. */
export function* duNdjsonGuest(report: DuReport): Generator<string> {
  yield line({ kind: 'guest', ...guestKeys(report) });
  for (const filesystem of report.filesystems) {
    const place = { guest: clean(report.guest), device: clean(filesystem.record.device) };
    const { other, outside, problem } = restOf(filesystem);
    yield line({ kind: 'filesystem', guest: place.guest, ...headOf(filesystem), problem });
    const own = fields({ kind: 'entry', ...place });
    yield* together(entryTexts(filesystem, `{${own},`, '}\n', ''));
    for (const one of other) yield line({ kind: 'other', ...place, other: one });
    for (const one of outside) yield line({ kind: 'outside', ...place, other: one });
  }
  for (const problem of report.problems) yield line({ kind: 'problem', ...problemRecord(problem) });
}

/** The last line of `du --ndjson`. */
export function duNdjsonEnd(reports: readonly DuReport[], info: RunInfo): string {
  const filesystems = reports.reduce((count, report) => count + report.filesystems.length, 0);
  const problems = reports.reduce((count, report) => count + report.problems.length, 0);
  const counts = { guests: reports.length, filesystems, problems };
  return line({ kind: 'summary', ...runHeader(SCHEMA, info), ...counts });
}

function line(record: { readonly [key: string]: Json }): string {
  return `${JSON.stringify(record)}\n`;
}

/** The inside of an object. */
function fields(record: { readonly [key: string]: Json }): string {
  return JSON.stringify(record).slice(1, -1);
}

function* entryTexts(
  { listing }: DuFilesystem,
  before: string,
  after: string,
  between: string,
): Generator<string> {
  if (listing === null) return;
  let isFirst = true;
  for (const entry of duEntries(listing)) {
    yield `${isFirst ? '' : between}${before}${entryFields(entry)}${after}`;
    isFirst = false;
  }
}

function headOf({ record }: DuFilesystem) {
  return {
    device: clean(record.device),
    type: clean(record.type),
    ...labelKeys(record),
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

/** Written by hand, since there are many: JSON.stringify of an object takes three times as long. */
function entryFields(entry: DuEntry): string {
  const { path, kind, sizeBytes, allocatedBytes, tree, inode, linkCount } = entry;
  const total = kind === 'directory' ? `,"total_bytes":${entry.totalBytes}` : '';
  const subvolume = tree === 0 ? '' : `,"tree":${tree}`;
  const modified = entry.modifiedSeconds === null ? '' : `,"modified":${timeOf(entry)}`;
  const repeated = entry.isRepeated ? ',"repeated":true' : '';
  const alone = entry.exclusiveBytes;
  const exclusive = alone === null ? '' : `,"exclusive_bytes":${alone}`;
  const sizes = `"size_bytes":${sizeBytes},"allocated_bytes":${allocatedBytes}${total}${exclusive}`;
  const numbers = `"inode":${inode}${subvolume},"links":${linkCount}`;
  return `${pathFields(path)},"type":"${kind}",${sizes},${numbers}${modified}${repeated}`;
}

/** A time that no calendar has stays a number of seconds. */
function timeOf({ modifiedSeconds }: DuEntry): string {
  const date = new Date((modifiedSeconds ?? 0) * 1000);
  return Number.isNaN(date.getTime()) ? String(modifiedSeconds) : jsonText(date.toISOString());
}
