// Names and indexes that a recovery changed, written into the blocks of their directories in memory, so that whoever reads the
// directory afterwards finds them. Their checksums are not made anew.
// References: Linux 6.18 fs/ext4/namei.c: make_indexed_dir, ext4_initialize_dirent_tail; fs/ext4/ext4.h: EXT4_INDEX_FL.
import { ExtInodeFields, parseExtInode } from '../../../../generated/filesystem/ext.js';
import { setField } from '../../../kaitai/index.js';
import { hasFlag, u32 } from '../../../validation/guest.js';
import { mapAt } from './content.js';
import type { DirectoryBlocks } from './directory-blocks.js';
import { type Entry, entryBytes, writeEntries } from './entries.js';
import type { File } from './files.js';
import { writeIndexNode, writeIndexRoot } from './name-index.js';

const INDEX_FLAG = 0x1000n;
const TAIL_BYTES = 12;
const TAIL: readonly Entry[] = [{ inode: 0, room: TAIL_BYTES, name: '', fileType: 0xde }];

export async function flushDirectories(blocks: DirectoryBlocks): Promise<void> {
  const { leaves, nodes, roots } = blocks;
  for (const [key, entries] of leaves) {
    const { number, block } = placeOf(key);
    // The block of an index's root holds no other names than the two that it begins with.
    const isRoot = block === 0 && (roots.get(number) ?? null) !== null;
    if (!isRoot) await write(blocks, number, block, (bytes) => writeLeaf(blocks, bytes, entries));
  }
  for (const [key, node] of nodes) {
    const { number, block } = placeOf(key);
    await write(blocks, number, block, (bytes) => writeIndexNode(bytes, node));
  }
  for (const [number, root] of roots) {
    if (root === null) continue;
    await write(blocks, number, 0, (bytes, directory) => {
      if (!directory.inode.hasIndex) beginIndex(blocks, directory, bytes);
      writeIndexRoot(bytes, root);
    });
  }
}

/** A directory and its block, of the key by which they are kept. */
function placeOf(key: string): { readonly number: number; readonly block: number } {
  const [number = '', block = ''] = key.split(':');
  return { number: Number.parseInt(number, 10), block: Number.parseInt(block, 10) };
}

/** Changes a block of a directory, if the directory is still there and has it. */
async function write(
  { editor, files, added }: DirectoryBlocks,
  number: number,
  block: number,
  change: (bytes: Uint8Array, directory: File) => void,
): Promise<void> {
  const directory = await files.at(number);
  if (directory.linkCount === 0 || !directory.inode.hasExtents) return;
  const place = mapAt(await files.tree(directory), block, 1).block;
  if (place === null) return;
  const bytes = await editor.cache.bytes(place);
  if (added.has(`${number}:${block}`)) bytes.fill(0);
  change(bytes, directory);
}

function writeLeaf(
  { kind, entriesBytes }: DirectoryBlocks,
  bytes: Uint8Array,
  entries: readonly Entry[],
): void {
  writeEntries(bytes, entries);
  if (kind.hasChecksum) writeEntries(bytes.subarray(entriesBytes), TAIL);
}

/** A block of names becomes the root of an index: only the directory itself and its parent stay in it. */
function beginIndex(
  { leaves, blockSizeBytes }: DirectoryBlocks,
  directory: File,
  bytes: Uint8Array,
): void {
  const [self, parent] = leaves.get(`${directory.number}:0`) ?? [];
  if (self === undefined || parent === undefined) return;
  const room = entryBytes(self.name);
  bytes.fill(0);
  writeEntries(bytes, [
    { ...self, room },
    { ...parent, room: blockSizeBytes - room },
  ]);
  const { flags } = parseExtInode(directory.head);
  if (hasFlag(flags, INDEX_FLAG)) return;
  setField(directory.head, ExtInodeFields.flags, u32(flags) + Number(INDEX_FLAG));
}
