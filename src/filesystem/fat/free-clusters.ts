// Counts the free clusters of a FAT: one pass over the first copy, in order, in chunks.
// References: Linux 6.1 fs/fat/fatent.c: fat_count_free_clusters, fat12_ent_get, fat16_ent_get, fat32_ent_get.
// Bad clusters, and those of chains that nothing leads to, are not free: only an entry of zero is.

import { pieces, piecesIn } from '../../bytes/pieces.js';
import type { ByteSource } from '../../bytes/source.js';
import { tableCounter, wholeSteps } from '../../bytes/table-counter.js';
import { KIB } from '../../limits.js';
import { FIRST_CLUSTER } from './chain.js';
import type { Geometry } from './geometry.js';

const PIECE_BYTES = 64 * KIB;
const ZEROS = new Uint8Array(PIECE_BYTES);
/** The bits of an entry of FAT32 that are the cluster's number, as this machine has them in a word. */
const [NUMBER_BITS = 0] = new Uint32Array(Uint8Array.of(0xff, 0xff, 0xff, 0x0f).buffer);

/** @throws FormatError OUT_OF_BOUNDS when the FAT does not lie within the source. */
export async function countFreeClusters(source: ByteSource, geometry: Geometry): Promise<number> {
  const { entryBits, clusterCount, fatOffsetBytes } = geometry;
  if (entryBits === 12) return countFree12(source, fatOffsetBytes, clusterCount);
  const entryBytes = entryBits / 8;
  const start = fatOffsetBytes + FIRST_CLUSTER * entryBytes;
  const sizeBytes = clusterCount * entryBytes;
  let free = 0;
  const counter = entryBits === 32 ? tableCounter(sizeBytes) : null;
  if (counter === null) {
    for await (const bytes of pieces(source, start, sizeBytes)) free += countFree(bytes, entryBits);
    return free;
  }
  for await (const bytes of piecesIn(counter.memory, source, start, sizeBytes)) {
    free += counter.zeroNumbers(bytes.length);
    free += countFree(bytes.subarray(wholeSteps(bytes.length)), entryBits);
  }
  return free;
}

/** In pieces, since one that is all zeros, as most of an empty volume are, is compared natively. */
function countFree(bytes: Uint8Array, entryBits: 16 | 32): number {
  const entryBytes = entryBits / 8;
  const count = entryBits === 16 ? countZeros16 : countZeros32;
  const whole = aligned(bytes, entryBytes);
  let free = 0;
  for (let at = 0; at < whole.length; at += PIECE_BYTES) {
    const piece = whole.subarray(at, at + PIECE_BYTES);
    const isZero = Buffer.compare(piece, ZEROS.subarray(0, piece.length)) === 0;
    free += isZero ? piece.length / entryBytes : count(piece);
  }
  return free;
}

/**
 * A word of nothing but zeros has 32 leading ones, and no other has: so many are added for each free entry, and none for
 * another, without a branch. Free entries are anywhere, and a processor that guesses wrong loses more than it takes to add.
 */
const WORD_BITS = 32;

function countZeros16({ buffer, byteOffset, length }: Uint8Array): number {
  const entries = new Uint16Array(buffer, byteOffset, length / 2);
  let bits = 0;
  for (let i = 0; i < entries.length; i++) bits += Math.clz32(entries[i] ?? 0) & WORD_BITS;
  return bits / WORD_BITS;
}

/** Four at a time, then up to three that are left over. */
function countZeros32({ buffer, byteOffset, length }: Uint8Array): number {
  const entries = new Uint32Array(buffer, byteOffset, length / 4);
  const fours = entries.length - (entries.length % 4);
  let bits = 0;
  for (let i = 0; i < fours; i += 4) {
    const two = bitsIfFree(entries[i] ?? 0) + bitsIfFree(entries[i + 1] ?? 0);
    bits += two + bitsIfFree(entries[i + 2] ?? 0) + bitsIfFree(entries[i + 3] ?? 0);
  }
  for (let i = fours; i < entries.length; i++) bits += bitsIfFree(entries[i] ?? 0);
  return bits / WORD_BITS;
}

function bitsIfFree(entry: number): number {
  return Math.clz32(entry & NUMBER_BITS) & WORD_BITS;
}

/** The bytes, copied if they do not lie on a multiple of a word. */
function aligned(bytes: Uint8Array, wordBytes: number): Uint8Array {
  return bytes.byteOffset % wordBytes === 0 ? bytes : new Uint8Array(bytes);
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
