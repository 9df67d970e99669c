// The names in a directory of f2fs: those in its inode, or those of its blocks in the order of the directory.
// References: Linux 6.1 fs/f2fs/dir.c: f2fs_readdir, f2fs_fill_dentries; fs/f2fs/inline.c: f2fs_read_inline_dir.
import { readStretches } from '../blocks-together.js';
import { entryFault, isDots, nameProblem } from '../file-kinds.js';
import { type DirectoryEntry, guestName } from '../files.js';
import { tell, toldOf } from '../told.js';
import {
  type Entry,
  type EntryTable,
  IN_INODE,
  readBlockTable,
  readInlineTable,
} from './directory-block.js';
import { addressPages } from './file-addresses.js';
import { BLOCK_BYTES } from './superblock.js';
import { isWritten } from './volume.js';
import { blocksAt, type F2fsFile, type F2fsVolume, isNodeNumber } from './volume-files.js';

/** Blocks whose names are given at once. */
const BATCH = 16;

type Page = readonly DirectoryEntry[];

export async function* entryPages(
  volume: F2fsVolume,
  file: F2fsFile,
): AsyncGenerator<Page, void, undefined> {
  const { inode, kind, state } = file;
  if (kind !== 'directory') return;
  if (inode.hasInlineEntries) {
    const known = state.tables.get(inode.number)?.get(IN_INODE);
    yield entriesOf(volume, file, known ?? readInlineTable(inode));
    return;
  }
  yield* toldOf(volume, inode.number, pagesOfBlocks(volume, file));
}

async function* pagesOfBlocks(
  volume: F2fsVolume,
  file: F2fsFile,
): AsyncGenerator<Page, void, undefined> {
  const tables = file.state.tables.get(file.inode.number);
  /** Blocks by the block of the directory that they are. */
  let batch: number[] = [];
  for await (const { first, addresses } of addressPages(volume, file)) {
    for (const [i, address] of addresses.entries()) {
      const fileBlock = first + i;
      if (fileBlock * BLOCK_BYTES >= file.sizeBytes) break;
      const known = tables?.get(fileBlock);
      if (known !== undefined) yield entriesOf(volume, file, known);
      // One that is only promised has no entries yet.
      else if (isWritten(address))
        batch.push(blocksAt(volume, address, 1).offsetBytes / BLOCK_BYTES);
      if (batch.length < BATCH) continue;
      yield* pagesOf(volume, file, batch);
      batch = [];
    }
  }
  yield* pagesOf(volume, file, batch);
}

async function* pagesOf(
  volume: F2fsVolume,
  file: F2fsFile,
  blocks: readonly number[],
): AsyncGenerator<Page, void, undefined> {
  volume.spend(blocks.length);
  for await (const stretch of readStretches(volume.volume.source, BLOCK_BYTES, blocks)) {
    for (const block of stretch.blocks) {
      yield entriesOf(volume, file, readBlockTable(stretch.bytesOf(block)));
    }
  }
}

/** The entries up to a damaged one. */
function entriesOf(
  volume: F2fsVolume,
  file: F2fsFile,
  { entries, damagedPlace }: EntryTable,
): Page {
  const found: DirectoryEntry[] = [];
  for (const [place, entry] of entries) {
    if (place === damagedPlace) {
      told(volume, file, 'has a name that is longer than the room for it');
      break;
    }
    if (isDots(entry.name)) continue;
    const problem = problemOf(volume, file, entry);
    if (problem !== null) {
      told(volume, file, problem);
      continue;
    }
    const { inode: number, name, kind } = entry;
    found.push({ name: guestName(name, file.inode.isEncrypted), id: { tree: 0, number }, kind });
  }
  return found;
}

function told(volume: F2fsVolume, { inode }: F2fsFile, what: string): void {
  tell(volume, inode.number, entryFault('f2fs', what));
}

function problemOf(
  volume: F2fsVolume,
  { inode: { isEncrypted } }: F2fsFile,
  { inode, name }: Entry,
): string | null {
  if (!isNodeNumber(volume, inode)) return `leads to inode ${inode}, which cannot be`;
  // An encrypted name may have any bytes.
  if (isEncrypted) return null;
  return nameProblem(name);
}
