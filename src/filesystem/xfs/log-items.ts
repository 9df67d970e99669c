// The items of a transaction: buffers of metadata that it changed, inodes, chunks of inodes that it made, and intents, which
// are promises to go on in a later transaction. A `mkdir` has an inode, a chunk of the parent's block, and a leaf of the
// tree of inodes. Items of quotas are passed over.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h; xfs_icreate_item.c.
import {
  parseXfsLogInodeCreation,
  xfsLogItemRecords,
  xfsLogWholeInodeItemRecords,
} from '../../../generated/filesystem/xfs_log.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { int, u8, u16, u32 } from '../../validation/guest.js';
import { type BufferChange, isKeptBuffer, readBufferItem } from './log-buffer-item.js';
import { INODE_REGIONS_COUNTED, type InodeChange, readInodeItem } from './log-inode-item.js';
import { type IntentChange, isIntentType, readIntentItem } from './log-intent-item.js';
import type { Kept } from './recovery-memory.js';

const U16_MAX = 0xffff;
const TYPE_INODE = 0x123b;
const TYPE_BUFFER = 0x123c;
const TYPE_INODE_CREATION = 0x123f;

const WORD_BYTES = 4;
/** XLOG_MAX_REGIONS_IN_ITEM: one for each second chunk of the largest buffer, and its head. */
const MAX_REGIONS = 257;
const BUFFER_ITEM_HEAD_BYTES = 20;
/** An inode's item as 64-bit kernels write it, and with the first fields of the core behind it. */
const INODE_ITEM_BYTES = 56;
const WHOLE_INODE_BYTES = 88;

/** Blocks that were filled with free inodes. */
interface InodeCreation {
  readonly kind: 'inode-creation';
  readonly group: number;
  readonly block: number;
  readonly blockCount: number;
  readonly generation: number;
  readonly costBytes: number;
}

/** The change of one item. `costBytes` is the memory that it takes, about. */
export type Change = BufferChange | InodeChange | InodeCreation | IntentChange;

/** Reads the heads of the items that lie in the bytes, without an object for each. */
export interface ItemHeads {
  regionCount(at: number): number;
  /** How many of an item's regions matter, from the first on; `length` is that of its first region. */
  wantedCount(at: number, length: number): number;
  /**
   * Whether an item is an inode that has a name or is free, and so has nothing to be done with.
   * @param operation of which it is, and where the record ends.
   */
  isSettledInode(at: number, length: number, operation: ItemOperation): boolean;
  /** The offset of such an inode in the filesystem. */
  inodeOffset(at: number): number;
}

interface ItemOperation {
  readonly transaction: number;
  readonly flags: number;
  readonly recordBytes: number;
}

export function itemHeads(bytes: Uint8Array, kept: Kept): ItemHeads {
  const items = xfsLogItemRecords(bytes);
  const inodes = xfsLogWholeInodeItemRecords(bytes);
  const halfAt = (at: number) => u16(items.atByte(at).type);
  const regionCount = (at: number) =>
    int(items.atByte(at).numRegions, 'xfs: regions of an item', 1, MAX_REGIONS);
  return {
    regionCount,
    wantedCount(at, length) {
      const type = halfAt(at);
      if (type === TYPE_INODE) return kept === 'all' ? regionCount(at) : INODE_REGIONS_COUNTED;
      if (type !== TYPE_BUFFER) return isKnownType(type) ? regionCount(at) : 0;
      // A buffer's flags come behind the two fields with which every item begins, and are read as its type is.
      const isWanted =
        length < BUFFER_ITEM_HEAD_BYTES || isKeptBuffer(halfAt(at + WORD_BYTES), kept);
      return isWanted ? regionCount(at) : 0;
    },
    isSettledInode(at, length, { transaction, flags, recordBytes }) {
      // The core is the next operation, if the record goes on so far and has all of it.
      if (kept === 'all' || length !== INODE_ITEM_BYTES || at + WHOLE_INODE_BYTES > recordBytes)
        return false;
      const inode = inodes.atByte(at);
      if (u16(inode.type) !== TYPE_INODE) return false;
      // Its head must be of the same transaction, and as whole.
      if (u32(inode.transaction) !== transaction) return false;
      if (u8(inode.flags) !== flags) return false;
      return u32(inode.numLinks) !== 0 || u16(inode.mode) === 0;
    },
    inodeOffset(at) {
      const inode = inodes.atByte(at);
      const high = u32(inode.firstSectorHigh);
      const sector = high * 2 ** 32 + u32(inode.firstSectorLow);
      return sector * SECTOR_BYTES + u32(inode.offset);
    },
  };
}

function isKnownType(type: number): boolean {
  const isMetadata = type === TYPE_BUFFER || type === TYPE_INODE || type === TYPE_INODE_CREATION;
  return isMetadata || isIntentType(type);
}

/**
 * The change that an item's regions describe; null if it does not matter.
 * @throws FormatError for an item that is not as the kernel writes it.
 */
export function readItem(regions: readonly Uint8Array[], kept: Kept): Change | null {
  const [head] = regions;
  if (head === undefined) return null;
  const type = u16(xfsLogItemRecords(head).at(0).type);
  switch (type) {
    case TYPE_BUFFER:
      return readBufferItem(regions, kept);
    case TYPE_INODE:
      return readInodeItem(regions);
    case TYPE_INODE_CREATION:
      return readCreation(head);
    default:
      return isIntentType(type) ? readIntentItem(regions) : null;
  }
}

function readCreation(head: Uint8Array): InodeCreation {
  const item = parseXfsLogInodeCreation(head);
  return {
    kind: 'inode-creation',
    group: u32(item.group),
    block: u32(item.block),
    blockCount: int(item.numBlocks, 'xfs: icl_length', 1, U16_MAX),
    generation: u32(item.generation),
    costBytes: 128,
  };
}
