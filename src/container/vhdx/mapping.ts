// Maps a range of the guest's disk to the file: table of blocks -> block, or bitmap of its sectors -> sector.
// References: [MS-VHDX] 2.5 "Blocks", 2.5.1 "Block Allocation Table"; QEMU block/vhdx.c vhdx_block_translate().
import {
  type GuestVhdxTableEntry,
  VhdxBlockState,
  vhdxTableEntryRecords,
} from '../../../generated/container/vhdx.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int } from '../../validation/guest.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { type ExtentBuilder, extentBuilder } from '../tables/extent-builder.js';
import { type FileEnd, fileEnd } from '../tables/file-end.js';
import {
  appendSectors,
  bitmapPart,
  MAX_EXTENTS,
  MAX_MAPPED_BYTES,
} from '../tables/sector-bitmap.js';
import type { Metadata } from './metadata.js';
import type { Region } from './regions.js';

/** The sizes and the table by which an image's blocks are found. */
export interface Layout extends Metadata {
  /** The image with its log replayed. */
  readonly file: ByteSource;
  readonly end: FileEnd;
  readonly tableOffsetBytes: number;
  /** Entries that the disk's size needs, with those of bitmaps among them. */
  readonly entryCount: number;
  /** How many blocks share one bitmap of sectors; its entry follows theirs in the table. */
  readonly blocksPerBitmap: number;
  /** The headers, log, table and metadata, over which no block may lie. */
  readonly regions: readonly Region[];
}

export const ENTRY_BYTES = 8;
/** The number of bits in one bitmap, which has a MiB. */
const BITMAP_BITS = 8 * MIB;
/** Entries of one answer: 32 KiB of the table. */
const MAX_BLOCKS = 4096;

const ZERO_STATES: ReadonlySet<number> = new Set([
  VhdxBlockState.UNDEFINED,
  VhdxBlockState.ZERO,
  VhdxBlockState.UNMAPPED,
  VhdxBlockState.UNMAPPED_OLD,
]);
const MAX_MIB = 2 ** 33 - 1; // The field has 44 bits, but a larger number gives no exact offset in bytes.

/** @throws FormatError INVALID if the table is too short for the disk. */
export function layoutOf(
  file: ByteSource,
  metadata: Metadata,
  table: Region,
  regions: readonly Region[],
): Layout {
  const { sizeBytes, blockBytes, sectorBytes, parentLocator } = metadata;
  const blocksPerBitmap = (BITMAP_BITS * sectorBytes) / blockBytes;
  const blockCount = Math.ceil(sizeBytes / blockBytes);
  const bitmapCount = Math.ceil(blockCount / blocksPerBitmap);
  // Without a parent there are no bitmaps, but the places of their entries before the last block.
  const entryCount =
    parentLocator === null
      ? blockCount + Math.max(0, bitmapCount - 1)
      : bitmapCount * (blocksPerBitmap + 1);
  const room = table.lengthBytes / ENTRY_BYTES;
  if (entryCount > room) {
    const message = `vhdx: the table of blocks has room for ${room} entries; the disk needs ${entryCount}`;
    throw new FormatError('INVALID', message, { data: { room, entryCount } });
  }
  const tableOffsetBytes = table.offsetBytes;
  // All of a block's bytes that the disk has are in the file: QEMU refuses an image that ends before.
  const end = fileEnd('vhdx', file.sizeBytes, 1);
  return { ...metadata, file, end, tableOffsetBytes, entryCount, blocksPerBitmap, regions };
}

/**
 * The extents of a range, up to the last block that shares the first one's bitmap: in order, without gaps, few.
 * @throws FormatError INVALID.
 */
export async function mapRange(
  layout: Layout,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const { file, blockBytes, blocksPerBitmap, tableOffsetBytes } = layout;
  const first = Math.floor(offset / blockBytes);
  const chunk = Math.floor(first / blocksPerBitmap);
  const lastBlock = Math.min(first + MAX_BLOCKS, (chunk + 1) * blocksPerBitmap);
  const end = Math.min(offset + wantedBytes, lastBlock * blockBytes);
  const count = Math.ceil(end / blockBytes) - first;
  const at = tableOffsetBytes + (first + chunk) * ENTRY_BYTES;
  const entries = vhdxTableEntryRecords(await file.read(at, count * ENTRY_BYTES));
  const extents = extentBuilder(layout.end);
  for (let i = 0; i < count && extents.count < MAX_EXTENTS; i++) {
    const block = first + i;
    const place = placeOf(layout, `block ${block}`, entries.at(i), blockBytes);
    const from = Math.max(offset, block * blockBytes);
    const to = Math.min(end, (block + 1) * blockBytes);
    if (place.kind === 'partial') {
      const last = Math.min(to, from + MAX_MAPPED_BYTES);
      await mapSectors(layout, block, place.hostBytes, from, last, extents);
      if (last < to) break;
    } else if (place.kind === 'data') {
      const hostOffsetBytes = place.hostBytes + (from - block * blockBytes);
      extents.data(from, to - from, hostOffsetBytes);
    } else extents.plain(place.kind, from, to - from);
  }
  return extents.finish();
}

/**
 * Adds the extents of a block by its bitmap: the sector of a set bit is in this image, that of a clear one in the parent.
 */
async function mapSectors(
  layout: Layout,
  block: number,
  hostBytes: number,
  from: number,
  to: number,
  extents: ExtentBuilder,
): Promise<void> {
  const { file, blockBytes, sectorBytes, blocksPerBitmap, tableOffsetBytes } = layout;
  const chunk = Math.floor(block / blocksPerBitmap);
  const index = (chunk + 1) * blocksPerBitmap + chunk;
  const at = tableOffsetBytes + index * ENTRY_BYTES;
  const entry = vhdxTableEntryRecords(await file.read(at, ENTRY_BYTES)).at(0);
  const place = placeOf(layout, `bitmap ${chunk}`, entry, MIB);
  if (place.kind !== 'data') {
    const message = `vhdx: block ${block} is there in part, and the bitmap of its sectors is not there`;
    throw new FormatError('INVALID', message, { data: { block } });
  }
  const start = block * blockBytes;
  const { firstByte, byteCount, startBytes } = bitmapPart(start, sectorBytes, from, to);
  const ofBlock = (block % blocksPerBitmap) * (blockBytes / sectorBytes / 8);
  const bitmapAt = place.hostBytes + ofBlock + firstByte;
  if (bitmapAt + byteCount > file.sizeBytes) {
    extents.missing(from, to - from, bitmapAt, place.hostBytes + MIB);
    return;
  }
  const bytes = await file.read(bitmapAt, byteCount);
  const host = hostBytes + (startBytes - start);
  const bitmap = {
    bytes,
    order: 'lowest first',
    sectorBytes,
    startBytes,
    hostBytes: host,
  } as const;
  appendSectors(extents, bitmap, from, to);
}

/** Where the block of an entry is. */
type EntryPlace =
  | { readonly kind: 'backing' | 'zero' }
  | { readonly kind: 'data' | 'partial'; readonly hostBytes: number };

/** Where an entry of the table puts its block. @throws FormatError INVALID, OUT_OF_BOUNDS. */
export function placeOf(
  { parentLocator, regions }: Layout,
  what: string,
  entry: GuestVhdxTableEntry,
  lengthBytes: number,
): EntryPlace {
  const state = int(entry.state, `vhdx: state of ${what}`, 0, 7);
  if (state === VhdxBlockState.NOT_PRESENT) return { kind: 'backing' };
  if (ZERO_STATES.has(state)) return { kind: 'zero' };
  const isPartial = state === VhdxBlockState.PARTIALLY_PRESENT;
  if (state !== VhdxBlockState.FULLY_PRESENT && !(isPartial && parentLocator !== null)) {
    const message = `vhdx: ${what} has state ${state}, which it cannot have in this image`;
    throw new FormatError('INVALID', message, { data: { state } });
  }
  const hostBytes = int(entry.ofsBlock, `vhdx: place in MiB of ${what}`, 1, MAX_MIB) * MIB;
  const region = regions.find(
    (one) =>
      hostBytes < one.offsetBytes + one.lengthBytes && one.offsetBytes < hostBytes + lengthBytes,
  );
  if (region !== undefined) {
    const message = `vhdx: ${what} at ${hostBytes} lies over the ${region.name} at ${region.offsetBytes}`;
    throw new FormatError('INVALID', message, { data: { hostBytes } });
  }
  return { kind: isPartial ? 'partial' : 'data', hostBytes };
}
