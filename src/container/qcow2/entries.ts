// Entries of L1, L2 and refcount tables as numbers. There are millions of them and each is looked at, so they are read in
// halves of 32 bits; the code that uses an entry checks it.
// References: QEMU docs/interop/qcow2.rst "Cluster mapping"; QEMU block/qcow2.h L1E_OFFSET_MASK, L2E_OFFSET_MASK;
// formats/container/qcow2.ksy table_entry.
import {
  type GuestQcow2TableEntry,
  Qcow2EntryFlag,
  Qcow2EntryLowFlag,
} from '../../../generated/container/qcow2.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { Records } from '../../kaitai/index.js';
import { u32 } from '../../validation/guest.js';

/** Bits of the upper half of an entry. */
export const { COPIED, COMPRESSED } = Qcow2EntryFlag;
/** Bit of the lower half of an entry that is not extended. */
export const { ZERO } = Qcow2EntryLowFlag;

const OFFSET_HIGH_MASK = 0x00ffffff;
const DESCRIPTOR_HIGH_MASK = 0x3fffffff;
const WORD = 2 ** 32;

type GuestHalves = Pick<GuestQcow2TableEntry, 'high' | 'low'>;

/** Entries of a table, one behind the other. */
export type Entries = Records<GuestQcow2TableEntry>;

/** The upper half of an entry. Every value is accepted, since its bits are looked at one by one. */
export function highOf({ high }: GuestHalves): number {
  return u32(high);
}

/** The lower half of an entry. */
export function lowOf({ low }: GuestHalves): number {
  return u32(low);
}

/** Offset of the table or cluster that an entry points to, from its two halves: exact, a multiple of 512, below 2^56. */
export function offsetOf(high: number, low: number): number {
  return (high & OFFSET_HIGH_MASK) * WORD + (low - (low % SECTOR_BYTES));
}

/** As `offsetOf`, of one entry. */
export function offsetAt(entries: Entries, index: number): number {
  const entry = entries.at(index);
  return offsetOf(highOf(entry), lowOf(entry));
}

/**
 * How many entries from `index` on have the same upper half, and lower halves that each are `step` more than the one
 * before: the clusters of a file that was written in order follow each other.
 * @param low the lower half of the entry at `index`.
 */
export function runLength(
  entries: Entries,
  index: number,
  end: number,
  high: number,
  low: number,
  step: number,
): number {
  if (step === 0) return entries.sameFrom(index, end);
  let expected = low + step;
  let next = index + 1;
  while (next < end) {
    const entry = entries.at(next);
    if (lowOf(entry) !== expected || highOf(entry) !== high) break;
    expected += step;
    next++;
  }
  return next - index;
}

/** Where the stream of a compressed cluster is. */
interface Stream {
  /** Exact up to 2^53; a larger one is rounded, and lies behind the end of any file. */
  readonly offsetBytes: number;
  /** The length to the end of the stream's last sector. */
  readonly lengthBytes: number;
}

/**
 * The descriptor of a compressed cluster: below, the offset in bytes, and above, how many more sectors of 512 bytes hold
 * the stream after the one that it begins in. Where they meet depends on the cluster size.
 */
export function streamOf(high: number, low: number, clusterBits: number): Stream {
  const highRange = 2 ** (62 - (clusterBits - 8) - 32);
  const descriptorHigh = high & DESCRIPTOR_HIGH_MASK;
  const offsetBytes = (descriptorHigh % highRange) * WORD + low;
  const sectorCount = Math.floor(descriptorHigh / highRange) + 1;
  return {
    offsetBytes,
    lengthBytes: sectorCount * SECTOR_BYTES - (offsetBytes % SECTOR_BYTES),
  };
}
