// An f2fs as its superblock and its checkpoint describe it, and its blocks.
// References: Linux 6.1 fs/f2fs/segment.h: MAIN_BLKADDR, MAX_BLKADDR, START_BLOCK.
import type { ByteSource } from '../../bytes/source.js';
import type { Checkpoint } from './checkpoint.js';
import { BLOCK_BYTES, BLOCKS_PER_SEGMENT, type Superblock } from './superblock.js';

/** In the place of an address: there is no block; one is promised; the cluster that begins here is compressed. */
export const NO_BLOCK = 0;
export const PROMISED = 0xffffffff;
export const COMPRESSED = 0xfffffffe;

export interface Volume {
  readonly source: ByteSource;
  readonly superblock: Superblock;
  readonly checkpoint: Checkpoint;
}

/** Whether an address is that of a block, be it one that exists or not. */
export function isWritten(address: number): boolean {
  return address !== NO_BLOCK && address < COMPRESSED;
}

/** Whether a block is one that nodes and files may have. */
export function isInMain({ superblock: { main } }: Volume, block: number): boolean {
  return block >= main.block && block < main.block + main.segmentCount * BLOCKS_PER_SEGMENT;
}

/** The segment of the main area that a block is in, and where in it. */
export function placeOf({ superblock: { main } }: Volume, block: number) {
  const distance = block - main.block;
  return {
    segment: Math.floor(distance / BLOCKS_PER_SEGMENT),
    offset: distance % BLOCKS_PER_SEGMENT,
  };
}

export function firstBlockOf({ superblock: { main } }: Volume, segment: number): number {
  return main.block + segment * BLOCKS_PER_SEGMENT;
}

export function readBlock({ source }: Volume, block: number): Promise<Uint8Array> {
  return source.read(block * BLOCK_BYTES, BLOCK_BYTES);
}

/** Blocks that lie on another device are not there to be read. */
export function isHere({ source }: Volume, block: number): boolean {
  return (block + 1) * BLOCK_BYTES <= source.sizeBytes;
}
