// The header of a qcow2 image: what it says of the disk, and whether this program may read it.
// References: QEMU docs/interop/qcow2.rst "Header"; QEMU block/qcow2.c qcow2_do_open() for the limits;
// QEMU tests/qemu-iotests/080 for what must be refused.
import {
  type GuestQcow2,
  type GuestQcow2Features,
  parseQcow2,
  parseQcow2AdditionalFields,
  parseQcow2Features,
} from '../../../generated/container/qcow2.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { MIB } from '../../limits.js';
import type { ByteSource } from '../../source/source.js';
import { equals, hasFlag, int, unknownFlags } from '../../validation/guest.js';

/** How the clusters of an image are laid out. */
export interface Layout {
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  readonly clusterBits: number;
  readonly clusterBytes: number;
  /** Entries have subclusters and 16 bytes. */
  readonly hasExtendedL2: boolean;
  /** 2 knows no zero clusters. */
  readonly version: number;
  readonly l1OffsetBytes: number;
  readonly compression: 'deflate' | 'zstd';
}

export interface Header extends Layout {
  /** Where the header ends and its extensions begin. */
  readonly lengthBytes: number;
  readonly hasDataFile: boolean;
  /** The data file is the disk, byte for byte. */
  readonly isDataFileRaw: boolean;
  /** Where the name of the backing file is; null without one. */
  readonly backingName: { readonly offsetBytes: number; readonly lengthBytes: number } | null;
  /** Incompatible features that only the image's own table of names can tell; null if none. */
  readonly unknownFeatures: {
    readonly isSet: (bit: bigint) => boolean;
    readonly text: string;
  } | null;
}

export const V2_HEADER_BYTES = 72;
const V3_HEADER_BYTES = 104;
const COMPRESSION_TYPE_OFFSET = 104;

const INCOMPATIBLE = { dataFile: 1n << 2n, compressionType: 1n << 3n, extendedL2: 1n << 4n };
/** Dirty (0) and corrupt (1) forbid writing; what they warn of are reference counts, which reading does not need. */
const KNOWN_INCOMPATIBLE = 0x1fn;
const AUTOCLEAR_RAW_DATA_FILE = 1n << 1n;

const MIN_CLUSTER_BITS = 9;
/** Subclusters are a 32nd of a cluster and not smaller than a sector. */
const MIN_EXTENDED_CLUSTER_BITS = 14;
const MAX_CLUSTER_BITS = 21;
const MAX_L1_BYTES = 32 * MIB;
const MAX_REFCOUNT_ORDER = 6;
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

/** @throws FormatError; UnsupportedError ENCRYPTED, UNSUPPORTED_FORMAT, UNSUPPORTED_FEATURE. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const bytes = await file.read(0, Math.min(V2_HEADER_BYTES, file.sizeBytes));
  const base = parseQcow2(bytes);
  const version = readVersion(base);
  refuseEncryption(base);
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
  const sizeBytes = int(base.lenDisk, 'qcow2: disk size', 0, Number.MAX_SAFE_INTEGER);
  const coverage = l2CoverageBytes({ clusterBytes, hasExtendedL2: features.hasExtendedL2 });
  const l1EntryCount = Math.ceil(sizeBytes / coverage);
  return {
    ...features,
    version,
    clusterBits,
    clusterBytes,
    sizeBytes,
    l1OffsetBytes: readL1Offset(base, file, clusterBytes, l1EntryCount),
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

function refuseEncryption(base: GuestQcow2): void {
  if (equals(base.cryptMethod, 0)) return;
  const method = int(base.cryptMethod, 'qcow2: crypt_method', 0, 2);
  const name = method === 1 ? 'AES' : 'LUKS';
  throw new UnsupportedError('ENCRYPTED', `qcow2: the image is encrypted with ${name}`, {
    data: { method: name },
  });
}

type FeatureFields = Pick<
  Header,
  | 'lengthBytes'
  | 'hasDataFile'
  | 'isDataFileRaw'
  | 'hasExtendedL2'
  | 'compression'
  | 'unknownFeatures'
>;

/** What follows the 72 bytes of a version 2 header is not part of it, whatever it looks like. */
const NO_FEATURES: FeatureFields = {
  lengthBytes: V2_HEADER_BYTES,
  hasDataFile: false,
  isDataFileRaw: false,
  hasExtendedL2: false,
  compression: 'deflate',
  unknownFeatures: null,
};

async function readFeatures(file: ByteSource, clusterBytes: number): Promise<FeatureFields> {
  const features = parseQcow2Features(
    await file.read(
      V2_HEADER_BYTES,
      Math.min(V3_HEADER_BYTES - V2_HEADER_BYTES, file.sizeBytes - V2_HEADER_BYTES),
    ),
  );
  const lengthBytes = int(
    features.lenHeader,
    'qcow2: header_length',
    V3_HEADER_BYTES,
    clusterBytes,
  );
  int(features.refcountOrder, 'qcow2: refcount_order', 0, MAX_REFCOUNT_ORDER);
  const unknown = unknownFlags(features.incompatible, KNOWN_INCOMPATIBLE);
  const hasDataFile = hasFlag(features.incompatible, INCOMPATIBLE.dataFile);
  return {
    lengthBytes,
    hasDataFile,
    isDataFileRaw: hasDataFile && hasFlag(features.autoclear, AUTOCLEAR_RAW_DATA_FILE),
    hasExtendedL2: hasFlag(features.incompatible, INCOMPATIBLE.extendedL2),
    compression: unknown === null ? await readCompression(file, features, lengthBytes) : 'deflate',
    unknownFeatures:
      unknown === null
        ? null
        : {
            text: unknown,
            isSet: (bit) => hasFlag(features.incompatible, bit & ~KNOWN_INCOMPATIBLE),
          },
  };
}

/** The feature bit and the field must agree, so that a reader that knows only one of them is not misled. */
async function readCompression(
  file: ByteSource,
  features: GuestQcow2Features,
  lengthBytes: number,
): Promise<'deflate' | 'zstd'> {
  const isOther = hasFlag(features.incompatible, INCOMPATIBLE.compressionType);
  if (lengthBytes <= COMPRESSION_TYPE_OFFSET) {
    if (isOther)
      throw invalid('says that its compression type is not deflate, and does not name it');
    return 'deflate';
  }
  const fields = parseQcow2AdditionalFields(await file.read(COMPRESSION_TYPE_OFFSET, 1));
  const type = int(fields.compressionType, 'qcow2: compression_type', 0, 255);
  if (isOther !== (type !== 0)) {
    throw invalid(`has compression type ${type}, and its feature bits say the contrary`);
  }
  if (type > 1) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `qcow2: compression type ${type} is not known`,
    );
  }
  return type === 1 ? 'zstd' : 'deflate';
}

/** Only the entries that the disk's size needs are ever read. */
function readL1Offset(
  base: GuestQcow2,
  file: ByteSource,
  clusterBytes: number,
  neededCount: number,
): number {
  const count = int(base.numL1Entries, 'qcow2: l1_size', 0, MAX_L1_BYTES / ENTRY_BYTES);
  if (count < neededCount) {
    throw invalid(`has an L1 table of ${count} entries; its disk needs ${neededCount}`);
  }
  const end = file.sizeBytes - neededCount * ENTRY_BYTES;
  const offset = int(
    base.ofsL1Table,
    'qcow2: l1_table_offset',
    0,
    neededCount === 0 ? 2 ** 53 - 1 : end,
  );
  if (offset % clusterBytes !== 0) {
    throw invalid(`has its L1 table at ${offset}, no multiple of its cluster size ${clusterBytes}`);
  }
  return offset;
}

/** The name lies in the first cluster. An offset with a length of 0 is how some writers say that there is none. */
function readBackingName(base: GuestQcow2, clusterBytes: number): Header['backingName'] {
  if (equals(base.ofsBackingFile, 0)) return null;
  const offsetBytes = int(base.ofsBackingFile, 'qcow2: backing_file_offset', 0, clusterBytes);
  const room = Math.min(MAX_BACKING_NAME_BYTES, clusterBytes - offsetBytes);
  const lengthBytes = int(base.lenBackingFile, 'qcow2: backing_file_size', 0, room);
  return lengthBytes === 0 ? null : { offsetBytes, lengthBytes };
}

function invalid(problem: string): FormatError {
  return new FormatError('INVALID', `qcow2: the image ${problem}`);
}
