// Which block groups hold a copy of the superblock and of the descriptors.
// References: Linux 6.1 fs/ext4/balloc.c: ext4_bg_has_super.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import { u32 } from '../../validation/guest.js';
import type { Features } from './features.js';

/** Copies are in the groups that are powers of these. */
const SPARSE_BASES = [3, 5, 7];

export interface SuperblockGroups {
  has(group: number): boolean;
  /** How many groups below `end` hold a copy. */
  countBelow(end: number): number;
}

export function superblockGroups(
  superblock: GuestExt,
  features: Features,
  groupCount: number,
): SuperblockGroups {
  if (!features.hasSparseSuper2 && !features.hasSparseSuper) {
    return { has: () => true, countBelow: (end) => end };
  }
  const groups = new Set<number>([0]);
  if (features.hasSparseSuper2) {
    for (const group of superblock.backupGroups) {
      groups.add(u32(group));
    }
  } else {
    for (const base of SPARSE_BASES) {
      for (let group = 1; group < groupCount; group *= base) groups.add(group);
    }
  }
  return {
    has: (group) => groups.has(group),
    countBelow: (end) => [...groups].filter((group) => group < end).length,
  };
}
