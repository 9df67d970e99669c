// Extended attributes, as far as they take inodes and blocks of their own, which go with the last file that has them.
// References: Linux 6.18 fs/ext4/xattr.c: ext4_xattr_delete_inode, ext4_xattr_release_block,
// ext4_xattr_inode_dec_ref_all, ext4_xattr_inode_get_ref.
import {
  parseExtAttributeBlock,
  parseExtAttributeEntry,
  parseExtInodeAttributes,
  parseExtInodeTail,
} from '../../../generated/filesystem/ext.js';
import { equals, u8, u16, u32 } from '../../validation/guest.js';
import { INODE_HEAD_BYTES, type Inode, type InodeTables, readInodeBytes } from './inode.js';

const MAGIC = 0xea020000;
const MAGIC_BYTES = 4;
const BLOCK_HEAD_BYTES = 32;
const ENTRY_BYTES = 16;
const ALIGNMENT = 4;

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
    userCount: u32(numReferences),
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
  const start = u16(parseExtInodeTail(tail).lenExtra);
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
    const inode = u32(entry.valueInode);
    if (inode !== 0) inodes.push(inode);
    const nameBytes = u8(entry.lenName);
    at += ENTRY_BYTES + Math.ceil(nameBytes / ALIGNMENT) * ALIGNMENT;
  }
  return inodes;
}
