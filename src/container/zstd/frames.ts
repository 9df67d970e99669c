// Finds the frames of a file without a seek table by walking from one to the next. The heads tell their content sizes; of
// files by pzstd, skippable frames tell how long each frame is.
// References: RFC 8878 section 3.1; zstd contrib/pzstd/SkippableFrame.h.
import { parseZstdFrameLength, parseZstdSkippable } from '../../../generated/container/zstd.js';
import { FormatError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { MAX_READ_BYTES } from '../../limits.js';
import { int } from '../../validation/guest.js';
import {
  type BlockTable,
  MAX_BLOCK_BYTES,
  MAX_BLOCKS,
  tableBuilder,
} from '../compression/blocks.js';
import {
  BLOCK_HEAD_BYTES,
  blockHead,
  contentSize,
  decodeFrame,
  FRAME_HEAD_BYTES,
  frameHead,
  MAX_FRAME_HEAD_BYTES,
  MAX_ZSTD_BLOCK_BYTES,
  walkFrame,
} from '../compression/zstd.js';

const SKIPPABLE_HEAD_BYTES = 8;
const FRAME_LENGTH_BYTES = 4;
/** The lowest byte of the magic number of a skippable frame is 0x50 to 0x5f; the rest is this. */
const SKIPPABLE_MAGIC = [0x2a, 0x4d, 0x18];
/** Encoders divide 128 KiB into 196 blocks at most, and hardly ever into more than one. */
const MAX_FRAME_BLOCKS = (8 * MAX_BLOCK_BYTES) / MAX_ZSTD_BLOCK_BYTES;

/** A frame without content: its head, the head of one block, and a checksum. */
const MAX_EMPTY_FRAME_BYTES = MAX_FRAME_HEAD_BYTES + BLOCK_HEAD_BYTES + 4;

interface Frame {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** null if the frame does not state it. */
  readonly contentBytes: number | null;
  /** Whether pzstd said how long it is: it cuts all frames but the last from as many bytes. */
  readonly isPzstd: boolean;
}

/** null: a frame is too large to be decompressed for a read of a few bytes. @throws FormatError. */
export async function zstdFrames(file: HostFile, scope: Scope): Promise<BlockTable | null> {
  const frames = await walkFrames(file, scope);
  const sizes = frames && (await contentSizes(file, frames, scope));
  if (frames === null || sizes === null) return null;
  const builder = tableBuilder('zstd');
  for (const [i, { offsetBytes, lengthBytes }] of frames.entries()) {
    builder.add(sizes[i] ?? 0, offsetBytes, lengthBytes);
  }
  return builder.build();
}

async function walkFrames(file: HostFile, scope: Scope): Promise<readonly Frame[] | null> {
  const frames: Frame[] = [];
  let announcedBytes: number | null = null;
  for (let at = 0; at < file.sizeBytes; ) {
    scope.check();
    if (frames.length === MAX_BLOCKS) {
      throw new FormatError('LIMIT', `zstd: the file has more than ${MAX_BLOCKS} frames`);
    }
    const skippable = await readSkippable(file, at);
    if (skippable !== null) {
      announcedBytes = skippable.announcedBytes;
      at += skippable.lengthBytes;
      continue;
    }
    const frame: Frame | null = await readFrame(file, at, announcedBytes);
    if (frame === null) return null;
    frames.push(frame);
    at += frame.lengthBytes;
    announcedBytes = null;
  }
  return frames;
}

async function readSkippable(
  file: HostFile,
  at: number,
): Promise<{ readonly lengthBytes: number; readonly announcedBytes: number | null } | null> {
  const bytes = await readUpTo(file, at, SKIPPABLE_HEAD_BYTES + FRAME_LENGTH_BYTES);
  const isSkippable = ((bytes[0] ?? 0) & 0xf0) === 0x50;
  if (!isSkippable || !SKIPPABLE_MAGIC.every((byte, i) => bytes[i + 1] === byte)) return null;
  const head = parseZstdSkippable(bytes.subarray(0, SKIPPABLE_HEAD_BYTES));
  const max = file.sizeBytes - at - SKIPPABLE_HEAD_BYTES;
  const length = int(head.lenData, 'zstd: length of a skippable frame', 0, max);
  const what = 'zstd: length of a frame that pzstd made';
  const announcedBytes =
    length === FRAME_LENGTH_BYTES
      ? int(
          parseZstdFrameLength(bytes.subarray(SKIPPABLE_HEAD_BYTES)).lenFrame,
          what,
          FRAME_HEAD_BYTES,
          max - FRAME_LENGTH_BYTES,
        )
      : null;
  return { lengthBytes: SKIPPABLE_HEAD_BYTES + length, announcedBytes };
}

/** null for one that states more content than is decompressed at once: it is not walked, which would cost many reads. */
async function readFrame(
  file: HostFile,
  at: number,
  announcedBytes: number | null,
): Promise<Frame | null> {
  const headBytes = await readUpTo(file, at, MAX_FRAME_HEAD_BYTES);
  const contentBytes = contentSize(headBytes, frameHead(headBytes, 'zstd'), 'zstd');
  if (contentBytes !== null && contentBytes > MAX_BLOCK_BYTES) return null;
  if (announcedBytes !== null && announcedBytes <= MAX_READ_BYTES) {
    return { offsetBytes: at, lengthBytes: announcedBytes, contentBytes, isPzstd: true };
  }
  const read = (offset: number, length: number) => readUpTo(file, at + offset, length);
  const { lengthBytes, isWalked } = await walkFrame(read, MAX_FRAME_BLOCKS, 'zstd');
  if (!isWalked) return null;
  const max = file.sizeBytes - at;
  if (lengthBytes <= max) return { offsetBytes: at, lengthBytes, contentBytes, isPzstd: false };
  const message = `zstd: the frame at ${at} has ${lengthBytes} bytes; the file ends ${max} bytes behind its start`;
  throw new FormatError('TRUNCATED', message, { data: { at, lengthBytes } });
}

/**
 * The content sizes of all frames. Frames that do not state theirs are decompressed to find it, if they are few and
 * small. Of pzstd's, only the first and the last are: those between are as large as the first (each is checked when it is
 * read). null: they are too many or too large for that.
 */
async function contentSizes(
  file: HostFile,
  frames: readonly Frame[],
  scope: Scope,
): Promise<readonly number[] | null> {
  const sizes: number[] = [];
  let measuredBytes = 0;
  for (const [i, frame] of frames.entries()) {
    const isLast = i === frames.length - 1;
    const isLikeFirst = i > 0 && !isLast && frames.every(({ isPzstd }) => isPzstd);
    if (frame.contentBytes !== null) sizes.push(frame.contentBytes);
    else if (isLikeFirst) sizes.push(sizes[0] ?? 0);
    else {
      const size = await measure(file, frame, scope);
      if (size === null) return null;
      measuredBytes += size;
      if (measuredBytes > 2 * MAX_BLOCK_BYTES) return null;
      sizes.push(size);
    }
  }
  return sizes;
}

async function measure(file: HostFile, frame: Frame, scope: Scope): Promise<number | null> {
  if (frame.lengthBytes > MAX_READ_BYTES) return null;
  const stream = await file.read(frame.offsetBytes, frame.lengthBytes);
  const read = (offset: number, length: number) => stream.subarray(offset, offset + length);
  const { blockCount, isWalked } = await walkFrame(read, MAX_FRAME_BLOCKS, 'zstd');
  if (!isWalked) return null;
  if (stream.length <= MAX_EMPTY_FRAME_BYTES && isEmpty(stream)) return 0;
  const maxBytes = Math.min(MAX_BLOCK_BYTES, blockCount * MAX_ZSTD_BLOCK_BYTES);
  scope.spend(maxBytes);
  try {
    return (await decodeFrame(stream, maxBytes, 'zstd')).length;
  } catch (error) {
    // The decoder does not tell damage from too much content; a frame of so many blocks rather has too much.
    if (maxBytes === MAX_BLOCK_BYTES) return null;
    throw error;
  }
}

/** Whether a frame has no content: pzstd ends some files with one, and the decoder gives no bytes for it, as for damage. */
function isEmpty(stream: Uint8Array): boolean {
  const { lengthBytes } = frameHead(stream, 'zstd');
  const block = blockHead(stream.subarray(lengthBytes), 'zstd');
  return block.isLast && block.lengthBytes === BLOCK_HEAD_BYTES;
}

async function readUpTo(file: HostFile, offset: number, length: number): Promise<Uint8Array> {
  return file.read(offset, Math.max(0, Math.min(length, file.sizeBytes - offset)));
}
