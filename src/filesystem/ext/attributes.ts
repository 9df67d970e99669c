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
import { type Inode, type InodeTables, readInodeBytes } from './inode.js';
import { INODE_HEAD_BYTES } from './inode-table.js';

const MAGIC = 0xea020000;
const MAGIC_BYTES = 4;
export const BLOCK_HEAD_BYTES = 32;
const ENTRY_BYTES = 16;
const ALIGNMENT = 4;
/** `system.data` */
const SYSTEM_INDEX = 7;
const INLINE_NAME = 'data';

/** A block of attributes. */
interface AttributeBlock {
  /** Files that share it. */
  readonly userCount: number;
  /** Inodes of values, each as often as it is named. */
  readonly valueInodes: readonly number[];
}

/** @throws FormatError INVALID for a block that is none of attributes. */
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
  if (tables.geometry.inodeSizeBytes <= INODE_HEAD_BYTES) return [];
  const bytes = await readInodeBytes(tables, number);
  const start = attributesStart(bytes);
  return start === null ? [] : valueInodes(bytes.subarray(start));
}

/** Where the entries of the attributes in an inode begin; null if there are none. */
export function attributesStart(inode: Uint8Array): number | null {
  const tail = inode.subarray(INODE_HEAD_BYTES);
  if (tail.length === 0) return null;
  const start = u16(parseExtInodeTail(tail).lenExtra);
  const attributes = tail.subarray(start);
  if (attributes.length < MAGIC_BYTES) return null;
  if (!equals(parseExtInodeAttributes(attributes).magic, MAGIC)) return null;
  return INODE_HEAD_BYTES + start + MAGIC_BYTES;
}

/**
 * Where in an inode the attribute lies that goes on with a small file or directory: of one of 100 bytes the first 60 lie in the
 * place of the map of blocks, and the other 40 in this attribute.
 * @returns null if there is none within the inode.
 */
export function inlineValue(
  inode: Uint8Array,
): { readonly offsetBytes: number; readonly lengthBytes: number } | null {
  const start = attributesStart(inode);
  if (start === null) return null;
  for (const { entry, name } of attributeEntries(inode.subarray(start))) {
    if (!equals(entry.nameIndex, SYSTEM_INDEX) || name !== INLINE_NAME) continue;
    const offsetBytes = start + u16(entry.ofsValue);
    const lengthBytes = u32(entry.lenValue);
    return offsetBytes + lengthBytes <= inode.length ? { offsetBytes, lengthBytes } : null;
  }
  return null;
}

function valueInodes(entries: Uint8Array): number[] {
  return Array.from(attributeEntries(entries), ({ entry }) => u32(entry.valueInode)).filter(
    (inode) => inode !== 0,
  );
}

/** The list ends with four zeros, or where its inode or block ends. */
export function* attributeEntries(entries: Uint8Array) {
  for (let at = 0; at + ENTRY_BYTES <= entries.length; ) {
    if (entries.subarray(at, at + ALIGNMENT).every((byte) => byte === 0)) break;
    const entry = parseExtAttributeEntry(entries.subarray(at));
    const nameBytes = u8(entry.lenName);
    const name = entries.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    yield { entry, name: Buffer.from(name).toString('latin1') };
    at += ENTRY_BYTES + Math.ceil(nameBytes / ALIGNMENT) * ALIGNMENT;
  }
}
