// How many bytes of a file differ between two states: pieces at one place that nobody wrote to are equal without a read, and
// others are read and compared.

import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { FileExtent, FileNode, VolumeRange } from '../../filesystem/files.js';
import { KIB } from '../../limits.js';
import type { Pair } from './differing.js';

const CHUNK_BYTES = 64 * KIB;

/** A piece of a file up to its end. `coded`: its bytes are those of the content in another form. */
interface Piece {
  readonly kind: 'zeros' | 'data' | 'coded';
  readonly start: number;
  readonly end: number;
  readonly at: VolumeRange | null;
}

/** In sectors, of which the last one ends with the file. What only one of both has counts in full. */
export async function changedBytes(pair: Pair, old: FileNode, other: FileNode): Promise<number> {
  const [olds, others] = [piecesOf(old), piecesOf(other)];
  const end = Math.max(old.sizeBytes, other.sizeBytes);
  let [a, b] = [await next(olds), await next(others)];
  let count = 0;
  for (let at = 0; at < end && (a !== null || b !== null); ) {
    const until = Math.min(end, a?.end ?? end, b?.end ?? end);
    if (until > at) count += await differingIn(pair, a, b, at, until);
    at = until;
    if (a !== null && a.end <= at) a = await next(olds);
    if (b !== null && b.end <= at) b = await next(others);
  }
  return count;
}

async function next(pieces: AsyncGenerator<Piece, void, undefined>): Promise<Piece | null> {
  const { value } = await pieces.next();
  return value ?? null;
}

async function* piecesOf(node: FileNode): AsyncGenerator<Piece, void, undefined> {
  let at = 0;
  for await (const page of node.extents()) {
    for (const extent of page) {
      if (extent.offsetBytes === null || extent.lengthBytes === 0) continue;
      const end = Math.min(node.sizeBytes, extent.offsetBytes + extent.lengthBytes);
      if (end <= at) continue;
      yield pieceOf(extent, extent.offsetBytes, end);
      at = end;
    }
  }
}

/** What a file has but holes, and what reads as zeros. */
export async function contentBytes(node: FileNode): Promise<number> {
  let count = 0;
  for await (const { kind, start, end } of piecesOf(node))
    if (kind !== 'zeros') count += end - start;
  return count;
}

function pieceOf(extent: FileExtent, start: number, end: number): Piece {
  if (extent.kind === 'hole' || extent.kind === 'unwritten') {
    return { kind: 'zeros', start, end, at: null };
  }
  return { kind: extent.kind === 'data' ? 'data' : 'coded', start, end, at: extent.at };
}

async function differingIn(
  pair: Pair,
  a: Piece | null,
  b: Piece | null,
  start: number,
  end: number,
): Promise<number> {
  const length = end - start;
  if (a === null || b === null) return [a, b].some(isStored) ? length : 0;
  if (a.kind !== b.kind || a.at === null || b.at === null) return a.kind === b.kind ? 0 : length;
  if (a.kind === 'coded') return (await areSame(pair, a.at, b.at)) ? 0 : length;
  const [from, to] = [moved(a.at, start - a.start, length), moved(b.at, start - b.start, length)];
  return differingBytes(pair, from, to, start);
}

function isStored(piece: Piece | null): boolean {
  return piece !== null && piece.kind !== 'zeros';
}

function moved(at: VolumeRange, skipped: number, lengthBytes: number): VolumeRange {
  return { ...at, offsetBytes: at.offsetBytes + skipped, lengthBytes };
}

function isSamePlace(a: VolumeRange, b: VolumeRange): boolean {
  return a.volumeIndex === b.volumeIndex && a.offsetBytes === b.offsetBytes;
}

/** @param fileOffset where the range begins in the file: sectors are counted from the file's begin. */
async function differingBytes(
  pair: Pair,
  a: VolumeRange,
  b: VolumeRange,
  fileOffset: number,
): Promise<number> {
  let count = 0;
  for (const { offsetBytes, lengthBytes } of unsure(pair, a, b)) {
    const skipped = offsetBytes - a.offsetBytes;
    for (let done = 0; done < lengthBytes; ) {
      const start = fileOffset + skipped + done;
      const length = Math.min(CHUNK_BYTES - (start % SECTOR_BYTES), lengthBytes - done);
      const [bytes, others] = [
        await readAt(pair.old.volumes, moved(a, skipped + done, length)),
        await readAt(pair.other.volumes, moved(b, skipped + done, length)),
      ];
      count += differingBytesOf(bytes, others, start % SECTOR_BYTES);
      done += length;
    }
  }
  return count;
}

/** The parts of the first range that may have other bytes than the second one. */
function unsure({ changed }: Pair, a: VolumeRange, b: VolumeRange) {
  const set = isSamePlace(a, b) ? changed[a.volumeIndex] : undefined;
  return set?.within(a.offsetBytes, a.lengthBytes) ?? [a];
}

function readAt(
  volumes: Pair['old']['volumes'],
  { volumeIndex, offsetBytes, lengthBytes }: VolumeRange,
): Promise<Uint8Array> {
  const volume = volumes[volumeIndex];
  if (volume === undefined) throw new Error(`there is no volume ${volumeIndex}`);
  return volume.read(offsetBytes, lengthBytes);
}

/** @param skipped how many bytes of a sector come before the first one. */
export function differingBytesOf(a: Uint8Array, b: Uint8Array, skipped: number): number {
  let count = 0;
  for (let start = 0; start < a.length; ) {
    const end = Math.min(a.length, start + SECTOR_BYTES - ((skipped + start) % SECTOR_BYTES));
    if (Buffer.compare(a.subarray(start, end), b.subarray(start, end)) !== 0) count += end - start;
    start = end;
  }
  return count;
}

/** Whether two ranges of one length have the same bytes. */
export async function areSame(pair: Pair, a: VolumeRange, b: VolumeRange): Promise<boolean> {
  if (a.lengthBytes !== b.lengthBytes) return false;
  for (const { offsetBytes, lengthBytes } of unsure(pair, a, b)) {
    const skipped = offsetBytes - a.offsetBytes;
    for (let done = 0; done < lengthBytes; done += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, lengthBytes - done);
      const [bytes, others] = [
        await readAt(pair.old.volumes, moved(a, skipped + done, length)),
        await readAt(pair.other.volumes, moved(b, skipped + done, length)),
      ];
      if (Buffer.compare(bytes, others) !== 0) return false;
    }
  }
  return true;
}
