// The rows of one disk or device as columns: where each lies, and what it is taken from. A row is made when it is told.
import { lastAtMost } from '../../bytes/search.js';
import type { ByteRange } from '../../bytes/source.js';
import { floats, growColumns, integers, type Memory } from '../files/columns.js';
import { claimReader, type OwnedClaims } from './owned.js';
import { within } from './ranges.js';
import type { MapKind, MapOwner, MapRow } from './row.js';
import { type AskedPiece, askedInRoot } from './survey.js';

const COLUMNS = ['offsets', 'lengths', 'deviceOffsets', 'from', 'places'] as const;

/** What lies in a range of a device. */
export interface OnDevice extends ByteRange {
  readonly kind: MapKind;
  readonly name: string | null;
  readonly owner: MapOwner | null;
  readonly fileOffsetBytes: number | null;
  readonly isShared: boolean | null;
}

/** A device, and what lies on it: claims of a filesystem, or a few ranges. */
interface RowSource {
  readonly device: string;
  readonly owned: OwnedClaims | null;
  readonly ranges: readonly OnDevice[];
}

/** Plain data, which other processes are sent. */
export interface RowTable {
  readonly asked: readonly AskedPiece[];
  readonly sources: RowSource[];
  count: number;
  /** In what was asked about. */
  offsets: Float64Array;
  lengths: Float64Array;
  deviceOffsets: Float64Array;
  /** Into `sources`. */
  from: Int32Array;
  /** Of a source's claims or ranges. */
  places: Int32Array;
  /** Ascending by where they begin; by that the largest end so far, for they may overlap. */
  order: Int32Array;
  ends: Float64Array;
}

/** Rows, ascending: of tables, from which they are made when they are told, and those behind them. `rowsIn` gives them. */
export interface MapRows {
  readonly tables: readonly RowTable[];
  readonly listed: readonly MapRow[];
}

export function noRows(asked: readonly AskedPiece[]): RowTable {
  return {
    asked,
    sources: [],
    count: 0,
    offsets: floats(0),
    lengths: floats(0),
    deviceOffsets: floats(0),
    from: integers(0),
    places: integers(0),
    order: integers(0),
    ends: floats(0),
  };
}

interface FoundRow extends ByteRange {
  readonly deviceOffsetBytes: number;
  readonly from: number;
  readonly place: number;
}

/** @throws SourceError OVER_BUDGET */
export function addRow(table: RowTable, row: FoundRow, memory: Memory): void {
  const at = table.count;
  if (at >= table.offsets.length) {
    growColumns(table, COLUMNS, at, memory);
  }
  table.offsets[at] = row.offsetBytes;
  table.lengths[at] = row.lengthBytes;
  table.deviceOffsets[at] = row.deviceOffsetBytes;
  table.from[at] = row.from;
  table.places[at] = row.place;
  table.count = at + 1;
}

/** When all rows were added. @throws SourceError OVER_BUDGET */
export function sortRows(table: RowTable, memory: Memory): void {
  const { count, offsets, lengths } = table;
  memory.take(count * (Int32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT));
  const order = integers(count);
  for (let at = 0; at < count; at++) order[at] = at;
  order.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0) || a - b);
  const ends = floats(count);
  let last = 0;
  for (let i = 0; i < count; i++) {
    const at = order[i] ?? 0;
    last = Math.max(last, (offsets[at] ?? 0) + (lengths[at] ?? 0));
    ends[i] = last;
  }
  table.order = order;
  table.ends = ends;
}

/** All rows, in the order in which they are told. */
export function* rowsIn({ tables, listed }: MapRows): Generator<MapRow> {
  for (const table of tables) yield* tableRows(table);
  yield* listed;
}

/** Whether there is any. */
export function hasRows(rows: MapRows): boolean {
  return rowsIn(rows).next().done !== true;
}

function* tableRows(table: RowTable): Generator<MapRow> {
  const read = table.sources.map(onDevice);
  for (const piece of table.asked) {
    const { offsetBytes, lengthBytes, rootOffsetBytes, rootLengthBytes } = piece;
    const asked = askedInRoot(piece);
    // A byte of a compressed stream is no one byte of the disk: each owner has all of it.
    const stream = rootLengthBytes === undefined ? {} : { offsetBytes, lengthBytes };
    for (const at of rowsAt(table, asked)) {
      const own = { offsetBytes: table.offsets[at] ?? 0, lengthBytes: table.lengths[at] ?? 0 };
      for (const part of within([asked], own)) {
        const row = rowOf(table, read, at, part);
        yield { ...row, offsetBytes: row.offsetBytes + offsetBytes - rootOffsetBytes, ...stream };
      }
    }
  }
}

/** Those that may have some of a range. */
function* rowsAt(
  { order, ends, offsets }: RowTable,
  { offsetBytes, lengthBytes }: ByteRange,
): Generator<number> {
  const first = lastAtMost(offsetBytes, ends.length, (index) => ends[index]) + 1;
  for (let i = first; i < order.length; i++) {
    const at = order[i] ?? 0;
    if ((offsets[at] ?? 0) >= offsetBytes + lengthBytes) return;
    yield at;
  }
}

type Read = (place: number) => OnDevice;

function onDevice({ owned, ranges }: RowSource): Read {
  if (owned !== null) return claimReader(owned);
  return (place) => ranges[place] ?? NOTHING;
}

const NOTHING: OnDevice = {
  offsetBytes: 0,
  lengthBytes: 0,
  kind: 'unknown',
  name: null,
  owner: null,
  fileOffsetBytes: null,
  isShared: null,
};

/** A part of a row. */
function rowOf(
  table: RowTable,
  read: readonly Read[],
  at: number,
  { offsetBytes, lengthBytes }: ByteRange,
): MapRow {
  const from = table.from[at] ?? 0;
  const whole = read[from]?.(table.places[at] ?? 0) ?? NOTHING;
  const begin = table.deviceOffsets[at] ?? 0;
  const skipped = offsetBytes - (table.offsets[at] ?? 0);
  const { kind, name, owner, isShared, fileOffsetBytes } = whole;
  // Of a compressed piece no byte of the file is at one place.
  const inFile = begin - whole.offsetBytes + (kind === 'compressed' ? 0 : skipped);
  return {
    offsetBytes,
    lengthBytes,
    device: table.sources[from]?.device ?? null,
    deviceOffsetBytes: begin + skipped,
    kind,
    name,
    owner,
    fileOffsetBytes: fileOffsetBytes === null ? null : fileOffsetBytes + inFile,
    isShared,
  };
}
