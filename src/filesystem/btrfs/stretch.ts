// A stretch of a file, from its item: a part of an extent, a hole, or content in the item itself.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h: struct btrfs_file_extent_item; fs/btrfs/file-item.c:
// btrfs_file_extent_end.
import {
  BtrfsFileExtentFields,
  parseBtrfsFileExtent,
  parseBtrfsFileExtentHead,
} from '../../../generated/filesystem/btrfs.js';
import { equals, int } from '../../validation/guest.js';
import type { Item } from './tree.js';

const INLINE = 0;
const UNWRITTEN = 2;
const NONE = 0;
/** Where the content of a stretch in the item itself begins. */
export const INLINE_CONTENT_AT = BtrfsFileExtentFields.address.at;

export interface Stretch {
  readonly start: number;
  /** Of content in the item, where the next stretch may begin. */
  readonly end: number;
  readonly isInline: boolean;
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
  readonly isUnwritten: boolean;
  /** 0 for a hole. */
  readonly address: number;
  readonly extentBytes: number;
  /** Where in the uncompressed extent the stretch begins. */
  readonly skippedBytes: number;
  /** Of the whole extent, uncompressed. */
  readonly contentBytes: number;
}

/** @throws FormatError OUT_OF_BOUNDS, TRUNCATED */
export function readStretch(item: Item, sectorBytes: number): Stretch {
  const head = parseBtrfsFileExtentHead(item.data);
  const most = Number.MAX_SAFE_INTEGER;
  const start = Number(item.offset);
  const form = {
    isCompressed: !equals(head.compression, NONE),
    isEncrypted: !equals(head.encryption, NONE),
    isUnwritten: equals(head.type, UNWRITTEN),
  };
  const isInline = equals(head.type, INLINE);
  if (isInline) {
    const contentBytes = int(head.lenContent, 'btrfs: ram_bytes', 0, most - sectorBytes);
    const end = Math.ceil((start + contentBytes) / sectorBytes) * sectorBytes;
    const nowhere = { address: 0, extentBytes: 0, skippedBytes: 0 };
    return { start, end, isInline, ...form, ...nowhere, contentBytes };
  }
  const extent = parseBtrfsFileExtent(item.data);
  const address = int(extent.address, 'btrfs: address of an extent', 0, most);
  return {
    start,
    end: start + int(extent.lenStretch, 'btrfs: length of a stretch', 0, most),
    isInline,
    ...form,
    address,
    extentBytes: int(extent.lenExtent, 'btrfs: length of an extent', 0, most - address),
    skippedBytes: int(extent.ofsInExtent, 'btrfs: offset in an extent', 0, most),
    contentBytes: int(extent.lenContent, 'btrfs: ram_bytes', 0, most),
  };
}
