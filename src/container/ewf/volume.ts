// The section "volume" (or "disk"): the sizes of the disk and of its chunks.
// References: J. Metz, "Expert Witness Compression Format specification", section "Volume section".
import { parseEwfSmartVolume, parseEwfVolume } from '../../../generated/container/ewf.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int, u32 } from '../../validation/guest.js';

export interface Volume {
  readonly sizeBytes: number;
  readonly chunkBytes: number;
  readonly chunkCount: number;
  /** Whether it has SMART's form: the tables of such a file have no checksum of their entries. */
  readonly isSmart: boolean;
}

/** EnCase's form has 1052 bytes, SMART's 94. */
export const VOLUME_BYTES = 1052;
export const SMART_VOLUME_BYTES = 94;
const MAX_CHUNK_BYTES = 32 * MIB;
const MAX_SECTOR_BYTES = 65_536;
const MAX_SECTORS_PER_CHUNK = 65_536;

/** @param bytes the content of the section. @throws FormatError. */
export function readVolume(bytes: Uint8Array): Volume {
  const isSmart = bytes.length < VOLUME_BYTES;
  const fields = isSmart ? parseEwfSmartVolume(bytes) : parseEwfVolume(bytes);
  const sectorBytes = int(fields.bytesPerSector, 'ewf: bytes of a sector', 1, MAX_SECTOR_BYTES);
  const perChunk = int(fields.sectorsPerChunk, 'ewf: sectors of a chunk', 1, MAX_SECTORS_PER_CHUNK);
  const chunkBytes = sectorBytes * perChunk;
  if (chunkBytes > MAX_CHUNK_BYTES) {
    const message = `ewf: a chunk has ${chunkBytes} bytes; the limit is ${MAX_CHUNK_BYTES}`;
    throw new FormatError('LIMIT', message, { data: { chunkBytes } });
  }
  const maxSectors = Math.floor(Number.MAX_SAFE_INTEGER / sectorBytes);
  const sectorCount = int(fields.numSectors, 'ewf: number of sectors', 0, maxSectors);
  const chunkCount = Math.ceil(sectorCount / perChunk);
  // The count of chunks is not used: writers of streams leave it at 0 or at their guess. The tables tell the real one.
  u32(fields.numChunks);
  return { sizeBytes: sectorCount * sectorBytes, chunkBytes, chunkCount, isSmart };
}
