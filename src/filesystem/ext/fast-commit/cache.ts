// The blocks that a recovery changes, kept in memory: a later read of block 7 gives the bitmap as it was changed here.

import { changedBlocks } from '../../../bytes/changes.js';
import { overlay } from '../../../bytes/overlay.js';
import type { ByteSource } from '../../../bytes/source.js';
import { MAX_FAST_COMMIT_CACHE_BYTES, MAX_FAST_COMMIT_STEPS } from '../../../limits.js';
import { type Breathe, breathing } from '../../breath.js';
import { checkLimit, SUPERBLOCK_OFFSET } from '../geometry.js';

export interface BlockCache {
  /** A block's bytes, which may be changed; `first` is called when they were just read. */
  bytes(block: number, first?: (bytes: Uint8Array) => void): Promise<Uint8Array>;
  /** A block that is as it is made here. */
  put(block: number, bytes: Uint8Array): void;
  /** Counts bytes that are read and not kept here. @throws FormatError LIMIT */
  spend(bytes: number): void;
  /** Counts steps of work in memory. @throws FormatError LIMIT */
  work(steps: number): void;
  /** Called before each step of a loop that may find all that it needs in memory. */
  readonly breathe: Breathe;
  /** The filesystem with the changes. */
  readonly overlay: ByteSource;
}

export function blockCache(source: ByteSource, blockSizeBytes: number): BlockCache {
  let spent = 0;
  let worked = 0;
  const spend = (bytes: number): void => {
    spent += bytes;
    checkLimit(spent, MAX_FAST_COMMIT_CACHE_BYTES, 'bytes that the fast commits touch');
  };
  const blocks = changedBlocks(blockSizeBytes, spend);
  return {
    breathe: breathing(source, SUPERBLOCK_OFFSET),
    spend,
    put: blocks.set,
    work(steps) {
      worked += steps;
      checkLimit(worked, MAX_FAST_COMMIT_STEPS, 'steps of applying the fast commits');
    },
    async bytes(block, first) {
      const known = blocks.get(block);
      if (known !== undefined) return known;
      const read = await source.read(block * blockSizeBytes, blockSizeBytes);
      const bytes = Uint8Array.from(read);
      first?.(bytes);
      blocks.set(block, bytes);
      return bytes;
    },
    overlay: overlay(source, blocks),
  };
}
