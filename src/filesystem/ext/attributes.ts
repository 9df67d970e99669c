// Extended attributes, as far as they take inodes and blocks of their own, which go with the last file that has them.
// References: Linux 6.18 fs/ext4/xattr.c: ext4_xattr_delete_inode, ext4_xattr_release_block,
// ext4_xattr_inode_dec_ref_all, ext4_xattr_inode_get_ref.
import {
  parseExtAttributeBlock,
  parseExtAttributeEntry,
  parseExtInodeAttributes,
  parseExtInodeTail,
} from '../../../generated/filesystem/ext.js';
import { equals, int } from '../../validation/guest.js';
import { INODE_HEAD_BYTES, type Inode, type InodeTables, readInodeBytes } from './inode.js';

const MAGIC = 0xea020000;
const MAGIC_BYTES = 4;
const BLOCK_HEAD_BYTES = 32;
const ENTRY_BYTES = 16;
const ALIGNMENT = 4;
const U8_MAX = 0xff;
const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;

/** A block of attributes. */
export interface AttributeBlock {
  /** Files that share it. */
  readonly userCount: number;
  /** Inodes of values, each as often as it is named. */
  readonly valueInodes: readonly number[];
}

/** @throws FormatError INVALID for what is no such block. */
export function readAttributeBlock(bytes: Uint8Array): AttributeBlock {
  const { numReferences } = parseExtAttributeBlock(bytes);
  return {
    userCount: int(numReferences, 'ext: h_refcount', 0, U32_MAX),
    valueInodes: valueInodes(bytes.subarray(BLOCK_HEAD_BYTES)),
  };
}

/** The inodes of values of the attributes that lie in an inode itself. */
export async function valueInodesIn(
  tables: InodeTables,
  { number }: Inode,
): Promise<readonly number[]> {
  const { inodeSizeBytes } = tables.geometry;
  if (inodeSizeBytes <= INODE_HEAD_BYTES) return [];
  const tail = (await readInodeBytes(tables, number)).subarray(INODE_HEAD_BYTES);
  const start = int(parseExtInodeTail(tail).lenExtra, 'ext: i_extra_isize', 0, U16_MAX);
  const attributes = tail.subarray(start);
  if (attributes.length < MAGIC_BYTES) return [];
  if (!equals(parseExtInodeAttributes(attributes).magic, MAGIC)) return [];
  return valueInodes(attributes.subarray(MAGIC_BYTES));
}

/** The list ends with four zeros, or with what holds it. */
function valueInodes(entries: Uint8Array): number[] {
  const inodes: number[] = [];
  for (let at = 0; at + ENTRY_BYTES <= entries.length; ) {
    if (entries.subarray(at, at + ALIGNMENT).every((byte) => byte === 0)) break;
    const entry = parseExtAttributeEntry(entries.subarray(at));
    const inode = int(entry.valueInode, 'ext: e_value_inum', 0, U32_MAX);
    if (inode !== 0) inodes.push(inode);
    const nameBytes = int(entry.lenName, 'ext: e_name_len', 0, U8_MAX);
    at += ENTRY_BYTES + Math.ceil(nameBytes / ALIGNMENT) * ALIGNMENT;
  }
  return inodes;
}
