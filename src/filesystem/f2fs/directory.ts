// Puts the name of a file that was made after the checkpoint back into its directory, which may take blocks and nodes.
// References: Linux 6.1 fs/f2fs/recovery.c: recover_dentry; fs/f2fs/dir.c: __f2fs_find_entry, f2fs_add_regular_entry,
// f2fs_delete_entry; fs/f2fs/inline.c: f2fs_add_inline_entry, f2fs_move_inline_dirents, f2fs_move_rehashed_dirents.
import { kindOfType, typeOfMode } from '../file-kinds.js';
import {
  addEntry,
  asBlock,
  type Entry,
  type EntryTable,
  emptyTable,
  findEntry,
  IN_INODE,
  isEmpty,
  readBlockTable,
  readInlineTable,
  removeEntry,
  roomFor,
} from './directory-block.js';
import { type AddressSlot, findAddressSlot } from './file-map.js';
import { freeBlocks, freeInode } from './free.js';
import { type Inode, inlineBytes, inlineStart, isDirectory } from './inode.js';
import { hashOf } from './name-hash.js';
import { checkLimit, countBlock, getInode, invalid, type Recovery } from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import { isInMain, isWritten, NO_BLOCK, PROMISED, readBlock } from './volume.js';

const MAX_DEPTH = 63;
/** From this level on the number of buckets no longer doubles, and they have four blocks. */
const LAST_LEVEL = Math.floor(MAX_DEPTH / 2);
const MAX_BUCKETS = 2 ** (LAST_LEVEL - 1);
/** Blocks of entries in memory. */
const MAX_TABLES = 4096;
const U32_VALUES = 2 ** 32;
const HASH_BYTES = 4;

/** Where an entry is. */
interface Found {
  readonly table: EntryTable;
  readonly place: number;
  readonly entry: Entry;
  /** Of the block of the directory; null in the inode. */
  readonly fileBlock: number | null;
}

/** @throws FormatError where the kernel gives up. */
export async function restoreName(
  recovery: Recovery,
  inode: Inode,
  written: Inode,
  isListed: (number: number) => boolean,
): Promise<void> {
  const directory = await getInode(recovery, written.parent);
  if (directory === null)
    throw invalid(`directory ${written.parent} of inode ${inode.number} is missing`);
  if (!isDirectory(directory)) throw invalid(`inode ${directory.number} is no directory`);
  const entry = newEntry(recovery, directory, written);
  for (;;) {
    const found = await find(recovery, directory, entry);
    if (found === null) break;
    if (found.entry.inode === inode.number) return;
    await remove(recovery, directory, found, isListed);
  }
  await add(recovery, directory, entry);
}

function newEntry(recovery: Recovery, directory: Inode, written: Inode): Entry {
  const { name, nameAndMore, number: inode } = written;
  const kind = kindOfType(typeOfMode(written.mode));
  if (!directory.isCasefolded) return { name, inode, kind, hash: hashOf(name) };
  if (directory.isEncrypted) {
    // Without the key the hash cannot be known, so it was written behind the name.
    const stored = nameAndMore.subarray(name.length, name.length + HASH_BYTES);
    if (stored.length < HASH_BYTES) throw invalid(`inode ${inode} has a name without a hash`);
    return { name, inode, kind, hash: stored.reduceRight((sum, byte) => sum * 256 + byte, 0) };
  }
  // How Unicode folds other letters is not known here.
  if (name.some((byte) => byte >= 0x80)) {
    recovery.unfollowed.add(
      'a new name in a folded directory has other letters than those of ASCII',
    );
  }
  return { name, inode, kind, hash: hashOf(folded(name)) };
}

function folded(name: Uint8Array): Uint8Array {
  return name.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
}

async function find(recovery: Recovery, directory: Inode, wanted: Entry): Promise<Found | null> {
  // In a folded directory too letters of another case make another name here.
  const isIt = ({ hash, name }: Entry) =>
    hash === wanted.hash && Buffer.compare(name, wanted.name) === 0;
  const look = (table: EntryTable, fileBlock: number | null): Found | null => {
    const place = findEntry(table, isIt);
    const entry = place === null ? undefined : table.entries.get(place);
    return place === null || entry === undefined ? null : { table, place, entry, fileBlock };
  };
  if (directory.hasInlineEntries) return look(inlineTable(recovery, directory), null);
  for (let level = 0; level < Math.min(directory.depth, MAX_DEPTH); level++) {
    for (const fileBlock of bucket(directory, level, wanted.hash)) {
      const table = await existingTable(recovery, directory, fileBlock);
      const found = table === null ? null : look(table, fileBlock);
      if (found !== null) return found;
    }
  }
  return null;
}

/** The file that had the name loses it, and goes if that was the last one. */
async function remove(
  recovery: Recovery,
  directory: Inode,
  { table, place, entry, fileBlock }: Found,
  isListed: (number: number) => boolean,
): Promise<void> {
  const other = await getInode(recovery, entry.inode);
  if (other === null) throw invalid(`inode ${entry.inode} has a name and is missing`);
  removeEntry(table, place);
  if (fileBlock !== null && isEmpty(table)) {
    const at = await findAddressSlot(recovery, directory, fileBlock, false);
    if (at !== null) await freeBlocks(recovery, directory, at.addresses, at.before + at.index, 1);
    forget(recovery, directory, fileBlock);
  }
  other.linkCount = Math.max(0, other.linkCount - (isDirectory(other) ? 2 : 1));
  if (other.linkCount === 0 && !isListed(other.number)) await freeInode(recovery, other);
}

async function add(recovery: Recovery, directory: Inode, entry: Entry): Promise<void> {
  if (directory.hasInlineEntries) {
    const table = inlineTable(recovery, directory);
    const place = roomFor(table, entry.name.length);
    if (place !== null) {
      addEntry(table, place, entry);
      return;
    }
    await moveOut(recovery, directory, table);
  }
  await addToBlocks(recovery, directory, entry);
}

/** The entries no longer fit into the inode. */
async function moveOut(recovery: Recovery, directory: Inode, table: EntryTable): Promise<void> {
  const start = inlineStart(directory);
  directory.addresses.fill(NO_BLOCK, start, start + inlineBytes(directory) / 4);
  directory.hasInlineEntries = false;
  const { features } = recovery.volume.superblock;
  forget(recovery, directory, IN_INODE);
  if (directory.directoryLevel === 0) {
    const place = await blockPlace(recovery, directory, 0);
    if (!place.isNew)
      throw invalid(`directory ${directory.number} has entries in its inode and a block`);
    keep(recovery, directory, 0, asBlock(table));
    directory.depth = 1;
  } else {
    for (const entry of table.entries.values()) await addToBlocks(recovery, directory, entry);
  }
  if (!features.hasFlexibleAttributes && !directory.hasInlineAttributes) {
    directory.inlineAttributeAddresses = 0;
  }
}

/** Into the first level whose bucket has room, or a new one. */
async function addToBlocks(recovery: Recovery, directory: Inode, entry: Entry): Promise<void> {
  for (let level = 0; level < MAX_DEPTH; level++) {
    for (const fileBlock of bucket(directory, level, entry.hash)) {
      const known = await existingTable(recovery, directory, fileBlock);
      const table = known ?? (await newTable(recovery, directory, fileBlock));
      const place = roomFor(table, entry.name.length);
      if (place === null) continue;
      addEntry(table, place, entry);
      directory.depth = Math.max(directory.depth, level + 1);
      return;
    }
  }
  throw invalid(`directory ${directory.number} is full`);
}

/** The blocks of a hash's bucket on a level. */
function bucket(directory: Inode, level: number, hash: number): readonly number[] {
  const blocks = (n: number) => (n < LAST_LEVEL ? 2 : 4);
  const buckets = (n: number) => {
    const total = n + directory.directoryLevel;
    return total < LAST_LEVEL ? 2 ** total : MAX_BUCKETS;
  };
  let first = 0;
  for (let n = 0; n < level; n++) first += buckets(n) * blocks(n);
  first += (hash % buckets(level)) * blocks(level);
  // Numbers of blocks have 32 bits there.
  return Array.from({ length: blocks(level) }, (_, i) => (first + i) % U32_VALUES);
}

async function existingTable(
  recovery: Recovery,
  directory: Inode,
  fileBlock: number,
): Promise<EntryTable | null> {
  const known = recovery.tables.get(directory.number)?.get(fileBlock);
  if (known !== undefined) return known;
  const place = await findAddressSlot(recovery, directory, fileBlock, false);
  const address = place?.addresses[place.before + place.index] ?? NO_BLOCK;
  if (address === NO_BLOCK) return null;
  if (!isWritten(address)) return keep(recovery, directory, fileBlock, emptyTable());
  if (!isInMain(recovery.volume, address)) {
    throw invalid(`block ${address} of directory ${directory.number} is not in the main area`);
  }
  const table = readBlockTable(await readBlock(recovery.volume, address));
  return keep(recovery, directory, fileBlock, table);
}

async function newTable(
  recovery: Recovery,
  directory: Inode,
  fileBlock: number,
): Promise<EntryTable> {
  await blockPlace(recovery, directory, fileBlock);
  return keep(recovery, directory, fileBlock, emptyTable());
}

function inlineTable(recovery: Recovery, directory: Inode): EntryTable {
  const known = recovery.tables.get(directory.number)?.get(IN_INODE);
  return known ?? keep(recovery, directory, IN_INODE, readInlineTable(directory));
}

function keep(
  recovery: Recovery,
  { number }: Inode,
  fileBlock: number,
  table: EntryTable,
): EntryTable {
  checkLimit(++recovery.tableCount, MAX_TABLES, 'blocks of directories');
  const tables = recovery.tables.get(number) ?? new Map<number, EntryTable>();
  recovery.tables.set(number, tables.set(fileBlock, table));
  return table;
}

function forget({ tables }: Recovery, { number }: Inode, fileBlock: number): void {
  tables.get(number)?.delete(fileBlock);
}

/** The place of the address of a block of entries. If there is none, a block is promised, and the directory ends behind it. */
async function blockPlace(
  recovery: Recovery,
  directory: Inode,
  fileBlock: number,
): Promise<AddressSlot & { readonly isNew: boolean }> {
  const place = await findAddressSlot(recovery, directory, fileBlock, true);
  if (place === null) throw invalid(`directory ${directory.number} has no place for a block`);
  directory.sizeBytes = Math.max(directory.sizeBytes, (fileBlock + 1) * BLOCK_BYTES);
  const at = place.before + place.index;
  if (place.addresses[at] !== NO_BLOCK) return { ...place, isNew: false };
  countBlock(recovery, directory);
  place.addresses[at] = PROMISED;
  return { ...place, isNew: true };
}
