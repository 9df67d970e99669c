// Bitmaps that tell which sectors of a block are in this image, and which are in its parent.
// References: VHD 1.0 "Block Allocation Table and Data Blocks" (the highest bit of a byte comes first);
// [MS-VHDX] 2.5.2 "Sector Bitmap Blocks" (the lowest one does).
import { MIB } from '../../limits.js';
import type { ExtentBuilder } from './extent-builder.js';

/** The most that one answer covers of a block with a bitmap: it may have an extent for each sector. */
export const MAX_MAPPED_BYTES = 16 * MIB;
/** An answer that has so many extents ends with the current block. */
export const MAX_EXTENTS = 4096;

interface SectorBitmap {
  readonly bytes: Uint8Array;
  readonly order: 'highest first' | 'lowest first';
  readonly sectorBytes: number;
  /** Offset on the disk of the first bit's sector. */
  readonly startBytes: number;
  /** Where the byte at `startBytes` is in the file. */
  readonly hostBytes: number;
}

/** The bytes of a block's bitmap that cover a range, and the offset on the disk of the first sector that they cover. */
export function bitmapPart(
  blockStart: number,
  sectorBytes: number,
  from: number,
  to: number,
): { readonly firstByte: number; readonly byteCount: number; readonly startBytes: number } {
  const bytesPerByte = 8 * sectorBytes;
  const firstByte = Math.floor((from - blockStart) / bytesPerByte);
  const byteCount = Math.ceil((to - blockStart) / bytesPerByte) - firstByte;
  return { firstByte, byteCount, startBytes: blockStart + firstByte * bytesPerByte };
}

/** Adds the extents of a range that the bitmap covers. */
export function appendSectors(
  extents: ExtentBuilder,
  bitmap: SectorBitmap,
  from: number,
  to: number,
): void {
  const { sectorBytes, startBytes, hostBytes } = bitmap;
  const first = Math.floor((from - startBytes) / sectorBytes);
  const end = Math.ceil((to - startBytes) / sectorBytes);
  for (const run of bitRuns(bitmap, first, end)) {
    const offsetBytes = Math.max(from, startBytes + run.start * sectorBytes);
    const lengthBytes = Math.min(to, startBytes + run.end * sectorBytes) - offsetBytes;
    if (run.isSet) extents.data(offsetBytes, lengthBytes, hostBytes + (offsetBytes - startBytes));
    else extents.plain('backing', offsetBytes, lengthBytes);
  }
}

interface BitRun {
  readonly isSet: boolean;
  readonly start: number;
  readonly end: number;
}

/** The runs of equal bits, a byte at a time where all eight are. */
function* bitRuns(
  { bytes, order }: Pick<SectorBitmap, 'bytes' | 'order'>,
  first: number,
  end: number,
): Generator<BitRun> {
  const isSetAt = (index: number): boolean => {
    const byte = bytes[Math.floor(index / 8)] ?? 0;
    const bit = order === 'highest first' ? 7 - (index % 8) : index % 8;
    return Math.floor(byte / 2 ** bit) % 2 === 1;
  };
  for (let start = first; start < end; ) {
    const isSet = isSetAt(start);
    const whole = isSet ? 0xff : 0;
    let at = start + 1;
    while (at < end) {
      if (at % 8 === 0 && bytes[at / 8] === whole) at += 8;
      else if (isSetAt(at) === isSet) at++;
      else break;
    }
    at = Math.min(at, end);
    yield { isSet, start, end: at };
    start = at;
  }
}
