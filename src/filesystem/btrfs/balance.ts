// A balance that was interrupted: until it goes on, new chunks get the profile that it converts to.
// References: Linux 6.18 fs/btrfs/volumes.c: btrfs_recover_balance; block-group.c: get_restripe_target,
// btrfs_reduce_alloc_profile.
import { type GuestBtrfsBalance, parseBtrfsBalance } from '../../../generated/filesystem/btrfs.js';
import { hasFlag, u64 } from '../../validation/guest.js';
import type { Pool } from './devices.js';
import { DATA, METADATA, PROFILES, type Profile } from './profile.js';
import { findItem } from './tree.js';

/** BTRFS_BALANCE_OBJECTID, BTRFS_TEMPORARY_ITEM_KEY */
const KEY = { object: 2n ** 64n - 4n, type: 248, offset: 0n };
/** BTRFS_BALANCE_ARGS_CONVERT, BTRFS_AVAIL_ALLOC_BIT_SINGLE */
const CONVERT = 1n << 8n;
const SINGLE = 1n << 48n;
const KINDS = 7n;

/** The profiles that data and metadata convert to, by the kind of a chunk; mixed groups convert as data. */
export type Targets = ReadonlyMap<number, Profile>;

export async function readTargets({ reader, superblock }: Pool): Promise<Targets> {
  const item = await findItem(reader, superblock.root, KEY);
  const targets = new Map<number, Profile>();
  if (item === null) return targets;
  const { data, metadata } = parseBtrfsBalance(item.data);
  const parts = [
    [DATA, data],
    [DATA + METADATA, data],
    [METADATA, metadata],
  ] as const;
  for (const [kind, part] of parts) {
    const profile = targetOf(part);
    if (profile !== null) targets.set(kind, profile);
  }
  return targets;
}

function targetOf({ flags, target }: GuestBtrfsBalance['data']): Profile | null {
  if (!hasFlag(flags, CONVERT)) return null;
  const bits = u64(target) & ~(SINGLE | KINDS);
  return PROFILES.find(({ flag }) => BigInt(flag) === bits) ?? null;
}
