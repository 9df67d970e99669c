// A directory's block of names.
// References: Linux 6.18 fs/ext4/namei.c: ext4_find_dest_de, ext4_insert_dentry, ext4_generic_delete_entry,
// dx_pack_dirents; fs/ext4/dir.c: __ext4_check_dir_entry.
import { ExtDirectoryEntryFields } from '../../../../generated/filesystem/ext.js';
import { setField } from '../../../kaitai/index.js';
import { ENTRY_HEAD_BYTES, LARGE_BLOCK, visitEntries } from '../directory-entries.js';

const ALIGNMENT = 4;
const U16_MAX = 0xffff;

/** A name in a directory, or room for one (inode 0). */
export interface Entry {
  inode: number;
  /** Bytes to the next entry. */
  room: number;
  /** A character for each byte. */
  name: string;
  /** The kind of the file, for readers of the directory; 0 without the feature filetype, and of room. */
  fileType: number;
}

/** A name that is to be added. */
export type Name = Pick<Entry, 'inode' | 'name' | 'fileType'>;

/** The room that an entry takes at least: 16 bytes for a name of 5. */
export function entryBytes(name: string): number {
  return Math.ceil((ENTRY_HEAD_BYTES + name.length) / ALIGNMENT) * ALIGNMENT;
}

/** @param bytes of the block, without its tail. @throws FormatError INVALID for an entry that the kernel refuses. */
export function readEntries(bytes: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  visitEntries(bytes, (inode, name, fileType, room) => {
    entries.push({ inode, room, name: Buffer.from(name).toString('latin1'), fileType });
  });
  return entries;
}

/** As the kernel looks for room: it sees a name that is there already only if it comes first. */
export function addEntry(entries: Entry[], added: Name): 'done' | 'exists' | 'full' {
  const needed = entryBytes(added.name);
  const end = entries.reduce((sum, { room }) => sum + room, 0);
  let at = 0;
  for (const [i, entry] of entries.entries()) {
    if (at > end - needed) return 'full';
    if (entry.inode !== 0 && entry.name === added.name) return 'exists';
    const used = entry.inode === 0 ? 0 : entryBytes(entry.name);
    if (entry.room - used >= needed) {
      insertAt(entries, i, added);
      return 'done';
    }
    at += entry.room;
  }
  return 'full';
}

/** Puts a name into the room of an entry, behind the name that is there. */
export function insertAt(entries: Entry[], index: number, { inode, name, fileType }: Name): void {
  const entry = entries[index];
  if (entry === undefined) return;
  if (entry.inode === 0) {
    entry.inode = inode;
    entry.name = name;
    entry.fileType = fileType;
    return;
  }
  const used = entryBytes(entry.name);
  entries.splice(index + 1, 0, { inode, name, fileType, room: entry.room - used });
  entry.room = used;
}

export function removeEntry(entries: Entry[], index: number): void {
  const entry = entries[index];
  const before = entries[index - 1];
  if (entry === undefined) return;
  if (before === undefined) {
    entry.inode = 0;
    entry.name = '';
    entry.fileType = 0;
    return;
  }
  before.room += entry.room;
  entries.splice(index, 1);
}

/** Without gaps: the last entry has all the room. */
export function packed(entries: readonly Entry[], sizeBytes: number): Entry[] {
  const kept = entries.filter(({ inode, name }) => inode !== 0 && name !== '');
  let left = sizeBytes;
  return kept.map((entry, i) => {
    const room = i === kept.length - 1 ? left : entryBytes(entry.name);
    left -= room;
    return { ...entry, room };
  });
}

/** Writes entries over the names of a block: the bytes in the room behind a name stay as they are. */
export function writeEntries(bytes: Uint8Array, entries: readonly Entry[]): void {
  let at = 0;
  for (const { inode, room, name, fileType } of entries) {
    setField(bytes, ExtDirectoryEntryFields.inode, inode, at);
    setField(bytes, ExtDirectoryEntryFields.lenEntry, room === LARGE_BLOCK ? U16_MAX : room, at);
    setField(bytes, ExtDirectoryEntryFields.lenName, name.length, at);
    setField(bytes, ExtDirectoryEntryFields.fileType, fileType, at);
    bytes.set(Buffer.from(name, 'latin1'), at + ENTRY_HEAD_BYTES);
    at += room;
  }
}
