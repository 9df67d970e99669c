// Clusters compressed with zstd. The decoder is the reference implementation as WebAssembly: it cannot reach memory of
// the program, and it writes no more than the room that it is given.
// References: RFC 8878 section 3.1.1 (frames and blocks); QEMU block/qcow2-threads.c qcow2_zstd_decompress().
import { ZSTDDecoder } from 'zstddec';
import { parseQcow2ZstdBlock, parseQcow2ZstdFrame } from '../../../generated/container/qcow2.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';

const FRAME_HEAD_BYTES = 5;
const BLOCK_HEAD_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** QEMU writes one and takes several. */
const MAX_FRAMES = 64;
/** Encoders divide 128 KiB into at most 196 blocks; the largest cluster has 16 times as much. */
const MAX_BLOCKS = 4096;
const BLOCK_KIND = { run: 1, reserved: 3 };
/** By the two bits of the flag. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

/** @throws FormatError INVALID, BAD_MAGIC, TRUNCATED, LIMIT. */
export async function decompressZstd(
  stream: Uint8Array,
  clusterBytes: number,
): Promise<Uint8Array> {
  const decoder = new ZSTDDecoder();
  await decoder.init(); // Once per process: later calls give the same promise.
  const parts: Uint8Array[] = [];
  let [at, filledBytes] = [0, 0];
  while (filledBytes < clusterBytes) {
    if (parts.length === MAX_FRAMES) throw tooMany(MAX_FRAMES, 'frames');
    const length = frameLength(stream.subarray(at));
    const part = decoder.decode(stream.subarray(at, at + length), clusterBytes - filledBytes);
    // The decoder answers every error with no bytes.
    if (part.length === 0) throw invalid(`a frame of zstd's of ${length} bytes is damaged`);
    parts.push(part);
    filledBytes += part.length;
    at += length;
  }
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}

/**
 * How long a frame is, from its head to its checksum. The decoder wants a frame and nothing behind it, but what follows
 * a stream in its last sector belongs to others.
 */
function frameLength(stream: Uint8Array): number {
  const frame = parseQcow2ZstdFrame(stream.subarray(0, FRAME_HEAD_BYTES));
  const contentSizeFlag = int(frame.contentSizeFlag, "qcow2: zstd's content size flag", 0, 3);
  const dictionaryFlag = int(frame.dictionaryIdFlag, "qcow2: zstd's dictionary flag", 0, 3);
  const contentSizeBytes =
    frame.isSingleSegment && contentSizeFlag === 0 ? 1 : (CONTENT_SIZE_BYTES[contentSizeFlag] ?? 0);
  const windowBytes = frame.isSingleSegment ? 0 : 1;
  let at =
    FRAME_HEAD_BYTES + windowBytes + (DICTIONARY_ID_BYTES[dictionaryFlag] ?? 0) + contentSizeBytes;
  let isLast = false;
  for (let count = 0; !isLast; count++) {
    if (count === MAX_BLOCKS) throw tooMany(MAX_BLOCKS, 'blocks in a frame');
    const block = parseQcow2ZstdBlock(stream.subarray(at, at + BLOCK_HEAD_BYTES));
    const kind = int(block.kind, "qcow2: kind of a block of zstd's", 0, BLOCK_KIND.reserved - 1);
    const size = int(block.lenBlock, "qcow2: size of a block of zstd's", 0, 2 ** 21 - 1);
    at += BLOCK_HEAD_BYTES + (kind === BLOCK_KIND.run ? 1 : size);
    isLast = block.isLast;
  }
  if (frame.hasChecksum) at += CHECKSUM_BYTES;
  if (at > stream.length) {
    throw invalid(`a frame of zstd's has ${at} bytes; its sectors hold ${stream.length}`);
  }
  return at;
}

function tooMany(count: number, what: string): FormatError {
  return new FormatError(
    'LIMIT',
    `qcow2: a compressed cluster has more than ${count} ${what} of zstd's`,
  );
}

function invalid(problem: string): FormatError {
  return new FormatError('INVALID', `qcow2: in a compressed cluster, ${problem}`);
}
