// Whether a mount changes what is used before df is asked, and what is used then.
// References: Linux 6.18 fs/btrfs/disk-io.c: open_ctree, btrfs_start_pre_rw_mount.
import { FormatError } from '../../errors.js';
import type { Usage, View } from '../filesystem.js';
import type { Pool } from './devices.js';
import type { Usage as GroupUsage } from './groups.js';
import { type Root, readRoot } from './roots.js';
import { eachItem, firstKey, lastKey } from './tree.js';

/** BTRFS_FS_TREE_OBJECTID, BTRFS_ORPHAN_OBJECTID and its items' type. */
const FIRST_SUBVOLUME = 5n;
const ORPHANS = 2n ** 64n - 5n;
const ORPHAN_ITEM = 48;

interface Replayed extends Pick<Usage, 'basis' | 'isStale'> {
  readonly usages: readonly GroupUsage[];
}

/** The numbers after the mount; before it, and so stale, if the log is larger than virt-df replays. */
export async function replayed(
  pool: Pool,
  extents: Root,
  usages: readonly GroupUsage[],
  view: View,
): Promise<Replayed> {
  const frees = view === 'guest' && (await hasOrphans(pool));
  if (pool.superblock.logRoot === null && !frees) {
    return { usages, basis: 'metadata', isStale: false };
  }
  const { afterMount } = await import('./log.js');
  try {
    const mounted = await afterMount(pool, extents, usages, view);
    const basis = mounted.isEstimate ? 'estimate' : 'log';
    return { usages: mounted.usages, basis, isStale: false };
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== 'LIMIT') throw error;
    return { usages, basis: 'metadata', isStale: true };
  }
}

/** Whether the first subvolume has files that were deleted while they were open. */
async function hasOrphans({ reader, superblock }: Pool): Promise<boolean> {
  const root = await readRoot(reader, superblock.root, FIRST_SUBVOLUME);
  let count = 0;
  const [from, to] = [firstKey(ORPHANS, ORPHAN_ITEM), lastKey(ORPHANS, ORPHAN_ITEM)];
  await eachItem(reader, root, from, to, () => {
    count++;
  });
  return count > 0;
}
