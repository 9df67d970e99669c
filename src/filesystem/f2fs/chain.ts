// The chain of nodes that were fsynced after the checkpoint: each names the block of the next one, and it begins where
// the next warm node goes.
// References: Linux 6.1 fs/f2fs/recovery.c: find_fsync_dnodes, recover_data.
import { FormatError } from '../../errors.js';
import { MAX_ROLLED_NODES } from '../../limits.js';
import { type Footer, isAfter, readFooter } from './node.js';
import { firstBlockOf, isHere, isInMain, readBlock, type Volume } from './volume.js';

/** Of the current segments for nodes. */
const WARM = 1;

export interface ChainNode {
  readonly block: number;
  readonly bytes: Uint8Array;
  readonly footer: Footer;
}

/** Whether there is such a node; null if it would be on another device. */
export async function hasChain(volume: Volume): Promise<boolean | null> {
  const block = firstOf(volume);
  // Of one that is cut, what cannot be read is left out: Linux mounts again without a recovery.
  if (!isHere(volume, block)) return volume.superblock.deviceCount > 1 ? null : false;
  return (await nodeAt(volume, block)) !== null;
}

/**
 * Calls `each` with every node of the chain, in the order in which they were written.
 * @throws FormatError LOOP, LIMIT
 */
export async function eachChainNode(
  volume: Volume,
  each: (node: ChainNode) => Promise<void>,
): Promise<void> {
  const seen = new Set<number>();
  for (let block = firstOf(volume); ; ) {
    const node = await nodeAt(volume, block);
    if (node === null) return;
    if (seen.size >= MAX_ROLLED_NODES) {
      throw new FormatError(
        'LIMIT',
        `f2fs: more than ${MAX_ROLLED_NODES} nodes were written after the checkpoint`,
      );
    }
    seen.add(block);
    await each(node);
    block = node.footer.nextBlock;
    if (seen.has(block)) {
      throw new FormatError('LOOP', `f2fs: the node at block ${block} is twice in the chain`);
    }
  }
}

function firstOf(volume: Volume): number {
  const { segment, next } = volume.checkpoint.nodeSegments[WARM] ?? { segment: 0, next: 0 };
  return firstBlockOf(volume, segment) + next;
}

async function nodeAt(volume: Volume, block: number): Promise<ChainNode | null> {
  if (!isInMain(volume, block)) return null;
  const bytes = await readBlock(volume, block);
  const footer = readFooter(bytes);
  return isAfter(volume.checkpoint, footer) ? { block, bytes, footer } : null;
}
