// The files of an f2fs, in the state after its recovery: inodes in the order of their numbers, as the NAT has them.
// References: Linux 6.1 fs/f2fs/node.c: f2fs_get_node_info, __get_node_page; fs/f2fs/inode.c: f2fs_iget.
import { UnsupportedError } from '../../errors.js';
import { readStretches } from '../blocks-together.js';
import type { FileId, FileNode, FileReader, FileWalk } from '../files.js';
import { orTold, toldOf } from '../told.js';
import { fileNode } from './file-node.js';
import { freeRanges, keptBackBytes } from './free-blocks.js';
import { type Inode, readInode } from './inode.js';
import { metadataRanges } from './layout.js';
import { recoveredFiles } from './recovered-files.js';
import { checkedNode, type Recovery } from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import { isWritten, readBlock, type Volume } from './volume.js';
import { blocksAt, type F2fsVolume, isNodeNumber, ROOT_INODE } from './volume-files.js';

/** @throws UnsupportedError UNSUPPORTED_FEATURE for one of several devices. */
export async function f2fsFiles(onDisk: Volume, walk: FileWalk): Promise<FileReader> {
  const { deviceCount } = onDisk.superblock;
  if (deviceCount > 1) {
    const message = `f2fs: it lies on ${deviceCount} devices, and virt-df reads the files of one that lies on one device only`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const volume = await recoveredFiles(onDisk, walk);
  return {
    volumes: volume.volumes,
    roots: [{ tree: 0, number: ROOT_INODE }],
    files: () => allFiles(volume),
    file: (id) => fileAt(volume, id),
    free: () => freeRanges(volume),
    metadata: () => metadataRanges(volume),
    keptBackBytes: () => keptBackBytes(volume),
  };
}

async function* allFiles(volume: F2fsVolume): AsyncGenerator<readonly FileNode[]> {
  yield* toldOf(volume, null, filesOfTable(volume));
  for (const number of volume.orphans) {
    const node = await orTold(volume, number, () => orphanAt(volume, number));
    if (node !== null) yield [node];
  }
}

async function* filesOfTable(
  volume: F2fsVolume,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  const { after } = volume;
  for await (const entries of after.nodeTable.entries()) {
    const known: FileNode[] = [];
    const unread = new Map<number, number[]>();
    for (const { node, inode, block } of entries) {
      if (node !== inode) continue;
      const changed = after.inodes.get(node);
      if (changed === undefined) {
        const at = await orTold(volume, node, () => blocksAt(volume, block, 1));
        if (at === null) continue;
        const others = unread.get(block);
        if (others === undefined) unread.set(block, [node]);
        else others.push(node);
        continue;
      }
      const file = await orTold(volume, node, () => fileNode(volume, after, changed));
      if (file !== null) known.push(file);
    }
    if (known.length > 0) yield known;
    yield* filesRead(volume, unread);
  }
}

/** @param numbers by block, which is one's alone where nothing is damaged. */
async function* filesRead(
  volume: F2fsVolume,
  numbers: ReadonlyMap<number, readonly number[]>,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  for await (const stretch of readStretches(volume.volume.source, BLOCK_BYTES, [
    ...numbers.keys(),
  ])) {
    const page: FileNode[] = [];
    for (const block of stretch.blocks) {
      const bytes = stretch.bytesOf(block);
      for (const number of numbers.get(block) ?? []) {
        const node = await orTold(volume, number, () =>
          fileNode(volume, volume.after, inodeIn(volume, number, block, bytes)),
        );
        if (node !== null) page.push(node);
      }
    }
    if (page.length > 0) yield page;
  }
}

function inodeIn(
  { volume }: F2fsVolume,
  number: number,
  block: number,
  bytes: Uint8Array,
): Readonly<Inode> {
  return readInode(volume.superblock, checkedNode(bytes, number, block));
}

async function fileAt(volume: F2fsVolume, { tree, number }: FileId): Promise<FileNode | null> {
  if (tree !== 0 || !isNodeNumber(volume, number)) return null;
  return (await nodeAt(volume, volume.after, number)) ?? orphanAt(volume, number);
}

async function orphanAt(volume: F2fsVolume, number: number): Promise<FileNode | null> {
  return volume.orphans.has(number) ? nodeAt(volume, volume.before, number) : null;
}

async function nodeAt(
  volume: F2fsVolume,
  state: Recovery,
  number: number,
): Promise<FileNode | null> {
  const known = state.inodes.get(number);
  if (known !== undefined) return fileNode(volume, state, known);
  const block = await state.nodeTable.blockOf(number);
  if (!isWritten(block)) return null;
  blocksAt(volume, block, 1);
  const bytes = await readBlock(volume.volume, block);
  return fileNode(volume, state, inodeIn(volume, number, block, bytes));
}
