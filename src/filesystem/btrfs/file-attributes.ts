// The extended attributes of a file of btrfs, which are items beside its inode: several in one where their names have the same hash.
// References: Linux 6.18 fs/btrfs/xattr.c: btrfs_listxattr, btrfs_getxattr; tree-checker.c: check_dir_item.
import {
  BtrfsDirectoryEntryFields,
  parseBtrfsDirectoryEntry,
} from '../../../generated/filesystem/btrfs.js';
import { int } from '../../validation/guest.js';
import { attribute, attributeBudget } from '../attributes.js';
import type { FileAttribute } from '../files.js';
import { orTold } from '../told.js';
import { type BtrfsFile, itemPages } from './file-items.js';
import { type BtrfsVolume, fileId } from './volume-files.js';

const XATTR_ITEM = 24;
const HEAD_BYTES = BtrfsDirectoryEntryFields.type.at + 1;

export function fileAttributes(
  volume: BtrfsVolume,
  file: BtrfsFile,
): Promise<readonly FileAttribute[] | null> {
  const id = fileId(file.tree.number, file.number);
  return orTold(volume, id, async () => {
    const found: FileAttribute[] = [];
    const spend = attributeBudget('btrfs');
    for await (const { items } of itemPages(volume, file, XATTR_ITEM)) {
      for (const { data } of items) {
        for (const one of attributesIn(data)) {
          spend(one);
          found.push(one);
        }
      }
    }
    return found;
  });
}

function* attributesIn(data: Uint8Array): Generator<FileAttribute> {
  for (let at = 0; at < data.length; ) {
    const { name, lenValue } = parseBtrfsDirectoryEntry(data.subarray(at));
    const start = at + HEAD_BYTES + name.length;
    at = start + int(lenValue, 'btrfs: length of an attribute', 0, data.length - start);
    yield attribute('', name, data.subarray(start, at));
  }
}
