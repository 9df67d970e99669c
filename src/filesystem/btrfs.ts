// Btrfs on one or several devices: the numbers that the kernel's statfs gives, counted without mounting.
// References: Linux 6.18 fs/btrfs/super.c: btrfs_statfs; https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html.
// All subvolumes share the numbers, so there is one row for a filesystem. Inodes are not counted, as in the kernel.

import type { ByteSource } from '../bytes/source.js';
import { UnsupportedError } from '../errors.js';
import { theLabel } from '../validation/guest.js';
import { readTargets } from './btrfs/balance.js';
import { checkDeviceExtents } from './btrfs/device-extents.js';
import { type FoundDevice, newestSuperblock, openPool, type Pool } from './btrfs/devices.js';
import { readGroupUsages } from './btrfs/groups.js';
import { withLeafRules } from './btrfs/leaf-rules.js';
import { replayed } from './btrfs/recovery.js';
import {
  BLOCK_GROUP_TREE,
  CHECKSUM_TREE,
  EXTENT_TREE,
  FREE_SPACE_TREE,
  MOVED_DATA,
  type Root,
  readRoot,
} from './btrfs/roots.js';
import { reserveBytes, space } from './btrfs/space.js';
import { readSubvolumes } from './btrfs/subvolumes.js';
import { readIdentity, readSuperblock, type Superblock } from './btrfs/superblock.js';
import { refused } from './btrfs/superblock-rules.js';
import { FIRST_SUBVOLUME, findItem, TOP } from './btrfs/tree.js';
import { orFaulty } from './fault.js';
import type { Filesystem, FilesystemFormat, Usage, View } from './filesystem.js';

const INODE_ITEM = 1;
/** No item has it, and the way to it leads to the last leaf. Its object is BTRFS_LAST_FREE_OBJECTID. */
const LAST_KEY = { object: 2n ** 64n - 256n, type: 255, offset: 2n ** 64n - 1n };

export const btrfs: FilesystemFormat = { name: 'btrfs', open };

async function open(source: ByteSource): Promise<Filesystem> {
  const identity = await readIdentity(source);
  return orFaulty(identity, async () => opened(source, await readSuperblock(source)));
}

function opened(source: ByteSource, superblock: Superblock): Filesystem {
  const endBytes = superblock.device.totalBytes;
  const whole = { ...filesystem([{ source, superblock }], superblock), endBytes };
  if (superblock.deviceCount === 1) return whole;
  return { ...whole, share: { key: superblock.fsid ?? '', join: joinDevices } };
}

async function joinDevices(sources: readonly ByteSource[]): Promise<Filesystem> {
  const devices: FoundDevice[] = [];
  for (const source of sources) devices.push({ source, superblock: await readSuperblock(source) });
  return filesystem(devices, newestSuperblock(devices));
}

function filesystem(
  devices: readonly FoundDevice[],
  { fsid, features, ...its }: Superblock,
): Filesystem {
  return {
    kind: 'filesystem',
    type: 'btrfs',
    isReadOnly: features.isSeed,
    ...theLabel(its),
    uuid: fsid,
    usage: async (view) => usage(await openPool(devices), view),
    subvolumes: async () => readSubvolumes(await openPool(devices)),
    async files(walk) {
      const { btrfsFiles } = await import('./btrfs/files.js');
      return btrfsFiles(await openPool(devices), walk, async (view) =>
        usage(await openPool(devices), view),
      );
    },
  };
}

async function usage(found: Pool, view: View): Promise<Usage> {
  const pool = withLeafRules(found);
  const { superblock, devices } = pool;
  checkWritable(superblock, view);
  const { root, features, sectorBytes, nodeBytes, totalBytes } = superblock;
  const read = (tree: bigint) => readRoot(pool.reader, root, tree);
  await checkDeviceExtents(pool);
  for (const tree of [TOP, MOVED_DATA]) {
    if ((await read(tree)).isDeleted) throw refused(`tree ${BigInt.asIntN(64, tree)} is deleted`);
  }
  await checkTopDirectory(pool, await read(TOP));
  const extents = await read(EXTENT_TREE);
  const trees = [extents, await read(CHECKSUM_TREE)];
  if (features.hasFreeSpaceTree) trees.push(await read(FREE_SPACE_TREE));
  const blockGroups = features.hasBlockGroupTree ? await read(BLOCK_GROUP_TREE) : null;
  if (blockGroups !== null) trees.push(blockGroups);
  const treeBytes = trees.map(({ usedBytes }) => usedBytes);
  const committed = await readGroupUsages(pool, { extents, blockGroups });
  const mounted = await replayed(pool, extents, committed, view);
  return {
    blockSizeBytes: sectorBytes,
    ...space({
      totalBytes,
      sectorBytes,
      devices,
      isWritable: !features.isSeed,
      isMixed: features.hasMixedGroups,
      targets: await readTargets(pool),
      usages: mounted.usages,
      reserveBytes: reserveBytes({
        nodeBytes,
        treeBytes,
        hasFreeSpaceTree: features.hasFreeSpaceTree,
      }),
    }),
    fileCount: null,
    freeFileCount: null,
    basis: mounted.basis,
    isStale: mounted.isStale,
    doubts: mounted.doubts,
    deletedOpenBytes: mounted.deletedOpenBytes ?? null,
    isFreeing: mounted.isFreeing ?? false,
  };
}

/**
 * Whatever subvolume is mounted, Linux looks into the first one for its directory and for the highest number of a file, which is
 * in the last leaf: btrfs_fill_super, btrfs_init_root_free_objectid.
 * @throws FormatError
 */
async function checkTopDirectory({ reader }: Pool, top: Root): Promise<void> {
  const directory = { object: FIRST_SUBVOLUME, type: INODE_ITEM, offset: 0n };
  const isThere = (await findItem(reader, top, directory)) !== null;
  if (!isThere) throw refused(`the top subvolume has no inode ${FIRST_SUBVOLUME}: its directory`);
  await findItem(reader, top, LAST_KEY);
}

/** @throws UnsupportedError for a feature with which no kernel that virt-df knows mounts it writable. */
function checkWritable({ features }: Superblock, view: View): void {
  if (view === 'mount' || features.unknownReadOnly === null) return;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `btrfs: read-only-compatible features ${features.unknownReadOnly} are unknown, so what a writable mount shows ` +
      'is too; a read-only mount is what --view mount shows',
  );
}
