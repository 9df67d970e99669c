// The log as a ring of blocks of 512 bytes, whatever the blocks and sectors of the filesystem and of the log are.
// References: Linux 6.18 fs/xfs/xfs_log_priv.h: xlog_get_cycle; libxfs/xfs_log_format.h: BBSIZE.
import { xfsLogBlockRecords } from '../../../generated/filesystem/xfs.js';
import { pieces } from '../../bytes/pieces.js';
import type { ByteSource } from '../../bytes/source.js';
import { equals, u32 } from '../../validation/guest.js';
import type { LogPlace } from './geometry.js';

export const LOG_BLOCK_BYTES = 512;
const RECORD_MAGIC = 0xfeedbabe;

export interface LogRing {
  readonly source: ByteSource;
  readonly offsetBytes: number;
  readonly blockCount: number;
}

export function logRing(source: ByteSource, place: LogPlace, blockSizeBytes: number): LogRing {
  const blockCount = (place.blockCount * blockSizeBytes) / LOG_BLOCK_BYTES;
  return { source, offsetBytes: place.offsetBytes, blockCount };
}

/** `count` blocks of the ring from `start` on, around its end if need be. */
export async function readBlocks(ring: LogRing, start: number, count: number): Promise<Uint8Array> {
  const behind = Math.max(0, start + count - ring.blockCount);
  const first = await readFlat(ring, start, count - behind);
  if (behind === 0) return first;
  return Buffer.concat([first, await readFlat(ring, 0, behind)]);
}

async function readFlat(ring: LogRing, start: number, count: number): Promise<Uint8Array> {
  return ring.source.read(ring.offsetBytes + start * LOG_BLOCK_BYTES, count * LOG_BLOCK_BYTES);
}

/** The number of the cycle in which a block was written last. */
export function cycleOf(blocks: Uint8Array, index: number): number {
  return blockMarks(blocks).cycle(index);
}

/** What the first words of blocks say, each by its number. */
interface BlockMarks {
  /** The number of the cycle in which the block was written last. */
  cycle(index: number): number;
  /** Whether the block is the head of a record. */
  isRecordHead(index: number): boolean;
}

export function blockMarks(blocks: Uint8Array): BlockMarks {
  const words = xfsLogBlockRecords(blocks);
  const isRecordHead = (index: number) => equals(words.at(index).firstWord, RECORD_MAGIC);
  return {
    isRecordHead,
    cycle(index) {
      const { firstWord, secondWord } = words.at(index);
      return u32(isRecordHead(index) ? secondWord : firstWord);
    },
  };
}

/** Reads a stretch of the ring onwards, each block once. */
export interface RingReader {
  /** The bytes hold until the next read, and must not be written to. */
  read(start: number, count: number): Promise<Uint8Array>;
}

/** A reader of the blocks from `first` to before `end`, of which the next ones are read while some are looked at. */
export function ringReader(ring: LogRing, first: number, end: number): RingReader {
  let ahead = stretch(ring, first, end);
  let from = first;
  let held: Uint8Array = new Uint8Array(0);
  /** The bytes of blocks that lie in two pieces, joined. */
  let joined: Uint8Array = new Uint8Array(0);
  const distance = (to: number) => (to - from + ring.blockCount) % ring.blockCount;
  return {
    async read(start, count) {
      if (distance(start) > distance(end)) {
        // A record that was damaged said that it has more blocks than it has.
        ahead = stretch(ring, start, end);
        from = start;
        held = new Uint8Array(0);
      }
      const wanted = count * LOG_BLOCK_BYTES;
      for (let filled = 0; ; ) {
        const at = distance((start + filled / LOG_BLOCK_BYTES) % ring.blockCount) * LOG_BLOCK_BYTES;
        const part = held.subarray(at, at + wanted - filled);
        if (part.length === wanted) return part;
        // The next piece may lie in the same memory.
        if (joined.length < wanted) joined = new Uint8Array(wanted);
        joined.set(part, filled);
        filled += part.length;
        if (filled === wanted) return joined.subarray(0, wanted);
        const next = await ahead.next();
        if (next.done === true) return readBlocks(ring, start, count);
        from = (from + held.length / LOG_BLOCK_BYTES) % ring.blockCount;
        held = next.value;
      }
    },
  };
}

async function* stretch(ring: LogRing, first: number, end: number) {
  const flatEnd = end < first ? ring.blockCount : end;
  yield* flatStretch(ring, first, flatEnd);
  if (end < first) yield* flatStretch(ring, 0, end);
}

function flatStretch({ source, offsetBytes }: LogRing, first: number, end: number) {
  const count = end - first;
  return pieces(source, offsetBytes + first * LOG_BLOCK_BYTES, count * LOG_BLOCK_BYTES);
}
