// Bochs: a growing image of extents, each with a bitmap of the sectors that were written to it.
// References: QEMU block/bochs.c bochs_open(), seek_to_sector(); Bochs iodev/hdimage/hdimage.h;
// QEMU tests/qemu-iotests/078 for images that must be refused.
import {
  bochsEntryRecords,
  type GuestBochs,
  parseBochs,
  parseBochsSizeV1,
  parseBochsSizeV2,
} from '../../generated/container/bochs.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { Scope } from '../host/scope.js';
import { MIB } from '../limits.js';
import { equals, int, powerOfTwo, text } from '../validation/guest.js';
import { type ContainerFormat, type Inspection, layerOf } from './container.js';
import type { DiskExtent } from './tables/disk-extent.js';
import { type ExtentBuilder, extentBuilder } from './tables/extent-builder.js';
import { extentContent } from './tables/extents.js';

interface Header {
  readonly version: string;
  readonly sizeBytes: number;
  readonly catalogOffsetBytes: number;
  readonly extentBytes: number;
  /** The bitmap's length, padded to whole sectors. */
  readonly bitmapBytes: number;
  /** Where the first extent of the file begins. */
  readonly dataOffsetBytes: number;
}

const HEADER_BYTES = 512;
const SIZE_OFFSET = 84;
const ENTRY_BYTES = 4;
const NOT_ALLOCATED = 0xffffffff;
const VERSIONS = [0x00010000, 0x00020000] as const;
/** QEMU's own limits. */
const MAX_ENTRIES = 0x100000;
const MAX_EXTENT_BYTES = 8 * MIB;
/** One page of the catalog. */
const ENTRIES_AT_ONCE = 1024;
const BITMAPS_AT_ONCE = 64;

export const bochs: ContainerFormat = {
  name: 'bochs',
  async probe(file) {
    return file.sizeBytes >= HEADER_BYTES;
  },
  async open(file, { scope }) {
    const header = await readHeader(file);
    const { sizeBytes, version, extentBytes } = header;
    const map = (offset: number, length: number) => mapRange(file, header, offset, length);
    const content = extentContent({
      format: 'bochs',
      sizeBytes,
      scope,
      map,
      file,
      data: file,
      backing: null,
      decompress: null,
    });
    const layer = layerOf(file, 'bochs', {
      version,
      features: ['growing'],
      clusterBytes: extentBytes,
      capacityBytes: sizeBytes,
      map,
      inspect: () => inspect(file, header, scope),
    });
    return { content, layer };
  },
};

async function readHeader(file: ByteSource): Promise<Header> {
  const bytes = await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes));
  const header = parseBochs(bytes);
  refuseOtherKinds(header);
  const isOld = equals(header.version, VERSIONS[0]);
  if (!isOld && !equals(header.version, VERSIONS[1])) {
    const version = int(header.version, 'bochs: version', 0, 2 ** 32).toString(16);
    const message = `bochs: the image is of version 0x${version}; versions 0x10000 and 0x20000 can be read`;
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message, { data: { version } });
  }
  const size = bytes.subarray(SIZE_OFFSET);
  const { lenDisk } = isOld ? parseBochsSizeV1(size) : parseBochsSizeV2(size);
  const extentBytes = powerOfTwo(
    header.lenExtent,
    'bochs: extent size',
    SECTOR_BYTES,
    MAX_EXTENT_BYTES,
  );
  const sizeBytes = int(lenDisk, 'bochs: disk size', 0, MAX_ENTRIES * extentBytes);
  const entryCount = int(
    header.numEntries,
    'bochs: entries of the catalog',
    Math.ceil(sizeBytes / extentBytes),
    MAX_ENTRIES,
  );
  const minBitmapBytes = Math.ceil(extentBytes / SECTOR_BYTES / 8);
  const bitmapBytes = int(header.lenBitmap, 'bochs: bitmap size', minBitmapBytes, MIB);
  const catalogOffsetBytes = int(header.lenHeader, 'bochs: header size', SIZE_OFFSET, MIB);
  const dataOffsetBytes = catalogOffsetBytes + entryCount * ENTRY_BYTES;
  if (dataOffsetBytes > file.sizeBytes) {
    throw new FormatError(
      'TRUNCATED',
      `bochs: the catalog of ${entryCount} entries ends at ${dataOffsetBytes}, the file at ${file.sizeBytes}`,
      { data: { entryCount, sizeBytes: file.sizeBytes } },
    );
  }
  return {
    version: isOld ? '1' : '2',
    sizeBytes,
    catalogOffsetBytes,
    extentBytes,
    bitmapBytes: Math.ceil(bitmapBytes / SECTOR_BYTES) * SECTOR_BYTES,
    dataOffsetBytes,
  };
}

/** An undoable or volatile redolog lies over an image that it does not name. */
function refuseOtherKinds({ kind, subkind }: GuestBochs): void {
  if (equals(kind, 'Redolog') && equals(subkind, 'Growing')) return;
  const name = `${text(kind)} ${text(subkind)}`;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `bochs: the image is of kind "${name}"; only "Redolog Growing" can be read alone. ` +
      'bximage -func=commit puts an undoable one into its base image',
    { data: { kind: name } },
  );
}

/** The extents of a range as far as one page of the catalog covers it, or so many bitmaps. */
async function mapRange(
  file: ByteSource,
  header: Header,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const { extentBytes } = header;
  const first = Math.floor(offset / extentBytes);
  const last = Math.floor(Math.max(offset, offset + wantedBytes - 1) / extentBytes);
  const extents = extentBuilder();
  let bitmapCount = 0;
  const places = await readPlaces(file, header, first, Math.min(last - first + 1, ENTRIES_AT_ONCE));
  for (const [i, place] of places.entries()) {
    const start = (first + i) * extentBytes;
    const from = Math.max(offset, start);
    const lengthBytes = Math.min(offset + wantedBytes, start + extentBytes) - from;
    if (place === null) extents.plain('backing', from, lengthBytes);
    else {
      if (++bitmapCount > BITMAPS_AT_ONCE) break;
      await mapExtent(
        file,
        header,
        { offsetBytes: from, lengthBytes, start, bitmapOffset: place },
        extents,
      );
    }
  }
  return extents.finish();
}

/** The part of one extent of Bochs's that a range touches. */
interface Part {
  /** Offset on the disk where the extent begins. */
  readonly start: number;
  readonly bitmapOffset: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Adds an extent for each run of sectors that the bitmap marks as written, or as not. */
async function mapExtent(
  file: ByteSource,
  { bitmapBytes }: Header,
  { start, bitmapOffset, offsetBytes, lengthBytes }: Part,
  extents: ExtentBuilder,
): Promise<void> {
  const end = offsetBytes + lengthBytes;
  const firstSector = Math.floor((offsetBytes - start) / SECTOR_BYTES);
  const lastSector = Math.floor(Math.max(offsetBytes - start, end - 1 - start) / SECTOR_BYTES);
  const firstByte = Math.floor(firstSector / 8);
  const byteCount = Math.floor(lastSector / 8) - firstByte + 1;
  const bitmap = await file.read(bitmapOffset + firstByte, byteCount);
  for (let sector = firstSector; sector <= lastSector; sector++) {
    const from = Math.max(offsetBytes, start + sector * SECTOR_BYTES);
    const to = Math.min(end, start + (sector + 1) * SECTOR_BYTES);
    if (!isWritten(bitmap, sector - firstByte * 8)) {
      extents.plain('backing', from, to - from);
      continue;
    }
    const hostOffsetBytes = bitmapOffset + bitmapBytes + (from - start);
    extents.data(from, to - from, hostOffsetBytes);
  }
}

function isWritten(bitmap: Uint8Array, sector: number): boolean {
  return Math.floor((bitmap[Math.floor(sector / 8)] ?? 0) / 2 ** (sector % 8)) % 2 === 1;
}

/** Where each extent of the disk begins in the file, which is with its bitmap; null if nothing was written to it. */
async function readPlaces(
  file: ByteSource,
  { catalogOffsetBytes, dataOffsetBytes, bitmapBytes, extentBytes }: Header,
  first: number,
  count: number,
): Promise<readonly (number | null)[]> {
  const offset = catalogOffsetBytes + first * ENTRY_BYTES;
  const entries = bochsEntryRecords(await file.read(offset, count * ENTRY_BYTES));
  const strideBytes = bitmapBytes + extentBytes;
  // The last one may be cut short, but not its bitmap.
  const last = Math.floor((file.sizeBytes - dataOffsetBytes - bitmapBytes) / strideBytes);
  return Array.from({ length: count }, (_, i) => {
    const { index } = entries.at(i);
    if (equals(index, NOT_ALLOCATED)) return null;
    return (
      dataOffsetBytes + int(index, `bochs: place of extent ${first + i}`, 0, last) * strideBytes
    );
  });
}

async function inspect(file: ByteSource, header: Header, scope: Scope): Promise<Inspection> {
  const { bitmapBytes, extentBytes } = header;
  let watermarkBytes = header.dataOffsetBytes;
  const extentCount = Math.ceil(header.sizeBytes / extentBytes);
  for (let first = 0; first < extentCount; first += ENTRIES_AT_ONCE) {
    scope.check();
    const count = Math.min(ENTRIES_AT_ONCE, extentCount - first);
    for (const place of await readPlaces(file, header, first, count)) {
      if (place === null) continue;
      watermarkBytes = Math.max(watermarkBytes, place + bitmapBytes + extentBytes);
    }
  }
  return { watermarkBytes, leakedClusterCount: null, snapshots: [] };
}
