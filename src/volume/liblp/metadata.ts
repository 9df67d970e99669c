// The partitions of one slot of a super partition, from the slot's metadata or from their copy.
// References: AOSP system/core/fs_mgr/liblp/reader.cpp ParseMetadata(), ReadPrimaryMetadata(), ReadBackupMetadata().
import {
  type GuestLiblpHeader,
  LiblpTargetKind,
  liblpDeviceRecords,
  liblpExtentRecords,
  liblpPartitionRecords,
  parseLiblpHeader,
} from '../../../generated/volume/liblp.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { firstSound } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, int, text } from '../../validation/guest.js';
import { type Geometry, matches, sumOf } from './geometry.js';

/** A run of a logical partition. */
interface LogicalExtent {
  /** Offset on the super partition; null for zeros. */
  readonly offsetBytes: number | null;
  readonly lengthBytes: number;
  /** Whether it lies on the device that holds the metadata. */
  readonly isOurs: boolean;
}

export interface LogicalPartition {
  /** Printable. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Without zeros. */
  readonly linearBytes: number;
  readonly extents: readonly LogicalExtent[];
}

export interface Metadata {
  readonly version: string;
  /** The name of the super partition: `super`. */
  readonly name: string | null;
  readonly partitions: readonly LogicalPartition[];
}

const GEOMETRIES_END = 12_288;
const HEADER_BYTES = 128;
const MAX_HEADER_BYTES = 4096;
const HEADER_CHECKSUM_AT = 12;
const MAJOR_VERSION = 10;
const MAX_MINOR_VERSION = 1000;
const PARTITION_BYTES = 52;
const EXTENT_BYTES = 24;
const DEVICE_BYTES = 64;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);

/** @throws FormatError what is wrong with the first copy, if both are; UnsupportedError UNSUPPORTED_FEATURE. */
export async function readMetadata(
  source: ByteSource,
  { slotCount, metadataMaxBytes }: Geometry,
  slot: number,
): Promise<Metadata> {
  const primary = GEOMETRIES_END + slot * metadataMaxBytes;
  const backup = primary + slotCount * metadataMaxBytes;
  const metadata = await firstSound([primary, backup], (at) =>
    readCopy(source, at, metadataMaxBytes),
  );
  if (metadata === null) throw new Error('neither copy gave metadata or an error');
  return metadata;
}

async function readCopy(source: ByteSource, at: number, maxBytes: number): Promise<Metadata> {
  if (at + HEADER_BYTES > source.sizeBytes) {
    const message = `liblp: the metadata at ${at} are behind the end at ${source.sizeBytes}`;
    throw new FormatError('TRUNCATED', message, { data: { at } });
  }
  const bytes = await source.read(at, Math.min(maxBytes, source.sizeBytes - at));
  const header = parseLiblpHeader(bytes.subarray(0, HEADER_BYTES));
  if (!equals(header.majorVersion, MAJOR_VERSION)) {
    const message = `liblp: the metadata are not of version ${MAJOR_VERSION}, the only one that is read`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const maxHeader = Math.min(MAX_HEADER_BYTES, bytes.length);
  const headerBytes = int(header.lenHeader, 'liblp: size of the header', HEADER_BYTES, maxHeader);
  checkSum(bytes.subarray(0, headerBytes), HEADER_CHECKSUM_AT, header.headerChecksum, 'header');
  const room = bytes.length - headerBytes;
  const tablesBytes = int(header.lenTables, 'liblp: size of the tables', 0, room);
  const tables = bytes.subarray(headerBytes, headerBytes + tablesBytes);
  checkSum(tables, null, header.tablesChecksum, 'tables');
  const minor = int(header.minorVersion, 'liblp: minor version', 0, MAX_MINOR_VERSION);
  const devices = liblpDeviceRecords(tableOf(tables, header.devices, DEVICE_BYTES, 'devices'));
  return {
    version: `${MAJOR_VERSION}.${minor}`,
    name: devices.length === 0 ? null : text(devices.at(0).name) || null,
    partitions: partitionsOf(tables, header),
  };
}

function checkSum(
  bytes: Uint8Array,
  checksumAt: number | null,
  stored: Uint8Array,
  what: string,
): void {
  if (matches(sumOf(bytes, checksumAt), stored)) return;
  throw new FormatError(
    'BAD_CHECKSUM',
    `liblp: the ${what} of the metadata do not match the SHA-256`,
  );
}

/** The entries of a table; newer versions may have made them longer, which is not known yet. */
function tableOf(
  tables: Uint8Array,
  { ofsTable, numEntries, lenEntry }: GuestLiblpHeader['partitions'],
  entryBytes: number,
  what: string,
): Uint8Array {
  int(lenEntry, `liblp: size of an entry of the ${what}`, entryBytes, entryBytes);
  const offset = int(ofsTable, `liblp: offset of the ${what}`, 0, tables.length);
  const room = Math.floor((tables.length - offset) / entryBytes);
  const count = int(numEntries, `liblp: number of ${what}`, 0, room);
  return tables.subarray(offset, offset + count * entryBytes);
}

function partitionsOf(tables: Uint8Array, header: GuestLiblpHeader): readonly LogicalPartition[] {
  const table = tableOf(tables, header.partitions, PARTITION_BYTES, 'partitions');
  const partitions = liblpPartitionRecords(table);
  const extents = extentsOf(tables, header);
  let left = extents.length;
  return Array.from({ length: partitions.length }, (_, i) => {
    const partition = partitions.at(i);
    const name = text(partition.name);
    const { length } = extents;
    const first = int(partition.firstExtent, `liblp: first extent of ${name}`, 0, length);
    // Each extent is of one partition, so that all partitions have no more of them than there are.
    const room = Math.min(left, length - first);
    const count = int(partition.numExtents, `liblp: number of extents of ${name}`, 0, room);
    left -= count;
    const own = extents.slice(first, first + count);
    const bytesOf = (some: readonly LogicalExtent[]) =>
      some.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    const linearBytes = bytesOf(own.filter(({ offsetBytes }) => offsetBytes !== null));
    return { name, sizeBytes: bytesOf(own), linearBytes, extents: own };
  });
}

function extentsOf(tables: Uint8Array, header: GuestLiblpHeader): readonly LogicalExtent[] {
  const records = liblpExtentRecords(tableOf(tables, header.extents, EXTENT_BYTES, 'extents'));
  let left = MAX_SECTORS;
  return Array.from({ length: records.length }, (_, i) => {
    const record = records.at(i);
    const sectors = int(record.numSectors, `liblp: sectors of extent ${i}`, 0, left);
    left -= sectors;
    const lengthBytes = sectors * SECTOR_BYTES;
    if (equals(record.targetKind, LiblpTargetKind.ZERO)) {
      return { offsetBytes: null, lengthBytes, isOurs: true };
    }
    if (!equals(record.targetKind, LiblpTargetKind.LINEAR)) {
      const message = `liblp: extent ${i} is of a kind that is not known`;
      throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
    }
    const what = `liblp: first sector of extent ${i}`;
    const offsetBytes = int(record.firstSector, what, 0, MAX_SECTORS - sectors) * SECTOR_BYTES;
    return { offsetBytes, lengthBytes, isOurs: equals(record.device, 0) };
  });
}
