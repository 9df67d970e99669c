// Entries of a directory: in a block of their own, or in the inode. A name takes as many places as it has eight bytes.
// References: Linux 6.1 include/linux/f2fs_fs.h: struct f2fs_dentry_block; fs/f2fs/f2fs.h: make_dentry_ptr_inline;
// fs/f2fs/dir.c: f2fs_find_target_dentry, f2fs_room_for_filename, f2fs_update_dentry.
import { f2fsDirectoryEntryRecords } from '../../../generated/filesystem/f2fs.js';
import { u8, u16, u32 } from '../../validation/guest.js';
import { kindOfEntry } from '../file-kinds.js';
import type { FileKind } from '../files.js';
import { lowBitAt } from './bitmap.js';
import { type Inode, inlineBytes, inlineStart } from './inode.js';

const PLACES_IN_BLOCK = 214;
const BITMAP_BYTES = 27;
const RESERVED_BYTES = 3;
const ENTRY_BYTES = 11;
const PLACE_BYTES = 8;
const MAX_NAME_BYTES = 255;

/** In the place of a block of the directory: the entries that its inode holds itself. */
export const IN_INODE = -1;

export interface Entry {
  readonly hash: number;
  readonly kind: FileKind | null;
  readonly inode: number;
  readonly name: Uint8Array;
}

export interface EntryTable {
  /** Which places are taken. */
  readonly taken: Uint8Array;
  /** By the first place that they take. */
  readonly entries: Map<number, Entry>;
  /** The place of the first entry whose name is longer than a name, or than the room for it; null: there is none. */
  readonly damagedPlace: number | null;
}

export function emptyTable(): EntryTable {
  return { taken: new Uint8Array(PLACES_IN_BLOCK), entries: new Map(), damagedPlace: null };
}

export function readBlockTable(bytes: Uint8Array): EntryTable {
  return readTable(bytes, PLACES_IN_BLOCK, BITMAP_BYTES + RESERVED_BYTES);
}

/** The entries in an inode: as many as there is room for, those at the end. */
export function readInlineTable(inode: Inode): EntryTable {
  const sizeBytes = inlineBytes(inode);
  const start = 4 * inlineStart(inode);
  const perPlace = ENTRY_BYTES + PLACE_BYTES;
  const places = Math.floor((sizeBytes * 8) / (perPlace * 8 + 1));
  return readTable(
    inode.inline.subarray(start, start + sizeBytes),
    places,
    sizeBytes - places * perPlace,
  );
}

function readTable(bytes: Uint8Array, places: number, entriesAt: number): EntryTable {
  const records = f2fsDirectoryEntryRecords(
    bytes.subarray(entriesAt, entriesAt + places * ENTRY_BYTES),
  );
  const names = bytes.subarray(entriesAt + places * ENTRY_BYTES);
  const taken = new Uint8Array(places);
  for (let i = 0; i < places; i++) taken[i] = lowBitAt(bytes, i) ? 1 : 0;
  const entries = new Map<number, Entry>();
  let damagedPlace: number | null = null;
  for (let i = 0; i < places; ) {
    const entry = records.at(i);
    const length = taken[i] === 1 ? u16(entry.lenName) : 0;
    if (length === 0) {
      i++;
      continue;
    }
    if (length > MAX_NAME_BYTES || i + placesOf(length) > places) damagedPlace ??= i;
    entries.set(i, {
      hash: u32(entry.hash),
      kind: kindOfEntry(u8(entry.type)),
      inode: u32(entry.inode),
      name: new Uint8Array(names.subarray(i * PLACE_BYTES, i * PLACE_BYTES + length)),
    });
    i += placesOf(length);
  }
  return { taken, entries, damagedPlace };
}

function placesOf(nameBytes: number): number {
  return Math.ceil(nameBytes / PLACE_BYTES);
}

/** The place of the entry with a name; null if there is none. */
export function findEntry({ entries }: EntryTable, isIt: (entry: Entry) => boolean): number | null {
  for (const [place, entry] of entries) if (isIt(entry)) return place;
  return null;
}

/** The first place with room for a name; null if there is none. */
export function roomFor({ taken }: EntryTable, nameBytes: number): number | null {
  let free = 0;
  for (let i = 0; i < taken.length; i++) {
    free = taken[i] === 0 ? free + 1 : 0;
    if (free === placesOf(nameBytes)) return i - free + 1;
  }
  return null;
}

export function addEntry({ taken, entries }: EntryTable, place: number, entry: Entry): void {
  taken.fill(1, place, place + placesOf(entry.name.length));
  entries.set(place, entry);
}

export function removeEntry({ taken, entries }: EntryTable, place: number): void {
  const entry = entries.get(place);
  if (entry === undefined) return;
  taken.fill(0, place, place + placesOf(entry.name.length));
  entries.delete(place);
}

/** The entries of an inode, moved to a block: one in place 5 is in place 5 there too. */
export function asBlock({ taken, ...table }: EntryTable): EntryTable {
  const wide = emptyTable();
  wide.taken.set(taken.subarray(0, PLACES_IN_BLOCK));
  return { ...table, taken: wide.taken };
}

export function isEmpty({ taken }: EntryTable): boolean {
  return taken.every((place) => place === 0);
}
