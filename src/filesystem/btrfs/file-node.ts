// An inode as a file, with the fields of stat(2).
// References: Linux 6.18 fs/btrfs/inode.c: btrfs_read_locked_inode, btrfs_getattr; tree-checker.c: check_inode_item.
import { type GuestBtrfsInode, parseBtrfsInode } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { int, u32, u64 } from '../../validation/guest.js';
import { kindOfType, typeOfMode } from '../file-kinds.js';
import type { FileNode, FileStat } from '../files.js';
import { linkTarget } from '../link-target.js';
import { sharedBytes } from '../shared-bytes.js';
import { fileAttributes } from './file-attributes.js';
import { entryPages } from './file-entries.js';
import { extentPages } from './file-extents.js';
import type { BtrfsFile } from './file-items.js';
import type { FileTree } from './file-trees.js';
import { namesOf, parentsOf } from './parents.js';
import { MOVED_DATA, ROOT_TREE } from './roots.js';
import type { Item, Leaf } from './tree.js';
import { type BtrfsVolume, fileId, itemRange } from './volume-files.js';
import type { WalkedNode } from './walk.js';

/** BTRFS_FREE_INO_OBJECTID: the numbers of inodes that are free, as kernels before 5.11 kept them. */
const FREE_INODES = -12n;
const ROOT_DIRECTORY = 6;
const MAX_MODE = 0o177_777;
/** BTRFS_LINK_MAX */
const MAX_LINKS = 65_535;
const NS_PER_SECOND = 1_000_000_000n;
const MAX_NS = 999_999_999;

/** @throws FormatError INVALID, OUT_OF_BOUNDS for an inode that the kernel does not read. */
export function fileNode(
  volume: BtrfsVolume,
  tree: FileTree,
  leaf: WalkedNode<Leaf>,
  item: Item,
): FileNode {
  const raw = parseBtrfsInode(item.data);
  const object = BigInt.asIntN(64, item.object);
  if (object < FREE_INODES || object > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new FormatError('INVALID', `btrfs: no inode has the number ${object}`);
  }
  const number = Number(object);
  const mode = int(raw.mode, `btrfs: mode of inode ${number}`, 0, MAX_MODE);
  const kind = kindOfType(typeOfMode(mode));
  if (kind === null) {
    throw new FormatError('INVALID', `btrfs: inode ${number} has the mode ${mode}`);
  }
  const most = Number.MAX_SAFE_INTEGER;
  const sizeBytes = int(raw.lenContent, `btrfs: size of inode ${number}`, 0, most);
  const linkCount = int(raw.numLinks, 'btrfs: links of a file', 0, MAX_LINKS);
  const file: BtrfsFile = { tree, object: item.object, number, kind, sizeBytes, linkCount, leaf };
  const { sectorBytes } = volume.recovered.pool.superblock;
  const storedBytes = int(raw.numBytes, `btrfs: nbytes of inode ${number}`, 0, most - sectorBytes);
  return {
    id: fileId(tree.number, number),
    kind,
    system: systemName(tree.number, object),
    sizeBytes,
    allocatedBytes: Math.ceil(storedBytes / sectorBytes) * sectorBytes,
    linkCount,
    record: itemRange(volume, leaf, item.data),
    ...(kind === 'file' ? { sharedBytes: () => sharedBytes(extentPages(volume, file)) } : {}),
    stat: () => statOf(raw, mode),
    extents: () => extentPages(volume, file),
    ...(kind === 'symlink'
      ? {
          target: () =>
            linkTarget(
              { volumes: volume.recovered.pool.sources },
              extentPages(volume, file),
              sizeBytes,
            ),
        }
      : {}),
    attributes: () => fileAttributes(volume, file),
    entries: () => entryPages(volume, file),
    parents: () => parentsOf(volume, file),
    names: () => namesOf(volume, file),
  };
}

function systemName(tree: bigint, inode: bigint): string | null {
  if (tree === MOVED_DATA) return 'data being moved';
  if (tree === ROOT_TREE) {
    return inode === BigInt(ROOT_DIRECTORY) ? 'directory of trees' : 'free space cache';
  }
  return inode === FREE_INODES ? 'inode cache' : null;
}

function statOf(raw: GuestBtrfsInode, mode: number): FileStat {
  return {
    mode,
    userId: u32(raw.owner),
    groupId: u32(raw.group),
    generation: int(raw.generation, 'btrfs: generation', 0, Number.MAX_SAFE_INTEGER),
    accessedNs: nanoseconds(raw.accessed),
    modifiedNs: nanoseconds(raw.modified),
    changedNs: nanoseconds(raw.changed),
    createdNs: nanoseconds(raw.created),
  };
}

function nanoseconds({ seconds, nanoseconds: rest }: GuestBtrfsInode['accessed']): bigint {
  const whole = BigInt.asIntN(64, u64(seconds));
  return whole * NS_PER_SECOND + BigInt(int(rest, 'btrfs: nanoseconds', 0, MAX_NS));
}
