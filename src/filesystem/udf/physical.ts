// Blocks of plain and sparable partitions as blocks of the volume.
// References: Linux fs/udf/partition.c: udf_get_pblock, udf_get_pblock_spar15; fs/udf/misc.c: udf_read_ptagged.
import type { Descriptor } from './blocks.js';
import type { Address, Volume } from './volume.js';

/** A block of the volume, and how many may be read from it on without asking again. */
export interface LocatedBlocks {
  readonly block: number;
  /** As many, this one counted, follow each other in the partition and in the volume. */
  readonly count: number;
}

const REST_OF_PARTITION = 2 ** 32;

/** Where a block is; null if its partition is none of these kinds. */
export function locatePhysical(
  volume: Volume,
  { reference, block }: Address,
): LocatedBlocks | null {
  const partition = volume.partitions[reference];
  if (partition === undefined) return null;
  const { map, firstBlock } = partition;
  const usual = firstBlock + block;
  if (map.kind === 'plain') return { block: usual, count: REST_OF_PARTITION };
  if (map.kind !== 'sparable') return null;
  const { packetBlocks, replacements } = map.sparing;
  const within = block % packetBlocks;
  const replacement = replacements.get(block - within);
  const place = replacement === undefined ? usual : replacement + within;
  return { block: place, count: packetBlocks - within };
}

/** A volume, and where its blocks are: of which partitions, depends on what is read. */
export interface Reach {
  readonly volume: Volume;
  /** Where a block is; null if nowhere. */
  locate(address: Address): Promise<LocatedBlocks | null>;
  /** The descriptor in a block; null if there is none. @throws FormatError LIMIT */
  descriptor(address: Address): Promise<Descriptor | null>;
}

/** Of these kinds alone, in which the tables of the others lie. */
export function physicalReach(volume: Volume): Reach {
  const locate = async (address: Address) => locatePhysical(volume, address);
  return {
    volume,
    locate,
    async descriptor(address) {
      const place = await locate(address);
      return place === null ? null : volume.blocks.descriptor(place.block, address.block);
    },
  };
}
