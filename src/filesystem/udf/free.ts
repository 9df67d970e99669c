// The free blocks. The integrity descriptor has their number; where it has none, or zero, the bitmap or the table of free
// extents is counted.
// References: Linux fs/udf/super.c: udf_count_free, udf_count_free_bitmap, udf_count_free_table.
import { parseUdfSpaceBitmap } from '../../../generated/filesystem/udf.js';
import { countZeroBits } from '../../bytes/aggregates.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int } from '../../validation/guest.js';
import type { Basis } from '../filesystem.js';
import { extentsOf, readIcb } from './icb.js';
import type { Locate } from './locate.js';
import { physicalReach } from './physical.js';
import type { Volume } from './volume.js';

export const TAG_BITMAP = 264;
const HEAD_BYTES = 24;
const BITS_PER_BYTE = 8;
/** Counted at once. */
const PIECE_BYTES = 64 * MIB;

interface Free {
  readonly blockCount: number;
  readonly basis: Basis;
}

/** @throws FormatError OUT_OF_BOUNDS, LOOP, LIMIT */
export async function countFree(volume: Volume, locate: Locate): Promise<Free> {
  const partition = volume.partitions[volume.fileSet.reference];
  // Discs that are written once are never written to by Linux.
  if (partition === undefined || partition.map.kind === 'virtual') {
    return { blockCount: 0, basis: 'superblock' };
  }
  const counted = volume.integrity?.free(partition.physical) ?? 0;
  if (counted > 0) return { blockCount: counted, basis: 'superblock' };
  const { bitmapBlock = null, tableBlock = null } = volume.partitions[partition.physical] ?? {};
  if (bitmapBlock !== null) {
    // The kernel looks for the bitmap in the partition of the file set, whichever it is of.
    const { blockCount } = partition;
    return {
      blockCount: await countBitmap(volume, locate, bitmapBlock, blockCount),
      basis: 'metadata',
    };
  }
  if (tableBlock === null) return { blockCount: 0, basis: 'superblock' };
  const blockCount = await countTable(volume, partition.physical, tableBlock);
  return { blockCount, basis: 'metadata' };
}

/**
 * A set bit is a free block. All bits of its bytes count, as in the kernel.
 * @param bitCount the blocks of the partition. A bitmap may be longer, but not much: in a metadata partition one block
 * of the volume may be all of its blocks.
 */
async function countBitmap(
  volume: Volume,
  locate: Locate,
  block: number,
  bitCount: number,
): Promise<number> {
  const { blocks } = volume;
  const place = await locate(block);
  const descriptor = place && (await blocks.descriptor(place.block, block));
  if (descriptor === null || descriptor.ident !== TAG_BITMAP) return 0;
  const { lenBitmap } = parseUdfSpaceBitmap(descriptor.bytes);
  const maxBytes = Math.ceil(bitCount / BITS_PER_BYTE) + MIB;
  let left = int(lenBitmap, 'udf: bytes of the bitmap', 0, maxBytes);
  let free = 0;
  let at = HEAD_BYTES;
  while (left > 0) {
    const run = await locate(block + Math.floor(at / blocks.blockBytes));
    const within = at % blocks.blockBytes;
    const runBytes = (run?.count ?? 0) * blocks.blockBytes - within;
    const length = Math.min(left, PIECE_BYTES, runBytes);
    const offsetBytes = (run?.block ?? 0) * blocks.blockBytes + within;
    if (run === null || offsetBytes + length > blocks.source.sizeBytes) throw lost(left);
    const bits = length * BITS_PER_BYTE;
    free += bits - (await countZeroBits(blocks.source, offsetBytes, bits));
    at += length;
    left -= length;
  }
  return free;
}

function lost(left: number): FormatError {
  const words = `the last ${left} bytes of the bitmap lie outside of the volume`;
  return new FormatError('OUT_OF_BOUNDS', `udf: ${words}`, { data: { left } });
}

/** @throws FormatError INVALID when there is no table. */
async function countTable(volume: Volume, reference: number, block: number): Promise<number> {
  const reach = physicalReach(volume);
  const icb = await readIcb(reach, { reference, block });
  if (icb === null || !icb.isSpaceEntry) {
    const words = `no table of free extents in block ${block} of partition ${reference}`;
    throw new FormatError('INVALID', `udf: ${words}`, { data: { block, reference } });
  }
  let free = 0;
  for await (const { lengthBytes } of extentsOf(reach, icb)) {
    free += Math.floor(lengthBytes / volume.blocks.blockBytes);
  }
  return free;
}
