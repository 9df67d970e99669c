// The type of a chunk: its kind (data, metadata, system) and its profile, which says how it is laid over devices. Example:
// metadata of profile `raid1` is written to two devices, and a chunk of 1 GiB takes 1 GiB on each.
// References: Linux 6.18 fs/btrfs/volumes.c: btrfs_raid_array, btrfs_check_chunk_valid (tree-checker.c);
// fs/btrfs/volumes.h: enum btrfs_raid_types, whose order statfs depends on.
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { big } from '../../validation/guest.js';

export const DATA = 0x1;
export const SYSTEM = 0x2;
export const METADATA = 0x4;
const KINDS = 8;

export interface Profile {
  readonly name: string;
  /** Its bit in a chunk's type; 0 for `single`, which has none. */
  readonly flag: number;
  readonly minDevices: number;
  /** Stripes of one chunk on one device. */
  readonly deviceStripes: number;
  /** How often every byte is there; parity does not count. */
  readonly copies: number;
  readonly parityStripes: number;
  /** Stripes that a chunk must have; null if any number from minDevices on. */
  readonly stripeCount: number | null;
  /** Whether a lost device loses nothing; `dup` counts, as in the kernel. */
  readonly isMirrored: boolean;
}

/** In the kernel's order. */
export const PROFILES = [
  profile('single', 0, { stripeCount: 1, isMirrored: false }),
  profile('raid0', 0x8, { isMirrored: false }),
  profile('raid1', 0x10, { minDevices: 2, copies: 2, stripeCount: 2 }),
  profile('dup', 0x20, { deviceStripes: 2, copies: 2, stripeCount: 2 }),
  profile('raid10', 0x40, { minDevices: 2, copies: 2 }),
  profile('raid5', 0x80, { minDevices: 2, parityStripes: 1 }),
  profile('raid6', 0x100, { minDevices: 3, parityStripes: 2 }),
  profile('raid1c3', 0x200, { minDevices: 3, copies: 3, stripeCount: 3 }),
  profile('raid1c4', 0x400, { minDevices: 4, copies: 4, stripeCount: 4 }),
] as const;

function profile(name: string, flag: number, more: Partial<Profile>): Profile {
  return {
    name,
    flag,
    minDevices: 1,
    deviceStripes: 1,
    copies: 1,
    parityStripes: 0,
    stripeCount: null,
    isMirrored: true,
    ...more,
  };
}

const KNOWN = PROFILES.reduce((bits, { flag }) => bits + flag, DATA + SYSTEM + METADATA);

/** A type word, taken apart: 0x14 is METADATA with the profile `raid1`. */
export interface ChunkType {
  /** DATA, SYSTEM, METADATA, or DATA + METADATA where they are mixed. */
  readonly kind: number;
  readonly profile: Profile;
}

/** @throws FormatError INVALID for no kind, or for two profiles. */
export function readType(value: GuestInteger, what: string): ChunkType {
  const bits = Number(big(value, `btrfs: type of ${what}`, 0n, BigInt(KNOWN)));
  const kind = bits % KINDS;
  const found = PROFILES.find(({ flag }) => flag === bits - kind);
  if (found !== undefined && [DATA, SYSTEM, METADATA, DATA + METADATA].includes(kind)) {
    return { kind, profile: found };
  }
  throw new FormatError('INVALID', `btrfs: ${what} has type 0x${bits.toString(16)}, which is none`);
}

/** Whether it holds data, mixed with metadata or not. */
export function holdsData({ kind }: ChunkType): boolean {
  return kind === DATA || kind === DATA + METADATA;
}
