// The boot sector of an NTFS volume: the first sector, or its copy in the last one.
// References: ntfs-3g libntfs-3g/bootsect.c (ntfs_boot_sector_is_ntfs, ntfs_boot_sector_parse);
// Linux fs/ntfs3/super.c (ntfs_init_from_boot); util-linux libblkid/src/superblocks/ntfs.c.
import { type GuestNtfs, parseNtfs } from '../../../generated/filesystem/ntfs.js';
import { firstSound } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, int, powerOfTwo, u64 } from '../../validation/guest.js';

export const BOOT_BYTES = 512;
const SYSTEM_ID = 'NTFS    ';
const MAX_CLUSTER_BYTES = 2 * MIB;
/** Where a byte of sectors or records for a cluster ends being a count, and is a logarithm. */
const MAX_CLUSTER_SECTORS = 128;
const MIN_RECORD_BYTES = 512;
const MAX_RECORD_BYTES = 64 * 1024;
/** Cluster numbers have 32 bits in Windows. */
const MAX_CLUSTERS = 2 ** 32;
/** Of a volume that may be cut. */
const ANY_SIZE = Number.MAX_SAFE_INTEGER;

export interface Geometry {
  readonly sectorBytes: number;
  readonly clusterBytes: number;
  readonly clusterCount: number;
  /** Of the volume, as it says. */
  readonly endBytes: number;
  /** Of a record of the master file table. */
  readonly recordBytes: number;
  readonly mftOffsetBytes: number;
  readonly mirrorOffsetBytes: number;
  /** The serial number as blkid writes it. */
  readonly uuid: string | null;
}

/** @throws FormatError when neither the boot sector nor its copy makes sense. */
export async function readGeometry(source: ByteSource): Promise<Geometry> {
  // The copy is in the last sector, whose size is not known without it.
  const ends = [BOOT_BYTES, 4096].map(
    (sectorBytes) => Math.floor(source.sizeBytes / sectorBytes - 1) * sectorBytes,
  );
  const offsets = [0, ...ends.filter((offset) => offset > 0)];
  // A copy that fits is better than a boot sector that does not, but of a volume that is cut there is no other.
  const attempts = [
    ...offsets.map((at) => [at, source.sizeBytes] as const),
    [0, ANY_SIZE] as const,
  ];
  const geometry = await firstSound(attempts, ([at, maxBytes]) => geometryAt(source, at, maxBytes));
  if (geometry !== null) return geometry;
  throw new FormatError('BAD_MAGIC', 'ntfs: there is no boot sector');
}

async function geometryAt(source: ByteSource, offset: number, maxBytes: number): Promise<Geometry> {
  const boot = parseNtfs(await source.read(offset, Math.min(BOOT_BYTES, source.sizeBytes)));
  if (Buffer.from(boot.systemId).toString('latin1') !== SYSTEM_ID) {
    throw new FormatError('BAD_MAGIC', `ntfs: the sector at ${offset} is no boot sector of NTFS`);
  }
  checkUnused(boot);
  const sectorBytes = powerOfTwo(boot.lenSector, 'ntfs: bytes of a sector', 256, 4096);
  const clusterBytes = readClusterBytes(boot, sectorBytes);
  const clusterSectors = clusterBytes / sectorBytes;
  const sectorCount = int(
    boot.numSectors,
    'ntfs: number of sectors',
    clusterSectors,
    Math.floor(maxBytes / sectorBytes),
  );
  const clusterCount = Math.floor(sectorCount / clusterSectors);
  if (clusterCount > MAX_CLUSTERS) {
    const message = `ntfs: ${clusterCount} clusters are more than the ${MAX_CLUSTERS} that a volume may have`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { clusterCount } });
  }
  const offsetOf = (cluster: GuestNtfs['mftCluster'], what: string) =>
    int(cluster, `ntfs: cluster of ${what}`, 0, clusterCount - 1) * clusterBytes;
  const serial = u64(boot.serial);
  return {
    sectorBytes,
    clusterBytes,
    clusterCount,
    // Behind the sectors that it counts lies the copy of the boot sector.
    endBytes: (sectorCount + 1) * sectorBytes,
    recordBytes: readRecordBytes(boot, clusterBytes),
    mftOffsetBytes: offsetOf(boot.mftCluster, '$MFT'),
    mirrorOffsetBytes: offsetOf(boot.mftMirrorCluster, '$MFTMirr'),
    uuid: serial === 0n ? null : serial.toString(16).toUpperCase().padStart(16, '0'),
  };
}

/** Fields that a FAT's boot sector uses are zero on NTFS. */
function checkUnused(boot: GuestNtfs): void {
  const fields = [
    boot.numReservedSectors,
    boot.numFats,
    boot.numRootEntries,
    boot.numSectorsFat,
    boot.lenFat,
    boot.numSectorsFat32,
  ];
  if (fields.every((field) => equals(field, 0))) return;
  throw new FormatError('INVALID', "ntfs: the boot sector has fields of a FAT's");
}

/** Above 128, the byte is the negative logarithm of the sectors, in eight bits. */
function readClusterBytes(boot: GuestNtfs, sectorBytes: number): number {
  const raw = int(boot.clusterSectors, 'ntfs: sectors of a cluster', 1, 0xff);
  const sectors =
    raw > MAX_CLUSTER_SECTORS
      ? 2 ** (256 - raw)
      : powerOfTwo(boot.clusterSectors, 'ntfs: sectors of a cluster', 1, MAX_CLUSTER_SECTORS);
  const clusterBytes = sectors * sectorBytes;
  if (clusterBytes <= MAX_CLUSTER_BYTES) return clusterBytes;
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `ntfs: clusters of ${clusterBytes} bytes are larger than ${MAX_CLUSTER_BYTES}`,
    { data: { clusterBytes } },
  );
}

function readRecordBytes(boot: GuestNtfs, clusterBytes: number): number {
  const raw = int(boot.recordClusters, 'ntfs: clusters of a record', -31, 64);
  const bytes = raw < 0 ? 2 ** -raw : raw * clusterBytes;
  if (bytes >= MIN_RECORD_BYTES && bytes <= MAX_RECORD_BYTES && Number.isInteger(Math.log2(bytes)))
    return bytes;
  throw new FormatError(
    'INVALID',
    `ntfs: records of ${bytes} bytes are not a power of two in ${MIN_RECORD_BYTES}..${MAX_RECORD_BYTES}`,
    { data: { bytes } },
  );
}
