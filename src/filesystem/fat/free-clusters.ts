// Counts the free clusters of a FAT: one pass over the first copy, in order, in chunks.
// References: Linux 6.1 fs/fat/fatent.c: fat_count_free_clusters, fat12_ent_get, fat16_ent_get, fat32_ent_get.
// Bad clusters, and those of chains that nothing leads to, are not free: only an entry of zero is.
import { MIB } from '../../limits.js';
import type { ByteSource } from '../../source/source.js';
import { FIRST_CLUSTER, type Geometry } from './geometry.js';

const CHUNK_BYTES = MIB;
/** The bits of an entry of FAT32 that are the cluster's number, as this machine has them in a word. */
const [NUMBER_BITS = 0] = new Uint32Array(Uint8Array.of(0xff, 0xff, 0xff, 0x0f).buffer);

/** @throws FormatError OUT_OF_BOUNDS when the FAT does not lie within the source. */
export async function countFreeClusters(source: ByteSource, geometry: Geometry): Promise<number> {
  const { entryBits, clusterCount, fatOffsetBytes } = geometry;
  if (entryBits === 12) return countFree12(source, fatOffsetBytes, clusterCount);
  const entryBytes = entryBits / 8;
  const countFree = entryBits === 16 ? countFree16 : countFree32;
  const start = fatOffsetBytes + FIRST_CLUSTER * entryBytes;
  const sizeBytes = clusterCount * entryBytes;
  let free = 0;
  let next = readChunk(source, start, sizeBytes);
  for (let done = 0; done < sizeBytes; ) {
    const bytes = await next;
    done += bytes.length;
    // The next chunk is read while this one is counted.
    if (done < sizeBytes) next = readChunk(source, start + done, sizeBytes - done);
    free += countFree(bytes);
  }
  return free;
}

/** What is left, or as much of it as makes the chunks that follow begin at multiples of their size. */
function readChunk(source: ByteSource, offsetBytes: number, leftBytes: number) {
  return source.read(offsetBytes, Math.min(CHUNK_BYTES - (offsetBytes % CHUNK_BYTES), leftBytes));
}

function countFree16(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = aligned(bytes, 2);
  const entries = new Uint16Array(buffer, byteOffset, length / 2);
  let free = 0;
  for (let i = 0; i < entries.length; i++) if (entries[i] === 0) free++;
  return free;
}

function countFree32(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = aligned(bytes, 4);
  const entries = new Uint32Array(buffer, byteOffset, length / 4);
  let free = 0;
  for (let i = 0; i < entries.length; i++) if (((entries[i] ?? 0) & NUMBER_BITS) === 0) free++;
  return free;
}

/** The bytes, copied if they do not lie on a multiple of a word. */
function aligned(bytes: Uint8Array, wordBytes: number): Uint8Array {
  return bytes.byteOffset % wordBytes === 0 ? bytes : Uint8Array.from(bytes);
}

/** Two entries are three bytes: six kilobytes at most. */
async function countFree12(
  source: ByteSource,
  fatOffsetBytes: number,
  clusterCount: number,
): Promise<number> {
  const entryCount = clusterCount + FIRST_CLUSTER;
  const bytes = await source.read(fatOffsetBytes, Math.ceil((entryCount * 3) / 2));
  let free = 0;
  for (let cluster = FIRST_CLUSTER; cluster < entryCount; cluster++) {
    const at = Math.floor((cluster * 3) / 2);
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
    const isFree =
      cluster % 2 === 0 ? first === 0 && second % 16 === 0 : first < 16 && second === 0;
    if (isFree) free++;
  }
  return free;
}
