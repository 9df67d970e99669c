// The volume descriptor sequence: of several descriptors of one kind, the one with the highest number prevails.
// References: ECMA-167 3/8.4; Linux fs/udf/super.c: udf_process_sequence, udf_load_sequence, udf_scan_anchors.
import {
  parseUdfAnchor,
  parseUdfDescriptorHead,
  parseUdfPartition,
  parseUdfVolumePointer,
} from '../../../generated/filesystem/udf.js';
import { FormatError } from '../../errors.js';
import { u16, u32 } from '../../validation/guest.js';
import type { Blocks, Descriptor } from './blocks.js';
import { type DescriptorExtent, extentOf } from './integrity.js';

const TAG_PRIMARY = 1;
const TAG_ANCHOR = 2;
const TAG_POINTER = 3;
const TAG_PARTITION = 5;
const TAG_LOGICAL = 6;
const TAG_END = 8;
const MAX_POINTERS = 64;

const ANCHOR_BLOCK = 256;
const OPEN_DISC_ANCHOR_BLOCK = 512;
/** Before the last block, or what may be taken for it: drives count the blocks around a track differently. */
const LAST_BLOCKS = [0, 1, 2, 150, 152];

/** The blocks of the prevailing descriptors. */
interface Sequence {
  readonly primary: Uint8Array;
  /** undefined: the volume has none. */
  readonly logical: Uint8Array | undefined;
  /** One for each partition number, in the order in which they came. */
  readonly partitions: readonly Uint8Array[];
  /** The block that counts as the volume's last one. */
  readonly lastBlock: number;
  /** Where the main and the reserve one lie. */
  readonly extents: readonly DescriptorExtent[];
}

/**
 * The descriptors that the first anchor leads to; null if there is no anchor.
 * @throws FormatError INVALID when the anchor leads to none, LIMIT.
 */
export async function readSequence(blocks: Blocks): Promise<Sequence | null> {
  const deviceLast = blocks.blockCount - 1;
  for (const { block, lastBlock } of anchorPlaces(deviceLast)) {
    const anchor = block < 0 ? null : await blocks.descriptor(block, block);
    if (anchor === null || anchor.ident !== TAG_ANCHOR) continue;
    const { main, reserve } = parseUdfAnchor(anchor.bytes);
    const extents = [extentOf(main), extentOf(reserve)];
    for (const extent of extents) {
      const found = await follow(blocks, extent);
      if (found !== null) return { ...found, lastBlock, extents };
    }
    const words = `the anchor in block ${block} leads to no primary volume descriptor`;
    throw new FormatError('INVALID', `udf: ${words}, neither by the main sequence nor the reserve`);
  }
  return null;
}

interface AnchorPlace {
  readonly block: number;
  readonly lastBlock: number;
}

/** The blocks with anchors, each of which may be the one that counts. */
export async function anchorBlocks(blocks: Blocks): Promise<readonly number[]> {
  const found: number[] = [];
  for (const block of new Set(anchorPlaces(blocks.blockCount - 1).map((place) => place.block))) {
    const anchor = block < 0 ? null : await blocks.descriptor(block, block);
    if (anchor?.ident === TAG_ANCHOR) found.push(block);
  }
  return found;
}

/** In the kernel's order. */
function anchorPlaces(deviceLast: number): readonly AnchorPlace[] {
  const atEnd = LAST_BLOCKS.map((before) => deviceLast - before)
    .filter((lastBlock) => lastBlock >= 0)
    .flatMap((lastBlock) => [
      { block: lastBlock, lastBlock },
      { block: lastBlock - ANCHOR_BLOCK, lastBlock },
    ]);
  return [
    { block: ANCHOR_BLOCK, lastBlock: deviceLast },
    ...atEnd,
    { block: OPEN_DISC_ANCHOR_BLOCK, lastBlock: deviceLast },
  ];
}

interface Prevailing {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Descriptors by kind and, of partitions, by their numbers. A Map keeps the order in which they came. */
type Found = Map<string, Prevailing>;

async function follow(
  blocks: Blocks,
  extent: DescriptorExtent,
): Promise<Omit<Sequence, 'lastBlock' | 'extents'> | null> {
  const found: Found = new Map();
  let pointers = 0;
  let { block, end } = rangeOf(blocks, extent);
  while (block < end) {
    const descriptor = await blocks.descriptor(block, block);
    if (descriptor === null || descriptor.ident === TAG_END) break;
    block++;
    if (descriptor.ident === TAG_POINTER) {
      pointers++;
      checkPointers(pointers);
      const { next } = parseUdfVolumePointer(descriptor.bytes);
      ({ block, end } = rangeOf(blocks, extentOf(next)));
    } else {
      note(found, descriptor);
    }
  }
  const primary = found.get(String(TAG_PRIMARY));
  if (primary === undefined) return null;
  const partitions = [...found].filter(([key]) => key.startsWith(`${TAG_PARTITION} `));
  return {
    primary: primary.bytes,
    logical: found.get(String(TAG_LOGICAL))?.bytes,
    partitions: partitions.map(([, { bytes }]) => bytes),
  };
}

function rangeOf({ blockBytes }: Blocks, { block, lengthBytes }: DescriptorExtent) {
  return { block, end: block + Math.floor(lengthBytes / blockBytes) };
}

function checkPointers(count: number): void {
  if (count <= MAX_POINTERS) return;
  const words = `more than ${MAX_POINTERS} volume descriptor pointers follow each other`;
  throw new FormatError('LIMIT', `udf: ${words}`, { data: { limit: MAX_POINTERS } });
}

function note(found: Found, { ident, bytes }: Descriptor): void {
  const key = keyOf(ident, bytes);
  if (key === null) return;
  const { sequenceNumber } = parseUdfDescriptorHead(bytes);
  const number = u32(sequenceNumber);
  const known = found.get(key);
  if (known === undefined || number >= known.number) found.set(key, { number, bytes });
}

function keyOf(ident: number, bytes: Uint8Array): string | null {
  if (ident === TAG_PRIMARY || ident === TAG_LOGICAL) return String(ident);
  if (ident !== TAG_PARTITION) return null;
  return `${ident} ${u16(parseUdfPartition(bytes).number)}`;
}
