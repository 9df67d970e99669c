// An inode without which there is no mount, the root directory's or the journal's, checked as the kernel checks it.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_iget, ext4_inode_blocks;
// fs/ext4/super.c: __ext4_fill_super (the root), ext4_get_journal_inode; fs/ext4/indirect.c: ext4_ind_check_inode.
import {
  extBlockPointerRecords,
  type GuestExtInode,
  parseExtInode,
  parseExtInodeTail,
} from '../../../generated/filesystem/ext.js';
import { FormatError, invalidIn } from '../../errors.js';
import { hasFlag, int } from '../../validation/guest.js';
import { inodeCheck } from './checksum.js';
import type { Context } from './context.js';
import { readExtentNode } from './extent-node.js';
import type { Geometry } from './geometry.js';
import { type Inode, inodeFrom, readInodeBytes } from './inode.js';
import { INODE_HEAD_BYTES, inodeTable } from './inode-table.js';

const ROOT = 2;
const FLAG_ENCRYPTED = 0x800n;
/** It holds a value of extended attributes. */
const FLAG_VALUE = 0x200000n;
const DIRECT_POINTER_BYTES = 12 * 4;
const U32_VALUES = 2 ** 32;

/** @throws FormatError with what makes the kernel refuse the mount. */
export async function checkRoot(context: Context): Promise<void> {
  const { inode, invalid } = await readSpecial(context, ROOT, 'the root directory');
  if (!inode.isDirectory) throw invalid('is no directory');
  if (!inode.hasSectors) throw invalid('has no blocks');
  if (inode.sizeBytes === 0) throw invalid('is empty');
}

/** @throws FormatError as `checkRoot`. */
export async function checkJournalInode(context: Context, number: number): Promise<Inode> {
  const { inode, guest, invalid } = await readSpecial(context, number, 'the journal');
  if (!inode.isRegular) throw invalid('is no regular file');
  if (hasFlag(guest.flags, FLAG_ENCRYPTED)) throw invalid('is encrypted');
  return inode;
}

async function readSpecial(context: Context, number: number, what: string) {
  const name = `${what} (inode ${number}), without which the kernel does not mount it,`;
  const invalid = invalidIn(`ext: ${name} `);
  const bytes = await readInodeBytes(context, number);
  const guest = parseExtInode(bytes);
  const extraBytes = extraSize(bytes, name);
  if (extraBytes % 4 !== 0) throw invalid(`has ${extraBytes} bytes of extra fields`);
  if (inodeCheck(context)?.(number, inodeTable(bytes, bytes.length), 0, extraBytes) === false) {
    throw new FormatError('BAD_CHECKSUM', `ext: ${name} has a wrong checksum`);
  }
  const inode = inodeFrom(number, guest, context.geometry);
  if (inode.linkCount === 0) throw invalid('is deleted');
  if (hasFlag(guest.flags, FLAG_VALUE)) throw invalid('is one of a value of attributes');
  if (inode.isInline && inode.hasExtents) throw invalid('has its content inside and in extents');
  checkAttributes(context, guest, name);
  if (!inode.isInline) checkMap(context, inode, name);
  return { inode, guest, invalid };
}

function extraSize(bytes: Uint8Array, name: string): number {
  const tail = bytes.subarray(INODE_HEAD_BYTES);
  if (tail.length === 0) return 0;
  return int(parseExtInodeTail(tail).lenExtra, `ext: i_extra_isize of ${name}`, 0, tail.length);
}

/** The block of extended attributes, if there is one, must be within the filesystem. */
function checkAttributes(
  { geometry, features }: Context,
  guest: GuestExtInode,
  name: string,
): void {
  const last = geometry.blockCount - 1;
  const what = `ext: the block of attributes of ${name}`;
  // Without 64-bit numbers of blocks the kernel does not look at the upper half.
  const high = features.is64bit ? int(guest.fileAclHi, what, 0, Math.floor(last / U32_VALUES)) : 0;
  const low = int(guest.fileAclLo, what, 0, Math.min(last, U32_VALUES - 1));
  checkBlock(geometry, high * U32_VALUES + low, what);
}

/** @throws FormatError OUT_OF_BOUNDS for a block that is there and is no file's. */
function checkBlock({ firstDataBlock, blockCount }: Geometry, block: number, what: string): void {
  if (block === 0 || (block > firstDataBlock && block < blockCount)) return;
  throw new FormatError('OUT_OF_BOUNDS', `${what} is ${block} of ${blockCount}`);
}

/** Of a map of extents its root, of one of pointers those within the inode. */
function checkMap({ geometry }: Context, { hasExtents, blockMap }: Inode, name: string): void {
  if (hasExtents) {
    const { depth, branches } = readExtentNode(blockMap, null, geometry);
    if (depth === 0 || branches.length > 0) return;
    throw new FormatError('INVALID', `ext: ${name} has a map of extents without a branch`);
  }
  const what = `ext: a block of ${name}`;
  const pointers = extBlockPointerRecords(blockMap.subarray(0, DIRECT_POINTER_BYTES));
  for (let i = 0; i < pointers.length; i++) {
    checkBlock(geometry, int(pointers.at(i).block, what, 0, geometry.blockCount - 1), what);
  }
}
