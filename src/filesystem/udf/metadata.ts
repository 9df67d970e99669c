// Metadata partitions, of Blu-ray discs: their blocks are those of a file, which there is twice.
// References: OSTA UDF 2.60, 2.2.13; Linux fs/udf/super.c: udf_load_metadata_files; fs/udf/partition.c:
// udf_get_pblock_meta25, udf_try_read_meta.
import { lastAtMost } from '../../bytes/search.js';
import { FormatError } from '../../errors.js';
import { extentsOf, readIcb } from './icb.js';
import { type LocatedBlocks, locatePhysical } from './physical.js';
import type { Partition, Volume } from './volume.js';

const RECORDED = 0;
/** Far more pieces than a file has that is allocated by 32 blocks and more. */
const MAX_STRETCHES = 2 ** 16;

/** Where a block of the partition is; null if neither file has it. */
type MetadataFile = (block: number) => Promise<LocatedBlocks | null>;

/** Blocks of the file that lie side by side. */
interface Stretch {
  /** Of the file. */
  readonly first: number;
  readonly count: number;
  /** Of the partition that the file is in; null where nothing is recorded. */
  readonly block: number | null;
}

/**
 * The mirror is read when the main file lacks a block, or is no file.
 * @throws FormatError INVALID when there is neither file, LOOP, LIMIT
 */
export async function openMetadata(volume: Volume, partition: Partition): Promise<MetadataFile> {
  const { map, physical } = partition;
  const [mainBlock, mirrorBlock] = map.kind === 'metadata' ? [map.mainBlock, map.mirrorBlock] : [];
  const main = await stretchesOf(volume, physical, mainBlock);
  let mirror = main === null ? await stretchesOf(volume, physical, mirrorBlock) : undefined;
  if (main === null && mirror === null) {
    const words = `no metadata file in the blocks ${mainBlock} and ${mirrorBlock}`;
    throw new FormatError('INVALID', `udf: ${words} of its partition`);
  }
  return async (block) => {
    const place = within(volume, physical, main ?? [], block);
    if (place !== null) return place;
    mirror ??= (await stretchesOf(volume, physical, mirrorBlock)) ?? [];
    return within(volume, physical, mirror, block);
  };
}

/** null if there is no file entry, or one whose allocation descriptors are not short. */
async function stretchesOf(
  volume: Volume,
  reference: number,
  block: number | undefined,
): Promise<readonly Stretch[] | null> {
  const icb = block === undefined ? null : await readIcb(volume, { reference, block });
  if (icb === null || icb.kind !== 'short') return null;
  const stretches: Stretch[] = [];
  let first = 0;
  for await (const extent of extentsOf(volume, icb)) {
    const count = Math.floor(extent.lengthBytes / volume.blocks.blockBytes);
    if (stretches.length === MAX_STRETCHES) throw tooMany();
    stretches.push({ first, count, block: extent.state === RECORDED ? extent.block : null });
    first += count;
  }
  return stretches;
}

function tooMany(): FormatError {
  const words = `the metadata file is in more than ${MAX_STRETCHES} pieces`;
  return new FormatError('LIMIT', `udf: ${words}`, { data: { limit: MAX_STRETCHES } });
}

function within(
  volume: Volume,
  reference: number,
  stretches: readonly Stretch[],
  block: number,
): LocatedBlocks | null {
  const stretch = stretches[lastAtMost(block, stretches.length, (i) => stretches[i]?.first)];
  if (stretch === undefined || stretch.block === null) return null;
  const offset = block - stretch.first;
  if (offset >= stretch.count) return null;
  const place = locatePhysical(volume, { reference, block: stretch.block + offset });
  return place && { block: place.block, count: Math.min(place.count, stretch.count - offset) };
}
