// The files of SquashFS, each known by its inode's number, in the order of the table of inodes.
// References: Linux fs/squashfs/inode.c: squashfs_read_inode.
import { orNull } from '../../bytes/sound.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import type { FileNode, FileReader, FileStat, FileWalk } from '../files.js';
import { volumeRange } from '../files.js';
import { orTold, UNHEARD } from '../told.js';
import { metadataOf } from '../written-once.js';
import { entryPages } from './entries.js';
import { extentPages } from './extents.js';
import { type Inode, inodeAt, targetOf } from './inode.js';
import { type InodeTable, inodeTable } from './inode-table.js';
import { openVolume, type Volume } from './volume.js';

const SECTOR_BYTES = 512;
const NS_PER_SECOND = 1_000_000_000n;

/** @param window the superblock. @throws FormatError, UnsupportedError */
export async function squashfsFiles(
  source: ByteSource,
  window: Uint8Array,
  walk: FileWalk,
): Promise<FileReader> {
  const volume = await openVolume(source, window, walk);
  const silent: Volume = { ...volume, walk: UNHEARD };
  const table = inodeTable(volume, silent);
  const root = await inodeAt(volume, volume.root);
  const missing = volume.endBytes - source.sizeBytes;
  return {
    volumes: volume.volumes,
    roots: [{ tree: 0, number: root.number }],
    ...(missing > 0 ? { roundedUpBytes: missing } : {}),
    files: () => nodePages(volume, table),
    async file({ tree, number }) {
      if (tree !== 0) return null;
      const inode = number === root.number ? root : await table.inode(number);
      return inode === null ? null : nodeOf(volume, inode);
    },
    async *free() {},
    metadata() {
      const files = nodePages(silent, inodeTable(silent, silent));
      const fragments = { name: 'fragment block', ranges: fragmentRanges(silent) };
      return metadataOf(silent, files, [...silent.parts, fragments]);
    },
  };
}

/** Blocks with the ends of files. One that is damaged has no place, and the files that have their ends there tell of it. */
async function* fragmentRanges(volume: Volume): AsyncGenerator<ByteRange, void, undefined> {
  for (let i = 0; i < volume.fragmentCount; i++) {
    const block = await orTold(volume, null, () => volume.fragment(i));
    if (block !== null) yield block.at;
  }
}

async function* nodePages(
  volume: Volume,
  table: InodeTable,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  for await (const inodes of table.pages()) yield inodes.map((inode) => nodeOf(volume, inode));
}

function nodeOf(volume: Volume, inode: Inode): FileNode {
  const { number, kind, sizeBytes, sparseBytes, attributeBytes, linkCount, at } = inode;
  const shownBytes = kind === 'file' ? sizeBytes - sparseBytes : 0;
  return {
    id: { tree: 0, number },
    kind,
    system: null,
    sizeBytes,
    // As if it were not compressed, with the attributes, which others may have too.
    allocatedBytes: inSectors(shownBytes) + inSectors(attributeBytes),
    linkCount,
    record: volumeRange(volume.volumes, at.offsetBytes, at.lengthBytes),
    stat: () => statOf(volume, inode),
    extents: () => extentPages(volume, inode),
    ...(kind === 'symlink' ? { target: () => orNull(() => targetOf(volume, inode)) } : {}),
    entries: () => entryPages(volume, inode),
  };
}

function inSectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES;
}

function statOf({ owners }: Volume, inode: Inode): FileStat {
  const timeNs = BigInt(inode.modifiedSeconds) * NS_PER_SECOND;
  return {
    mode: inode.mode,
    userId: owners[inode.ownerIndex] ?? null,
    groupId: owners[inode.groupIndex] ?? null,
    generation: null,
    accessedNs: timeNs,
    modifiedNs: timeNs,
    changedNs: timeNs,
    createdNs: null,
  };
}
