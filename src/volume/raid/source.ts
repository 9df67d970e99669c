// The content of an array, read from the columns that are there: from any of several copies, or computed from parity.
// References: Linux drivers/md/raid10.c: read_balance; drivers/md/raid5.c: need_this_block, handle_stripe_fill.
import { aheadByRuns } from '../../bytes/ahead-by-runs.js';
import { checkedRange, checkedRead } from '../../bytes/range.js';
import { lastAtMost } from '../../bytes/search.js';
import { slice } from '../../bytes/slice.js';
import {
  type ByteRange,
  type ByteSource,
  dataRuns,
  MAX_RUNS,
  type SourceRun,
} from '../../bytes/source.js';
import { FormatError, type VirtDfError } from '../../errors.js';
import type { Place, RaidLayout } from './layout.js';
import { rebuild } from './rebuild.js';

/** A member that is there. */
export interface Column {
  readonly source: ByteSource;
  /** Where its data begin. */
  readonly offsetBytes: number;
  /**
   * Ranges of its data that are not to be believed: what was not rebuilt yet, bad blocks. Ascending, and none over another.
   */
  readonly unsound: readonly ByteRange[];
}

interface RaidArray {
  readonly layout: RaidLayout;
  /** null: it is missing, or nothing of it is to be believed. */
  readonly columns: readonly (Column | null)[];
  /** Why content that is on no column that is there cannot be read. */
  lost(offsetBytes: number): VirtDfError;
}

/** Bytes of the content that come from one column, or that are computed. */
interface Part {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly from: { readonly column: Column; readonly offsetBytes: number } | null;
}

export function raidSource(array: RaidArray): ByteSource {
  const { sizeBytes, columnCount } = array.layout;
  if (!Number.isSafeInteger(sizeBytes)) {
    throw new FormatError('LIMIT', `an array of ${columnCount} members has ${sizeBytes} bytes`);
  }
  const devices = array.columns.flatMap((column) => (column === null ? [] : [column.source]));
  const runs = async (offset: number, length: number) => runsOf(array, offset, length);
  return {
    sizeBytes,
    ...otherHalves(array),
    ...aheadByRuns(devices, sizeBytes, runs),
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      return readParts(array, offset, length);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      return runs(offset, length);
    },
  };
}

function otherHalves({ layout, columns }: RaidArray): Pick<ByteSource, 'otherHalves'> {
  if (layout.isMirror !== true) return {};
  const [, ...others] = columns.flatMap((column) =>
    column === null || column.unsound.length > 0 ? [] : [column],
  );
  const whole = others.map(({ source, offsetBytes }) =>
    slice(source, offsetBytes, layout.sizeBytes),
  );
  return whole.length === 0 ? {} : { otherHalves: whole };
}

function runsOf(array: RaidArray, offset: number, length: number): readonly SourceRun[] {
  const found: SourceRun[] = [];
  for (let at = offset; at < offset + length && found.length < MAX_RUNS; ) {
    const { from, lengthBytes } = partAt(array, at, offset + length - at);
    if (from === null) found.push({ kind: 'memory', offsetBytes: at, lengthBytes });
    else found.push(...dataRuns(from.column.source, at, lengthBytes, placeOn(from)));
    at += lengthBytes;
  }
  return found;
}

async function readParts(array: RaidArray, offset: number, length: number): Promise<Uint8Array> {
  const first = length === 0 ? null : partAt(array, offset, length);
  if (first?.from && first.lengthBytes === length) {
    return first.from.column.source.read(placeOn(first.from), length);
  }
  const result = Buffer.alloc(length);
  const waiting = new Map<Column, Part[]>();
  for (let at = offset; at < offset + length; ) {
    const part = partAt(array, at, offset + length - at);
    at += part.lengthBytes;
    if (part.from === null) {
      result.set(await computed(array, part), part.offsetBytes - offset);
      continue;
    }
    const { column } = part.from;
    const before = waiting.get(column) ?? [];
    if (follows(before.at(-1), part)) before.push(part);
    else {
      await readTogether(before, offset, result);
      waiting.set(column, [part]);
    }
  }
  for (const parts of waiting.values()) await readTogether(parts, offset, result);
  return result;
}

/** Whether a part lies on its column where the one before ends, so that one read does for both. */
function follows(before: Part | undefined, { from }: Part): boolean {
  if (!before?.from || from === null) return false;
  return before.from.offsetBytes + before.lengthBytes === from.offsetBytes;
}

/** Parts that lie one behind the other on one column: of a range that is striped over three, every third chunk. */
async function readTogether(
  parts: readonly Part[],
  offset: number,
  result: Uint8Array,
): Promise<void> {
  const from = parts[0]?.from;
  if (!from) return;
  const length = parts.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  const bytes = await from.column.source.read(placeOn(from), length);
  let at = 0;
  for (const { offsetBytes, lengthBytes } of parts) {
    result.set(bytes.subarray(at, at + lengthBytes), offsetBytes - offset);
    at += lengthBytes;
  }
}

function placeOn({ column, offsetBytes }: NonNullable<Part['from']>): number {
  return column.offsetBytes + offsetBytes;
}

/** The first part of a range: from the first copy that is to be believed. */
function partAt({ layout, columns }: RaidArray, at: number, length: number): Part {
  const piece = layout.pieceAt(at);
  let lengthBytes = Math.min(length, piece.lengthBytes);
  for (const place of piece.copies) {
    const column = columns[place.column] ?? null;
    const { isSound, leftBytes } = soundness(column, place.offsetBytes);
    lengthBytes = Math.min(lengthBytes, leftBytes);
    if (column !== null && isSound) {
      const from = { column, offsetBytes: place.offsetBytes };
      return { offsetBytes: at, lengthBytes, from };
    }
  }
  return { offsetBytes: at, lengthBytes, from: null };
}

/** Whether a column is to be believed at an offset of its data, and for how many bytes the answer holds. */
function soundness(
  column: Column | null,
  at: number,
): { readonly isSound: boolean; readonly leftBytes: number } {
  if (column === null) return { isSound: false, leftBytes: Number.POSITIVE_INFINITY };
  const { unsound } = column;
  const index = lastAtMost(at, unsound.length, (i) => unsound[i]?.offsetBytes);
  const { offsetBytes = 0, lengthBytes = 0 } = unsound[index] ?? {};
  const end = offsetBytes + lengthBytes;
  if (at < end) return { isSound: false, leftBytes: end - at };
  const next = unsound[index + 1]?.offsetBytes ?? Number.POSITIVE_INFINITY;
  return { isSound: true, leftBytes: next - at };
}

/** @throws VirtDfError where there is no parity, or too much is lost for it. */
async function computed(array: RaidArray, part: Part): Promise<Uint8Array> {
  const { layout, columns } = array;
  const row = layout.rowAt?.(part.offsetBytes);
  if (row === undefined) throw array.lost(part.offsetBytes);
  const bytes = new Uint8Array(part.lengthBytes);
  for (let at = 0; at < bytes.length; ) {
    const [{ column: wanted, offsetBytes }]: readonly [Place, ...Place[]] = layout.pieceAt(
      part.offsetBytes + at,
    ).copies;
    let lengthBytes = bytes.length - at;
    const states = columns.map((column) => {
      const { isSound, leftBytes } = soundness(column, offsetBytes);
      lengthBytes = Math.min(lengthBytes, leftBytes);
      return isSound;
    });
    const read = (index: number) => {
      const column = columns[index] ?? null;
      if (column === null || states[index] !== true) return null;
      return column.source.read(column.offsetBytes + offsetBytes, lengthBytes);
    };
    const found = await rebuild(row, wanted, lengthBytes, read);
    if (found === null) throw array.lost(part.offsetBytes + at);
    bytes.set(found, at);
    at += lengthBytes;
  }
  return bytes;
}
