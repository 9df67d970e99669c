// The names in a directory of SquashFS, in the order of the table of directories.
// References: Linux fs/squashfs/dir.c: squashfs_readdir.
import {
  squashfsDirectoryEntryRecords,
  squashfsDirectoryHeadRecords,
} from '../../../generated/filesystem/squashfs.js';
import { int, u32 } from '../../validation/guest.js';
import { nameFault } from '../file-kinds.js';
import { type DirectoryEntry, type FileKind, guestName } from '../files.js';
import { tell, toldOf } from '../told.js';
import type { Inode } from './inode.js';
import { type Cursor, cursorAt } from './metadata.js';
import type { Volume } from './volume.js';

const HEAD_BYTES = 12;
const ENTRY_BYTES = 8;
const MAX_ENTRIES = 256;
const MAX_NAME_BYTES = 256;
const MAX_TYPE = 7;
const [MIN_DELTA, MAX_DELTA] = [-32_768, 32_767];
/** The directory itself and the one above have no entry, and are counted by three bytes. */
const DOTS_BYTES = 3;
const KINDS: readonly (FileKind | null)[] = [
  null,
  'directory',
  'file',
  'symlink',
  'device',
  'device',
  'device',
  'device',
];

type Page = readonly DirectoryEntry[];

export function namesCursor(volume: Volume, { names }: Inode): Cursor {
  const { metadata, directories } = volume;
  const offsetBytes = directories.startBytes + (names?.block ?? 0);
  const start = { offsetBytes, within: names?.within ?? 0 };
  return cursorAt(metadata, start, directories.endBytes);
}

export async function* entryPages(
  volume: Volume,
  inode: Inode,
): AsyncGenerator<Page, void, undefined> {
  if (inode.names === null || inode.sizeBytes <= DOTS_BYTES) return;
  yield* toldOf(volume, inode.number, pages(volume, inode));
}

async function* pages(volume: Volume, inode: Inode): AsyncGenerator<Page, void, undefined> {
  const cursor = namesCursor(volume, inode);
  const spend = volume.names.begin(inode.number);
  for (let left = inode.sizeBytes - DOTS_BYTES; left > 0; ) {
    const head = squashfsDirectoryHeadRecords(await cursor.take(HEAD_BYTES)).at(0);
    const count = 1 + int(head.numEntries, 'squashfs: names of a block', 0, MAX_ENTRIES - 1);
    const number = u32(head.number);
    const page: DirectoryEntry[] = [];
    let lengthBytes = HEAD_BYTES;
    for (let i = 0; i < count; i++) {
      const entry = await entryOf(volume, inode, cursor, number);
      lengthBytes += entry.lengthBytes;
      if (entry.shown !== null) page.push(entry.shown);
    }
    await spend(lengthBytes);
    left -= lengthBytes;
    yield page;
  }
}

/** null: no kernel would show it. */
interface Entry {
  readonly shown: DirectoryEntry | null;
  readonly lengthBytes: number;
}

async function entryOf(volume: Volume, inode: Inode, cursor: Cursor, base: number): Promise<Entry> {
  const guest = squashfsDirectoryEntryRecords(await cursor.take(ENTRY_BYTES)).at(0);
  const delta = int(guest.numberDelta, 'squashfs: number of an inode', MIN_DELTA, MAX_DELTA);
  const type = int(guest.type, 'squashfs: type of a name', 1, MAX_TYPE);
  const nameBytes = 1 + int(guest.lenName, 'squashfs: bytes of a name', 0, MAX_NAME_BYTES - 1);
  // A view of a block that is kept for as long as it is asked for.
  const name = Buffer.from(await cursor.take(nameBytes));
  const lengthBytes = ENTRY_BYTES + nameBytes;
  const fault = nameFault('squashfs', name);
  if (fault !== null) {
    tell(volume, inode.number, fault);
    return { shown: null, lengthBytes };
  }
  const id = { tree: 0, number: base + delta };
  return { shown: { name: guestName(name), id, kind: KINDS[type] ?? null }, lengthBytes };
}
