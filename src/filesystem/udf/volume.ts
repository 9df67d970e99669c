// A volume as its descriptors describe it. The size of its blocks stands nowhere that could be read without knowing it:
// every size is tried.
// References: Linux fs/udf/super.c: udf_fill_super, udf_load_vrs, udf_load_logicalvol, udf_load_partdesc,
// check_partition_desc, udf_fill_partdesc_info.
import {
  type GuestUdfLogical,
  type GuestUdfPartition,
  parseUdfLogical,
  parseUdfPartition,
  parseUdfPrimary,
} from '../../../generated/filesystem/udf.js';
import { firstSound } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, type Label, rawText, u16, u32 } from '../../validation/guest.js';
import { type Blocks, openBlocks } from './blocks.js';
import { type DescriptorExtent, extentOf, type Integrity, readIntegrity } from './integrity.js';
import { type PartitionMap, readMaps } from './maps.js';
import { uuidOf, volumeLabel } from './names.js';
import { isRecognised } from './recognition.js';
import { readSequence } from './sequence.js';

/** In the kernel's order, which begins with the size of the device's sectors. */
const BLOCK_SIZES = [512, 1024, 2048, 4096];

const LOGICAL_BYTES = 440;
const MIN_MAP_BYTES = 6;
const NAME_BYTES = 23;
const DOMAIN = '*OSTA UDF Compliant';
const CONTENTS = ['+NSR02', '+NSR03'];
const DIRTY_ENTITY = 1n;
/** By hardware or by software. */
const WRITE_PROTECTED = 3n;
const REWRITABLE = 3;

/** A partition of the logical volume. Addresses name it by its reference number, which is the index of its map. */
export interface Partition {
  readonly map: PartitionMap;
  readonly firstBlock: number;
  readonly blockCount: number;
  /** Where its bitmap of free blocks is, in the partition; null if the kernel does not look at one. */
  readonly bitmapBlock: number | null;
  /** Where its table of free extents is. */
  readonly tableBlock: number | null;
  /** The reference number of the partition whose blocks this one's are; its own for most. */
  readonly physical: number;
  /** Whether the kernel would write to it. */
  readonly isWritable: boolean;
  /** What tells its free blocks, whether or not the kernel looks at it. */
  readonly spaces: readonly Space[];
}

/** A table (of extents) or a bitmap, in the partition. */
export interface Space {
  readonly name: string;
  readonly isBitmap: boolean;
  /** Whether what it names is free; or something else of these blocks. */
  readonly isOfFree: boolean;
  readonly block: number;
  readonly lengthBytes: number;
}

/** A block of a partition, by the number of the partition's map. */
export interface Address {
  readonly reference: number;
  readonly block: number;
}

export interface Volume extends Label {
  readonly blocks: Blocks;
  readonly uuid: string | null;
  /** Of the document that it follows, as in 0x0201. */
  readonly revision: number;
  readonly integrity: Integrity | null;
  /** Nothing else keeps Linux from writing to it than that the integrity descriptor is missing. */
  readonly lacksIntegrityAlone: boolean;
  /** By reference number; undefined for one that no descriptor belongs to. */
  readonly partitions: readonly (Partition | undefined)[];
  readonly fileSet: Address;
  readonly fileSetBytes: number;
  readonly lastBlock: number;
  /** Where volume descriptors lie: the main sequence, the reserve, and the integrity descriptors. */
  readonly sequences: readonly DescriptorExtent[];
  readonly integrityExtent: DescriptorExtent;
}

export function addressIn({ partitionReference, block }: GuestUdfLogical['fileSet']): Address {
  return { reference: u16(partitionReference), block: u32(block) };
}

/** @throws FormatError; the first that any size of blocks gave, or INVALID if none has an anchor. */
export async function openVolume(source: ByteSource): Promise<Volume> {
  const volume = await firstSound(BLOCK_SIZES, async (blockBytes) =>
    (await isRecognised(source, blockBytes)) ? readVolume(openBlocks(source, blockBytes)) : null,
  );
  if (volume !== null) return volume;
  throw new FormatError('INVALID', `udf: no anchor, with blocks of ${BLOCK_SIZES} bytes`);
}

async function readVolume(blocks: Blocks): Promise<Volume | null> {
  const sequence = await readSequence(blocks);
  if (sequence === null) return null;
  const { logical: logicalBytes, lastBlock, extents } = sequence;
  if (logicalBytes === undefined) {
    throw new FormatError('INVALID', 'udf: there is no logical volume descriptor');
  }
  const logical = parseUdfLogical(logicalBytes);
  const maps = await mapsOf(blocks, logical, logicalBytes);
  const integrityExtent = extentOf(logical.integrity);
  const integrity = await readIntegrity(blocks, integrityExtent);
  const isCompliantVolume = isCompliant(logical.domain);
  const descriptors = sequence.partitions.map((bytes) => parseUdfPartition(bytes));
  const { fileSet } = logical;
  const asWritable = partitionsOf(maps, descriptors, isCompliantVolume);
  const isWritable = isCompliantVolume && integrity !== null;
  return {
    blocks,
    ...volumeLabel(logical.name),
    uuid: uuidOf(parseUdfPrimary(sequence.primary).setName),
    revision: u16(logical.domain.suffix.revision),
    integrity,
    partitions: partitionsOf(maps, descriptors, isWritable),
    lacksIntegrityAlone:
      integrity === null && asWritable[addressIn(fileSet).reference]?.isWritable === true,
    fileSet: addressIn(fileSet),
    fileSetBytes: u32(fileSet.lenExtent),
    lastBlock,
    sequences: extents,
    integrityExtent,
  };
}

async function mapsOf(blocks: Blocks, logical: GuestUdfLogical, bytes: Uint8Array) {
  const room = blocks.blockBytes - LOGICAL_BYTES;
  const tableBytes = int(logical.lenMaps, 'udf: bytes of the partition maps', 0, room);
  const maxMaps = Math.floor(tableBytes / MIN_MAP_BYTES);
  const mapCount = int(logical.numMaps, 'udf: partition maps', 1, maxMaps);
  return readMaps(blocks, bytes.subarray(LOGICAL_BYTES, LOGICAL_BYTES + tableBytes), mapCount);
}

function isCompliant({ name, flags, suffix }: GuestUdfLogical['domain']): boolean {
  return (
    rawText(name, NAME_BYTES).startsWith(DOMAIN) &&
    !hasFlag(flags, DIRTY_ENTITY) &&
    !hasFlag(suffix.domainFlags, WRITE_PROTECTED)
  );
}

/**
 * Gives every map its partition. Bitmaps and tables of free blocks are looked at only as long as nothing has shown that
 * the volume cannot be written to.
 */
function partitionsOf(
  maps: readonly PartitionMap[],
  descriptors: readonly GuestUdfPartition[],
  isVolumeWritable: boolean,
): readonly (Partition | undefined)[] {
  const partitions: (Partition | undefined)[] = maps.map(() => undefined);
  let isWritable = isVolumeWritable;
  for (const descriptor of descriptors) {
    const number = u16(descriptor.number);
    const isOf = (kinds: readonly PartitionMap['kind'][]) => (map: PartitionMap) =>
      map.number === number && kinds.includes(map.kind);
    const physical = maps.findIndex(isOf(['plain', 'sparable']));
    const upper = maps.findIndex(isOf(['virtual', 'metadata']));
    const map = maps[physical];
    if (map === undefined) continue;
    isWritable &&= hasWritableSpace(descriptor);
    partitions[physical] = partitionOf(map, descriptor, physical, isWritable);
    const upperMap = maps[upper];
    if (upperMap === undefined) continue;
    isWritable = false;
    partitions[upper] = partitionOf(upperMap, descriptor, physical, isWritable);
  }
  return partitions;
}

/** The medium can be overwritten, and exactly one of bitmap and table tells its free blocks. */
function hasWritableSpace(guest: GuestUdfPartition): boolean {
  const isThere = ({ lenExtent }: GuestUdfPartition['freedTable']) => !equals(lenExtent, 0);
  return (
    !isReadOnly(guest) &&
    CONTENTS.some((name) => equals(guest.contents.name, name)) &&
    !isThere(guest.freedTable) &&
    !isThere(guest.freedBitmap) &&
    isThere(guest.unallocatedTable) !== isThere(guest.unallocatedBitmap)
  );
}

/** None, read-only and write-once; a kind that is not known may be written to. */
function isReadOnly({ access }: GuestUdfPartition): boolean {
  return u32(access) < REWRITABLE;
}

function partitionOf(
  map: PartitionMap,
  guest: GuestUdfPartition,
  physical: number,
  isWritable: boolean,
): Partition {
  const placeOf = ({ block, lenExtent }: GuestUdfPartition['freedTable']) =>
    isWritable && !equals(lenExtent, 0) ? u32(block) : null;
  return {
    map,
    firstBlock: u32(guest.firstBlock),
    blockCount: u32(guest.numBlocks),
    bitmapBlock: placeOf(guest.unallocatedBitmap),
    tableBlock: placeOf(guest.unallocatedTable),
    physical,
    isWritable,
    spaces: spacesOf(guest),
  };
}

function spacesOf(guest: GuestUdfPartition): readonly Space[] {
  const all = [
    [guest.unallocatedBitmap, 'space bitmap', true, true],
    [guest.freedBitmap, 'freed space bitmap', true, true],
    [guest.unallocatedTable, 'space table', false, true],
    [guest.freedTable, 'freed space table', false, true],
    [guest.integrityTable, 'integrity table', false, false],
  ] as const;
  return all.flatMap(([{ block, lenExtent }, name, isBitmap, isOfFree]) => {
    const lengthBytes = u32(lenExtent);
    return lengthBytes === 0 ? [] : [{ name, isBitmap, isOfFree, block: u32(block), lengthBytes }];
  });
}
