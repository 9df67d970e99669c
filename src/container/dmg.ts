// dmg: macOS's disk image (UDIF), whose chunks are stored, left out or compressed, each in its own way.
// References: QEMU block/dmg.c dmg_open(), dmg_read_chunk(); http://newosxbook.com/DMG.html.

import { DmgChunkKind } from '../../generated/container/dmg.js';
import { type ContainerFormat, layerOf } from './container.js';
import { type ChunkTable, chunkAt, kindNames, readChunks } from './dmg/chunks.js';
import { decompressChunk } from './dmg/decompress.js';
import { readTrailer, TRAILER_BYTES } from './dmg/trailer.js';
import type { DiskExtent } from './tables/disk-extent.js';
import { type ExtentBuilder, extentBuilder } from './tables/extent-builder.js';
import { extentContent } from './tables/extents.js';

export const dmg: ContainerFormat = {
  name: 'dmg',
  async probe(file) {
    return file.sizeBytes > TRAILER_BYTES;
  },
  async open(file, { scope }) {
    const trailer = await readTrailer(file);
    const { sizeBytes, version } = trailer;
    const chunks = await readChunks(file, trailer);
    const map = async (offset: number, length: number) =>
      mapRange(chunks, sizeBytes, offset, length);
    const layer = layerOf(file, 'dmg', {
      version,
      features: kindNames(chunks),
      capacityBytes: sizeBytes,
      map,
    });
    const content = extentContent({
      format: 'dmg',
      sizeBytes,
      scope,
      map,
      file,
      data: file,
      backing: null,
      decompress: (stream, { blockOffsetBytes, blockBytes }) => {
        const chunk = chunkAt(chunks, blockOffsetBytes);
        const kind = chunks.kinds[chunk] ?? DmgChunkKind.LAST;
        return decompressChunk(stream, kind, blockOffsetBytes, blockBytes, scope);
      },
    });
    return { content, layer };
  },
};

const EXTENTS_AT_ONCE = 1024;

/** The extents of a range; a part of the disk that no chunk holds is zeros. */
function mapRange(
  chunks: ChunkTable,
  sizeBytes: number,
  offset: number,
  wantedBytes: number,
): readonly DiskExtent[] {
  const extents = extentBuilder();
  const end = Math.min(sizeBytes, offset + wantedBytes);
  let chunk = chunkAt(chunks, offset);
  for (let at = offset; at < end && extents.count < EXTENTS_AT_ONCE; chunk++) {
    const stop = Math.min(end, chunkEnd(chunks, chunk));
    if (at < stop) addChunk(chunks, chunk, at, stop, extents);
    at = Math.max(at, stop);
    const next = Math.min(end, chunks.starts[chunk + 1] ?? end);
    if (at < next) extents.plain('zero', at, next - at);
    at = Math.max(at, next);
  }
  return extents.finish();
}

/** Where a chunk ends on the disk; 0 for the index -1, before the first chunk. */
function chunkEnd({ starts, lengths }: ChunkTable, chunk: number): number {
  return (starts[chunk] ?? 0) + (lengths[chunk] ?? 0);
}

function addChunk(
  chunks: ChunkTable,
  chunk: number,
  from: number,
  to: number,
  extents: ExtentBuilder,
) {
  const start = chunks.starts[chunk] ?? 0;
  const host = chunks.hostOffsets[chunk] ?? 0;
  const kind = chunks.kinds[chunk];
  if (kind === DmgChunkKind.ZERO || kind === DmgChunkKind.IGNORE)
    extents.plain('zero', from, to - from);
  else if (kind === DmgChunkKind.RAW) {
    extents.data(from, to - from, host + (from - start));
  } else {
    extents.compressed({
      kind: 'compressed',
      offsetBytes: from,
      lengthBytes: to - from,
      hostOffsetBytes: host,
      hostLengthBytes: chunks.hostLengths[chunk] ?? 0,
      blockOffsetBytes: start,
      blockBytes: chunks.lengths[chunk] ?? 0,
    });
  }
}
