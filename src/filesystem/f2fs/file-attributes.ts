// The extended attributes of a file of F2FS: one stretch, of which the first part lies in the inode and the rest in a node of its own.
// References: Linux 6.1 fs/f2fs/xattr.c: read_all_xattrs, f2fs_listxattr; fs/f2fs/xattr.h: XATTR_NEXT_ENTRY.
import {
  parseF2fsAttributeEntry,
  parseF2fsAttributes,
} from '../../../generated/filesystem/f2fs.js';
import { equals, int } from '../../validation/guest.js';
import { attributeBudget, numberedAttribute } from '../attributes.js';
import type { FileAttribute } from '../files.js';
import { orTold } from '../told.js';
import { inlineAttributesRange } from './inode.js';
import { readNode } from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import type { F2fsFile, F2fsVolume } from './volume-files.js';

const MAGIC = 0xf2f52011;
const HEAD_BYTES = 24;
const ENTRY_BYTES = 4;
const ALIGNMENT = 4;
const FOOTER_BYTES = 24;
const NAME_LENGTH = "f2fs: length of an attribute's name";
const VALUE_LENGTH = 'f2fs: length of an attribute';

export function fileAttributes(
  volume: F2fsVolume,
  file: F2fsFile,
): Promise<readonly FileAttribute[] | null> {
  return orTold(volume, file.inode.number, async () => {
    const bytes = await stretch(volume, file);
    const isThere = bytes.length >= HEAD_BYTES && equals(parseF2fsAttributes(bytes).magic, MAGIC);
    return isThere ? [...attributesIn(bytes)] : [];
  });
}

async function stretch(
  { volumes: [source], spend }: F2fsVolume,
  { inode, state }: F2fsFile,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const { offsetBytes, lengthBytes } = inlineAttributesRange(inode);
  if (lengthBytes > 0 && source !== undefined) {
    spend(1);
    parts.push(await source.read(inode.recordBlock * BLOCK_BYTES + offsetBytes, lengthBytes));
  }
  if (inode.attributeNode !== 0) {
    spend(1);
    const node = await readNode(state, inode.attributeNode);
    if (node !== null) parts.push(node.bytes.subarray(0, BLOCK_BYTES - FOOTER_BYTES));
  }
  return Buffer.concat(parts);
}

/** They end with four zeros, or where there is no room for another one. */
function* attributesIn(bytes: Uint8Array): Generator<FileAttribute> {
  const spend = attributeBudget('f2fs');
  for (let at = HEAD_BYTES; at + ENTRY_BYTES <= bytes.length; ) {
    if (bytes.subarray(at, at + ENTRY_BYTES).every((byte) => byte === 0)) return;
    const entry = parseF2fsAttributeEntry(bytes.subarray(at));
    const start = at + ENTRY_BYTES;
    const behindName = start + int(entry.lenName, NAME_LENGTH, 0, bytes.length - start);
    const end = behindName + int(entry.lenValue, VALUE_LENGTH, 0, bytes.length - behindName);
    const name = bytes.subarray(start, behindName);
    const one = numberedAttribute(entry.nameIndex, name, bytes.subarray(behindName, end));
    if (one !== null) {
      spend(one);
      yield one;
    }
    at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  }
}
