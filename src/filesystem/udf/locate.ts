// Blocks of any partition of the logical volume as blocks of the volume.
// References: Linux fs/udf/partition.c: udf_get_pblock.
import { openMetadata } from './metadata.js';
import { type LocatedBlocks, locatePhysical } from './physical.js';
import { openVirtual } from './virtual.js';
import type { Volume } from './volume.js';

/** Where a block of one partition is; null if nowhere. */
export type Locate = (block: number) => Promise<LocatedBlocks | null>;

/**
 * Reads the tables that say where the blocks of the partition with this reference number are.
 * @throws FormatError INVALID when they are missing.
 */
export async function openLocator(volume: Volume, reference: number): Promise<Locate> {
  const partition = volume.partitions[reference];
  if (partition?.map.kind === 'metadata') return openMetadata(volume, partition);
  if (partition?.map.kind === 'virtual') {
    const table = await openVirtual(volume, partition);
    return async (block) => {
      const address = await table(block);
      const place = address === null ? null : locatePhysical(volume, address);
      return place && { block: place.block, count: 1 };
    };
  }
  return async (block) => locatePhysical(volume, { reference, block });
}
