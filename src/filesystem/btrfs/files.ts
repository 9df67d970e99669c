// The files of a btrfs, in the state after its log: subvolume by subvolume, inodes in the order of their numbers.
// References: Linux 6.18 fs/btrfs/inode.c: btrfs_iget, btrfs_lookup_dentry.
import { FormatError } from '../../errors.js';
import type { FileId, FileNode, FileReader, FileWalk } from '../files.js';
import type { Usage, View } from '../filesystem.js';
import { tell, toldOf } from '../told.js';
import { visitsOf } from '../visits.js';
import { ownersOf } from './back-references.js';
import { checkDeviceExtents } from './device-extents.js';
import type { Pool } from './devices.js';
import { standIn } from './file-entries.js';
import { fileNode } from './file-node.js';
import { readFileTrees } from './file-trees.js';
import { freeRanges } from './free-ranges.js';
import { dfCount } from './kept-back.js';
import { metadataRanges } from './layout.js';
import { filesOfLeaf, INODE_ITEM } from './leaf-files.js';
import { recordTrees } from './record-trees.js';
import { allowTrees, recovered as recover } from './recovered.js';
import { readSharing, type Sharing, sharingByAddress } from './sharing.js';
import { compareKeys, FIRST_SUBVOLUME, firstKey, TOP } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';
import { treeLeaves } from './walk.js';

const FIRST = firstKey(0n, 0);

export async function btrfsFiles(
  onDisk: Pool,
  walk: FileWalk,
  usage: (view: View) => Promise<Usage>,
): Promise<FileReader> {
  const { isLive = false } = walk;
  await checkDeviceExtents(onDisk);
  const recovered = await recover(onDisk, isLive);
  const df = await dfCount(recovered, isLive ? 'live' : 'guest', usage);
  for (const error of new Set([...df.doubts, ...recovered.doubts])) {
    walk.onDoubt({ id: null, error });
  }
  const onDamage = (error: FormatError) => tell({ walk }, null, error);
  let sharing: Promise<Sharing | null> | null = null;
  const all = () => {
    if (walk.needsNoCounts === true) return Promise.resolve(null);
    sharing ??= sharingOrTold(walk, readSharing(recovered, onDamage));
    return sharing;
  };
  const { sources } = recovered.pool;
  const sizeBytes = sources.reduce((sum, source) => sum + source.sizeBytes, 0);
  const trees = await readFileTrees(recovered, onDamage);
  allowTrees(recovered, trees.numbers.length);
  const volume: BtrfsVolume = {
    recovered,
    walk,
    trees,
    // Each subvolume has every byte once.
    spend: visitsOf('btrfs: files', 'bytes', sizeBytes * trees.numbers.length),
    sharing: all,
  };
  const isCounted = walk.needsNoCounts !== true;
  const ofFew = isCounted ? { ...volume, sharing: sharingByAddress(recovered, all) } : volume;
  const tops = [TOP, ...volume.trees.unnamed];
  return {
    volumes: recovered.pool.sources,
    roots: tops.map((tree) => fileId(tree, Number(FIRST_SUBVOLUME))),
    bytesPerDfByte: df.bytesPerDfByte,
    hasPiecesBeside: true,
    files: () => allFiles(volume),
    recordTrees: () => recordTrees(volume),
    file: (id) => fileAt(ofFew, id),
    ownersOf: (ranges) => ownersOf(volume, ranges),
    free: (isWanted) => freeRanges(volume, isWanted),
    metadata: (isWanted) => metadataRanges(volume, isWanted),
    keptBackBytes: df.keptBackBytes,
  };
}

/** Without it each file's pieces are told as such that may be shared. */
async function sharingOrTold(walk: FileWalk, reading: Promise<Sharing>): Promise<Sharing | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    walk.onDoubt({ id: null, error });
    return null;
  }
}

async function* allFiles(volume: BtrfsVolume): AsyncGenerator<readonly FileNode[]> {
  for (const number of volume.trees.numbers) {
    yield* toldOf(volume, null, filesOfTree(volume, number));
  }
}

async function* filesOfTree(
  volume: BtrfsVolume,
  number: bigint,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  const tree = await volume.trees.tree(number);
  if (tree === null) return;
  const from = tree.root.deletedTo ?? FIRST;
  const onDamage = (error: FormatError) => tell(volume, null, error);
  const { reader } = volume.recovered.pool;
  for await (const leaf of treeLeaves(reader, tree.root, { from, onDamage })) {
    const page = filesOfLeaf(volume, tree, leaf);
    if (page.length > 0) yield page;
  }
}

async function fileAt(volume: BtrfsVolume, id: FileId): Promise<FileNode | null> {
  const tree = await volume.trees.tree(BigInt.asUintN(64, BigInt(id.tree)));
  if (tree === null) return null;
  if (id.number <= -Number(FIRST_SUBVOLUME)) return standIn(tree.number, -id.number);
  const key = firstKey(BigInt.asUintN(64, BigInt(id.number)), INODE_ITEM);
  const { deletedTo } = tree.root;
  if (deletedTo !== null && compareKeys(key, deletedTo) < 0) return null;
  const { reader } = volume.recovered.pool;
  for await (const leaf of treeLeaves(reader, tree.root, { from: key, to: key })) {
    const item = leaf.node.items.find((one) => compareKeys(one, key) === 0);
    if (item !== undefined) return fileNode(volume, tree, leaf, item);
  }
  return null;
}
