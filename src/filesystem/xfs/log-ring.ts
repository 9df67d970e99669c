// The log as a ring of blocks of 512 bytes, whatever the blocks and sectors of the filesystem and of the log are.
// References: Linux 6.18 fs/xfs/xfs_log_priv.h: xlog_get_cycle; libxfs/xfs_log_format.h: BBSIZE.
import { xfsLogBlockRecords } from '../../../generated/filesystem/xfs.js';
import { MIB } from '../../limits.js';
import type { ByteSource } from '../../source/source.js';
import { equals, int } from '../../validation/guest.js';
import type { LogPlace } from './geometry.js';

export const LOG_BLOCK_BYTES = 512;
export const RECORD_MAGIC = 0xfeedbabe;
const U32_MAX = 0xffffffff;
const READ_AHEAD_BLOCKS = MIB / LOG_BLOCK_BYTES;

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
  const words = xfsLogBlockRecords(blocks).at(index);
  const cycle = equals(words.firstWord, RECORD_MAGIC) ? words.secondWord : words.firstWord;
  return int(cycle, 'xfs: cycle of the log', 0, U32_MAX);
}

/** Whether a block is the head of a record. */
export function isRecordHead(blocks: Uint8Array, index: number): boolean {
  return equals(xfsLogBlockRecords(blocks).at(index).firstWord, RECORD_MAGIC);
}

/** Reads the ring onwards, each block once: small reads are answered from a larger one. */
export interface RingReader {
  /** What it gives is overwritten by nothing and must not be written to. */
  read(start: number, count: number): Promise<Uint8Array>;
}

export function ringReader(ring: LogRing): RingReader {
  let from = 0;
  let blocks: Uint8Array = new Uint8Array(0);
  return {
    async read(start, count) {
      const held = blocks.length / LOG_BLOCK_BYTES;
      const skip = (start - from + ring.blockCount) % ring.blockCount;
      if (skip >= held) {
        blocks = await readBlocks(ring, start, ahead(ring, start, count));
        from = start;
        return blocks.subarray(0, count * LOG_BLOCK_BYTES);
      }
      const kept = blocks.subarray(skip * LOG_BLOCK_BYTES, (skip + count) * LOG_BLOCK_BYTES);
      const missing = count - kept.length / LOG_BLOCK_BYTES;
      if (missing === 0) return kept;
      // What is behind is read next; of what is held, the beginning of what is asked for is needed this once.
      from = (from + held) % ring.blockCount;
      blocks = await readBlocks(ring, from, ahead(ring, from, missing));
      return Buffer.concat([kept, blocks.subarray(0, missing * LOG_BLOCK_BYTES)]);
    },
  };
}

function ahead(ring: LogRing, start: number, count: number): number {
  const flat = Math.min(READ_AHEAD_BLOCKS, ring.blockCount - start);
  return Math.min(ring.blockCount, Math.max(count, flat));
}
