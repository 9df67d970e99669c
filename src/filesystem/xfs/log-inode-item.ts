// An inode in the log: a transaction that changes one logs its core (mode, links, size, counts) whole, and the content of
// its data and attribute forks if they changed. A chmod logs the core alone; a file that grows, the core and its extents.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format, struct xfs_log_dinode, XFS_ILOG_*;
// xfs_inode_item.c: xfs_inode_item_format, xfs_inode_item_format_convert.
import {
  type GuestXfsLogInodeItem,
  xfsLogInodeCoreRecords,
  xfsLogInodeItem32Records,
  xfsLogInodeItemRecords,
} from '../../../generated/filesystem/xfs_log.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, u32, u64 } from '../../validation/guest.js';

const MAX_SECTOR = 2 ** 44;
const MAX_BUFFER_BYTES = 65536;
/** The length that 64-bit kernels write; 32-bit ones have no padding. */
const ITEM_BYTES = 56;
const DEVICE_BYTES = 4;
const MAGIC = 0x494e;
const VERSION_3 = 3;
const FLUSH_COUNT_UNIT = 2n ** 48n;

/** The flags of the item that say which form of a fork it has. Local is content that lies in the inode itself. */
const DATA = { local: 0x2n, extents: 0x4n, tree: 0x8n };
const ATTRIBUTES = { local: 0x40n, extents: 0x80n, tree: 0x100n };
const DEVICE = 0x10n;

/** Regions of an item of which the counters need something: its head, its core, and the file's extents. */
export const INODE_REGIONS_COUNTED = 3;

/** A fork as it was logged. `tree`: the root of a tree of extents, with the head that a block on the disk has. */
export interface LoggedFork {
  readonly kind: 'local' | 'extents' | 'tree';
  readonly bytes: Uint8Array;
}

export interface InodeChange {
  readonly kind: 'inode';
  /** Where the inode lies in the filesystem. */
  readonly offsetBytes: number;
  /** It is in use, and no name leads to it: it was deleted while it was open, or never had a name. */
  readonly isUnnamed: boolean;
  readonly isVersion3: boolean;
  /** How often the inode was written before, which tells versions of it apart where there is no place in the log. */
  readonly flushCount: bigint;
  /** As it is logged, in the byte order of the machine. */
  readonly core: Uint8Array;
  /** The numbers of a device file, as they lie on the disk; null if the item has none. */
  readonly device: Uint8Array | null;
  /** null: the fork was not changed. */
  readonly data: LoggedFork | null;
  readonly attributes: LoggedFork | null;
  readonly costBytes: number;
}

/**
 * @param regions of which the last ones may be left out: their forks then count as not logged.
 * @throws FormatError BAD_MAGIC for a core that is none; OUT_OF_BOUNDS.
 */
export function readInodeItem(regions: readonly Uint8Array[]): InodeChange | null {
  const [head, coreBytes] = regions;
  if (head === undefined || coreBytes === undefined) return null;
  const items =
    head.length < ITEM_BYTES ? xfsLogInodeItem32Records(head) : xfsLogInodeItemRecords(head);
  const item = items.at(0);
  const cores = xfsLogInodeCoreRecords(coreBytes);
  if (cores.length === 0) {
    const message = `xfs: the log is damaged: an inode in it has ${coreBytes.length} bytes`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const core = cores.at(0);
  if (!equals(core.magic, MAGIC)) {
    throw new FormatError('BAD_MAGIC', 'xfs: the log is damaged: an inode in it is none');
  }
  const { fields } = item;
  const sector = int(item.firstSector, 'xfs: ilf_blkno', 0, MAX_SECTOR);
  const offset = int(item.offset, 'xfs: ilf_boffset', 0, MAX_BUFFER_BYTES);
  const data = forkOf(fields, DATA, regions[2]);
  const attributes = forkOf(fields, ATTRIBUTES, regions[data === null ? 2 : 3]);
  const isFree = equals(core.mode, 0);
  const linkCount = u32(core.numLinks);
  const isVersion3 = equals(core.version, VERSION_3);
  return {
    kind: 'inode',
    offsetBytes: sector * SECTOR_BYTES + offset,
    isUnnamed: !isFree && linkCount === 0,
    isVersion3,
    flushCount: isVersion3 ? 0n : u64(core.numExtentsBig) / FLUSH_COUNT_UNIT,
    // It is copied once more for what is kept of the log: until then it is a part of a larger piece of memory.
    core: Buffer.from(coreBytes),
    device: hasFlag(fields, DEVICE) ? deviceOf(item.device) : null,
    data,
    attributes,
    costBytes: 400 + coreBytes.length + (data?.bytes.length ?? 0) + (attributes?.bytes.length ?? 0),
  };
}

type Fields = GuestXfsLogInodeItem['fields'];

function forkOf(
  fields: Fields,
  { local, extents, tree }: typeof DATA,
  bytes: Uint8Array | undefined,
): LoggedFork | null {
  if (bytes === undefined) return null;
  const kind = hasFlag(fields, local)
    ? 'local'
    : hasFlag(fields, extents)
      ? 'extents'
      : hasFlag(fields, tree)
        ? 'tree'
        : null;
  // The record that the region lies in is not kept for it.
  return kind === null ? null : { kind, bytes: Buffer.from(bytes) };
}

/** The item has the number in the byte order of the machine, the disk in the other one. */
function deviceOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.subarray(0, DEVICE_BYTES)).reverse();
}
