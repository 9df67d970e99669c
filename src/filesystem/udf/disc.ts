// A volume for the readers of its files: blocks of all its partitions, files by the block that the kernel knows them by, and what df
// counts of it.
// References: Linux fs/udf/inode.c: __udf_iget; fs/udf/super.c: udf_statfs.
import { parseUdfTag } from '../../../generated/filesystem/udf.js';
import { type Cover, rangeList } from '../../bytes/range-list.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { u32 } from '../../validation/guest.js';
import type { FileWalk } from '../files.js';
import { type Spend, visitsOf } from '../visits.js';
import { descriptorIn } from './blocks.js';
import { type Locate, openLocator } from './locate.js';
import type { Reach } from './physical.js';
import type { Address, Partition, Volume } from './volume.js';

/** How often the blocks of a volume may be come to: each walk over the files comes to them again. */
const MAX_PASSES = 32;

export interface Disc extends Reach {
  readonly source: ByteSource;
  readonly volumes: readonly ByteSource[];
  readonly walk: FileWalk;
  readonly blockBytes: number;
  /** That the files are in, whose blocks df counts. */
  readonly partition: Partition;
  /** Its bytes, those of packets that lie elsewhere too. */
  readonly counted: Cover;
  readonly spend: Spend;
}

/** @throws FormatError INVALID when the files are in a partition that there is not. */
export function openDisc(volume: Volume, walk: FileWalk): Disc {
  const { blocks, fileSet, partitions } = volume;
  const { source, blockBytes } = blocks;
  const partition = partitions[fileSet.reference];
  if (partition === undefined) {
    const words = `the files are in partition ${fileSet.reference}, which there is not`;
    throw new FormatError('INVALID', `udf: ${words}`, { data: { ...fileSet } });
  }
  const spend = visitsOf('udf: files', 'blocks', blocks.blockCount, MAX_PASSES);
  const locate = locatorOf(volume);
  return {
    volume,
    source,
    volumes: [source],
    walk,
    blockBytes,
    partition,
    counted: coverOfPartition(volume, partition),
    spend,
    locate,
    async descriptor(address) {
      spend(1);
      const place = await locate(address);
      const bytes = place === null ? null : await blocks.read(place.block);
      return bytes === null ? null : descriptorIn(bytes, address.block);
    },
  };
}

/** The tables of a partition are read once, when somebody asks for a block of it. */
function locatorOf(volume: Volume): Reach['locate'] {
  const locators = new Map<number, Promise<Locate>>();
  return async ({ reference, block }) => {
    if (volume.partitions[reference] === undefined) return null;
    const known = locators.get(reference);
    const opened = known ?? openLocator(volume, reference);
    if (known === undefined) locators.set(reference, opened);
    return (await opened)(block);
  };
}

/** The bytes of a partition's blocks: of a worn packet those of the one in its place. */
function coverOfPartition({ blocks, partitions }: Volume, { physical }: Partition): Cover {
  const list = rangeList();
  const own = partitions[physical];
  if (own === undefined) return list.cover();
  const { map, firstBlock, blockCount } = own;
  const { source, blockBytes } = blocks;
  const add = (first: number, count: number) =>
    list.add(first * blockBytes, Math.min((first + count) * blockBytes, source.sizeBytes));
  const { packetBlocks = 1, replacements = [] } = map.kind === 'sparable' ? map.sparing : {};
  let at = 0;
  for (const [packet, replacement] of replacements) {
    if (packet >= blockCount) break;
    add(firstBlock + at, packet - at);
    add(replacement, packetBlocks);
    at = packet + packetBlocks;
  }
  add(firstBlock + at, blockCount - at);
  return list.cover();
}

/** The number by which the kernel knows a file, the block of its entry; null if that lies nowhere. */
export async function numberOf(disc: Disc, address: Address): Promise<number | null> {
  return (await disc.locate(address))?.block ?? null;
}

/** The address of the entry in a block of the volume, as its tag tells it; null if it is that of no partition. */
export async function addressOf(disc: Disc, number: number): Promise<Address | null> {
  const { blocks, partitions } = disc.volume;
  const bytes = Number.isInteger(number) ? await blocks.read(number) : null;
  if (bytes === null) return null;
  const block = u32(parseUdfTag(bytes).location);
  for (const reference of partitions.keys()) {
    const address = { reference, block };
    if ((await numberOf(disc, address)) === number) return address;
  }
  return null;
}
