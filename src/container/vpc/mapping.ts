// Maps a range of the guest's disk to the file: table of blocks -> bitmap of the block's sectors -> sector.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Block Allocation Table and Data Blocks".
import { type GuestVpcTableEntry, vpcTableEntryRecords } from '../../../generated/container/vpc.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, u32 } from '../../validation/guest.js';
import type { Inspection } from '../container.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { extentBuilder } from '../tables/extent-builder.js';
import type { FileEnd } from '../tables/file-end.js';
import {
  appendSectors,
  bitmapPart,
  MAX_EXTENTS,
  MAX_MAPPED_BYTES,
} from '../tables/sector-bitmap.js';
import { DYNAMIC_HEADER_BYTES } from './footer.js';
import { ENTRY_BYTES, type Layout } from './header.js';

const UNUSED = 0xffffffff;
/** Blocks of one answer: each may cost a read of its bitmap. */
const MAX_BLOCKS = 256;
/** Entries that a walk over the table reads at once. */
const WALK_ENTRIES = 16 * 1024;
/** Blocks whose places are compared with each other: as many as the largest disk has with blocks of the usual size. */
const MAX_COMPARED = 2 ** 20;

/** The extents of a range, in order, without gaps, as few as possible. @throws FormatError INVALID. */
export async function mapRange(
  file: ByteSource,
  layout: Layout,
  fileEnd: FileEnd,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const { blockBytes, bitmapBytes, tableOffsetBytes } = layout;
  const first = Math.floor(offset / blockBytes);
  const end = Math.min(offset + wantedBytes, (first + MAX_BLOCKS) * blockBytes);
  const count = Math.ceil(end / blockBytes) - first;
  const bytes = await file.read(tableOffsetBytes + first * ENTRY_BYTES, count * ENTRY_BYTES);
  const entries = vpcTableEntryRecords(bytes);
  const extents = extentBuilder(fileEnd);
  for (let i = 0; i < count && extents.count < MAX_EXTENTS; i++) {
    const block = first + i;
    const host = blockOffset(layout, block, entries.at(i));
    const from = Math.max(offset, block * blockBytes);
    const blockEnd = Math.min(end, (block + 1) * blockBytes);
    const to = host === null ? blockEnd : Math.min(blockEnd, from + MAX_MAPPED_BYTES);
    if (host === null) {
      extents.plain('backing', from, to - from);
      continue;
    }
    if (host + bitmapBytes > file.sizeBytes) {
      extents.missing(from, to - from, host, host + bitmapBytes + blockBytes);
      if (to < blockEnd) break;
      continue;
    }
    // A sector whose bit is not set was never written: it is the parent's, or zeros.
    const { firstByte, byteCount, startBytes } = bitmapPart(
      block * blockBytes,
      SECTOR_BYTES,
      from,
      to,
    );
    const bitmap = await file.read(host + firstByte, byteCount);
    const hostBytes = host + bitmapBytes + (startBytes - block * blockBytes);
    appendSectors(
      extents,
      { bytes: bitmap, order: 'highest first', sectorBytes: SECTOR_BYTES, startBytes, hostBytes },
      from,
      to,
    );
    if (to < blockEnd) break;
  }
  return extents.finish();
}

/** Where the block's bitmap begins, its data behind it; null if the block is not there. */
function blockOffset(layout: Layout, block: number, entry: GuestVpcTableEntry): number | null {
  if (equals(entry.sector, UNUSED)) return null;
  const host = u32(entry.sector) * SECTOR_BYTES;
  const { bitmapBytes, blockBytes, headerOffsetBytes, tableOffsetBytes, entryCount } = layout;
  const used = [
    ['copy of the footer', 0, SECTOR_BYTES],
    ['header', headerOffsetBytes, DYNAMIC_HEADER_BYTES],
    ['table of blocks', tableOffsetBytes, entryCount * ENTRY_BYTES],
  ] as const;
  for (const [what, start, length] of used) {
    if (host >= start + length || start >= host + bitmapBytes + blockBytes) continue;
    const message = `vpc: block ${block} at ${host} lies over the ${what} at ${start}`;
    throw new FormatError('INVALID', message, { data: { block, host, start } });
  }
  return host;
}

/**
 * Walks the whole table to find how far the file is used.
 * @throws FormatError INVALID for blocks that lie over each other or over the tables.
 */
export async function inspectBlocks(file: ByteSource, layout: Layout): Promise<Inspection> {
  const { tableOffsetBytes, entryCount, headerOffsetBytes, bitmapBytes, blockBytes } = layout;
  const strideBytes = bitmapBytes + blockBytes;
  const tableEnd = tableOffsetBytes + entryCount * ENTRY_BYTES;
  let watermarkBytes = Math.max(
    headerOffsetBytes + DYNAMIC_HEADER_BYTES,
    Math.ceil(tableEnd / SECTOR_BYTES) * SECTOR_BYTES,
  );
  const hosts: number[] = [];
  for (let first = 0; first < entryCount; first += WALK_ENTRIES) {
    const count = Math.min(WALK_ENTRIES, entryCount - first);
    const bytes = await file.read(tableOffsetBytes + first * ENTRY_BYTES, count * ENTRY_BYTES);
    const entries = vpcTableEntryRecords(bytes);
    for (let i = 0; i < count; i++) {
      const host = blockOffset(layout, first + i, entries.at(i));
      if (host === null) continue;
      watermarkBytes = Math.max(watermarkBytes, host + strideBytes);
      if (hosts.length < MAX_COMPARED) hosts.push(host);
    }
  }
  refuseOverlap(hosts, strideBytes);
  return { watermarkBytes, leakedClusterCount: null, snapshots: [] };
}

function refuseOverlap(hosts: readonly number[], strideBytes: number): void {
  const sorted = Float64Array.from(hosts).sort();
  for (let i = 1; i < sorted.length; i++) {
    const [before, host] = [sorted[i - 1] ?? 0, sorted[i] ?? 0];
    if (host - before >= strideBytes) continue;
    const message = `vpc: the blocks at ${before} and ${host} of the file lie over each other`;
    throw new FormatError('INVALID', message, { data: { before, host } });
  }
}
