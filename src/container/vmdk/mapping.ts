// Maps a range of the disk to the extents' files: first to the part of the disk, then to the place in the part's file.
// References: QEMU block/vmdk.c find_extent(), vmdk_find_offset_in_cluster().
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import type { CompressedExtent, DiskExtent } from '../tables/disk-extent.js';
import { decompressGrain } from './compression.js';
import type { Part } from './parts.js';

/**
 * As `Layer.map`. Offsets in files are numbered as if the files that the descriptor names lay one behind the other, in
 * the order in which it first names them.
 * @throws FormatError OUT_OF_BOUNDS.
 */
export async function mapParts(
  parts: readonly Part[],
  offset: number,
  length: number,
): Promise<readonly DiskExtent[]> {
  const part = partAt(parts, offset);
  const start = offset - part.startBytes;
  const extents = await part.map(start, Math.min(length, part.sizeBytes - start));
  const { startBytes, hostBaseBytes } = part;
  if (startBytes === 0 && hostBaseBytes === 0) return extents;
  return extents.map((extent) => moved(extent, startBytes, hostBaseBytes));
}

/** The grain that a compressed extent of the map lies in. @throws FormatError. */
export function decompressPart(
  parts: readonly Part[],
  files: ByteSource,
  stream: Uint8Array,
  extent: CompressedExtent,
): Promise<Uint8Array> {
  const { sparse, startBytes } = partAt(parts, extent.blockOffsetBytes);
  if (sparse === null) throw new Error('vmdk: only sparse extents have compressed grains');
  const blockOffsetBytes = extent.blockOffsetBytes - startBytes;
  return decompressGrain(sparse, { ...extent, blockOffsetBytes }, stream, files);
}

function moved(extent: DiskExtent, byBytes: number, hostByBytes: number): DiskExtent {
  const offsetBytes = extent.offsetBytes + byBytes;
  if (extent.kind === 'data') {
    return { ...extent, offsetBytes, hostOffsetBytes: extent.hostOffsetBytes + hostByBytes };
  }
  if (extent.kind !== 'compressed') return { ...extent, offsetBytes };
  const hostOffsetBytes = extent.hostOffsetBytes + hostByBytes;
  const blockOffsetBytes = extent.blockOffsetBytes + byBytes;
  return { ...extent, offsetBytes, hostOffsetBytes, blockOffsetBytes };
}

/** The last part that begins at the offset or before it. */
function partAt(parts: readonly Part[], offset: number): Part {
  const part = parts[lastAtMost(offset, parts.length, (i) => parts[i]?.startBytes)];
  if (part === undefined) throw new Error('vmdk: a disk has at least one extent');
  return part;
}
