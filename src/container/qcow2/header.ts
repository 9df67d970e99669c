// The header of a qcow2 image: the size and layout of the disk, and whether this program can read it.
// References: QEMU docs/interop/qcow2.rst "Header"; QEMU block/qcow2.c qcow2_do_open() for the limits;
// QEMU tests/qemu-iotests/080 for images that must be refused.
import {
  type GuestQcow2,
  parseQcow2,
  Qcow2CryptMethod,
} from '../../../generated/container/qcow2.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { invalidIn, UnsupportedError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, int } from '../../validation/guest.js';
import { type FeatureFields, NO_FEATURES, readFeatures, V2_HEADER_BYTES } from './features.js';

const invalid = invalidIn('qcow2: the image ');

/** How the clusters of an image are laid out. */
export interface Layout {
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  readonly clusterBits: number;
  readonly clusterBytes: number;
  /** Entries have subclusters and 16 bytes. */
  readonly hasExtendedL2: boolean;
  /** Version 2 has no zero clusters. */
  readonly version: number;
  readonly l1OffsetBytes: number;
  /** How many entries the L1 table has; behind the last one nothing is allocated. */
  readonly l1EntryCount: number;
  readonly compression: 'deflate' | 'zstd';
}

export interface Header extends Layout, FeatureFields {
  /** How clusters are encrypted; null if they are not. */
  readonly encryption: 'aes' | 'luks' | null;
  /** Where the name of the backing file is; null without one. */
  readonly backingName: { readonly offsetBytes: number; readonly lengthBytes: number } | null;
}

const MIN_CLUSTER_BITS = 9;
/** Subclusters are a 32nd of a cluster and not smaller than a sector. */
const MIN_EXTENDED_CLUSTER_BITS = 14;
const MAX_CLUSTER_BITS = 21;
export const MAX_L1_BYTES = 32 * MIB;
const MAX_BACKING_NAME_BYTES = 1023;
/** An entry of an L1 table, and of an L2 table that is not extended. */
export const ENTRY_BYTES = 8;

/** Size of an entry of an L2 table. */
export function l2EntryBytes({ hasExtendedL2 }: Pick<Layout, 'hasExtendedL2'>): number {
  return hasExtendedL2 ? 2 * ENTRY_BYTES : ENTRY_BYTES;
}

/** How much of the disk one L2 table, which has one cluster, describes. */
export function l2CoverageBytes(layout: Pick<Layout, 'clusterBytes' | 'hasExtendedL2'>): number {
  return (layout.clusterBytes / l2EntryBytes(layout)) * layout.clusterBytes;
}

/** The part of the header that all versions have. */
export async function readBase(file: ByteSource): Promise<GuestQcow2> {
  return parseQcow2(await file.read(0, Math.min(V2_HEADER_BYTES, file.sizeBytes)));
}

/** @throws FormatError; UnsupportedError UNSUPPORTED_FORMAT, UNSUPPORTED_FEATURE. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const base = await readBase(file);
  const version = readVersion(base);
  const clusterBits = int(
    base.clusterBits,
    'qcow2: cluster_bits',
    MIN_CLUSTER_BITS,
    MAX_CLUSTER_BITS,
  );
  const clusterBytes = 2 ** clusterBits;
  const features = version === 2 ? NO_FEATURES : await readFeatures(file, clusterBytes);
  if (features.hasExtendedL2 && clusterBits < MIN_EXTENDED_CLUSTER_BITS) {
    throw invalid(`has extended L2 entries and clusters of only ${clusterBytes} bytes`);
  }
  const lengthBytes = int(base.lenDisk, 'qcow2: disk size', 0, Number.MAX_SAFE_INTEGER);
  // A disk has whole sectors: a rest of less than one is cut off, as in QEMU.
  const sizeBytes = lengthBytes - (lengthBytes % SECTOR_BYTES);
  const coverage = l2CoverageBytes({ clusterBytes, hasExtendedL2: features.hasExtendedL2 });
  return {
    ...features,
    version,
    clusterBits,
    clusterBytes,
    sizeBytes,
    ...readL1(base, file, clusterBytes, Math.ceil(sizeBytes / coverage)),
    encryption: readEncryption(base),
    backingName: readBackingName(base, clusterBytes),
  };
}

function readVersion(base: GuestQcow2): 2 | 3 {
  if (equals(base.version, 2)) return 2;
  if (equals(base.version, 3)) return 3;
  const version = int(base.version, 'qcow2: version', 0, 2 ** 32);
  throw new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `qcow2: the image is of version ${version}; versions 2 and 3 can be read`,
    { data: { version } },
  );
}

function readEncryption({ cryptMethod }: GuestQcow2): Header['encryption'] {
  const { NONE, AES, LUKS } = Qcow2CryptMethod;
  const method = int(cryptMethod, 'qcow2: crypt_method', NONE, LUKS);
  return method === AES ? 'aes' : method === LUKS ? 'luks' : null;
}

/** Only the entries that the disk's size needs must be in the file: further ones are for a machine's saved memory. */
function readL1(
  base: GuestQcow2,
  file: ByteSource,
  clusterBytes: number,
  neededCount: number,
): Pick<Layout, 'l1OffsetBytes' | 'l1EntryCount'> {
  const count = int(base.numL1Entries, 'qcow2: l1_size', 0, MAX_L1_BYTES / ENTRY_BYTES);
  if (count < neededCount) {
    throw invalid(`has an L1 table of ${count} entries; its disk needs ${neededCount}`);
  }
  const end = file.sizeBytes - neededCount * ENTRY_BYTES;
  const l1OffsetBytes = int(
    base.ofsL1Table,
    'qcow2: l1_table_offset',
    0,
    neededCount === 0 ? 2 ** 53 - 1 : end,
  );
  if (l1OffsetBytes % clusterBytes !== 0) {
    throw invalid(
      `has its L1 table at ${l1OffsetBytes}, no multiple of its cluster size ${clusterBytes}`,
    );
  }
  return { l1OffsetBytes, l1EntryCount: count };
}

/** The name lies in the first cluster. An offset with a length of 0 is how some writers say that there is none. */
function readBackingName(base: GuestQcow2, clusterBytes: number): Header['backingName'] {
  if (equals(base.ofsBackingFile, 0)) return null;
  const offsetBytes = int(base.ofsBackingFile, 'qcow2: backing_file_offset', 0, clusterBytes);
  const room = Math.min(MAX_BACKING_NAME_BYTES, clusterBytes - offsetBytes);
  const lengthBytes = int(base.lenBackingFile, 'qcow2: backing_file_size', 0, room);
  return lengthBytes === 0 ? null : { offsetBytes, lengthBytes };
}
