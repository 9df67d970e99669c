// Writes growing images of Bochs's byte by byte: version 1, which no tool writes any more, and wrong headers.
// References: Bochs iodev/hdimage/hdimage.h redolog_header_t.
import { random } from '../random.js';

export interface BochsFields {
  readonly version: 1 | 2;
  readonly extentBytes: number;
  readonly extentCount: number;
  readonly subkind?: string;
}

const SECTOR = 512;

/** Two of three extents are there, in the reverse of the disk's order, each with some of its sectors. */
export function bochsImage({
  version,
  extentBytes,
  extentCount,
  subkind = 'Growing',
}: BochsFields): Buffer {
  const next = random(`bochs ${version} ${extentBytes}`);
  const bitmapLength = Math.ceil(extentBytes / SECTOR / 8);
  const bitmapBytes = Math.ceil(bitmapLength / SECTOR) * SECTOR;
  const stored = Array.from({ length: extentCount }, (_, i) => i)
    .filter((i) => i % 3 !== 1)
    .reverse();
  const dataOffset = SECTOR + 4 * extentCount;
  const stride = bitmapBytes + extentBytes;
  const image = Buffer.alloc(dataOffset + stored.length * stride);
  image.write('Bochs Virtual HD Image', 0, 'latin1');
  image.write('Redolog', 32, 'latin1');
  image.write(subkind, 48, 'latin1');
  const words = [version * 65536, SECTOR, extentCount, bitmapLength, extentBytes];
  for (const [i, word] of words.entries()) image.writeUInt32LE(word, 64 + 4 * i);
  image.writeBigUInt64LE(BigInt(extentCount * extentBytes - 1024), version === 1 ? 84 : 88);
  image.fill(0xff, SECTOR, dataOffset);
  for (const [place, extent] of stored.entries()) {
    image.writeUInt32LE(place, SECTOR + 4 * extent);
    const bitmap = dataOffset + place * stride;
    for (let sector = 0; sector < extentBytes / SECTOR; sector++) {
      if (next(3) === 0) continue;
      const byte = bitmap + Math.floor(sector / 8);
      image[byte] = (image[byte] ?? 0) | (1 << (sector % 8));
    }
    // Also in sectors that were not written, where it must not be read.
    for (let i = 0; i < extentBytes; i += 7) image[bitmap + bitmapBytes + i] = next(256);
  }
  return image;
}
