// Metadata partitions, of Blu-ray discs: their blocks are those of a file, which there is twice.
// References: OSTA UDF 2.60, 2.2.13; Linux fs/udf/super.c: udf_load_metadata_files; fs/udf/partition.c:
// udf_get_pblock_meta25, udf_try_read_meta.
import { FormatError } from '../../errors.js';
import { readIcb } from './icb.js';
import { type LocatedBlocks, physicalReach, type Reach } from './physical.js';
import { blockWithin, stretchesOf } from './stretches.js';
import type { Partition, Volume } from './volume.js';

/** Where a block of the partition is; null if neither file has it. */
type MetadataFile = (block: number) => Promise<LocatedBlocks | null>;

/**
 * The mirror is read when the main file lacks a block, or is no file.
 * @throws FormatError INVALID when there is neither file, LOOP, LIMIT
 */
export async function openMetadata(volume: Volume, partition: Partition): Promise<MetadataFile> {
  const { map, physical } = partition;
  const [mainBlock, mirrorBlock] = map.kind === 'metadata' ? [map.mainBlock, map.mirrorBlock] : [];
  const reach = physicalReach(volume);
  const main = await fileAt(reach, physical, mainBlock);
  let mirror = main === null ? await fileAt(reach, physical, mirrorBlock) : undefined;
  if (main === null && mirror === null) {
    const words = `no metadata file in the blocks ${mainBlock} and ${mirrorBlock}`;
    throw new FormatError('INVALID', `udf: ${words} of its partition`);
  }
  return async (block) => {
    const place = await blockWithin(reach, main ?? [], block);
    if (place !== null) return place;
    mirror ??= (await fileAt(reach, physical, mirrorBlock)) ?? [];
    return blockWithin(reach, mirror, block);
  };
}

/** null if there is no file entry, or one whose allocation descriptors are not short. */
async function fileAt(reach: Reach, reference: number, block: number | undefined) {
  const icb = block === undefined ? null : await readIcb(reach, { reference, block });
  return icb === null || icb.kind !== 'short' ? null : stretchesOf(reach, icb);
}
