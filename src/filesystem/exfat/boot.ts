// The boot region of an exFAT volume: twelve sectors, of which the last one holds the checksum of the others.
// References: Linux 6.1 fs/exfat/super.c: exfat_read_boot_sector, exfat_verify_boot_region, exfat_calc_boot_checksum.
import {
  exfatChecksumRecords,
  type GuestExfat,
  parseExfat,
} from '../../../generated/filesystem/exfat.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int, u16, u32 } from '../../validation/guest.js';
import { FIRST_CLUSTER } from '../fat/chain.js';
import type { FilesystemIdentity } from '../fault.js';
import { bootChecksum } from './checksum.js';

const BOOT_SECTOR_BYTES = 512;
const CHECKED_SECTORS = 11;
const MIN_LOG_SECTOR = 9;
const MAX_LOG_SECTOR = 12;
/** 32 MiB. */
const MAX_LOG_CLUSTER = 25;
const MAX_CLUSTERS = 2 ** 32 - 11;
const CHAIN_ENTRY_BYTES = 4;

export interface Boot {
  readonly clusterBytes: number;
  readonly clusterCount: number;
  readonly sectorBytes: number;
  readonly fatOffsetBytes: number;
  /** Of one table, of which there may be two. */
  readonly fatBytes: number;
  readonly fatCount: number;
  /** Of the volume, as it says. */
  readonly endBytes: number;
  /** Where cluster 2 begins. */
  readonly dataOffsetBytes: number;
  readonly rootCluster: number;
}

/** @throws FormatError BAD_MAGIC, TRUNCATED */
export async function readBootSector(source: ByteSource): Promise<GuestExfat> {
  return parseExfat(await source.read(0, Math.min(BOOT_SECTOR_BYTES, source.sizeBytes)));
}

/** What the boot sector says before it is checked: the serial number as blkid writes it, a version as `1.0`. */
export function identityOf({ serial, revision }: GuestExfat): FilesystemIdentity {
  const uuid = serialText(u32(serial));
  return { type: 'exfat', label: null, uuid, version: versionText(u16(revision)) };
}

/** @throws FormatError BAD_CHECKSUM, OUT_OF_BOUNDS, INVALID, TRUNCATED */
export async function readBoot(source: ByteSource, guest: GuestExfat): Promise<Boot> {
  if (guest.mustBeZero.some((byte) => byte !== 0)) {
    throw new FormatError('INVALID', 'exfat: there is something where FAT has its parameters');
  }
  const logSector = int(
    guest.logSector,
    'exfat: BytesPerSectorShift',
    MIN_LOG_SECTOR,
    MAX_LOG_SECTOR,
  );
  const sectorBytes = 2 ** logSector;
  await checkRegion(source, sectorBytes);
  return readFields(guest, logSector);
}

async function checkRegion(source: ByteSource, sectorBytes: number): Promise<void> {
  const regionBytes = (CHECKED_SECTORS + 1) * sectorBytes;
  const available = Math.min(regionBytes, source.sizeBytes);
  if (available < regionBytes) {
    const words = `the boot region of ${regionBytes} bytes is cut off at ${available}`;
    throw new FormatError('TRUNCATED', `exfat: ${words}`);
  }
  const region = await source.read(0, regionBytes);
  const expected = bootChecksum(region.subarray(0, CHECKED_SECTORS * sectorBytes));
  const stored = exfatChecksumRecords(region.subarray(CHECKED_SECTORS * sectorBytes));
  for (let i = 0; i < stored.length; i++) {
    if (equals(stored.at(i).value, expected)) continue;
    throw new FormatError('BAD_CHECKSUM', 'exfat: the checksum of the boot region does not match');
  }
}

function readFields(guest: GuestExfat, logSector: number): Boot {
  const sectorBytes = 2 ** logSector;
  const maxShift = MAX_LOG_CLUSTER - logSector;
  const shift = int(guest.logClusterSectors, 'exfat: SectorsPerClusterShift', 0, maxShift);
  const clusterBytes = sectorBytes * 2 ** shift;
  const maxSectors = Math.floor(Number.MAX_SAFE_INTEGER / sectorBytes);
  const sectorCount = int(guest.numSectors, 'exfat: VolumeLength', 1, maxSectors);
  const clusterCount = int(guest.numClusters, 'exfat: ClusterCount', 1, MAX_CLUSTERS);
  const fatCount = int(guest.numFats, 'exfat: NumberOfFats', 1, 2);
  const fatSector = int(guest.fatSector, 'exfat: FatOffset', CHECKED_SECTORS + 1, sectorCount);
  const fatSectors = int(guest.numFatSectors, 'exfat: FatLength', 1, sectorCount);
  const dataSector = int(guest.dataSector, 'exfat: ClusterHeapOffset', 1, sectorCount);
  const lastCluster = clusterCount + FIRST_CLUSTER - 1;
  if (fatSectors * sectorBytes < (lastCluster + 1) * CHAIN_ENTRY_BYTES) {
    const words = `a FAT of ${fatSectors} sectors is too short for ${clusterCount} clusters`;
    throw new FormatError('INVALID', `exfat: ${words}`);
  }
  if (dataSector < fatSector + fatSectors * fatCount) {
    throw new FormatError('INVALID', `exfat: clusters begin at sector ${dataSector}, in a FAT`);
  }
  const dataOffsetBytes = dataSector * sectorBytes;
  if (dataOffsetBytes + clusterCount * clusterBytes > sectorCount * sectorBytes) {
    const words = `${clusterCount} clusters of ${clusterBytes} bytes end beyond the volume's ${sectorCount} sectors`;
    throw new FormatError('OUT_OF_BOUNDS', `exfat: ${words}`);
  }
  return {
    clusterBytes,
    clusterCount,
    sectorBytes,
    endBytes: sectorCount * sectorBytes,
    fatOffsetBytes: fatSector * sectorBytes,
    fatBytes: fatSectors * sectorBytes,
    fatCount,
    dataOffsetBytes,
    rootCluster: int(guest.rootCluster, 'exfat: root cluster', FIRST_CLUSTER, lastCluster),
  };
}

/** The major version is the upper byte, the minor one the lower. */
function versionText(revision: number): string {
  return `${Math.floor(revision / 256)}.${revision % 256}`;
}

function serialText(serial: number): string | null {
  if (serial === 0) return null;
  const digits = serial.toString(16).toUpperCase().padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}
