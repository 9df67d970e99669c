// The header of a partclone image, of both versions.
// References: partclone src/partclone.c load_image_desc(), src/checksum.c get_checksum_size().
import {
  type GuestPartcloneHeader2,
  PartcloneBitmapKind,
  PartcloneChecksumKind,
  parsePartclone,
  parsePartcloneHeader1,
  parsePartcloneHeader2,
} from '../../../generated/container/partclone.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn, UnsupportedError } from '../../errors.js';
import { GIB } from '../../limits.js';
import { equals, int, text } from '../../validation/guest.js';
import { isSealed } from './seal.js';

export interface Header {
  readonly version: '1' | '2';
  /** The filesystem's name in partclone's words, and the kind of checksum. */
  readonly features: readonly string[];
  /** Size of the partition that was cloned. */
  readonly sizeBytes: number;
  readonly blockBytes: number;
  /** Of the filesystem, which may be shorter than the partition. */
  readonly blockCount: number;
  readonly bitmap: 'none' | 'bits' | 'bytes';
  readonly bitmapOffsetBytes: number;
  /** 0 if there are no checksums between the blocks. */
  readonly checksumBytes: number;
  readonly blocksPerChecksum: number;
}

const invalid = invalidIn('partclone: ');

const PROBE_BYTES = 34;
const HEADER1_BYTES = 64;
/** What follows the header of version 1 and means nothing. */
const UNUSED1_BYTES = 4096;
const HEADER2_BYTES = 110;
export const MIN_HEADER_BYTES = HEADER2_BYTES;
const OPTIONS_BYTES = 18;
const OUR_BYTE_ORDER = 0xc0de;
const OTHER_BYTE_ORDER = 0xdec0;
const CRC_BYTES = 4;
const MIN_BLOCK_BYTES = 512;

/** Each kind of checksum with its word and its size. */
const CHECKSUMS: readonly (readonly [kind: number, name: string, sizeBytes: number])[] = [
  [PartcloneChecksumKind.NONE, 'none', 0],
  [PartcloneChecksumKind.CRC32, 'crc32', 4],
  [PartcloneChecksumKind.CRC32_OF_VERSION1, 'crc32', 4],
  [PartcloneChecksumKind.XXH64, 'xxh64', 8],
  [PartcloneChecksumKind.XXH128, 'xxh128', 16],
];

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const bytes = await file.read(0, Math.min(HEADER2_BYTES, file.sizeBytes));
  const { version } = parsePartclone(bytes.subarray(0, PROBE_BYTES));
  if (equals(version, '0001')) return readHeader1(bytes);
  if (equals(version, '0002')) return readHeader2(bytes);
  throw unsupported(`the image is of version ${text(version)}`);
}

function readHeader1(bytes: Uint8Array): Header {
  const header = parsePartcloneHeader1(bytes.subarray(0, HEADER1_BYTES));
  return {
    version: '1',
    features: [text(header.filesystem).toLowerCase(), 'crc32'],
    ...sizesOf(header),
    bitmap: 'bytes',
    bitmapOffsetBytes: HEADER1_BYTES + UNUSED1_BYTES,
    checksumBytes: CRC_BYTES,
    blocksPerChecksum: 1,
  };
}

function readHeader2(bytes: Uint8Array): Header {
  const header = parsePartcloneHeader2(bytes);
  if (equals(header.byteOrder, OTHER_BYTE_ORDER)) {
    throw unsupported('the image was written on a machine of the other byte order');
  }
  if (!equals(header.byteOrder, OUR_BYTE_ORDER)) throw invalid('the byte order is none');
  if (!isSealed(bytes.subarray(0, HEADER2_BYTES - CRC_BYTES), header.crc)) {
    throw new FormatError('BAD_CHECKSUM', 'partclone: the header does not match its CRC-32');
  }
  if (!equals(header.lenOptions, OPTIONS_BYTES)) throw unsupported('the header has further fields');
  const { name, ...checksums } = checksumsOf(header);
  return {
    version: '2',
    features: [text(header.filesystem).toLowerCase(), ...(name === 'none' ? [] : [name])],
    ...sizesOf(header),
    bitmap: bitmapOf(header),
    bitmapOffsetBytes: HEADER2_BYTES,
    ...checksums,
  };
}

function sizesOf(
  header: Pick<GuestPartcloneHeader2, 'lenBlock' | 'lenDevice' | 'numBlocks'>,
): Pick<Header, 'sizeBytes' | 'blockBytes' | 'blockCount'> {
  const max = Number.MAX_SAFE_INTEGER;
  const blockBytes = int(header.lenBlock, 'partclone: block size', MIN_BLOCK_BYTES, GIB);
  const maxBlocks = Math.floor(max / blockBytes);
  const blockCount = int(header.numBlocks, 'partclone: number of blocks', 0, maxBlocks);
  const deviceBytes = int(header.lenDevice, 'partclone: size of the device', 0, max);
  return { blockBytes, blockCount, sizeBytes: Math.max(deviceBytes, blockCount * blockBytes) };
}

function checksumsOf(
  header: GuestPartcloneHeader2,
): Pick<Header, 'checksumBytes' | 'blocksPerChecksum'> & { readonly name: string } {
  const found = CHECKSUMS.find(([kind]) => equals(header.checksumKind, kind));
  if (found === undefined) throw unsupported('the checksums are of a kind that is not known');
  const [, name, checksumBytes] = found;
  if (!equals(header.lenChecksum, checksumBytes)) {
    throw invalid(`checksums of kind ${name} have not ${checksumBytes} bytes`);
  }
  const min = checksumBytes === 0 ? 0 : 1;
  const what = 'partclone: blocks of a checksum';
  return {
    name,
    checksumBytes,
    blocksPerChecksum: int(header.numBlocksOfChecksum, what, min, GIB),
  };
}

function bitmapOf({ bitmapKind }: GuestPartcloneHeader2): Header['bitmap'] {
  if (equals(bitmapKind, PartcloneBitmapKind.BITS)) return 'bits';
  if (equals(bitmapKind, PartcloneBitmapKind.BYTES)) return 'bytes';
  if (equals(bitmapKind, PartcloneBitmapKind.NONE)) return 'none';
  throw unsupported('the bitmap is of a kind that is not known');
}

function unsupported(problem: string): UnsupportedError {
  return new UnsupportedError('UNSUPPORTED_FEATURE', `partclone: ${problem}, which is not read`);
}
