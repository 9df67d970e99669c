// Frames of zstd. The decoder is the reference implementation as WebAssembly: it cannot reach memory of the program, and
// it writes no more than the room that it is given.
// References: RFC 8878 section 3.1.1 (frames and blocks).
import { ZSTDDecoder } from 'zstddec';
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
/** With everything that may follow the first five. */
export const MAX_FRAME_HEAD_BYTES = 18;
export const BLOCK_HEAD_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** What a block decompresses to at most. */
export const MAX_ZSTD_BLOCK_BYTES = 128 * 1024;
/** By the two bits of the flag. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
/** A size in two bytes is less by this. */
const CONTENT_SIZE2_BASE = 256;

interface FrameHead {
  /** Of the frame's header, with its magic number. */
  readonly lengthBytes: number;
  readonly hasChecksum: boolean;
  /** Of the field at its end that says how much the frame holds; 0 if there is none. */
  readonly sizeFieldBytes: number;
}

/** @param word what messages begin with. @throws FormatError BAD_MAGIC, TRUNCATED, OUT_OF_BOUNDS. */
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

/** What a frame says that it holds; null: nothing. @throws FormatError OUT_OF_BOUNDS for 2^53 bytes and more. */
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

/** What precedes a block. @throws FormatError. */
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
  /** From its head to its checksum. */
  readonly lengthBytes: number;
  readonly blockCount: number;
  /** false: there are more blocks than were wanted, and the length is not all of it. */
  readonly isWalked: boolean;
}

/**
 * How long a frame is, which only the heads of its blocks tell.
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
 * What one frame holds, with nothing behind it: at most `maxBytes`.
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
  // The decoder answers every error with no bytes.
  if (bytes.length > 0) return bytes;
  const sizes = `of ${frame.length} bytes is damaged, or holds more than ${maxBytes} bytes`;
  throw new FormatError('INVALID', `${word}: a frame of zstd's ${sizes}`);
}
