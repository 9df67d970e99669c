// Chunks: stretches of logical addresses, and where their bytes lie on the devices.
// References: Linux 6.18 fs/btrfs/tree-checker.c: btrfs_check_chunk_valid; volumes.c: btrfs_map_block, read_one_chunk.
import {
  btrfsStripeRecords,
  type GuestBtrfsChunk,
  parseBtrfsSystemChunk,
} from '../../../generated/filesystem/btrfs.js';
import { lastAtMost } from '../../bytes/search.js';
import { FormatError } from '../../errors.js';
import { equals, int, u16, u64, uuidText } from '../../validation/guest.js';
import type { Features } from './features.js';
import { type ChunkType, DATA, METADATA, readType, SYSTEM } from './profile.js';
import { refused } from './superblock-rules.js';

/** BTRFS_STRIPE_LEN: the kernel refuses any other. */
export const STRIPE_BYTES = 65536;
export const CHUNK_ITEM = 228;
const SYSTEM_CHUNK_BYTES = 17 + 48;
const STRIPE_RECORD_BYTES = 32;
const U16_MAX = 0xffff;
/** Its stripes are counted in 32 bits. */
const MAX_CHUNK_BYTES = STRIPE_BYTES * 0xffff_ffff - 1;

export interface Stripe {
  readonly deviceId: bigint;
  readonly deviceUuid: string | null;
  readonly offsetBytes: number;
}

export interface Chunk extends ChunkType {
  readonly address: number;
  readonly sizeBytes: number;
  readonly stripes: readonly Stripe[];
  /** raid10: stripes that hold the same. */
  readonly subStripes: number;
}

/** Bytes of one device. */
interface Piece {
  readonly stripe: Stripe;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** What the superblock says that chunks must be like. */
interface ChunkRules {
  readonly sectorBytes: number;
  readonly features: Pick<Features, 'hasMixedGroups'>;
}

/** @throws FormatError INVALID, OUT_OF_BOUNDS for a chunk that no kernel accepts. */
export function readChunk(address: number, guest: GuestBtrfsChunk, rules: ChunkRules): Chunk {
  const what = `the chunk at ${address}`;
  const type = readType(guest.type, what);
  if (type.kind === DATA + METADATA && !rules.features.hasMixedGroups) {
    throw refused(`${what} is mixed, which the superblock does not allow`);
  }
  const sizeBytes = int(
    guest.lenChunk,
    `btrfs: length of ${what}`,
    1,
    Math.min(MAX_CHUNK_BYTES, Number.MAX_SAFE_INTEGER - address),
  );
  const { sectorBytes } = rules;
  if (address % sectorBytes !== 0 || sizeBytes % sectorBytes !== 0) {
    throw refused(`${what} has ${sizeBytes} bytes; sectors have ${sectorBytes}`);
  }
  if (!equals(guest.lenSector, sectorBytes)) {
    throw refused(`${what} has sectors of another size than ${sectorBytes}`);
  }
  if (!equals(guest.lenStripe, STRIPE_BYTES)) {
    const message = `btrfs: ${what} has stripes of a length other than ${STRIPE_BYTES}`;
    throw new FormatError('INVALID', message);
  }
  const { stripeCount, minDevices } = type.profile;
  const least = stripeCount ?? minDevices;
  const count = int(
    guest.numStripes,
    `btrfs: stripes of ${what} (${type.profile.name})`,
    least,
    stripeCount ?? U16_MAX,
  );
  const records = btrfsStripeRecords(guest.stripes);
  const stripes = Array.from({ length: count }, (_, i): Stripe => {
    const { device, offset, deviceUuid } = records.at(i);
    return {
      deviceId: u64(device),
      deviceUuid: uuidText(deviceUuid),
      offsetBytes: int(offset, 'btrfs: offset of a stripe', 0, Number.MAX_SAFE_INTEGER),
    };
  });
  const subStripes = u16(guest.numSubStripes);
  if (type.profile.name === 'raid10' && (subStripes !== 2 || count % subStripes !== 0)) {
    const message = `btrfs: ${what} is raid10 with ${count} stripes in ${subStripes} copies`;
    throw new FormatError('INVALID', message);
  }
  return { ...type, address, sizeBytes, stripes, subStripes };
}

/**
 * The chunks that the superblock itself lists, so that the chunk tree can be read.
 * @throws FormatError TRUNCATED, INVALID, OUT_OF_BOUNDS
 */
export function systemChunks(array: Uint8Array, rules: ChunkRules): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < array.length; ) {
    const { type, offset, chunk } = parseBtrfsSystemChunk(array.subarray(at));
    if (!equals(type, CHUNK_ITEM)) {
      throw new FormatError('INVALID', `btrfs: item at ${at} of the system chunks is no chunk`);
    }
    const address = int(offset, 'btrfs: address of a chunk', 0, Number.MAX_SAFE_INTEGER);
    const read = readChunk(address, chunk, rules);
    if (read.kind !== SYSTEM) throw refused(`the chunk at ${address} is no system chunk`);
    chunks.push(read);
    at += SYSTEM_CHUNK_BYTES + read.stripes.length * STRIPE_RECORD_BYTES;
  }
  if (chunks.length === 0) throw refused('the superblock has no system chunk');
  return chunks;
}

/** How many places a byte of the chunk can be read from. */
export function copyCount({ profile }: Chunk): number {
  return profile.copies;
}

/**
 * Where the bytes from `address` lie in copy number `copy`: a piece ends where the stripe or the chunk does.
 * `address` lies within the chunk.
 */
export function locate(chunk: Chunk, address: number, lengthBytes: number, copy: number): Piece {
  const offset = address - chunk.address;
  const left = Math.min(lengthBytes, chunk.sizeBytes - offset);
  const { profile, stripes } = chunk;
  if (profile.stripeCount !== null) {
    const stripe = at(stripes, copy);
    return { stripe, offsetBytes: stripe.offsetBytes + offset, lengthBytes: left };
  }
  const number = Math.floor(offset / STRIPE_BYTES);
  const within = offset % STRIPE_BYTES;
  const { index, row } = striped(chunk, number, copy);
  const stripe = at(stripes, index);
  return {
    stripe,
    offsetBytes: stripe.offsetBytes + row * STRIPE_BYTES + within,
    lengthBytes: Math.min(left, STRIPE_BYTES - within),
  };
}

/** Which stripe of the chunk holds the stripe-sized part `number` of it, and in which row. */
function striped(
  { profile, stripes, subStripes }: Chunk,
  number: number,
  copy: number,
): { index: number; row: number } {
  if (profile.copies > 1) {
    const sets = stripes.length / subStripes;
    return { index: (number % sets) * subStripes + copy, row: Math.floor(number / sets) };
  }
  const dataStripes = stripes.length - profile.parityStripes;
  const row = Math.floor(number / dataStripes);
  // Parity goes round, and the data with it.
  const turn = profile.parityStripes > 0 ? row : 0;
  return { index: ((number % dataStripes) + turn) % stripes.length, row };
}

function at(stripes: readonly Stripe[], index: number): Stripe {
  const stripe = stripes[index];
  if (stripe === undefined) throw new FormatError('INVALID', `btrfs: there is no stripe ${index}`);
  return stripe;
}

/** The chunk that holds the address, of chunks in ascending order; null if none does. */
export function chunkAt(chunks: readonly Chunk[], address: number): Chunk | null {
  const chunk = chunks[lastAtMost(address, chunks.length, (i) => chunks[i]?.address)];
  return chunk !== undefined && address < chunk.address + chunk.sizeBytes ? chunk : null;
}

/** In ascending order. @throws FormatError INVALID when two overlap. */
export function sortedChunks(chunks: readonly Chunk[]): readonly Chunk[] {
  const sorted = [...chunks].sort((a, b) => a.address - b.address);
  sorted.forEach((chunk, i) => {
    const before = sorted[i - 1];
    if (before === undefined || before.address + before.sizeBytes <= chunk.address) return;
    const message = `btrfs: the chunks at ${before.address} and ${chunk.address} overlap`;
    throw new FormatError('INVALID', message);
  });
  return sorted;
}
