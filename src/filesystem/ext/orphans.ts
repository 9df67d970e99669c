// Files that were deleted, or were being cut, while the filesystem was mounted: the kernel finishes that at the mount,
// a read-only one too, before anybody can ask what is free.
// References: Linux 6.18 fs/ext4/orphan.c: ext4_orphan_cleanup, ext4_process_orphan, ext4_init_orphan_info;
// fs/ext4/ialloc.c: ext4_orphan_get; fs/ext4/inode.c: ext4_evict_inode, ext4_truncate; fs/ext4/xattr.c:
// ext4_xattr_release_block.
import {
  extOrphanRecords,
  type GuestExt,
  parseExtOrphanBlockTail,
} from '../../../generated/filesystem/ext.js';
import { FormatError } from '../../errors.js';
import { MAX_MAP_BLOCKS, MAX_ORPHANS } from '../../limits.js';
import { int, u32 } from '../../validation/guest.js';
import { readAttributeBlock, valueInodesIn } from './attributes.js';
import { blockRuns, type MapReader } from './block-map.js';
import type { FreeCounts } from './descriptors.js';
import type { Features } from './features.js';
import { checkLimit } from './geometry.js';
import { type Inode, type InodeTables, inodeGroup, readInode } from './inode.js';
import { type ClusterInterval, clusterInterval, unionLength } from './overhead.js';

const ORPHAN_TAIL_BYTES = 8;
const MAX_ORPHAN_FILE_BLOCKS = 512;
const BITS_PER_BYTE = 8;

interface Cleanup {
  readonly tables: InodeTables;
  readonly reader: MapReader;
  readonly seen: Set<number>;
  /** Runs of clusters that become free: of deleted files, and of those that are cut. */
  readonly freed: ClusterInterval[];
  readonly cut: ClusterInterval[];
  freedInodes: number;
  readonly orphans: Map<number, 'deleted' | 'cut'>;
  readonly hasValueInodes: boolean;
  /** How many files a block of attributes has left. */
  readonly blockUsers: Map<number, number>;
  /** How many attributes an inode that holds a value has left. */
  readonly valueUsers: Map<number, number>;
}

/** The clusters and inodes that the cleanup gives back, and the files of which: those it deletes, and those it cuts. */
interface Orphans extends FreeCounts {
  /** Of those that it deletes alone. */
  readonly deletedClusterCount: number;
  readonly orphans: ReadonlyMap<number, 'deleted' | 'cut'>;
}

/**
 * The clusters and inodes that the cleanup of orphans gives back.
 * @throws FormatError LIMIT, LOOP, or where the kernel would find damage.
 */
export async function orphansFree(
  tables: InodeTables,
  superblock: GuestExt,
  features: Features,
): Promise<Orphans> {
  const { source, geometry } = tables;
  let mapBlocks = 0;
  const spend = () => checkLimit(++mapBlocks, MAX_MAP_BLOCKS, 'blocks of the maps of orphans');
  const cleanup: Cleanup = {
    tables,
    reader: { source, geometry, spend },
    seen: new Set(),
    freed: [],
    cut: [],
    freedInodes: 0,
    orphans: new Map(),
    hasValueInodes: features.hasValueInodes,
    blockUsers: new Map(),
    valueUsers: new Map(),
  };
  await cleanList(cleanup, u32(superblock.lastOrphan));
  if (features.hasOrphanFile) await cleanFile(cleanup, superblock);
  const { freed, cut, freedInodes, orphans } = cleanup;
  return {
    freeClusterCount: unionLength([...freed, ...cut]),
    deletedClusterCount: unionLength(freed),
    freeInodeCount: freedInodes,
    orphans,
  };
}

/** Each orphan names the next one in its time of deletion. */
async function cleanList(cleanup: Cleanup, first: number): Promise<void> {
  for (let number = first; number !== 0; ) {
    const inode = await orphan(cleanup, number);
    // The kernel gives the rest of the list up.
    if (inode === null) return;
    await clean(cleanup, inode);
    number = inode.nextOrphan;
  }
}

async function cleanFile(cleanup: Cleanup, superblock: GuestExt): Promise<void> {
  const { tables, reader } = cleanup;
  const { blockSizeBytes, inodeCount } = tables.geometry;
  const number = int(superblock.orphanFileInode, 'ext: s_orphan_file_inum', 1, inodeCount);
  const file = await readInode(tables, number);
  checkLimit(file.sizeBytes / blockSizeBytes, MAX_ORPHAN_FILE_BLOCKS, 'blocks of the orphan file');
  const blocks: number[] = [];
  for await (const runs of blockRuns(reader, file, 0)) {
    for (const { fileBlock, block, count } of runs) {
      if (fileBlock === null) continue;
      checkLimit(blocks.length + count, MAX_ORPHAN_FILE_BLOCKS, 'blocks of the orphan file');
      for (let i = 0; i < count; i++) blocks.push(block + i);
    }
  }
  for (const block of blocks) {
    const bytes = await tables.source.read(block * blockSizeBytes, blockSizeBytes);
    const end = blockSizeBytes - ORPHAN_TAIL_BYTES;
    parseExtOrphanBlockTail(bytes.subarray(end));
    const entries = extOrphanRecords(bytes.subarray(0, end));
    for (let i = 0; i < entries.length; i++) {
      const entry = u32(entries.at(i).inode);
      if (entry === 0) continue;
      const inode = await orphan(cleanup, entry);
      if (inode !== null) await clean(cleanup, inode);
    }
  }
}

/** The orphan of a number; null if the kernel passes it over: it is not in use, or nothing of it can be freed. */
async function orphan({ tables, seen }: Cleanup, number: number): Promise<Inode | null> {
  if (number > tables.geometry.inodeCount) return null;
  if (seen.has(number)) {
    throw new FormatError('LOOP', `ext: inode ${number} is twice in the list of orphans`);
  }
  checkLimit(seen.size, MAX_ORPHANS, 'orphans');
  seen.add(number);
  if (!(await isInUse(tables, number))) return null;
  const inode = await readInode(tables, number);
  return inode.linkCount > 0 && !inode.hasBlocks ? null : inode;
}

async function isInUse(tables: InodeTables, number: number): Promise<boolean> {
  const { blockSizeBytes } = tables.geometry;
  const { inodeBitmap, index } = await inodeGroup(tables, number);
  const at = inodeBitmap * blockSizeBytes + Math.floor(index / BITS_PER_BYTE);
  const [bits = 0] = await tables.source.read(at, 1);
  return Math.floor(bits / 2 ** (index % BITS_PER_BYTE)) % 2 === 1;
}

/** Frees all of a file without a name, and of another one the blocks beyond its size. */
async function clean(cleanup: Cleanup, inode: Inode): Promise<void> {
  const { reader } = cleanup;
  const { geometry } = reader;
  const isDeleted = inode.linkCount === 0;
  const freed = isDeleted ? cleanup.freed : cleanup.cut;
  cleanup.orphans.set(inode.number, isDeleted ? 'deleted' : 'cut');
  const firstFileBlock = isDeleted ? 0 : Math.ceil(inode.sizeBytes / geometry.blockSizeBytes);
  for await (const runs of blockRuns(reader, inode, firstFileBlock)) {
    for (const { fileBlock, block, count } of runs) {
      checkLimit(freed.length, MAX_MAP_BLOCKS * BITS_PER_BYTE, 'pieces of orphans');
      // The cluster that the cut goes through stays.
      const inCluster = fileBlock === firstFileBlock ? fileBlock % geometry.clusterRatio : 0;
      const kept = inCluster === 0 ? 0 : geometry.clusterRatio - inCluster;
      if (count > kept) freed.push(clusterInterval(geometry, block + kept, count - kept));
    }
  }
  if (!isDeleted) return;
  cleanup.freedInodes++;
  if (cleanup.hasValueInodes) {
    await releaseValues(cleanup, await valueInodesIn(cleanup.tables, inode));
  }
  if (inode.attributeBlock !== 0) await releaseAttributes(cleanup, inode.attributeBlock);
}

/** Files with the same attributes share their block. */
async function releaseAttributes(cleanup: Cleanup, block: number): Promise<void> {
  const { tables, reader, freed, blockUsers } = cleanup;
  reader.spend();
  const { blockSizeBytes } = tables.geometry;
  const bytes = await tables.source.read(block * blockSizeBytes, blockSizeBytes);
  const { userCount, valueInodes } = readAttributeBlock(bytes);
  const left = (blockUsers.get(block) ?? userCount) - 1;
  blockUsers.set(block, left);
  if (left !== 0) return;
  freed.push(clusterInterval(tables.geometry, block, 1));
  if (cleanup.hasValueInodes) await releaseValues(cleanup, valueInodes);
}

/** Attributes with the same value share its inode. */
async function releaseValues(cleanup: Cleanup, numbers: readonly number[]): Promise<void> {
  const { tables, reader, valueUsers } = cleanup;
  for (const number of numbers) {
    reader.spend();
    if (number > tables.geometry.inodeCount) continue;
    const inode = await readInode(tables, number);
    const left = (valueUsers.get(number) ?? inode.valueUsers) - 1;
    valueUsers.set(number, left);
    if (left === 0) await clean(cleanup, { ...inode, linkCount: 0, attributeBlock: 0 });
  }
}
