// The items of a transaction, as far as they move what statfs counts: changed buffers of metadata, inodes that have
// no name, inodes that were made, and intents, which are promises to go on in a later transaction.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h; xfs_icreate_item.c.
import {
  parseXfsLogInodeCreation,
  xfsLogItemRecords,
} from '../../../generated/filesystem/xfs_log.js';
import { int } from '../../validation/guest.js';
import { type BufferChange, isWantedBuffer, readBufferItem } from './log-buffer-item.js';
import { INODE_REGIONS, type InodeChange, readInodeItem } from './log-inode-item.js';
import { type IntentChange, isIntentType, readIntentItem } from './log-intent-item.js';

const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
const TYPE_INODE = 0x123b;
const TYPE_BUFFER = 0x123c;
const TYPE_INODE_CREATION = 0x123f;

const WORD_BYTES = 4;
/** XLOG_MAX_REGIONS_IN_ITEM: one for each second chunk of the largest buffer, and its head. */
const MAX_REGIONS = 257;
const BUFFER_ITEM_HEAD_BYTES = 20;

/** Blocks that were filled with free inodes. */
interface InodeCreation {
  readonly kind: 'inode-creation';
  readonly group: number;
  readonly block: number;
  readonly blockCount: number;
  readonly costBytes: number;
}

/** What one item does. `costBytes` is about what it takes in memory. */
export type Change = BufferChange | InodeChange | InodeCreation | IntentChange;

/** Reads the heads of the items that lie in `data`, without an object for each. */
export interface ItemHeads {
  regionCount(at: number): number;
  /** How many of an item's regions matter, from the first on. */
  wantedCount(at: number): number;
  /** Whether an item can matter, by the beginning of its first region, which lies at a multiple of four. */
  isWanted(at: number, length: number): boolean;
}

export function itemHeads(data: Uint8Array): ItemHeads {
  const items = xfsLogItemRecords(data);
  const typeAt = (at: number) =>
    int(items.at(at / WORD_BYTES).type, 'xfs: type of an item', 0, U16_MAX);
  const regionCount = (at: number) =>
    int(items.at(at / WORD_BYTES).numRegions, 'xfs: regions of an item', 1, MAX_REGIONS);
  return {
    regionCount,
    wantedCount: (at) => (typeAt(at) === TYPE_INODE ? INODE_REGIONS : regionCount(at)),
    isWanted(at, length) {
      const type = typeAt(at);
      if (type !== TYPE_BUFFER) return isWantedType(type);
      // A buffer's flags come behind what every item begins with, and are read as its type is.
      return length < BUFFER_ITEM_HEAD_BYTES || isWantedBuffer(typeAt(at + WORD_BYTES));
    },
  };
}

function isWantedType(type: number): boolean {
  return type === TYPE_INODE || type === TYPE_INODE_CREATION || isIntentType(type);
}

/**
 * The change that an item's regions describe; null if it does not matter.
 * @throws FormatError for an item that is not as the kernel writes it.
 */
export function readItem(regions: readonly Uint8Array[]): Change | null {
  const [head] = regions;
  if (head === undefined) return null;
  const type = int(xfsLogItemRecords(head).at(0).type, 'xfs: type of an item', 0, U16_MAX);
  switch (type) {
    case TYPE_BUFFER:
      return readBufferItem(regions);
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
    group: int(item.group, 'xfs: icl_ag', 0, U32_MAX),
    block: int(item.block, 'xfs: icl_agbno', 0, U32_MAX),
    blockCount: int(item.numBlocks, 'xfs: icl_length', 1, U16_MAX),
    costBytes: 128,
  };
}
