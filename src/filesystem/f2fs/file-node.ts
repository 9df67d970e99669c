// An inode as a file, with the fields of stat(2).
// References: Linux 6.1 fs/f2fs/file.c: f2fs_getattr; fs/f2fs/inode.c: do_read_inode, f2fs_iget.
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { kindOfType, typeOfMode } from '../file-kinds.js';
import { type FileNode, type FileStat, volumeRange } from '../files.js';
import { linkTarget } from '../link-target.js';
import { fileAttributes } from './file-attributes.js';
import { entryPages } from './file-entries.js';
import { extentPages } from './file-pieces.js';
import { type Inode, isRegular } from './inode.js';
import { invalid, type Recovery } from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import type { F2fsFile, F2fsVolume } from './volume-files.js';

/** @throws FormatError for an inode that the kernel does not read. */
export function fileNode(volume: F2fsVolume, state: Recovery, inode: Readonly<Inode>): FileNode {
  const { volumes, systemNames, orphans } = volume;
  const { number, mode, sizeBytes } = inode;
  const type = typeOfMode(mode);
  const kind = kindOfType(type);
  if (kind === null) throw invalid(`inode ${number} is in use and of the type ${type}`);
  const allocated = allocatedBytes(inode);
  if (!Number.isSafeInteger(sizeBytes) || !Number.isSafeInteger(allocated)) {
    throw invalid(`inode ${number} has a size that no file has`);
  }
  const isOrphan = state === volume.before && orphans.has(number);
  const countedAs = isOrphan ? 'free' : 'used';
  const file: F2fsFile = { inode, kind, sizeBytes, state, countedAs };
  return {
    id: { tree: 0, number },
    kind,
    system: systemNames.get(number) ?? null,
    sizeBytes,
    allocatedBytes: allocated,
    linkCount: isOrphan ? 0 : inode.linkCount,
    record: volumeRange(volumes, inode.recordBlock * BLOCK_BYTES, BLOCK_BYTES),
    stat: () => statOf(inode),
    extents: () => extentPages(volume, file),
    ...(kind === 'symlink'
      ? { target: () => linkTarget(volume, extentPages(volume, file), sizeBytes) }
      : {}),
    attributes: () => fileAttributes(volume, file),
    entries: () => entryPages(volume, file),
  };
}

/** Blocks and nodes but the inode's own; content that lies in the inode is added as if it took sectors. */
function allocatedBytes(inode: Readonly<Inode>): number {
  const { blockCount, sizeBytes, hasInlineData, hasInlineEntries } = inode;
  const isInline = (isRegular(inode) && hasInlineData) || hasInlineEntries;
  const inlineSectors = isInline ? Math.ceil(sizeBytes / SECTOR_BYTES) : 0;
  return blockCount * BLOCK_BYTES + inlineSectors * SECTOR_BYTES;
}

function statOf({ mode, owner, group, generation, times }: Readonly<Inode>): FileStat {
  return { mode, userId: owner, groupId: group, generation, ...times() };
}
