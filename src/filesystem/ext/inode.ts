// An inode: where it lies, and the fields that replays need of one. An orphan, for example, is deleted if it has no links, and
// otherwise cut to its size.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_get_inode_loc, __ext4_iget, ext4_can_truncate,
// ext4_inode_is_fast_symlink.
import { type GuestExtInode, parseExtInode } from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, u16, u32 } from '../../validation/guest.js';
import { typeOfMode } from '../file-kinds.js';
import { type GroupDescriptor, groupDescriptor } from './descriptors.js';
import type { Geometry } from './geometry.js';
import { INODE_HEAD_BYTES } from './inode-table.js';
import type { SuperblockGroups } from './superblock-groups.js';

const DIRECTORY = 0x4;
const REGULAR_FILE = 0x8;
const SYMBOLIC_LINK = 0xa;
/** encrypt, casefold */
const FLAGS_TRANSLATED = 0x40000800;
const FLAG_INDEX = 0x1000;
const FLAG_EXTENTS = 0x80000;
const FLAG_INLINE_DATA = 0x10000000;
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
  /** The upper four bits of its mode; 0 of that which has the bad blocks. */
  readonly type: number;
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
  const type = typeOf(inode);
  const sizeBytes = fileSize(number, inode);
  const isFastLink = type === SYMBOLIC_LINK && sizeBytes < BLOCK_MAP_BYTES;
  const isMapped = type === DIRECTORY || type === REGULAR_FILE || type === SYMBOLIC_LINK;
  const aclHigh = u16(inode.fileAclHi);
  const attributeBlock = aclHigh * U32_VALUES + u32(inode.fileAclLo);
  return {
    number,
    type,
    isRegular: type === REGULAR_FILE,
    isDirectory: type === DIRECTORY,
    isSymlink: type === SYMBOLIC_LINK,
    hasIndex: hasFlag(inode.flags, FLAG_INDEX),
    hasBlocks: isMapped && !isFastLink && !isInline(inode),
    hasExtents: hasFlag(inode.flags, FLAG_EXTENTS),
    isTranslated: hasFlag(inode.flags, FLAGS_TRANSLATED),
    isInline: isInline(inode),
    hasSectors: !equals(inode.numSectorsLo, 0) || !equals(inode.numSectorsHi, 0),
    linkCount: u16(inode.numLinks),
    sizeBytes,
    blockMap: inode.blockMap,
    attributeBlock: attributeBlock < geometry.blockCount ? attributeBlock : 0,
    valueUsers: u32(inode.version),
    nextOrphan: u32(inode.deletionTime),
  };
}

/** Of the file: the upper four bits of its mode. */
export function typeOf({ mode }: GuestExtInode): number {
  return typeOfMode(u16(mode));
}

/** i_size. @throws FormatError OUT_OF_BOUNDS for one that no number holds. */
export function fileSize(number: number, inode: GuestExtInode): number {
  const sizeBytes = u32(inode.lenFileHi) * U32_VALUES + u32(inode.lenFileLo);
  if (Number.isSafeInteger(sizeBytes)) return sizeBytes;
  throw new FormatError('OUT_OF_BOUNDS', `ext: inode ${number} claims ${sizeBytes} bytes`);
}

/** Whether its content lies in it. */
export function isInline({ flags }: GuestExtInode): boolean {
  return hasFlag(flags, FLAG_INLINE_DATA);
}
