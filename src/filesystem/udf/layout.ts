// What of a volume is no file's: descriptors before and behind the partition, the tables within it, and the entries of files, each in
// a block of its own.
// References: ECMA-167 parts 2, 3 and 4; OSTA UDF 2.60, 2.2.9 to 2.2.13.
import { parseUdfFileSet } from '../../../generated/filesystem/udf.js';
import type { ByteRange } from '../../bytes/source.js';
import { KIB } from '../../limits.js';
import { equals } from '../../validation/guest.js';
import type { FileNode, MetadataRange } from '../files.js';
import { toldOf } from '../told.js';
import { claimedRanges, type NamedRanges } from '../written-once.js';
import { besideRanges, blocksAt, entryRanges, rangesOf } from './beside.js';
import type { Disc } from './disc.js';
import { readIcb } from './icb.js';
import type { Inode } from './inode.js';
import { recognitionEnd } from './recognition.js';
import { anchorBlocks } from './sequence.js';
import { freeSpaces } from './space.js';
import { findTable } from './virtual.js';
import { type Address, addressIn, type Space } from './volume.js';

const SYSTEM_BYTES = 32 * KIB;

type Ranges = AsyncGenerator<ByteRange, void, undefined>;

/** @param inodes all of them, for their entries. */
export async function* metadataRanges(
  disc: Disc,
  nodes: AsyncIterable<readonly FileNode[]>,
  inodes: AsyncIterable<readonly Inode[]>,
): AsyncGenerator<readonly MetadataRange[], void, undefined> {
  const { blocks, sequences, integrityExtent } = disc.volume;
  const [main, reserve] = sequences;
  const recognisedBytes = (await recognitionEnd(disc.source, blocks.blockBytes)) - SYSTEM_BYTES;
  const anchors = await anchorBlocks(blocks);
  const listed = (extent: typeof main) =>
    extent === undefined
      ? []
      : [{ ...blocksAt(disc, extent.block), lengthBytes: extent.lengthBytes }];
  const parts: NamedRanges[] = [
    { name: 'system area', ranges: [{ offsetBytes: 0, lengthBytes: SYSTEM_BYTES }] },
    {
      name: 'volume recognition sequence',
      ranges: [{ offsetBytes: SYSTEM_BYTES, lengthBytes: recognisedBytes }],
    },
    { name: 'anchor', ranges: anchors.map((block) => blocksAt(disc, block)) },
    { name: 'volume descriptors', ranges: listed(main) },
    { name: 'reserve volume descriptors', ranges: listed(reserve) },
    { name: 'integrity descriptors', ranges: listed(integrityExtent) },
    { name: 'file entries', ranges: entriesOf(disc, inodes) },
    ...(await fileSetParts(disc)),
    ...(disc.volume.partitions[disc.partition.physical]?.spaces ?? []).map((space) => ({
      name: space.name,
      ranges: told(disc, spaceRanges(disc, space)),
    })),
    ...mapParts(disc),
  ];
  const isKnown = freeSpaces(disc).length > 0;
  const rest = { within: isKnown ? null : 'not in use', outside: 'outside of the partition' };
  yield* claimedRanges(disc, nodes, parts, rest);
}

/** Without what is damaged, of which df's row or another walk tells. */
function told(disc: Disc, ranges: Ranges): Ranges {
  return toldOf(disc, null, ranges);
}

async function* entriesOf(disc: Disc, pages: AsyncIterable<readonly Inode[]>): Ranges {
  for await (const inodes of pages) {
    for (const { icb } of inodes) yield* entryRanges(disc, icb);
  }
}

/** A bitmap lies in one extent, a table is a file entry. */
async function* spaceRanges(disc: Disc, { isBitmap, block, lengthBytes }: Space): Ranges {
  const reference = disc.partition.physical;
  if (isBitmap) yield* extentRanges(disc, { reference, block }, lengthBytes);
  else yield* fileRanges(disc, { reference, block });
}

async function* extentRanges(
  disc: Disc,
  { reference, block }: Address,
  lengthBytes: number,
): Ranges {
  const count = Math.ceil(lengthBytes / disc.blockBytes);
  for (let done = 0; done < count; ) {
    disc.spend(1);
    const place = await disc.locate({ reference, block: block + done });
    if (place === null) return;
    const blockCount = Math.min(place.count, count - done);
    yield blocksAt(disc, place.block, blockCount);
    done += blockCount;
  }
}

async function* fileRanges(disc: Disc, address: Address): Ranges {
  const icb = await readIcb(disc, address);
  if (icb !== null) yield* rangesOf(disc, icb);
}

async function fileSetParts(disc: Disc): Promise<readonly NamedRanges[]> {
  const { fileSet, fileSetBytes } = disc.volume;
  const descriptor = await disc.descriptor(fileSet);
  const own = told(disc, extentRanges(disc, fileSet, fileSetBytes));
  const set = { name: 'file set descriptors', ranges: own };
  if (descriptor === null) return [set];
  const { streams } = parseUdfFileSet(descriptor.bytes);
  if (equals(streams.lenExtent, 0)) return [set];
  const beside = told(disc, besideRanges(disc, addressIn(streams)));
  return [set, { name: 'system streams', ranges: beside }];
}

/** What says where the blocks of the partition lie. */
function mapParts(disc: Disc): readonly NamedRanges[] {
  const { map, physical } = disc.partition;
  const file = (name: string, block: number): NamedRanges => ({
    name,
    ranges: told(disc, fileRanges(disc, { reference: physical, block })),
  });
  if (map.kind === 'metadata') {
    return [
      file('metadata bitmap', map.bitmapBlock),
      file('metadata file', map.mainBlock),
      file('metadata mirror file', map.mirrorBlock),
    ];
  }
  if (map.kind === 'virtual') {
    return [{ name: 'virtual allocation table', ranges: told(disc, virtualRanges(disc)) }];
  }
  if (map.kind !== 'sparable') return [];
  const { tableBlocks, packetBlocks, replacements } = map.sparing;
  const { firstBlock } = disc.partition;
  const worn = [...replacements.keys()].map((packet) =>
    blocksAt(disc, firstBlock + packet, packetBlocks),
  );
  return [
    { name: 'sparing table', ranges: tableBlocks.map((block) => blocksAt(disc, block)) },
    { name: 'worn packet', kind: 'bad', ranges: worn },
  ];
}

async function* virtualRanges(disc: Disc): Ranges {
  const own = disc.volume.partitions[disc.partition.physical];
  if (own !== undefined) yield* rangesOf(disc, await findTable(disc.volume, own));
}
