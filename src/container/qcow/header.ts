// The header of a qcow image, and the meaning of the entries in its tables.
// References: QEMU block/qcow.c qcow_open(), get_cluster_offset(), decompress_cluster(); CVE-2014-0222, CVE-2014-0223.
import {
  type GuestQcow,
  parseQcow,
  parseQcowFileName,
  QcowCryptMethod,
} from '../../../generated/container/qcow.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, int, rawText } from '../../validation/guest.js';
import { fileEnd } from '../tables/file-end.js';
import type { ClusterPlace, Entry, TwoLevels } from '../tables/two-levels.js';

export interface Header extends TwoLevels {
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  readonly isEncrypted: boolean;
  /** The name in the image, not cleaned; null without one. */
  readonly backingFile: string | null;
}

export const HEADER_BYTES = 48;
const ENTRY_BYTES = 8;
/** QEMU's own limits. */
const CLUSTER_BITS = { min: 9, max: 16 };
const L2_BITS = { min: 6, max: 13 };
const MAX_L1_ENTRIES = 2 ** 31 / ENTRY_BYTES;
const MAX_NAME_BYTES = 1023;
const WORD = 2 ** 32;
/** A table or a cluster there still ends below 2^53. */
const MAX_OFFSET = Number.MAX_SAFE_INTEGER - WORD;
/** The flag in the upper half of an L2 entry. */
const COMPRESSED = 0x80000000;

/** @throws FormatError; UnsupportedError UNSUPPORTED_FORMAT for another version. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const base = parseQcow(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  if (!equals(base.version, 1)) {
    const version = int(base.version, 'qcow: version', 0, 2 ** 32);
    throw new UnsupportedError(
      'UNSUPPORTED_FORMAT',
      `qcow: the image is of version ${version}; 1 is qcow, 2 and 3 are qcow2`,
      { data: { version } },
    );
  }
  const clusterBits = int(
    base.clusterBits,
    'qcow: cluster_bits',
    CLUSTER_BITS.min,
    CLUSTER_BITS.max,
  );
  const l2Bits = int(base.l2Bits, 'qcow: l2_bits', L2_BITS.min, L2_BITS.max);
  const lengthBytes = int(base.lenDisk, 'qcow: disk size', 2, Number.MAX_SAFE_INTEGER);
  const coverage = 2 ** (clusterBits + l2Bits);
  const l1EntryCount = Math.ceil(lengthBytes / coverage);
  if (l1EntryCount > MAX_L1_ENTRIES) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `qcow: a disk of ${lengthBytes} bytes needs an L1 table of ${l1EntryCount} entries; the limit is ${MAX_L1_ENTRIES}`,
      { data: { lengthBytes, l1EntryCount } },
    );
  }
  const room = file.sizeBytes - l1EntryCount * ENTRY_BYTES;
  return {
    tables: file,
    end: fileEnd('qcow', file.sizeBytes, 2 ** clusterBits),
    format: 'qcow',
    isLittleEndian: false,
    // A disk has whole sectors: a rest of less than one is cut off, as in QEMU.
    sizeBytes: lengthBytes - (lengthBytes % SECTOR_BYTES),
    clusterBytes: 2 ** clusterBits,
    l2EntryCount: 2 ** l2Bits,
    l1EntryCount,
    l1OffsetBytes: int(base.ofsL1Table, 'qcow: l1_table_offset', 0, room),
    isEncrypted:
      int(base.cryptMethod, 'qcow: crypt_method', 0, QcowCryptMethod.AES) === QcowCryptMethod.AES,
    backingFile: await readBackingFile(base, file),
    l2Offset,
    place: (entry, clusterOffset) => place(entry, clusterOffset, clusterBits),
  };
}

async function readBackingFile(base: GuestQcow, file: ByteSource): Promise<string | null> {
  if (equals(base.ofsBackingFile, 0) || equals(base.lenBackingFile, 0)) return null;
  const length = int(base.lenBackingFile, 'qcow: backing_file_size', 0, MAX_NAME_BYTES);
  const room = file.sizeBytes - length;
  const offset = int(base.ofsBackingFile, 'qcow: backing_file_offset', 0, room);
  return rawText(parseQcowFileName(await file.read(offset, length)).value, MAX_NAME_BYTES);
}

function l2Offset({ high, low }: Entry, index: number): number {
  return checkedOffset(high * WORD + low, `L2 table ${index}`);
}

/** Where an entry puts its cluster. The upper bits of a compressed one are the stream's length, as many as clusters have. */
function place({ high, low }: Entry, clusterOffset: number, clusterBits: number): ClusterPlace {
  if (high === 0 && low === 0) return { kind: 'backing' };
  const what = `cluster at ${clusterOffset}`;
  if (high < COMPRESSED) {
    return { kind: 'data', hostOffsetBytes: checkedOffset(high * WORD + low, what) };
  }
  const highRange = 2 ** (63 - clusterBits - 32);
  const hostOffsetBytes = checkedOffset((high % highRange) * WORD + low, `compressed ${what}`);
  const hostLengthBytes = Math.floor((high - COMPRESSED) / highRange);
  return { kind: 'compressed', hostOffsetBytes, hostLengthBytes };
}

/** Where the file ends is asked when the cluster is mapped. */
function checkedOffset(offset: number, what: string): number {
  if (offset <= MAX_OFFSET) return offset;
  const message = `qcow: the ${what} is at ${BigInt(offset)}; no file reaches behind ${MAX_OFFSET}`;
  throw new FormatError('OUT_OF_BOUNDS', message);
}
