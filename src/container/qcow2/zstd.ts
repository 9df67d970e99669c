// Clusters compressed with zstd: one frame, or several that fill a cluster together.
// References: RFC 8878 section 3.1.1 (frames and blocks); QEMU block/qcow2-threads.c qcow2_zstd_decompress().
import { joined } from '../../bytes/concat.js';
import { FormatError } from '../../errors.js';
import { decodeFrame, walkFrame } from '../compression/zstd.js';

/** QEMU writes one and takes several. */
const MAX_FRAMES = 64;
/** Encoders divide 128 KiB into at most 196 blocks; the largest cluster has 16 times as much. */
const MAX_BLOCKS = 4096;
const WORD = 'qcow2: in a compressed cluster';

/** @throws FormatError INVALID, BAD_MAGIC, TRUNCATED, LIMIT. */
export async function decompressZstd(
  stream: Uint8Array,
  clusterBytes: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let [at, filledBytes] = [0, 0];
  while (filledBytes < clusterBytes) {
    if (parts.length === MAX_FRAMES) throw tooMany(MAX_FRAMES, 'frames');
    const length = await frameLength(stream.subarray(at));
    const frame = stream.subarray(at, at + length);
    const part = await decodeFrame(frame, clusterBytes - filledBytes, WORD);
    parts.push(part);
    filledBytes += part.length;
    at += length;
  }
  return joined(parts);
}

/** The decoder wants a frame with nothing behind it, but behind a stream its last sector has bytes of other clusters. */
async function frameLength(stream: Uint8Array): Promise<number> {
  const read = (offset: number, length: number) => stream.subarray(offset, offset + length);
  const { lengthBytes, isWalked } = await walkFrame(read, MAX_BLOCKS, WORD);
  if (!isWalked) throw tooMany(MAX_BLOCKS, 'blocks in a frame');
  if (lengthBytes <= stream.length) return lengthBytes;
  const message = `a frame of zstd's has ${lengthBytes} bytes; its sectors hold ${stream.length}`;
  throw new FormatError('INVALID', `${WORD}, ${message}`, { data: { endsEarly: true } });
}

function tooMany(count: number, what: string): FormatError {
  return new FormatError('LIMIT', `${WORD} are more than ${count} ${what} of zstd's`);
}
