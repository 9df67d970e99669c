// Compressed grains. A stream gives one grain, never more: its size is fixed before anything is decompressed.
// References: VMware, Virtual Disk Format 5.0, "Stream-Optimized Compressed Sparse Extents"; QEMU block/vmdk.c
// vmdk_read_extent(); RFC 1950.
import { parseVmdkMarker } from '../../../generated/container/vmdk.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { inflate } from '../compression/inflate.js';
import type { CompressedExtent } from '../tables/disk-extent.js';
import { behindEnd } from '../tables/file-end.js';
import { maxStreamBytes, type SparseExtent } from './grains.js';

export const MARKER_BYTES = 12;

/**
 * Decompresses the grain of an extent whose offsets are those of the sparse extent. `bytes` is the part of the stream that
 * was read; if the marker tells a longer stream, the rest is read from `file`.
 * @throws FormatError INVALID, TRUNCATED, OUT_OF_BOUNDS.
 */
export async function decompressGrain(
  sparse: SparseExtent,
  extent: CompressedExtent,
  bytes: Uint8Array,
  file: ByteSource,
): Promise<Uint8Array> {
  const { blockOffsetBytes, blockBytes, hostOffsetBytes } = extent;
  const stream =
    sparse.compression?.hasMarkers === true
      ? await markedStream(sparse, extent, bytes, file)
      : bytes;
  const what = `vmdk: the compressed grain at ${blockOffsetBytes}`;
  const grain = inflate(stream, sparse.grainBytes, 'zlib', what);
  // The last grain has less than a grain's bytes in some writers' images, and all of them in others'.
  if (grain.length >= blockBytes) return grain.subarray(0, blockBytes);
  const message = `${what} inflates to ${grain.length} bytes; it must have ${blockBytes}`;
  throw new FormatError('INVALID', message, { data: { hostOffsetBytes } });
}

async function markedStream(
  sparse: SparseExtent,
  { blockOffsetBytes, hostOffsetBytes }: CompressedExtent,
  bytes: Uint8Array,
  file: ByteSource,
): Promise<Uint8Array> {
  const marker = parseVmdkMarker(bytes);
  if (!equals(marker.lba, blockOffsetBytes / SECTOR_BYTES)) {
    throw new FormatError(
      'INVALID',
      `vmdk: the compressed grain at ${hostOffsetBytes} of the file is not marked as the one at ${blockOffsetBytes} of its extent`,
      { data: { blockOffsetBytes, hostOffsetBytes } },
    );
  }
  const what = `vmdk: length of the compressed grain at ${blockOffsetBytes}`;
  const lengthBytes = int(marker.lenStream, what, 1, maxStreamBytes(sparse));
  if (MARKER_BYTES + lengthBytes <= bytes.length)
    return bytes.subarray(MARKER_BYTES, MARKER_BYTES + lengthBytes);
  const missingBytes = hostOffsetBytes + MARKER_BYTES + lengthBytes - file.sizeBytes;
  if (missingBytes > 0) {
    sparse.end.needs(sparse.end.sizeBytes + missingBytes);
    const at = { offsetBytes: blockOffsetBytes, hostOffsetBytes: hostOffsetBytes + MARKER_BYTES };
    throw behindEnd('vmdk', at, file.sizeBytes);
  }
  return file.read(hostOffsetBytes + MARKER_BYTES, lengthBytes);
}
