// Inodes as the log has them: what of one without a name says what its deletion gives back.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format, struct xfs_log_dinode;
// xfs_inode_item.c: xfs_inode_item_format; xfs_inode_item_recover.c: xlog_recover_inode_commit_pass2.
import {
  parseXfsLogInodeCore,
  parseXfsLogInodeCoreV3,
  parseXfsLogInodeItem,
  parseXfsLogInodeItem32,
} from '../../../generated/filesystem/xfs_log.js';
import { equals, hasFlag, int, u8, u16, u32, u64 } from '../../validation/guest.js';

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const SECTOR_BYTES = 512;
const MAX_SECTOR = 2 ** 44;
const MAX_BUFFER_BYTES = 65536;
const CORE_V3_OFFSET = 120;
const CORE_V3_END = 128;
const VERSION_3 = 3;
/** What 64-bit kernels write; 32-bit ones have no padding. */
const ITEM_BYTES = 56;

const REALTIME = 0x1n;
const SHARED = 0x2n;
const LARGE_EXTENT_COUNTS = 0x10n;
/** The item has the file's extents, or the root of their tree. */
const HAS_EXTENTS = 0x4n;
const HAS_TREE_ROOT = 0x8n;

/** Regions of an inode's item that matter: its head, its core, and the file's extents. */
export const INODE_REGIONS = 3;

export const FORMAT_LOCAL = 1;
export const FORMAT_EXTENTS = 2;
export const FORMAT_TREE = 3;

/** What of an inode says what its deletion gives back. */
export interface InodeCore {
  readonly isFree: boolean;
  readonly linkCount: number;
  readonly blockCount: number;
  readonly dataFormat: number;
  readonly extentCount: number;
  readonly attributeExtentCount: number;
  readonly isRealtime: boolean;
  readonly isShared: boolean;
}

/** The file's extents as an inode has them: a list, or the root of a tree. */
export interface Fork {
  readonly kind: 'extents' | 'tree' | 'logged-tree';
  readonly bytes: Uint8Array;
}

export interface InodeChange extends InodeCore {
  readonly kind: 'inode';
  readonly offsetBytes: number;
  /** Null if the file's extents are not in the item. */
  readonly fork: Fork | null;
  readonly costBytes: number;
}

export function readInodeItem(regions: readonly Uint8Array[]): InodeChange | null {
  const [head, coreBytes, forkBytes] = regions;
  if (head === undefined || coreBytes === undefined) return null;
  const item = head.length < ITEM_BYTES ? parseXfsLogInodeItem32(head) : parseXfsLogInodeItem(head);
  const core = parseXfsLogInodeCore(coreBytes);
  const hasFlags2 = equals(core.version, VERSION_3) && coreBytes.length >= CORE_V3_END;
  const flags2 = hasFlags2
    ? u64(parseXfsLogInodeCoreV3(coreBytes.subarray(CORE_V3_OFFSET)).flags2)
    : 0n;
  const sector = int(item.firstSector, 'xfs: ilf_blkno', 0, MAX_SECTOR);
  const offset = int(item.offset, 'xfs: ilf_boffset', 0, MAX_BUFFER_BYTES);
  const fork = forkOf(item.fields, forkBytes);
  return {
    kind: 'inode',
    offsetBytes: sector * SECTOR_BYTES + offset,
    ...inodeCore(core, flags2),
    fork,
    costBytes: 300 + (fork?.bytes.length ?? 0),
  };
}

function forkOf(
  fields: ReturnType<typeof parseXfsLogInodeItem>['fields'],
  bytes: Uint8Array | undefined,
): Fork | null {
  if (bytes === undefined) return null;
  if (hasFlag(fields, HAS_EXTENTS)) return { kind: 'extents', bytes: Uint8Array.from(bytes) };
  if (hasFlag(fields, HAS_TREE_ROOT)) {
    return { kind: 'logged-tree', bytes: Uint8Array.from(bytes) };
  }
  return null;
}

type CoreFields = Omit<ReturnType<typeof parseXfsLogInodeCore>, never>;

/** The same of an inode that was logged and of one that was read. */
export function inodeCore(
  core: Pick<
    CoreFields,
    | 'mode'
    | 'numLinks'
    | 'numBlocks'
    | 'dataFormat'
    | 'numExtents'
    | 'numExtentsBig'
    | 'numAttributeExtents'
    | 'flags'
  >,
  flags2: bigint,
): InodeCore {
  // With large counts the attributes' number is where the other one was.
  const isLarge = (flags2 & LARGE_EXTENT_COUNTS) !== 0n;
  const inField = u32(core.numExtents);
  const inSmallField = u16(core.numAttributeExtents);
  return {
    isFree: equals(core.mode, 0),
    linkCount: u32(core.numLinks),
    blockCount: int(core.numBlocks, 'xfs: di_nblocks', 0, MAX_SAFE),
    dataFormat: u8(core.dataFormat),
    extentCount: isLarge ? int(core.numExtentsBig, 'xfs: di_big_nextents', 0, 2 ** 48) : inField,
    attributeExtentCount: isLarge ? inField : inSmallField,
    isRealtime: hasFlag(core.flags, REALTIME),
    isShared: (flags2 & SHARED) !== 0n,
  };
}
