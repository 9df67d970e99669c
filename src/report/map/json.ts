// JSON of `virt-df map`: a list of ranges (docs/virt-df-map-1.schema.json), or lines. It is told piece by piece, since a disk may
// lie in millions.
import type {
  MapFilesystem,
  MapOwner,
  MapPiece,
  MapReport,
  MapRow,
} from '../../queries/map/record.js';
import { rowsIn } from '../../queries/map/row-table.js';
import { jsonText, pathFields } from '../files/path.js';
import { together } from '../files/together.js';
import { clean } from '../text.js';

/** Of one file; how many more there are is told. */
const MAX_TOLD_PATHS = 1000;

export function* mapJson(reports: readonly MapReport[]): Generator<string> {
  yield '[';
  yield* together(separated(reports));
  yield ']\n';
}

function* separated(reports: readonly MapReport[]): Generator<string> {
  let isFirst = true;
  for (const report of reports) {
    for (const text of texts(report)) {
      yield `${isFirst ? '' : ','}\n {${text}}`;
      isFirst = false;
    }
  }
}

/** The same ranges of one guest, a line each. */
export function mapNdjson(report: MapReport): Iterable<string> {
  return together(ndjsonLines(report));
}

function* ndjsonLines(report: MapReport): Generator<string> {
  for (const text of texts(report)) yield `{${text}}\n`;
}

/** The insides of the objects. */
function* texts(report: MapReport): Generator<string> {
  const guest = `"guest":${jsonText(clean(report.guest))}`;
  for (const row of rowsIn(report.rows)) yield `${guest},${rowText(row)}`;
  for (const filesystem of report.filesystems) yield* fileTexts(guest, filesystem);
}

function rowText(row: MapRow): string {
  const { offsetBytes, lengthBytes, device, deviceOffsetBytes, kind, name, owner } = row;
  return [
    `"offset_bytes":${offsetBytes},"length_bytes":${lengthBytes}`,
    `"device":${text(device)},"device_offset_bytes":${deviceOffsetBytes}`,
    `"kind":"${kind}","name":${text(name)}`,
    ownerText(owner),
    `"file_offset_bytes":${row.fileOffsetBytes},"shared":${row.isShared}`,
  ].join(',');
}

function text(value: string | null): string {
  return value === null ? 'null' : jsonText(clean(value));
}

function ownerText(owner: MapOwner | null): string {
  if (owner === null) return '"path":null,"type":null,"inode":null';
  const { id, type, linkCount, paths, morePaths } = owner;
  const [first] = paths;
  const path = first === undefined ? '"path":null' : pathFields(first);
  const tree = id.tree === 0 ? '' : `,"tree":${id.tree}`;
  const told = paths.slice(0, MAX_TOLD_PATHS);
  const more = morePaths + paths.length - told.length;
  const others =
    told.length > 1 ? `,"paths":[${told.map((one) => `{${pathFields(one)}}`).join(',')}]` : '';
  const rest = more > 0 ? `,"more_paths":${more}` : '';
  return `${path},"type":"${type}","inode":${id.number}${tree},"links":${linkCount}${others}${rest}`;
}

function* fileTexts(guest: string, { record, file }: MapFilesystem): Generator<string> {
  if (file === null) return;
  const { path, id, type, pieces } = file;
  const own = `${pathFields(path)},"type":"${type}","inode":${id.number}`;
  for (const piece of pieces) yield `${guest},${pieceText(piece, record.device, own)}`;
}

function pieceText(piece: MapPiece, filesystem: string, file: string): string {
  const { device, deviceOffsetBytes, lengthBytes, kind, fileOffsetBytes, isShared, host } = piece;
  return [
    `"offset_bytes":${deviceOffsetBytes},"length_bytes":${lengthBytes}`,
    `"device":${text(device ?? filesystem)},"kind":"${kind}",${file}`,
    `"file_offset_bytes":${fileOffsetBytes},"shared":${isShared}`,
    `"stored":${host === null ? 'null' : `"${host.kind}"`}`,
    `"host_path":${text(host?.path ?? null)},"host_offset_bytes":${host?.offsetBytes ?? null}`,
    `"host_encrypted":${host?.isEncrypted ?? null}`,
  ].join(',');
}
