// Why the files' own numbers (st_blocks) are not what df counts of them: content within inodes, blocks that several files
// share, compression, blocks behind the end of a file. It takes a look at the pieces of every file.
// References: docs/files.md has for each filesystem what st_blocks counts.
import { SourceError } from '../../errors.js';
import type { FileNode, FileReader, FileWalk, StoredExtent } from '../../filesystem/files.js';
import { sharedSum } from '../../filesystem/shared-bytes.js';
import { floats, grown, type Memory, partOf } from '../files/columns.js';
import type { DuOther, OtherKind } from './record.js';

/** Bytes by which st_blocks is too large, or too small. */
interface Sum {
  bytes: number;
  fileCount: number;
}

/** The pieces that several files may have. */
interface Pieces {
  add(extent: StoredExtent): void;
  /** The bytes of all, less those of the places that they cover; null: there was no memory for them. */
  countedTwice(): number | null;
}

const NUMBERS = 3;
/** Of a piece, in the order of all. */
const ORDER_BYTES = 4;

/** Adds up files one by one, in any order. */
interface Differences {
  /** @returns how many of the bytes of its st_blocks others have too, as `FileNode.sharedBytes`. @throws as the reader does. */
  add(node: FileNode): Promise<number | null>;
  /** The rows that make df's used of the sum of st_blocks; to be asked for once. */
  rows(): readonly DuOther[];
}

/** Without the memory for the pieces of all files the listing stands, and what df counts otherwise has no name. */
export function differencesOf(
  { bytesPerDfByte = 1 }: FileReader,
  memory: Memory,
  { onDoubt }: FileWalk,
): Differences {
  const sums = new Map<OtherKind, Sum>();
  const pieces = piecesIn(memory, onDoubt);
  const add = (kind: OtherKind, bytes: number) => {
    if (bytes === 0) return;
    const sum = sums.get(kind) ?? { bytes: 0, fileCount: 0 };
    sums.set(kind, { bytes: sum.bytes + bytes, fileCount: sum.fileCount + 1 });
  };
  return {
    add: (node) => addFile(node, bytesPerDfByte, add, pieces),
    rows() {
      const rows = WORDS.flatMap(([kind, name]): DuOther[] => {
        const sum = sums.get(kind);
        return sum === undefined
          ? []
          : [{ kind, name, allocatedBytes: sum.bytes, fileCount: sum.fileCount }];
      });
      const twice = pieces.countedTwice();
      if (twice === null) return [];
      const name = 'shared blocks, counted again';
      const allocatedBytes = -twice / bytesPerDfByte;
      const shared: DuOther = { kind: 'shared', name, allocatedBytes, fileCount: null };
      return twice === 0 ? rows : [...rows, shared];
    },
  };
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
): Promise<number | null> {
  let [stored, free] = [0, 0];
  let [isInline, isCompressed] = [false, false];
  const sharing = sharedSum();
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'inline') isInline = true;
      if (extent.kind === 'hole' || extent.kind === 'inline') continue;
      sharing.add(extent);
      if (extent.kind === 'compressed') isCompressed = true;
      const bytes = bytesOf(extent) / bytesPerDfByte;
      stored += bytes;
      if (extent.countedAs !== 'used') free += bytes;
      else if (extent.isShared !== false) pieces.add(extent);
    }
  }
  // Others are counted by their pieces already.
  if (node.system === null && node.linkCount > 0) {
    const difference = stored - node.allocatedBytes;
    const isLess = difference < 0;
    add(
      isInline && isLess ? 'inline' : isCompressed && isLess ? 'compressed' : 'beyond',
      difference,
    );
    add('cut', -free);
  }
  return sharing.bytes();
}

function bytesOf({ at, copies = [] }: StoredExtent): number {
  return copies.reduce((sum, { lengthBytes }) => sum + lengthBytes, at.lengthBytes);
}

function piecesIn(memory: Memory, onDoubt: FileWalk['onDoubt']): Pieces {
  const own = partOf(memory);
  let count = 0;
  /** Volume, begin and end of each, one after the other; null: they are too many. */
  let places: Float64Array | null = floats(0);
  const ifRoom = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SourceError && error.code === 'OVER_BUDGET')) throw error;
      onDoubt({ id: null, error });
      own.end();
      places = null;
      return null;
    }
  };
  return {
    add({ at, copies = [] }) {
      for (const { volumeIndex, offsetBytes, lengthBytes } of [at, ...copies]) {
        if (places === null) return;
        const first = count * NUMBERS;
        if (first + NUMBERS > places.length) {
          const before = places;
          places = ifRoom(() => grown(before, first + NUMBERS, own));
          if (places === null) return;
        }
        places[first] = volumeIndex;
        places[first + 1] = offsetBytes;
        places[first + 2] = offsetBytes + lengthBytes;
        count += 1;
      }
    },
    countedTwice() {
      const all = places;
      if (all === null) return null;
      const twice = ifRoom(() => {
        own.take(ORDER_BYTES * count);
        return countedTwice(all, count);
      });
      own.end();
      return twice;
    },
  };
}

function countedTwice(places: Float64Array, count: number): number {
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
