// Android sparse image: a disk in chunks that are stored, filled with four bytes, or left out. fastboot sends them to
// phones, and Android's build makes system.img, vendor.img and super.img so.
// References: AOSP system/core/libsparse/sparse_format.h, sparse_read.cpp.
import { type ContainerFormat, layerOf } from './container.js';
import { type ChunkTable, chunkAt, readChunks } from './simg/chunks.js';
import { FILL_BYTES, HEADER_BYTES, readHeader } from './simg/header.js';
import type { DiskExtent } from './tables/disk-extent.js';
import { type ExtentBuilder, extentBuilder } from './tables/extent-builder.js';
import { extentContent } from './tables/extents.js';

/**
 * A chunk of 1 GiB that is filled with four bytes is given in blocks of this size, as if each were compressed to these
 * bytes. It is a multiple of four.
 */
const FILLED_BYTES = 2 ** 20;
const EXTENTS_AT_ONCE = 1024;

export const simg: ContainerFormat = {
  name: 'simg',
  async probe(file) {
    return file.sizeBytes >= HEADER_BYTES;
  },
  async open(file, { scope }) {
    const header = await readHeader(file);
    const { sizeBytes, blockBytes, version } = header;
    const chunks = await readChunks(file, header, scope);
    const map = async (offset: number, length: number) =>
      mapRange(chunks, offset, Math.min(sizeBytes, offset + length));
    const layer = layerOf(file, 'simg', {
      version,
      clusterBytes: blockBytes,
      capacityBytes: sizeBytes,
      map,
      inspect: async () => ({
        watermarkBytes: chunks.endBytes,
        leakedClusterCount: null,
        snapshots: [],
      }),
    });
    const content = extentContent({
      format: 'simg',
      sizeBytes,
      scope,
      map,
      file,
      data: file,
      backing: null,
      decompress: (stream, { blockBytes: lengthBytes }) => filled(stream, lengthBytes),
    });
    return { content, layer };
  },
};

function filled(fill: Uint8Array, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  bytes.set(fill.subarray(0, lengthBytes));
  // What is there is copied behind itself, each time twice as much.
  for (let at = FILL_BYTES; at < lengthBytes; at *= 2) bytes.copyWithin(at, 0, at);
  return bytes;
}

function mapRange(chunks: ChunkTable, offset: number, end: number): readonly DiskExtent[] {
  const extents = extentBuilder();
  let at = offset;
  for (let chunk = chunkAt(chunks, offset); at < end && extents.count < EXTENTS_AT_ONCE; chunk++) {
    const start = chunks.starts[chunk] ?? 0;
    const stop = Math.min(end, chunks.starts[chunk + 1] ?? end);
    const host = chunks.hostOffsets[chunk] ?? 0;
    const kind = chunks.kinds[chunk];
    if (kind === 'raw') {
      extents.data(at, stop - at, host + (at - start));
      at = stop;
    } else if (kind === 'fill') {
      at = addFilled(chunks, chunk, at, stop, extents);
    } else {
      extents.plain(kind === 'zeros' ? 'zero' : 'backing', at, stop - at);
      at = stop;
    }
  }
  return extents.finish();
}

/** Where the last block ends that was added. */
function addFilled(
  chunks: ChunkTable,
  chunk: number,
  from: number,
  to: number,
  extents: ExtentBuilder,
): number {
  const start = chunks.starts[chunk] ?? 0;
  const end = chunks.starts[chunk + 1] ?? chunks.sizeBytes;
  let at = from;
  while (at < to && extents.count < EXTENTS_AT_ONCE) {
    const blockOffsetBytes = start + Math.floor((at - start) / FILLED_BYTES) * FILLED_BYTES;
    const blockBytes = Math.min(FILLED_BYTES, end - blockOffsetBytes);
    const stop = Math.min(to, blockOffsetBytes + blockBytes);
    const hostOffsetBytes = chunks.hostOffsets[chunk] ?? 0;
    const stream = { hostOffsetBytes, hostLengthBytes: FILL_BYTES };
    const part = { offsetBytes: at, lengthBytes: stop - at };
    extents.compressed({ kind: 'compressed', ...part, ...stream, blockOffsetBytes, blockBytes });
    at = stop;
  }
  return at;
}
