// What a stream holds, whatever compressed it: the formats' own decoders, one after the other.
import { gunzipSync } from 'node:zlib';
import { decompressAdc } from '../../src/container/compression/adc.js';
import { decompressBzip2 } from '../../src/container/compression/bzip2.js';
import { inflate } from '../../src/container/compression/inflate.js';
import { decompressLzfse } from '../../src/container/compression/lzfse.js';
import { decompressLzma } from '../../src/container/dmg/lzma.js';
import { decompressZstd } from '../../src/container/qcow2/zstd.js';
import { MARKER_BYTES } from '../../src/container/vmdk/compression.js';
import { decodeXzBlock } from '../../src/container/xz/block.js';
import { openScope } from '../../src/host/local-scope.js';

const XZ_CHECKS = [
  { id: 0, sizeBytes: 0 },
  { id: 1, sizeBytes: 4 },
  { id: 4, sizeBytes: 8 },
  { id: 10, sizeBytes: 32 },
];
/** Of a block: it is padded to a multiple of four, and its index knows its length without that. */
const XZ_PADDINGS = [0, 1, 2, 3];

type Decoder = (stream: Uint8Array, blockBytes: number) => Promise<Uint8Array> | Uint8Array;

const decoders: readonly Decoder[] = [
  (stream, blockBytes) => inflate(stream, blockBytes, 'deflate', 'a block'),
  (stream, blockBytes) => inflate(stream, blockBytes, 'zlib', 'a block'),
  decompressZstd,
  decompressBzip2,
  markedGrain,
  (stream, blockBytes) => gunzipSync(stream, { maxOutputLength: blockBytes }),
  ...XZ_CHECKS.flatMap((check) =>
    XZ_PADDINGS.map(
      (padding): Decoder =>
        (stream, lengthBytes) => {
          const hostLengthBytes = stream.length - padding;
          const block = { offsetBytes: 0, lengthBytes, hostOffsetBytes: 0, hostLengthBytes };
          return decodeXzBlock(stream, block, check);
        },
    ),
  ),
  decompressAdc,
  decompressLzfse,
  (stream, blockBytes) => decompressLzma(stream, blockBytes, 'a chunk', openScope()),
  (stream, blockBytes) => Buffer.alloc(stream.length === 4 ? blockBytes : 0, stream),
];

/** VMDK's grains have a marker before the stream, which may hold more than the disk has of the last one. */
function markedGrain(stream: Uint8Array, blockBytes: number): Uint8Array {
  const grainBytes = Math.max(blockBytes, 2 ** 20);
  return inflate(stream.subarray(MARKER_BYTES), grainBytes, 'zlib', 'a grain').subarray(
    0,
    blockBytes,
  );
}

/** In the order in which they are tried: first the one whose block was taken last, since an image mostly has one compressor. */
let tried = decoders;

/** The blocks of this size that the stream may hold, most of them by chance; who finds the right one asks for no more. */
export async function* decodeAny(
  stream: Uint8Array,
  blockBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const decoder of tried) {
    const block = await orNull(async () => decoder(stream, blockBytes));
    if (block?.length !== blockBytes) continue;
    let isRight = true;
    try {
      yield block;
      isRight = false;
    } finally {
      if (isRight) tried = [decoder, ...tried.filter((other) => other !== decoder)];
    }
  }
}

async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch {
    return null;
  }
}
