// An inode: where it lies, and the fields that replays need of one. An orphan, for example, is deleted if it has no links, and
// otherwise cut to its size.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_get_inode_loc, __ext4_iget, ext4_can_truncate,
// ext4_inode_is_fast_symlink.
import {
  type GuestExtInode,
  parseExtInode,
  parseExtInodeTail,
} from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, u16, u32 } from '../../validation/guest.js';
import { type GroupDescriptor, groupDescriptor } from './descriptors.js';
import type { Geometry } from './geometry.js';
import type { SuperblockGroups } from './superblock-groups.js';

/** As much of an inode as every filesystem has. */
export const INODE_HEAD_BYTES = 128;
const FILE_TYPE_UNIT = 0x1000;
const DIRECTORY = 0x4;
const REGULAR_FILE = 0x8;
const SYMBOLIC_LINK = 0xa;
/** encrypt, casefold */
const FLAGS_TRANSLATED = 0x40000800n;
const FLAG_INDEX = 0x1000n;
const FLAG_EXTENTS = 0x80000n;
const FLAG_INLINE_DATA = 0x10000000n;
/** A symbolic link's target lies in the inode up to here. */
const BLOCK_MAP_BYTES = 60;
const U32_VALUES = 2 ** 32;

/** A filesystem whose inodes are read. */
export interface InodeTables {
  readonly source: ByteSource;
  readonly geometry: Geometry;
  readonly superblocks: SuperblockGroups;
}

/** The fields of an inode, in trusted numbers. */
export interface Inode {
  readonly number: number;
  readonly isRegular: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  /** A directory whose names are found by their hash. */
  readonly hasIndex: boolean;
  /** Whether it may have blocks: device files, FIFOs, sockets and files whose content lies in the inode have none. */
  readonly hasBlocks: boolean;
  readonly hasExtents: boolean;
  /** A directory whose names are not those that programs see. */
  readonly isTranslated: boolean;
  /** Its content lies in the inode. */
  readonly isInline: boolean;
  /** It says that it has blocks. */
  readonly hasSectors: boolean;
  readonly linkCount: number;
  readonly sizeBytes: number;
  /** 60 bytes: the root of the extent tree, or 15 pointers. */
  readonly blockMap: Uint8Array;
  /** The block of extended attributes; 0 if there is none. */
  readonly attributeBlock: number;
  /** Of an inode that holds a value of extended attributes: how many of these there are. */
  readonly valueUsers: number;
  /** i_dtime: of an orphan, the next in the list. */
  readonly nextOrphan: number;
}

/** Where the metadata of the group of inode `number` lies, and the inode's index in it. */
export async function inodeGroup(
  { source, geometry, superblocks }: InodeTables,
  number: number,
): Promise<GroupDescriptor & { readonly index: number }> {
  const { inodesPerGroup } = geometry;
  const group = Math.floor((number - 1) / inodesPerGroup);
  const index = number - 1 - group * inodesPerGroup;
  return { ...(await groupDescriptor(source, geometry, superblocks, group)), index };
}

/**
 * Reads inode `number`, which must be one of 1..inodeCount.
 * @throws FormatError OUT_OF_BOUNDS for an inode beyond the filesystem's end.
 */
export async function readInode(tables: InodeTables, number: number): Promise<Inode> {
  const { source, geometry } = tables;
  const { inodeTable, index } = await inodeGroup(tables, number);
  const offset = inodeTable * geometry.blockSizeBytes + index * geometry.inodeSizeBytes;
  return openInode(number, await source.read(offset, INODE_HEAD_BYTES), geometry);
}

/** All bytes of inode `number`, which must be one of 1..inodeCount. */
export async function readInodeBytes(tables: InodeTables, number: number): Promise<Uint8Array> {
  const { source, geometry } = tables;
  const { inodeTable, index } = await inodeGroup(tables, number);
  const offset = inodeTable * geometry.blockSizeBytes + index * geometry.inodeSizeBytes;
  return source.read(offset, geometry.inodeSizeBytes);
}

/** Opens the first 128 bytes of inode `number`. */
export function openInode(number: number, bytes: Uint8Array, geometry: Geometry): Inode {
  return inodeFrom(number, parseExtInode(bytes), geometry);
}

/** Opens an inode that is parsed. */
export function inodeFrom(number: number, inode: GuestExtInode, geometry: Geometry): Inode {
  const type = Math.floor(u16(inode.mode) / FILE_TYPE_UNIT);
  const sizeHigh = u32(inode.lenFileHi);
  const sizeBytes = sizeHigh * U32_VALUES + u32(inode.lenFileLo);
  if (!Number.isSafeInteger(sizeBytes)) {
    throw new FormatError('OUT_OF_BOUNDS', `ext: inode ${number} claims ${sizeBytes} bytes`);
  }
  const isFastLink = type === SYMBOLIC_LINK && sizeBytes < BLOCK_MAP_BYTES;
  const isMapped = type === DIRECTORY || type === REGULAR_FILE || type === SYMBOLIC_LINK;
  const aclHigh = u16(inode.fileAclHi);
  const attributeBlock = aclHigh * U32_VALUES + u32(inode.fileAclLo);
  return {
    number,
    isRegular: type === REGULAR_FILE,
    isDirectory: type === DIRECTORY,
    isSymlink: type === SYMBOLIC_LINK,
    hasIndex: hasFlag(inode.flags, FLAG_INDEX),
    hasBlocks: isMapped && !isFastLink && !hasFlag(inode.flags, FLAG_INLINE_DATA),
    hasExtents: hasFlag(inode.flags, FLAG_EXTENTS),
    isTranslated: hasFlag(inode.flags, FLAGS_TRANSLATED),
    isInline: hasFlag(inode.flags, FLAG_INLINE_DATA),
    hasSectors: !equals(inode.numSectorsLo, 0) || !equals(inode.numSectorsHi, 0),
    linkCount: u16(inode.numLinks),
    sizeBytes,
    blockMap: inode.blockMap,
    attributeBlock: attributeBlock < geometry.blockCount ? attributeBlock : 0,
    valueUsers: u32(inode.version),
    nextOrphan: u32(inode.deletionTime),
  };
}

/** i_extra_isize; 0 where the inode ends before it. */
export function extraSize(bytes: Uint8Array): number {
  const tail = bytes.subarray(INODE_HEAD_BYTES);
  return tail.length === 0 ? 0 : Math.min(tail.length, u16(parseExtInodeTail(tail).lenExtra));
}
