// JSON of `virt-df diff`: the schema virt-df-diff/1 (docs/virt-df-diff-1.schema.json), as one object or as lines. It is told
// piece by piece, since a guest may have millions of files.
import type { DiffChange, DiffFilesystem, DiffReport, Overlay } from '../../queries/diff/record.js';
import type { GuestPath } from '../../queries/files/guest-path.js';
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

const SCHEMA = 'virt-df-diff/1';

/** The one object of `diff --json`, with a line for each change. */
export function* diffJson(reports: readonly DiffReport[], info: RunInfo): Generator<string> {
  const guests = reports.map(guestKeys);
  const filesystems = reports.flatMap((report) =>
    report.filesystems.map((one) => filesystemRecord(report, one)),
  );
  yield `{${fields(runHeader(SCHEMA, info))},\n${fields({ guests })},\n${fields({ filesystems })},\n"changes": [`;
  yield* together(separated(reports));
  const problems = reports.flatMap((report) => report.problems.map(problemRecord));
  yield `],\n"overlay": ${overlayJson(reports)},\n`;
  yield `${fields({ problems, summary: summaryOf(reports) })}}\n`;
}

function* separated(reports: readonly DiffReport[]): Generator<string> {
  let isFirst = true;
  for (const text of changeTexts(reports)) {
    yield `${isFirst ? '' : ','}\n {${text}}`;
    isFirst = false;
  }
}

function* changeTexts(reports: readonly DiffReport[]): Generator<string> {
  for (const report of reports) {
    for (const filesystem of report.filesystems) {
      const place = fields(placeKeys(report, filesystem));
      for (const change of filesystem.changes ?? []) yield `${place},${changeFields(change)}`;
    }
  }
}

/** The lines of `diff --ndjson` for one guest, when it was compared. */
export function* diffNdjsonGuest(report: DiffReport): Generator<string> {
  yield line({ kind: 'guest', ...guestKeys(report) });
  for (const one of report.filesystems) {
    yield line({ kind: 'filesystem', ...filesystemRecord(report, one) });
  }
  yield* together(changeLines(report));
  if (report.overlay !== null) {
    yield line({
      kind: 'overlay',
      guest: clean(report.guest),
      ...diskKeys(report, report.overlay),
    });
    for (const text of partTexts(report)) yield `{"kind":"part",${text}}\n`;
  }
  for (const problem of report.problems) yield line({ kind: 'problem', ...problemRecord(problem) });
}

function* changeLines(report: DiffReport): Generator<string> {
  for (const text of changeTexts([report])) yield `{"kind":"change",${text}}\n`;
}

/** The last line of `diff --ndjson`. */
export function diffNdjsonEnd(counts: Readonly<Record<string, number>>, info: RunInfo): string {
  return line({ kind: 'summary', ...runHeader(SCHEMA, info), summary: counts });
}

/** How many changes of each kind there are. */
export function summaryOf(reports: readonly DiffReport[]): Readonly<Record<string, number>> {
  const counts = { added: 0, removed: 0, renamed: 0, modified: 0, metadata: 0, replaced: 0 };
  for (const { filesystems } of reports) {
    for (const { changes } of filesystems) {
      for (const { change } of changes ?? []) counts[change] += 1;
    }
  }
  return counts;
}

function line(record: { readonly [key: string]: Json }): string {
  return `${JSON.stringify(record)}\n`;
}

/** The inside of an object. */
function fields(record: { readonly [key: string]: Json }): string {
  return JSON.stringify(record).slice(1, -1);
}

function placeKeys({ guest }: DiffReport, { record }: DiffFilesystem) {
  return { guest: clean(guest), device: clean(record.device) };
}

function filesystemRecord(report: DiffReport, filesystem: DiffFilesystem) {
  const { record, presence, problem } = filesystem;
  return {
    ...placeKeys(report, filesystem),
    type: clean(record.type),
    ...labelKeys(record),
    fs_uuid: clean(record.fsUuid),
    presence,
    problem: problem === null ? null : { code: problem.code, message: clean(problem.message) },
  };
}

/** Of all guests together, since most runs have one; null: nobody asked, or there is none. */
function overlayJson(reports: readonly DiffReport[]): string {
  const asked = reports.filter(({ overlay }) => overlay !== null);
  if (asked.length === 0) return 'null';
  const dataBytes = asked.reduce((bytes, { overlay }) => bytes + (overlay?.dataBytes ?? 0), 0);
  const disks = asked.flatMap(
    (report) => report.overlay?.disks.map((disk) => diskKey(report, disk)) ?? [],
  );
  const parts = asked.flatMap((report) => [...partTexts(report)]);
  const head = fields({ data_bytes: dataBytes, disks });
  return `{${head},"parts": [${parts.map((part) => `\n {${part}}`).join(',')}]}`;
}

function diskKeys(report: DiffReport, { dataBytes, disks }: Overlay) {
  return { data_bytes: dataBytes, disks: disks.map((disk) => diskKey(report, disk)) };
}

function diskKey({ guest }: DiffReport, { device, path, dataBytes }: Overlay['disks'][number]) {
  return { guest: clean(guest), disk: clean(device), path: clean(path), data_bytes: dataBytes };
}

function* partTexts({ guest, overlay }: DiffReport): Generator<string> {
  for (const part of overlay?.parts ?? []) {
    const { device, kind, name, path, storedBytes, differingBytes, fileCount } = part;
    const place = fields({ guest: clean(guest), device: clean(device) });
    const told = path === null ? '"path":null' : pathFields(path);
    const numbers = {
      stored_bytes: storedBytes,
      differing_bytes: differingBytes,
      files: fileCount,
    };
    yield `${place},"part":"${kind}",${fields({ name: clean(name) })},${told},${fields(numbers)}`;
  }
}

function changeFields(row: DiffChange): string {
  const { path, change, kind, bytesChanged, belowCount } = row;
  const below = belowCount === 0 ? '' : `,"below":${belowCount}`;
  const named = row.fields.length === 0 ? '' : `,"fields":${JSON.stringify(row.fields)}`;
  const numbers = `"type":"${kind}","bytes_changed":${bytesChanged}`;
  return `${pathFields(path)},"change":"${change}",${fromFields(row.from)},${numbers}${below}${named}`;
}

function fromFields(from: GuestPath | null): string {
  if (from === null) return '"from":null';
  const text = `"from":${jsonText(from.text)}`;
  if (from.bytes === null) return text;
  return `${text},"from_bytes":"${Buffer.from(from.bytes).toString('base64')}"`;
}
