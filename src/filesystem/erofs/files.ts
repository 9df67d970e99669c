// The files of EROFS, each known by where its inode lies, directory by directory: nothing lists all inodes.
// References: Linux fs/erofs/inode.c: erofs_read_inode, erofs_iget.
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MAX_FILES_BY_NAME } from '../../limits.js';
import type { FileNode, FileReader, FileStat, FileWalk } from '../files.js';
import { volumeRange } from '../files.js';
import { linkTarget } from '../link-target.js';
import { orTold, UNHEARD } from '../told.js';
import { metadataOf } from '../written-once.js';
import { entryPages } from './entries.js';
import { endOfInode, extentPages, isCompressed } from './extents.js';
import { type Inode, inodeAt } from './inode.js';
import { openVolume, type Volume } from './volume.js';

/** @param window the superblock. @throws FormatError, UnsupportedError */
export async function erofsFiles(
  source: ByteSource,
  window: Uint8Array,
  walk: FileWalk,
): Promise<FileReader> {
  const volume = openVolume(source, window, walk);
  return {
    volumes: volume.volumes,
    roots: [{ tree: 0, number: volume.root }],
    files: () => nodePages(volume),
    async file({ tree, number }) {
      if (tree !== 0 || !Number.isInteger(number)) return null;
      const inode = await inodeAt(volume, number);
      return inode === null ? null : nodeOf(volume, inode);
    },
    async *free() {},
    metadata() {
      const silent: Volume = { ...volume, walk: UNHEARD };
      const superblock = { offsetBytes: 0, lengthBytes: volume.blockBytes };
      return metadataOf(silent, nodePages(silent), [
        { name: 'superblock', ranges: [superblock] },
        { name: 'inodes', ranges: inodeRanges(silent) },
      ]);
    },
  };
}

async function* inodeRanges(volume: Volume): AsyncGenerator<ByteRange, void, undefined> {
  for await (const inodes of inodePages(volume)) {
    for (const inode of inodes) {
      const { offsetBytes } = inode;
      const end = await orTold(volume, inode.number, () => endOfInode(volume, inode));
      const least = offsetBytes + inode.lengthBytes;
      yield { offsetBytes, lengthBytes: Math.max(least, end ?? least) - offsetBytes };
    }
  }
}

async function* nodePages(volume: Volume): AsyncGenerator<readonly FileNode[], void, undefined> {
  for await (const page of inodePages(volume)) yield page.map((inode) => nodeOf(volume, inode));
}

/** Each once: only directories, and what has several names, could come again. */
async function* inodePages(volume: Volume): AsyncGenerator<readonly Inode[], void, undefined> {
  const seen = new Set<number>();
  const root = await orTold(volume, volume.root, () => inodeAt(volume, volume.root));
  if (root === null) return;
  yield [root];
  seen.add(root.number);
  // It grows meanwhile.
  const queue: Inode[] = [root];
  for (const directory of queue) {
    for await (const entries of entryPages(volume, directory)) {
      const page: Inode[] = [];
      for (const { id } of entries) {
        if (seen.has(id.number)) continue;
        const inode = await orTold(volume, id.number, () => inodeAt(volume, id.number));
        if (inode === null) continue;
        if (seen.size >= MAX_FILES_BY_NAME) throw tooMany();
        seen.add(inode.number);
        if (inode.kind === 'directory') queue.push(inode);
        page.push(inode);
      }
      if (page.length > 0) yield page;
    }
  }
}

function tooMany(): FormatError {
  const message = `erofs: there are more than ${MAX_FILES_BY_NAME} files`;
  return new FormatError('LIMIT', message, { data: { limit: MAX_FILES_BY_NAME } });
}

function nodeOf(volume: Volume, inode: Inode): FileNode {
  const { number, kind, sizeBytes, linkCount, offsetBytes, lengthBytes } = inode;
  return {
    id: { tree: 0, number },
    kind,
    system: null,
    sizeBytes,
    allocatedBytes: allocatedBytes(volume, inode),
    linkCount,
    record: volumeRange(volume.volumes, offsetBytes, lengthBytes),
    stat: () => statOf(inode),
    extents: () => extentPages(volume, inode),
    ...(kind === 'symlink'
      ? { target: () => linkTarget(volume, extentPages(volume, inode), sizeBytes) }
      : {}),
    entries: () => entryPages(volume, inode),
  };
}

/** Whole blocks, also where the end lies behind the inode; of what is compressed the blocks that it has. */
function allocatedBytes({ blockBytes }: Volume, inode: Inode): number {
  if (isCompressed(inode)) return inode.content * blockBytes;
  return Math.ceil(inode.sizeBytes / blockBytes) * blockBytes;
}

function statOf({ mode, owner, group, modifiedNs }: Inode): FileStat {
  return {
    mode,
    userId: owner,
    groupId: group,
    generation: null,
    accessedNs: modifiedNs,
    modifiedNs,
    changedNs: modifiedNs,
    createdNs: null,
  };
}
