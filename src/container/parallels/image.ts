// One expandable image of Parallels: a header, the block allocation table, clusters.
// References: QEMU docs/interop/parallels.txt; QEMU block/parallels.c parallels_open(), bat2sect();
// QEMU tests/qemu-iotests/076 for images that must be refused.
import {
  type GuestParallels,
  type GuestParallelsEntry,
  ParallelsInUse,
  parallelsEntryRecords,
  parseParallels,
} from '../../../generated/container/parallels.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { HostFile } from '../../host/scope.js';
import { equals, int, u64 } from '../../validation/guest.js';
import { type ContainerContext, type Disk, layerOf } from '../container.js';
import {
  type BlockPlace,
  type BlockTable,
  inspectBlocks,
  mapBlocks,
} from '../tables/block-table.js';
import { extentContent } from '../tables/extents.js';
import { type FileEnd, fileEnd } from '../tables/file-end.js';

interface Header {
  readonly magic: string;
  /** Sectors that an entry of the table counts in. */
  readonly unitSectors: number;
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly entryCount: number;
  /** Where the clusters begin, behind the header and the table. */
  readonly dataOffsetBytes: number;
  readonly features: readonly string[];
}

export const HEADER_BYTES = 64;
const ENTRY_BYTES = 4;
const VERSION = 2;
const PLAIN_MAGIC = 'WithoutFreeSpace';
const EXTENDED_MAGIC = 'WithouFreSpacExt';
/** QEMU's own limit. */
const MAX_CLUSTER_SECTORS = Math.floor((2 ** 31 - 1) / (SECTOR_BYTES + 1));
const MAX_ENTRIES = 2 ** 29 - 1;
const MAX_DISK_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);

/** Whether the file begins as an image does. */
export async function isImage(file: ByteSource): Promise<boolean> {
  const head = await file.read(0, Math.min(PLAIN_MAGIC.length, file.sizeBytes));
  const magic = Buffer.from(head).toString('latin1');
  return magic === PLAIN_MAGIC || magic === EXTENDED_MAGIC;
}

/** The disk of one image, without its parent. @throws FormatError, UnsupportedError. */
export async function openImage(file: HostFile, { scope }: ContainerContext): Promise<Disk> {
  const header = await readHeader(file);
  const { sizeBytes, clusterBytes, dataOffsetBytes, features } = header;
  const end = fileEnd('parallels', file.sizeBytes, clusterBytes);
  const table = blockTable(file, header, end);
  const map = (offset: number, length: number) => mapBlocks(table, offset, length);
  const content = extentContent({
    format: 'parallels',
    sizeBytes,
    scope,
    map,
    file,
    data: file,
    backing: null,
    decompress: null,
  });
  const layer = layerOf(file, 'parallels', {
    version: header.magic,
    features,
    clusterBytes,
    capacityBytes: sizeBytes,
    cut: end.cut,
    map,
    inspect: () => inspectBlocks(table, dataOffsetBytes, scope),
  });
  return { content, layer };
}

async function readHeader(file: ByteSource): Promise<Header> {
  const header = parseParallels(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  if (!equals(header.version, VERSION)) {
    const version = int(header.version, 'parallels: version', 0, 2 ** 32);
    const message = `parallels: the image is of version ${version}; version ${VERSION} can be read`;
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message, { data: { version } });
  }
  const isExtended = equals(header.magic, EXTENDED_MAGIC);
  const clusterSectors = int(
    header.lenClusterSectors,
    'parallels: sectors of a cluster',
    1,
    MAX_CLUSTER_SECTORS,
  );
  const entryCount = int(header.numEntries, 'parallels: number of entries', 0, MAX_ENTRIES);
  const tableEnd = HEADER_BYTES + entryCount * ENTRY_BYTES;
  if (tableEnd > file.sizeBytes) {
    throw new FormatError(
      'TRUNCATED',
      `parallels: the table of ${entryCount} entries ends at ${tableEnd}, the file at ${file.sizeBytes}`,
      { data: { entryCount, sizeBytes: file.sizeBytes } },
    );
  }
  const dataOffset = int(header.ofsDataSectors, 'parallels: data_off', 0, 2 ** 32) * SECTOR_BYTES;
  return {
    magic: isExtended ? EXTENDED_MAGIC : PLAIN_MAGIC,
    unitSectors: isExtended ? clusterSectors : 1,
    sizeBytes: diskSectors(header, isExtended) * SECTOR_BYTES,
    clusterBytes: clusterSectors * SECTOR_BYTES,
    entryCount,
    dataOffsetBytes: Math.max(dataOffset, tableEnd),
    features: [
      ...(equals(header.inUse, ParallelsInUse.IN_USE) ? ['dirty'] : []),
      ...(equals(header.ofsExtensionSectors, 0) ? [] : ['extension']),
    ],
  };
}

/** The size of the disk. The older format uses 4 bytes of the field; the other 4 are not defined there. */
function diskSectors({ lenDiskSectors }: GuestParallels, isExtended: boolean): number {
  const what = 'parallels: sectors of the disk';
  if (isExtended) return int(lenDiskSectors, what, 0, MAX_DISK_SECTORS);
  return Number(u64(lenDiskSectors) % 2n ** 32n);
}

function blockTable(file: ByteSource, header: Header, end: FileEnd): BlockTable {
  const { sizeBytes, clusterBytes, entryCount } = header;
  return {
    sizeBytes,
    blockBytes: clusterBytes,
    entryCount,
    end,
    async places(firstBlock, blockCount) {
      const offset = HEADER_BYTES + firstBlock * ENTRY_BYTES;
      const records = parallelsEntryRecords(await file.read(offset, blockCount * ENTRY_BYTES));
      return Array.from({ length: blockCount }, (_, i) =>
        placeOf(records.at(i), firstBlock + i, header),
      );
    },
  };
}

function placeOf(
  { position }: GuestParallelsEntry,
  block: number,
  { unitSectors, clusterBytes }: Header,
): BlockPlace {
  if (equals(position, 0)) return 'backing';
  const unitBytes = unitSectors * SECTOR_BYTES;
  const last = Math.floor((Number.MAX_SAFE_INTEGER - clusterBytes) / unitBytes);
  return int(position, `parallels: place of cluster ${block}`, 1, last) * unitBytes;
}
