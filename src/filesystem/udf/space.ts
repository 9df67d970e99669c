// The free ranges of the partition that the files are in, by its bitmap or its table of free extents.
// References: ECMA-167 4/14.12 (space bitmap), 3/10.5 and 4/14.11 (tables); Linux fs/udf/balloc.c.
import { parseUdfSpaceBitmap } from '../../../generated/filesystem/udf.js';
import { type BitsPart, runsOfParts } from '../../bytes/bit-runs.js';
import { pieces } from '../../bytes/pieces.js';
import { type RangeList, rangeList, rangesIn } from '../../bytes/range-list.js';
import { FormatError } from '../../errors.js';
import { u32 } from '../../validation/guest.js';
import type { VolumeRange } from '../files.js';
import { volumeRange } from '../files.js';
import { orTold } from '../told.js';
import { piecesOf } from './content.js';
import type { Disc } from './disc.js';
import { TAG_BITMAP } from './free.js';
import { readIcb } from './icb.js';
import type { Space } from './volume.js';

const HEAD_BYTES = 24;
const BITS_PER_BYTE = 8;
const PAGE = 256;

/** What tells the free blocks; nothing does of a disc that is written once, on which Linux has none. */
export function freeSpaces({ volume, partition }: Disc): readonly Space[] {
  if (partition.map.kind === 'virtual') return [];
  const { spaces = [] } = volume.partitions[partition.physical] ?? {};
  return spaces.filter(({ isOfFree }) => isOfFree);
}

export async function* freeRanges(
  disc: Disc,
): AsyncGenerator<readonly VolumeRange[], void, undefined> {
  const free = rangeList();
  for (const space of freeSpaces(disc)) {
    await orTold(disc, null, () => (space.isBitmap ? addBits : addExtents)(disc, space, free));
  }
  let page: VolumeRange[] = [];
  for (const { offsetBytes, lengthBytes } of rangesIn(free)) {
    page.push(volumeRange(disc.volumes, offsetBytes, lengthBytes));
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function addBits(disc: Disc, { block }: Space, free: RangeList): Promise<void> {
  for await (const [first, count] of runsOfParts(bitsFrom(disc, block))) {
    await addBlocks(disc, first, count, free);
  }
}

/** Turned around, since a set bit is a free block. @throws FormatError */
async function* bitsFrom(disc: Disc, block: number): AsyncGenerator<BitsPart> {
  const { source, blockBytes, partition } = disc;
  const reference = partition.physical;
  const descriptor = await disc.descriptor({ reference, block });
  if (descriptor?.ident !== TAG_BITMAP) {
    throw new FormatError('INVALID', `udf: no bitmap in block ${block} of partition ${reference}`);
  }
  const { blockCount = 0 } = disc.volume.partitions[reference] ?? {};
  const endBytes = Math.min(
    u32(parseUdfSpaceBitmap(descriptor.bytes).lenBitmap),
    Math.ceil(blockCount / BITS_PER_BYTE),
  );
  for (let done = 0; done < endBytes; ) {
    const at = HEAD_BYTES + done;
    const place = await disc.locate({ reference, block: block + Math.floor(at / blockBytes) });
    if (place === null) return;
    const within = at % blockBytes;
    const length = Math.min(endBytes - done, place.count * blockBytes - within);
    for await (const bytes of pieces(source, place.block * blockBytes + within, length)) {
      const bitCount = Math.min(bytes.length, endBytes - done) * BITS_PER_BYTE;
      const left = blockCount - done * BITS_PER_BYTE;
      yield { bytes: bytes.map((byte) => 0xff - byte), bitCount: Math.min(bitCount, left) };
      done += bytes.length;
    }
  }
}

async function addExtents(disc: Disc, { block }: Space, free: RangeList): Promise<void> {
  const reference = disc.partition.physical;
  const icb = await readIcb(disc, { reference, block });
  if (icb === null || !icb.isSpaceEntry) {
    const words = `no table of free extents in block ${block} of partition ${reference}`;
    throw new FormatError('INVALID', `udf: ${words}`);
  }
  for await (const piece of piecesOf(disc, icb)) {
    if (piece.block !== null) addRange(disc, piece.block, piece.blockCount, free);
  }
}

/** Blocks of the partition; in a packet that lies elsewhere they are those in its place. */
async function addBlocks(disc: Disc, first: number, count: number, free: RangeList): Promise<void> {
  for (let done = 0; done < count; ) {
    disc.spend(1);
    const place = await disc.locate({ reference: disc.partition.physical, block: first + done });
    if (place === null) return;
    const blocks = Math.min(place.count, count - done);
    addRange(disc, place.block, blocks, free);
    done += blocks;
  }
}

/** As far as the volume has them. */
function addRange(
  { source, blockBytes }: Disc,
  block: number,
  count: number,
  free: RangeList,
): void {
  free.add(block * blockBytes, Math.min((block + count) * blockBytes, source.sizeBytes));
}
