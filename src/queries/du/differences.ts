// Why the files' own numbers (st_blocks) are not what df counts of them: content within inodes, blocks that several files
// share, compression, blocks behind the end of a file. It takes a look at the pieces of every file.
// References: docs/files.md has for each filesystem what st_blocks counts.
import type { FileNode, FileReader, StoredExtent } from '../../filesystem/files.js';
import { floats, grown, type Memory } from '../files/columns.js';
import type { DuOther, OtherKind } from './record.js';

/** Bytes by which st_blocks is too large, or too small. */
interface Sum {
  bytes: number;
  fileCount: number;
}

/** The pieces that several files may have. */
interface Pieces {
  count: number;
  /** Volume, begin and end of each, one after the other. */
  places: Float64Array;
}

const NUMBERS = 3;
/** Of a piece, in the order of all. */
const ORDER_BYTES = 4;

/** The rows that make df's used of the sum of st_blocks. */
export async function differences(reader: FileReader, memory: Memory): Promise<readonly DuOther[]> {
  const sums = new Map<OtherKind, Sum>();
  const pieces: Pieces = { count: 0, places: floats(0) };
  const { bytesPerDfByte = 1 } = reader;
  const add = (kind: OtherKind, bytes: number) => {
    if (bytes === 0) return;
    const sum = sums.get(kind) ?? { bytes: 0, fileCount: 0 };
    sums.set(kind, { bytes: sum.bytes + bytes, fileCount: sum.fileCount + 1 });
  };
  for await (const nodes of reader.files()) {
    for (const node of nodes) {
      await addFile(node, bytesPerDfByte, add, pieces, memory);
    }
  }
  const rows = WORDS.flatMap(([kind, name]): DuOther[] => {
    const sum = sums.get(kind);
    return sum === undefined
      ? []
      : [{ kind, name, allocatedBytes: sum.bytes, fileCount: sum.fileCount }];
  });
  memory.take(ORDER_BYTES * pieces.count);
  const twice = countedTwice(pieces) / bytesPerDfByte;
  const name = 'shared blocks, counted again';
  const shared: DuOther = { kind: 'shared', name, allocatedBytes: -twice, fileCount: null };
  return twice === 0 ? rows : [...rows, shared];
}

const WORDS: readonly (readonly [OtherKind, string])[] = [
  ['inline', 'content in inodes and trees'],
  ['compressed', 'saved by compression'],
  ['cut', 'being cut off files'],
  ['beyond', 'beside st_blocks'],
];

async function addFile(
  node: FileNode,
  bytesPerDfByte: number,
  add: (kind: OtherKind, bytes: number) => void,
  pieces: Pieces,
  memory: Memory,
): Promise<void> {
  let [stored, free] = [0, 0];
  let [isInline, isCompressed] = [false, false];
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'inline') isInline = true;
      if (extent.kind === 'hole' || extent.kind === 'inline') continue;
      if (extent.kind === 'compressed') isCompressed = true;
      const bytes = bytesOf(extent) / bytesPerDfByte;
      stored += bytes;
      if (extent.countedAs !== 'used') free += bytes;
      else if (extent.isShared !== false) addPiece(pieces, extent, memory);
    }
  }
  // Others are counted by their pieces already.
  if (node.system !== null || node.linkCount === 0) return;
  const difference = stored - node.allocatedBytes;
  const isLess = difference < 0;
  add(isInline && isLess ? 'inline' : isCompressed && isLess ? 'compressed' : 'beyond', difference);
  add('cut', -free);
}

function bytesOf({ at, copies = [] }: StoredExtent): number {
  return copies.reduce((sum, { lengthBytes }) => sum + lengthBytes, at.lengthBytes);
}

function addPiece(pieces: Pieces, { at, copies = [] }: StoredExtent, memory: Memory): void {
  for (const { volumeIndex, offsetBytes, lengthBytes } of [at, ...copies]) {
    const first = pieces.count * NUMBERS;
    if (first + NUMBERS > pieces.places.length) {
      pieces.places = grown(pieces.places, first + NUMBERS, floats, memory);
    }
    pieces.places[first] = volumeIndex;
    pieces.places[first + 1] = offsetBytes;
    pieces.places[first + 2] = offsetBytes + lengthBytes;
    pieces.count += 1;
  }
}

/** The bytes of all pieces, less those of the places that they cover. */
function countedTwice({ count, places }: Pieces): number {
  const at = (piece: number, field: number) => places[piece * NUMBERS + field] ?? 0;
  const order = Int32Array.from({ length: count }, (_, piece) => piece);
  order.sort((a, b) => at(a, 0) - at(b, 0) || at(a, 1) - at(b, 1));
  let [twice, volume, end] = [0, -1, 0];
  for (const piece of order) {
    if (at(piece, 0) !== volume) [volume, end] = [at(piece, 0), 0];
    const [start, to] = [at(piece, 1), at(piece, 2)];
    twice += Math.max(0, Math.min(end, to) - start);
    end = Math.max(end, to);
  }
  return twice;
}
