// The feature bits of a qcow2 header of version 3, and the fields that they change the meaning of.
// References: QEMU docs/interop/qcow2.rst "Header"; QEMU block/qcow2.h QCOW2_INCOMPAT_*, QCOW2_COMPAT_*, QCOW2_AUTOCLEAR_*.
import {
  type GuestQcow2Features,
  parseQcow2AdditionalFields,
  parseQcow2Features,
  Qcow2CompressionType,
} from '../../../generated/container/qcow2.js';
import type { ByteSource } from '../../bytes/source.js';
import { invalidIn, UnsupportedError } from '../../errors.js';
import { hasFlag, int, u8, unknownFlags } from '../../validation/guest.js';

const invalid = invalidIn('qcow2: the image ');

export interface FeatureFields {
  /** Where the header ends and its extensions begin. */
  readonly lengthBytes: number;
  /** Reference counts may lack the last writes: they were not stored before the writer ended. */
  readonly isDirty: boolean;
  /** QEMU found its tables damaged, and writes no more. */
  readonly isCorrupt: boolean;
  readonly hasLazyRefcounts: boolean;
  readonly hasDataFile: boolean;
  /** The data file is the disk, byte for byte. */
  readonly isDataFileRaw: boolean;
  readonly hasExtendedL2: boolean;
  /** Whether the extension about dirty bitmaps is valid: every writer since then knew and kept it. */
  readonly hasBitmaps: boolean;
  readonly compression: 'deflate' | 'zstd';
  /** Width of a reference count. */
  readonly refcountBits: number;
  /** Incompatible features that only the image's own table of names can tell; null if none. */
  readonly unknownFeatures: {
    readonly isSet: (bit: bigint) => boolean;
    readonly text: string;
  } | null;
}

export const V2_HEADER_BYTES = 72;
const V3_HEADER_BYTES = 104;
const COMPRESSION_TYPE_OFFSET = 104;
const MAX_REFCOUNT_ORDER = 6;

const INCOMPATIBLE = {
  dirty: 1n << 0n,
  corrupt: 1n << 1n,
  dataFile: 1n << 2n,
  compressionType: 1n << 3n,
  extendedL2: 1n << 4n,
};
/** All five that QEMU defines. Two of them, dirty and corrupt, forbid only writing: the reference counts may be wrong. */
const KNOWN_INCOMPATIBLE = 0x1fn;
const COMPATIBLE = { lazyRefcounts: 1n << 0n };
const AUTOCLEAR = { bitmaps: 1n << 0n, rawDataFile: 1n << 1n };

/** The features of version 2, whose header ends after 72 bytes, whatever the bytes behind them look like. */
export const NO_FEATURES: FeatureFields = {
  lengthBytes: V2_HEADER_BYTES,
  isDirty: false,
  isCorrupt: false,
  hasLazyRefcounts: false,
  hasDataFile: false,
  isDataFileRaw: false,
  hasExtendedL2: false,
  hasBitmaps: false,
  compression: 'deflate',
  refcountBits: 16,
  unknownFeatures: null,
};

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE for a compression that is not known. */
export async function readFeatures(file: ByteSource, clusterBytes: number): Promise<FeatureFields> {
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
  const order = int(features.refcountOrder, 'qcow2: refcount_order', 0, MAX_REFCOUNT_ORDER);
  const unknown = unknownFlags(features.incompatible, KNOWN_INCOMPATIBLE);
  const hasDataFile = hasFlag(features.incompatible, INCOMPATIBLE.dataFile);
  return {
    lengthBytes,
    isDirty: hasFlag(features.incompatible, INCOMPATIBLE.dirty),
    isCorrupt: hasFlag(features.incompatible, INCOMPATIBLE.corrupt),
    hasLazyRefcounts: hasFlag(features.compatible, COMPATIBLE.lazyRefcounts),
    hasDataFile,
    isDataFileRaw: hasDataFile && hasFlag(features.autoclear, AUTOCLEAR.rawDataFile),
    hasExtendedL2: hasFlag(features.incompatible, INCOMPATIBLE.extendedL2),
    hasBitmaps: hasFlag(features.autoclear, AUTOCLEAR.bitmaps),
    refcountBits: 2 ** order,
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
  const type = u8(fields.compressionType);
  if (isOther !== (type !== Qcow2CompressionType.DEFLATE)) {
    throw invalid(`has compression type ${type}, and its feature bits say the contrary`);
  }
  switch (type) {
    case Qcow2CompressionType.DEFLATE:
      return 'deflate';
    case Qcow2CompressionType.ZSTD:
      return 'zstd';
    default:
      throw new UnsupportedError(
        'UNSUPPORTED_FEATURE',
        `qcow2: compression type ${type} is not known`,
      );
  }
}
