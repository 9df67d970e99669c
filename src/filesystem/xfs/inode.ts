// An inode as it lies on the disk: the fields that df, or whoever reads files, takes from one.
// References: Linux 6.18 fs/xfs/libxfs/xfs_format.h: struct xfs_dinode, XFS_DFORK_*.
import {
  type GuestXfsInode,
  parseXfsInode,
  XfsInodeFields,
} from '../../../generated/filesystem/xfs.js';
import { equals, hasFlag, int, u8, u16, u32, u64 } from '../../validation/guest.js';

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
/** The length of the core, behind which the data fork begins. */
const CORE_BYTES = XfsInodeFields.uuid.at + XfsInodeFields.uuid.sizeBytes;
const CORE_BYTES_V4 = XfsInodeFields.checksum.at;
const FORK_UNIT_BYTES = 8;
const VERSION_3 = 3;

const REALTIME = 0x1n;
const SHARED = 0x2n;
const LARGE_EXTENT_COUNTS = 0x10n;

const FORMAT_LOCAL = 1;
const FORMAT_EXTENTS = 2;
const FORMAT_TREE = 3;

/** The fields by which the deletion of an inode is counted: one of 100 blocks gives back 100, unless files share some. */
interface InodeCore {
  readonly isFree: boolean;
  readonly linkCount: number;
  readonly blockCount: number;
  readonly extentCount: number;
  readonly attributeExtentCount: number;
  readonly isRealtime: boolean;
  readonly isShared: boolean;
}

/** The file's extents as an inode has them: a list, or the root of a tree. */
export interface Fork {
  readonly kind: 'extents' | 'tree';
  readonly bytes: Uint8Array;
}

export interface Inode {
  readonly core: InodeCore;
  /** null: its content lies in the inode itself, or it has none. */
  readonly fork: Fork | null;
  /** Of the extended attributes; null as of the content. */
  readonly attributeFork: Fork | null;
  /** The attributes, where they lie in the inode itself. */
  readonly shortAttributes: Uint8Array | null;
  /** Where content lies that is in the inode itself. */
  readonly localOffset: number;
  readonly localBytes: number;
  /** The next inode without a name, within the group. */
  readonly nextUnlinked: number;
}

/** @throws FormatError BAD_MAGIC, OUT_OF_BOUNDS. */
export function readInode(bytes: Uint8Array): Inode {
  const inode = parseXfsInode(bytes);
  return {
    core: coreOf(inode),
    ...forksOf(inode, bytes),
    nextUnlinked: u32(inode.nextUnlinked),
  };
}

/** Where the forks of an inode lie in it. */
interface ForkPlaces {
  readonly dataOffset: number;
  /** Behind the data fork; of an inode without attributes its end. */
  readonly attributesOffset: number;
}

/** @param units where the attributes begin, in units of 8 bytes behind the core; 0 for none. */
export function forkPlaces(isVersion3: boolean, units: number, inodeSizeBytes: number): ForkPlaces {
  const dataOffset = isVersion3 ? CORE_BYTES : CORE_BYTES_V4;
  const attributesOffset = units === 0 ? inodeSizeBytes : dataOffset + units * FORK_UNIT_BYTES;
  return { dataOffset, attributesOffset: Math.min(attributesOffset, inodeSizeBytes) };
}

function forksOf(inode: GuestXfsInode, bytes: Uint8Array) {
  const hasAttributes = !equals(inode.attributesOffset, 0);
  const { dataOffset, attributesOffset } = forkPlaces(
    equals(inode.version, VERSION_3),
    u8(inode.attributesOffset),
    bytes.length,
  );
  return {
    fork: forkOf(inode.dataFormat, bytes.subarray(dataOffset, attributesOffset)),
    attributeFork: hasAttributes
      ? forkOf(inode.attributesFormat, bytes.subarray(attributesOffset))
      : null,
    shortAttributes:
      hasAttributes && equals(inode.attributesFormat, FORMAT_LOCAL)
        ? bytes.subarray(attributesOffset)
        : null,
    localOffset: dataOffset,
    localBytes: attributesOffset - dataOffset,
  };
}

function forkOf(format: GuestXfsInode['dataFormat'], bytes: Uint8Array): Fork | null {
  if (equals(format, FORMAT_EXTENTS)) return { kind: 'extents', bytes };
  return equals(format, FORMAT_TREE) ? { kind: 'tree', bytes } : null;
}

function coreOf(inode: GuestXfsInode): InodeCore {
  // An older version has other fields where this one has its second word of flags.
  const flags2 = equals(inode.version, VERSION_3) ? u64(inode.flags2) : 0n;
  // With large counts the attributes' number is where the other one was.
  const isLarge = (flags2 & LARGE_EXTENT_COUNTS) !== 0n;
  const inField = u32(inode.numExtents);
  const inSmallField = u16(inode.numAttributeExtents);
  return {
    isFree: equals(inode.mode, 0),
    // Before version 2 the number was one of 16 bits.
    linkCount: equals(inode.version, 1) ? u16(inode.numLinksOld) : u32(inode.numLinks),
    blockCount: int(inode.numBlocks, 'xfs: di_nblocks', 0, MAX_SAFE),
    extentCount: isLarge ? int(inode.numExtentsBig, 'xfs: di_big_nextents', 0, 2 ** 48) : inField,
    attributeExtentCount: isLarge ? inField : inSmallField,
    isRealtime: hasFlag(inode.flags, REALTIME),
    isShared: (flags2 & SHARED) !== 0n,
  };
}
