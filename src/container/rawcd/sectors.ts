// The disc that lies in sectors as a drive reads them: of each, 2048 bytes.
// References: ECMA-130 section 14; Linux include/uapi/linux/cdrom.h.
import type { HostFile, Scope } from '../../host/scope.js';
import { type Disk, layerOf } from '../container.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { extentBuilder } from '../tables/extent-builder.js';
import { extentContent } from '../tables/extents.js';

/** Where the sectors of a track are in the file. */
export interface Sectors {
  readonly version: string;
  /** Where the first one begins. */
  readonly firstBytes: number;
  /** From one sector to the next. */
  readonly strideBytes: number;
  /** Where the content of each begins in it. */
  readonly skippedBytes: number;
  readonly count: number;
}

export const CONTENT_BYTES = 2048;
const EXTENTS_AT_ONCE = 1024;

export function discOf(format: string, file: HostFile, sectors: Sectors, scope: Scope): Disk {
  const sizeBytes = sectors.count * CONTENT_BYTES;
  const map = async (offset: number, length: number) =>
    mapRange(sectors, offset, Math.min(sizeBytes, offset + length));
  const layer = layerOf(file, format, {
    version: sectors.version,
    features: [String(sectors.strideBytes)],
    clusterBytes: CONTENT_BYTES,
    capacityBytes: sizeBytes,
    map,
  });
  const parts = { format, sizeBytes, scope, map, file, data: file };
  return { content: extentContent({ ...parts, backing: null, decompress: null }), layer };
}

function mapRange(
  { firstBytes, strideBytes, skippedBytes }: Sectors,
  offset: number,
  end: number,
): readonly DiskExtent[] {
  const extents = extentBuilder();
  if (strideBytes === CONTENT_BYTES) {
    extents.data(offset, end - offset, firstBytes + offset);
    return extents.finish();
  }
  for (let at = offset; at < end && extents.count < EXTENTS_AT_ONCE; ) {
    const sector = Math.floor(at / CONTENT_BYTES);
    const within = at - sector * CONTENT_BYTES;
    const lengthBytes = Math.min(end - at, CONTENT_BYTES - within);
    extents.data(at, lengthBytes, firstBytes + sector * strideBytes + skippedBytes + within);
    at += lengthBytes;
  }
  return extents.finish();
}
