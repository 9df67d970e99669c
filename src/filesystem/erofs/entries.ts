// The names in a directory of EROFS, block by block.
// References: Linux fs/erofs/dir.c: erofs_readdir, erofs_fill_dentries.
import { erofsDirectoryEntryRecords } from '../../../generated/filesystem/erofs.js';
import { FormatError } from '../../errors.js';
import { int, u8 } from '../../validation/guest.js';
import { isDots, kindOfEntry, nameFault } from '../file-kinds.js';
import { type DirectoryEntry, guestName } from '../files.js';
import { tell, toldOf } from '../told.js';
import { extentPages } from './extents.js';
import type { Inode } from './inode.js';
import type { Volume } from './volume.js';

const ENTRY_BYTES = 12;

type Page = readonly DirectoryEntry[];

export async function* entryPages(
  volume: Volume,
  inode: Inode,
): AsyncGenerator<Page, void, undefined> {
  if (inode.kind !== 'directory') return;
  yield* toldOf(volume, inode.number, pages(volume, inode));
}

async function* pages(volume: Volume, inode: Inode): AsyncGenerator<Page, void, undefined> {
  const { source, blockBytes, spend } = volume;
  for await (const extents of extentPages(volume, inode)) {
    for (const extent of extents) {
      if (extent.kind !== 'data' && extent.kind !== 'inline') throw otherKind(inode, extent.kind);
      const first = extent.offsetBytes ?? 0;
      const end = Math.min(extent.lengthBytes, inode.sizeBytes - first);
      for (let done = 0; done < end; done += blockBytes) {
        const length = Math.min(blockBytes, end - done);
        spend(length);
        const bytes = await source.read(extent.at.offsetBytes + done, length);
        yield entriesIn(volume, inode, bytes);
      }
    }
  }
}

function otherKind({ number }: Inode, kind: string): FormatError {
  const words = `a part of the directory ${number} is ${kind}`;
  return new FormatError('INVALID', `erofs: ${words}`, { data: { number } });
}

/** The first name begins where the entries end; each ends where the next one begins. */
function entriesIn(volume: Volume, inode: Inode, bytes: Uint8Array): Page {
  const entries = erofsDirectoryEntryRecords(bytes);
  const found: DirectoryEntry[] = [];
  if (entries.length === 0) return found;
  const nameAt = (index: number, least: number) =>
    int(entries.at(index).ofsName, 'erofs: where a name begins', least, bytes.length - 1);
  const count = Math.floor(nameAt(0, ENTRY_BYTES) / ENTRY_BYTES);
  let start = nameAt(0, ENTRY_BYTES);
  for (let i = 0; i < count; i++) {
    const end = i + 1 < count ? nameAt(i + 1, start + 1) : bytes.length;
    const { number, type } = entries.at(i);
    const target = int(number, 'erofs: number of an inode', 0, Number.MAX_SAFE_INTEGER);
    const kind = kindOfEntry(u8(type));
    const whole = bytes.subarray(start, end);
    start = end;
    // The last one of a block ends at a zero.
    const zero = i + 1 < count ? -1 : whole.indexOf(0);
    const name = Buffer.from(zero < 0 ? whole : whole.subarray(0, zero));
    if (isDots(name)) continue;
    const fault = nameFault('erofs', name);
    if (fault === null)
      found.push({ name: guestName(name), id: { tree: 0, number: target }, kind });
    else tell(volume, inode.number, fault);
  }
  return found;
}
