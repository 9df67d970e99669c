// Which blocks a partclone image holds, and where. The n-th used block of the filesystem is the n-th one in the file, so all
// of the bitmap is counted once; what is kept are the sums of its pieces.
// References: partclone src/partclone.c load_image_bitmap_bits(), load_image_bitmap_bytes(), cnv_blocks_to_bytes().
import { crc32 } from 'node:zlib';
import {
  parsePartcloneBitmapCrc,
  parsePartcloneBitmapEnd,
} from '../../../generated/container/partclone.js';
import { setBits } from '../../bytes/aggregates.js';
import { FormatError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import type { Header } from './header.js';
import { isSealed } from './seal.js';

/** The used blocks of a range. */
interface Piece {
  /** How many blocks are told of: not all that were asked for if the range reaches into the next piece. */
  readonly count: number;
  /** How many used blocks come before the range. */
  readonly rank: number;
  isUsed(index: number): boolean;
}

export interface BlockRanks {
  piece(firstBlock: number, blockCount: number): Promise<Piece>;
  /** Where the used block with this rank is in the file. */
  hostOffset(rank: number): number;
  /** Where the last checksum ends in the file. */
  readonly endBytes: number;
}

/** Blocks whose used ones are counted together. */
const PIECE_BLOCKS = 2 ** 16;
/** 16 TiB in blocks of 4 KiB; in version 1, which has a byte for each, 2 TiB. */
const MAX_BITMAP_BYTES = 512 * MIB;
const CRC_BYTES = 4;
const END_MAGIC_BYTES = 8;
/** In a bitmap of bytes; partclone takes every other value for a block that is not there. */
const USED = 1;

/** @throws FormatError TRUNCATED for an image that was cut off; BAD_CHECKSUM, BAD_MAGIC, LIMIT. */
export async function openBitmap(
  file: HostFile,
  header: Header,
  scope: Scope,
): Promise<BlockRanks> {
  const { blockBytes, bitmapOffsetBytes, checksumBytes, blocksPerChecksum } = header;
  const bitmapBytes = bitmapBytesOf(header);
  checkRoom(file, bitmapOffsetBytes + bitmapBytes + tailBytesOf(header));
  const sums = await sumsOf(file, header, bitmapBytes, scope);
  const usedCount = sums.at(-1) ?? 0;
  const dataOffset = bitmapOffsetBytes + bitmapBytes + tailBytesOf(header);
  const checksumsBefore = (rank: number) =>
    checksumBytes === 0 ? 0 : Math.floor(rank / blocksPerChecksum) * checksumBytes;
  const hostOffset = (rank: number) => dataOffset + rank * blockBytes + checksumsBefore(rank);
  const isStripOpen = checksumBytes > 0 && usedCount % blocksPerChecksum > 0;
  const endBytes = hostOffset(usedCount) + (isStripOpen ? checksumBytes : 0);
  checkRoom(file, endBytes);
  return {
    hostOffset,
    endBytes,
    async piece(firstBlock, wantedBlocks) {
      const index = Math.floor(firstBlock / PIECE_BLOCKS);
      const start = index * PIECE_BLOCKS;
      const skipped = firstBlock - start;
      const count = Math.min(wantedBlocks, PIECE_BLOCKS - skipped);
      if (header.bitmap === 'none') return { count, rank: firstBlock, isUsed: () => true };
      const { bitmap } = header;
      const bytes = await file.read(
        bitmapOffsetBytes + bytesOf(bitmap, start),
        bytesOf(bitmap, skipped + count),
      );
      const rank = (sums[index] ?? 0) + usedIn(bytes, bitmap, skipped);
      return { count, rank, isUsed: (i) => isUsedIn(bytes, bitmap, skipped + i) };
    },
  };
}

/** How many bytes of a bitmap tell of so many blocks. */
function bytesOf(bitmap: Header['bitmap'], blockCount: number): number {
  if (bitmap === 'none') return 0;
  return bitmap === 'bits' ? Math.ceil(blockCount / 8) : blockCount;
}

function isUsedIn(bytes: Uint8Array, bitmap: Header['bitmap'], index: number): boolean {
  if (bitmap === 'bytes') return bytes[index] === USED;
  const byte = bytes[Math.floor(index / 8)] ?? 0;
  return Math.floor(byte / 2 ** (index % 8)) % 2 === 1;
}

/** How many of the first blocks that a part of the bitmap tells of are used. */
function usedIn(bytes: Uint8Array, bitmap: Header['bitmap'], blockCount: number): number {
  if (bitmap === 'bytes') {
    return bytes.subarray(0, blockCount).reduce((sum, byte) => sum + (byte === USED ? 1 : 0), 0);
  }
  const wholeBytes = Math.floor(blockCount / 8);
  const last = (bytes[wholeBytes] ?? 0) % 2 ** (blockCount % 8);
  return setBits(bytes.subarray(0, wholeBytes)) + setBits(Uint8Array.of(last));
}

function bitmapBytesOf({ bitmap, blockCount }: Header): number {
  const lengthBytes = bytesOf(bitmap, blockCount);
  if (lengthBytes <= MAX_BITMAP_BYTES) return lengthBytes;
  const message = `partclone: the bitmap has ${lengthBytes} bytes; the limit is ${MAX_BITMAP_BYTES}`;
  throw new FormatError('LIMIT', message, { data: { lengthBytes } });
}

/** What stands behind the bitmap: a checksum, or a word that ends it. */
function tailBytesOf({ bitmap }: Pick<Header, 'bitmap'>): number {
  return bitmap === 'none' ? 0 : bitmap === 'bits' ? CRC_BYTES : END_MAGIC_BYTES;
}

function checkRoom({ sizeBytes }: HostFile, endBytes: number): void {
  if (endBytes <= sizeBytes) return;
  throw new FormatError(
    'TRUNCATED',
    `partclone: the image ends at ${endBytes} by its header and bitmap, but has only ${sizeBytes} bytes`,
    { data: { endBytes, sizeBytes } },
  );
}

/** How many used blocks come before each piece, and behind the last one; checks what stands behind the bitmap. */
async function sumsOf(
  file: HostFile,
  { bitmap, bitmapOffsetBytes, blockCount }: Header,
  bitmapBytes: number,
  scope: Scope,
): Promise<readonly number[]> {
  if (bitmap === 'none') return [blockCount];
  const sums = [0];
  let [sum, crc] = [0, 0];
  for (let first = 0; first < blockCount; first += PIECE_BLOCKS) {
    scope.check();
    const count = Math.min(PIECE_BLOCKS, blockCount - first);
    const at = bitmapOffsetBytes + bytesOf(bitmap, first);
    const bytes = await file.read(at, bytesOf(bitmap, count));
    if (bitmap === 'bits') crc = crc32(bytes, crc);
    sum += usedIn(bytes, bitmap, count);
    sums.push(sum);
  }
  const tail = await file.read(bitmapOffsetBytes + bitmapBytes, tailBytesOf({ bitmap }));
  if (bitmap === 'bytes') parsePartcloneBitmapEnd(tail);
  else if (!isSealed(new Uint8Array(0), parsePartcloneBitmapCrc(tail).value, crc)) {
    throw new FormatError('BAD_CHECKSUM', 'partclone: the bitmap does not match its CRC-32');
  }
  return sums;
}
