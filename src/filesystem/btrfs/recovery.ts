// The use of the block groups as df sees it behind a mount. A mount changes it in two cases: it replays a log, and, where it
// may write, it frees files that were deleted while they were open. Otherwise the groups' own numbers stand. A guest that runs has
// those files open.
// References: Linux 6.18 fs/btrfs/disk-io.c: open_ctree, btrfs_start_pre_rw_mount.
import { FormatError } from '../../errors.js';
import { estimate } from '../doubts.js';
import type { Usage, View } from '../filesystem.js';
import type { Pool } from './devices.js';
import type { GroupUsage } from './groups.js';
import { type Root, readRoot } from './roots.js';
import { bytesPerDfByte } from './space.js';
import { hasMoreSubvolumes } from './subvolumes.js';
import { eachItem, firstKey, lastKey } from './tree.js';

/** BTRFS_FS_TREE_OBJECTID, BTRFS_ORPHAN_OBJECTID and its items' type. */
const FIRST_SUBVOLUME = 5n;
const ORPHANS = 2n ** 64n - 5n;
const ORPHAN_ITEM = 48;

const FULL_LEAF =
  'btrfs: after the replay of the log a tree may have a node more or less, as one of its leaves has hardly any room left';

interface Replayed
  extends Pick<Usage, 'basis' | 'isStale' | 'doubts' | 'deletedOpenBytes' | 'isFreeing'> {
  readonly usages: readonly GroupUsage[];
}

/** The numbers after the mount; before it, and so stale, if the log is larger than virt-df replays. */
export async function replayed(
  pool: Pool,
  extents: Root,
  usages: readonly GroupUsage[],
  view: View,
): Promise<Replayed> {
  const hasOpen = view !== 'mount' && (await hasOrphans(pool));
  const changes = pool.superblock.logRoot !== null || (hasOpen && view === 'guest');
  const asTheyAre = { usages, basis: 'metadata', isStale: false, doubts: [] } as const;
  // A read-only mount leaves them as they are, and nobody counts them.
  const noneOpen = view === 'mount' ? null : 0;
  if (!changes && !hasOpen) {
    return { ...asTheyAre, deletedOpenBytes: await ofAll(pool, view, noneOpen) };
  }
  const { afterMount } = await import('./log.js');
  try {
    const mounted = await afterMount(pool, extents, usages, view);
    const { isEstimate, openBytes } = mounted;
    const perByte = bytesPerDfByte(usages, pool.superblock.features.hasMixedGroups);
    const open = hasOpen ? openBytes / perByte : noneOpen;
    const deletedOpenBytes = await ofAll(pool, view, open);
    if (!changes) return { ...asTheyAre, deletedOpenBytes };
    return {
      usages: mounted.usages,
      basis: isEstimate ? 'estimate' : 'log',
      isStale: false,
      doubts: isEstimate ? [estimate(FULL_LEAF)] : [],
      deletedOpenBytes,
      isFreeing: hasOpen,
    };
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== 'LIMIT') throw error;
    if (!changes) return { ...asTheyAre, deletedOpenBytes: null };
    return { ...asTheyAre, isStale: true, doubts: [error], deletedOpenBytes: null };
  }
}

/** null where other subvolumes may have open files too: they are not looked into. */
async function ofAll(pool: Pool, view: View, openBytes: number | null): Promise<number | null> {
  return view === 'live' && (await hasMoreSubvolumes(pool)) ? null : openBytes;
}

/** Whether the first subvolume has files that were deleted while they were open. */
export async function hasOrphans({ reader, superblock }: Pool): Promise<boolean> {
  const root = await readRoot(reader, superblock.root, FIRST_SUBVOLUME);
  let count = 0;
  const [from, to] = [firstKey(ORPHANS, ORPHAN_ITEM), lastKey(ORPHANS, ORPHAN_ITEM)];
  await eachItem(reader, root, from, to, () => {
    count++;
  });
  return count > 0;
}
