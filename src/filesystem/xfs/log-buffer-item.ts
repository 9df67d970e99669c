// A changed buffer of metadata in the log: a map says which chunks of 128 bytes of it changed, and the chunks follow. A name
// that is added to a directory changes two or three chunks of the directory's block.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h: struct xfs_buf_log_format, enum xfs_blft;
// xfs_buf_item_recover.c: xlog_recover_do_reg_buffer, xlog_recover_do_inode_buffer.
import {
  parseXfsLogBufferItem,
  xfsLogMapWordRecords,
} from '../../../generated/filesystem/xfs_log.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError } from '../../errors.js';
import { int, u16, u32 } from '../../validation/guest.js';
import type { Kept } from './recovery-memory.js';

const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
const MAX_SECTOR = 2 ** 44;
const WORD_BITS = 32;
const BYTE_BITS = 8;
const RUN_COST_BYTES = 150;

export const CHUNK_BYTES = 128;
const FLAG_UNLINKED_POINTERS = 0x1;
const FLAG_CANCEL = 0x2;
const FLAGS_QUOTA = 0x1c;
const CONTENT_UNIT = 0x800;
const CONTENT_UNKNOWN = 0;
const CONTENT_TREE = 4;
const CONTENT_INODES = 8;
/** Contents that df counts something of: unknown ones (before Linux 3.10), a tree's block, AGF, AGI, inodes, the superblock. */
const COUNTED_CONTENTS: ReadonlySet<number> = new Set([
  CONTENT_UNKNOWN,
  CONTENT_TREE,
  5,
  7,
  CONTENT_INODES,
  18,
]);

/** Chunks of a buffer that follow each other, from `index` on. */
export interface ChunkRun {
  readonly index: number;
  /** Where in the item's content they are, and how many bytes. */
  readonly at: number;
  readonly lengthBytes: number;
}

export type BufferChange = {
  readonly sector: number;
  readonly sectorCount: number;
  /** The memory that it takes, about. */
  readonly costBytes: number;
} & (
  | {
      /** `tree`: a block of a tree, without which the counters are known too. */
      readonly kind: 'buffer' | 'tree' | 'unlinked-pointers' | 'new-inodes';
      readonly runs: readonly ChunkRun[];
      /** The chunks of all runs one behind the other, as they are after the transaction. */
      readonly content: Uint8Array;
    }
  | { readonly kind: 'cancel' }
);

/** Whether a buffer with these flags is kept. Those of quotas are not, as a mount without quotas does not replay them. */
export function isKeptBuffer(flags: number, kept: Kept): boolean {
  if (hasBit(flags, FLAG_CANCEL)) return true;
  if (hasBit(flags, FLAGS_QUOTA)) return false;
  return kept === 'all' || COUNTED_CONTENTS.has(contentType(flags));
}

function hasBit(flags: number, mask: number): boolean {
  return (flags & mask) !== 0;
}

function contentType(flags: number): number {
  return Math.floor(flags / CONTENT_UNIT);
}

/**
 * @param kept a buffer that is not kept gives null.
 * @throws FormatError for a map that does not fit the regions or the buffer.
 */
export function readBufferItem(regions: readonly Uint8Array[], kept: Kept): BufferChange | null {
  const [head] = regions;
  if (head === undefined) return null;
  const item = parseXfsLogBufferItem(head);
  const sector = int(item.firstSector, 'xfs: blf_blkno', 0, MAX_SECTOR);
  const sectorCount = int(item.numSectors, 'xfs: blf_len', 1, U16_MAX);
  const place = { sector, sectorCount };
  const flags = u16(item.flags);
  if (hasBit(flags, FLAG_CANCEL)) return { kind: 'cancel', ...place, costBytes: 128 };
  if (!isKeptBuffer(flags, kept)) return null;
  const words = int(item.numMapWords, 'xfs: blf_map_size', 0, Math.floor(item.map.length / 4));
  const runs = runsOf(item.map.subarray(0, words * 4), regions);
  const last = runs.at(-1);
  if (last && last.index * CHUNK_BYTES + last.lengthBytes > sectorCount * SECTOR_BYTES) {
    throw corrupt(`a buffer of ${sectorCount} sectors has a change in chunk ${last.index}`);
  }
  const content = contentOf(runs, regions);
  const costBytes = 200 + content.length + runs.length * RUN_COST_BYTES;
  return { kind: kindOf(flags), ...place, runs, content, costBytes };
}

function kindOf(flags: number): Exclude<BufferChange['kind'], 'cancel'> {
  if (hasBit(flags, FLAG_UNLINKED_POINTERS)) return 'unlinked-pointers';
  const type = contentType(flags);
  if (type === CONTENT_INODES) return 'new-inodes';
  return type === CONTENT_TREE ? 'tree' : 'buffer';
}

/** Runs of bits are one region each, or several where a page ended. */
function runsOf(map: Uint8Array, regions: readonly Uint8Array[]): readonly ChunkRun[] {
  const words = xfsLogMapWordRecords(map);
  const runs: ChunkRun[] = [];
  let [region, at] = [1, 0];
  for (let index = nextBit(words, 0, 1); index !== null; index = nextBit(words, index, 1)) {
    const end = nextBit(words, index, 0) ?? map.length * BYTE_BITS;
    while (index < end) {
      const bytes = regions[region];
      const count = Math.min(end - index, Math.floor((bytes?.length ?? 0) / CHUNK_BYTES));
      if (bytes === undefined || count === 0) {
        throw corrupt('a buffer has fewer chunks than its map says');
      }
      runs.push({ index, at, lengthBytes: count * CHUNK_BYTES });
      index += count;
      at += count * CHUNK_BYTES;
      region += 1;
    }
  }
  return runs;
}

/**
 * A copy, since the record that the regions lie in is not kept for them: one for all, as there are hundreds of thousands. Small
 * pieces of memory are parts of a larger one.
 */
function contentOf(runs: readonly ChunkRun[], regions: readonly Uint8Array[]): Uint8Array {
  const last = runs.at(-1);
  const content = Buffer.allocUnsafe(last === undefined ? 0 : last.at + last.lengthBytes);
  for (const [i, { at, lengthBytes }] of runs.entries()) {
    const region = regions[i + 1] ?? content;
    content.set(region.length === lengthBytes ? region : region.subarray(0, lengthBytes), at);
  }
  return content;
}

type MapWords = ReturnType<typeof xfsLogMapWordRecords>;

/** By bit of a word: those from it on. */
const BITS_FROM = Array.from({ length: WORD_BITS }, (_, bit) => U32_MAX + 1 - 2 ** bit);

/** The first bit from `from` on that is `value`; null if there is none. */
function nextBit(words: MapWords, from: number, value: 0 | 1): number | null {
  let bits = BITS_FROM[from % WORD_BITS] ?? 0;
  for (let word = Math.floor(from / WORD_BITS); word < words.length; word++) {
    const set = u32(words.at(word).bits);
    const rest = (value === 1 ? set : ~set) & bits;
    if (rest !== 0) return word * WORD_BITS + lowestBit(rest);
    bits = U32_MAX;
  }
  return null;
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function corrupt(message: string): FormatError {
  return new FormatError('INVALID', `xfs: the log is damaged: ${message}`);
}
