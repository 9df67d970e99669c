// The blocks that a recovery changes, in memory: what is read of the filesystem afterwards is read through them.

import { checkedRead } from '../../../bytes/range.js';
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
  /** Counts what is done to what was read. @throws FormatError LIMIT */
  work(steps: number): void;
  /** Before each step of what may find all that it needs in memory. */
  readonly breathe: Breathe;
  /** The filesystem with what was changed. */
  readonly overlay: ByteSource;
}

export function blockCache(source: ByteSource, blockSizeBytes: number): BlockCache {
  const blocks = new Map<number, Uint8Array>();
  let spent = 0;
  let worked = 0;
  const spend = (bytes: number): void => {
    spent += bytes;
    checkLimit(spent, MAX_FAST_COMMIT_CACHE_BYTES, 'bytes that the fast commits touch');
  };
  const put = (block: number, bytes: Uint8Array): void => {
    blocks.set(block, bytes);
  };
  return {
    breathe: breathing(source, SUPERBLOCK_OFFSET),
    spend,
    put,
    work(steps) {
      worked += steps;
      checkLimit(worked, MAX_FAST_COMMIT_STEPS, 'steps of applying the fast commits');
    },
    async bytes(block, first) {
      const known = blocks.get(block);
      if (known !== undefined) return known;
      spend(blockSizeBytes);
      const read = await source.read(block * blockSizeBytes, blockSizeBytes);
      const bytes = Uint8Array.from(read);
      first?.(bytes);
      put(block, bytes);
      return bytes;
    },
    overlay: {
      sizeBytes: source.sizeBytes,
      async read(offset, length) {
        checkedRead(offset, length, source.sizeBytes);
        const bytes = await source.read(offset, length);
        const changed = changedBlocks(blocks, blockSizeBytes, offset, length);
        if (changed.length === 0) return bytes;
        const patched = Uint8Array.from(bytes);
        for (const [block, content] of changed) {
          const start = block * blockSizeBytes - offset;
          const from = Math.max(0, -start);
          const to = Math.min(blockSizeBytes, length - start);
          patched.set(content.subarray(from, to), start + from);
        }
        return patched;
      },
    },
  };
}

function changedBlocks(
  blocks: ReadonlyMap<number, Uint8Array>,
  blockSizeBytes: number,
  offset: number,
  length: number,
): readonly (readonly [number, Uint8Array])[] {
  const changed: (readonly [number, Uint8Array])[] = [];
  const end = Math.ceil((offset + length) / blockSizeBytes);
  for (let block = Math.floor(offset / blockSizeBytes); block < end; block++) {
    const bytes = blocks.get(block);
    if (bytes !== undefined) changed.push([block, bytes]);
  }
  return changed;
}
