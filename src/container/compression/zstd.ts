// Frames of zstd. The decoder is the reference implementation as WebAssembly: it cannot reach memory of the program, and
// it writes no more than the room that it is given.
// References: RFC 8878 section 3.1.1 (frames and blocks).
import { ZSTDDecoder } from 'zstddec/stream';
import {
  type GuestZstd,
  parseZstd,
  parseZstdBlock,
  parseZstdContentSize1,
  parseZstdContentSize2,
  parseZstdContentSize4,
  parseZstdContentSize8,
  ZstdBlockKind,
} from '../../../generated/container/zstd.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';

export const FRAME_HEAD_BYTES = 5;
/** The longest header of a frame: the first five bytes and all optional fields. */
export const MAX_FRAME_HEAD_BYTES = 18;
export const BLOCK_HEAD_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** The most bytes that a block decompresses to. */
export const MAX_ZSTD_BLOCK_BYTES = 128 * 1024;
/** The length of the dictionary's id, by the two bits of the flag. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
/** A content size that is stored in two bytes is smaller than the real one by this. */
const CONTENT_SIZE2_BASE = 256;

interface FrameHead {
  /** The length of the frame's header, with its magic number. */
  readonly lengthBytes: number;
  readonly hasChecksum: boolean;
  /** The length of the field at the header's end that tells the frame's content size; 0 if there is none. */
  readonly sizeFieldBytes: number;
}

/** @param word the format's name, with which messages begin. @throws FormatError BAD_MAGIC, TRUNCATED, OUT_OF_BOUNDS. */
export function frameHead(stream: Uint8Array, word: string): FrameHead {
  const frame = parseZstd(stream.subarray(0, FRAME_HEAD_BYTES));
  const dictionaryFlag = int(frame.dictionaryIdFlag, `${word}: zstd's dictionary flag`, 0, 3);
  const sizeFieldBytes = contentSizeBytes(frame, word);
  const windowBytes = frame.isSingleSegment ? 0 : 1;
  const dictionaryBytes = DICTIONARY_ID_BYTES[dictionaryFlag] ?? 0;
  return {
    lengthBytes: FRAME_HEAD_BYTES + windowBytes + dictionaryBytes + sizeFieldBytes,
    hasChecksum: frame.hasChecksum,
    sizeFieldBytes,
  };
}

function contentSizeBytes(frame: GuestZstd, word: string): number {
  const flag = int(frame.contentSizeFlag, `${word}: zstd's content size flag`, 0, 3);
  return frame.isSingleSegment && flag === 0 ? 1 : (CONTENT_SIZE_BYTES[flag] ?? 0);
}

/**
 * The content size that a frame states; null if it states none.
 * @throws FormatError OUT_OF_BOUNDS for 2^53 bytes and more.
 */
export function contentSize(stream: Uint8Array, head: FrameHead, word: string): number | null {
  const { lengthBytes, sizeFieldBytes } = head;
  const bytes = stream.subarray(lengthBytes - sizeFieldBytes, lengthBytes);
  const what = `${word}: content size of a frame of zstd's`;
  const max = Number.MAX_SAFE_INTEGER;
  switch (sizeFieldBytes) {
    case 0:
      return null;
    case 1:
      return int(parseZstdContentSize1(bytes).value, what, 0, max);
    case 2:
      return int(parseZstdContentSize2(bytes).value, what, 0, max) + CONTENT_SIZE2_BASE;
    case 4:
      return int(parseZstdContentSize4(bytes).value, what, 0, max);
    default:
      return int(parseZstdContentSize8(bytes).value, what, 0, max);
  }
}

/** The header of a block: its kind and length. @throws FormatError. */
export function blockHead(
  stream: Uint8Array,
  word: string,
): { readonly isLast: boolean; readonly lengthBytes: number } {
  const block = parseZstdBlock(stream.subarray(0, BLOCK_HEAD_BYTES));
  const kind = int(block.kind, `${word}: kind of a block of zstd's`, 0, ZstdBlockKind.RESERVED - 1);
  const size = int(block.lenBlock, `${word}: size of a block of zstd's`, 0, 2 ** 21 - 1);
  const lengthBytes = BLOCK_HEAD_BYTES + (kind === ZstdBlockKind.RUN ? 1 : size);
  return { isLast: block.isLast, lengthBytes };
}

interface FrameWalk {
  /** The length from the frame's head to its checksum. */
  readonly lengthBytes: number;
  readonly blockCount: number;
  /** false when the frame has more blocks than were to be walked: the length is then only that of a part. */
  readonly isWalked: boolean;
}

/**
 * The length of a frame, which is known only by walking the heads of its blocks.
 * @param read some bytes of the file from an offset in the frame; fewer than wanted only at the end.
 * @throws FormatError.
 */
export async function walkFrame(
  read: (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array> | Uint8Array,
  maxBlocks: number,
  word: string,
): Promise<FrameWalk> {
  const head = frameHead(await read(0, MAX_FRAME_HEAD_BYTES), word);
  let at = head.lengthBytes;
  for (let blockCount = 1; ; blockCount++) {
    if (blockCount > maxBlocks) {
      return { lengthBytes: at, blockCount, isWalked: false };
    }
    const block = blockHead(await read(at, BLOCK_HEAD_BYTES), word);
    at += block.lengthBytes;
    if (!block.isLast) continue;
    const lengthBytes = at + (head.hasChecksum ? CHECKSUM_BYTES : 0);
    return { lengthBytes, blockCount, isWalked: true };
  }
}

/**
 * Decompresses one frame, behind which no bytes may follow, to at most `maxBytes`.
 * @throws FormatError INVALID when it is damaged, or holds more, or nothing.
 */
export async function decodeFrame(
  frame: Uint8Array,
  maxBytes: number,
  word: string,
): Promise<Uint8Array> {
  const decoder = new ZSTDDecoder();
  await decoder.init(); // Once per process: later calls give the same promise.
  const bytes = decoder.decode(frame, maxBytes);
  // On any error the decoder gives zero bytes and no reason.
  if (bytes.length > 0) return bytes;
  const sizes = `of ${frame.length} bytes is damaged, or holds more than ${maxBytes} bytes`;
  throw new FormatError('INVALID', `${word}: a frame of zstd's ${sizes}`);
}
