// The items of a transaction, as far as they move what statfs counts: changed buffers of metadata, inodes that have
// no name, inodes that were made, and intents, which are promises to go on in a later transaction.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h; xfs_buf_item_recover.c: xlog_recover_do_reg_buffer,
// xlog_recover_do_inode_buffer; xfs_inode_item_recover.c; xfs_icreate_item.c; xfs_extfree_item.c.
import {
  parseXfsLogBufferItem,
  parseXfsLogExtentsItem,
  parseXfsLogInodeCore,
  parseXfsLogInodeCoreV3,
  parseXfsLogInodeCreation,
  parseXfsLogInodeItem,
  xfsLogExtentRecords,
  xfsLogItemRecords,
  xfsLogMapWordRecords,
} from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { big, equals, hasFlag, int } from '../../validation/guest.js';

const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
const U64_MAX = 2n ** 64n - 1n;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const SECTOR_BYTES = 512;
const MAX_SECTOR = 2 ** 44;
const MAX_BUFFER_BYTES = 65536;

const TYPE_EXTENTS_FREE = 0x1236;
const TYPE_EXTENTS_FREED = 0x1237;
const TYPE_INODE = 0x123b;
const TYPE_BUFFER = 0x123c;
const TYPE_INODE_CREATION = 0x123f;
/** The other intents and what says that they were done: reverse map, reference counts, maps, attributes, exchanges. */
const TYPE_FIRST_INTENT = 0x1240;
const TYPE_LAST_INTENT = 0x124f;

export const CHUNK_BYTES = 128;
const WORD_BITS = 32;
const WORD_BYTES = 4;
/** XLOG_MAX_REGIONS_IN_ITEM: one for each second chunk of the largest buffer, and its head. */
const MAX_REGIONS = 257;
const FLAG_UNLINKED_POINTERS = 0x1n;
const FLAG_CANCEL = 0x2n;
const FLAGS_QUOTA = 0x1cn;
const CONTENT_UNIT = 0x800;
/** What a buffer holds: what is not known (before Linux 3.10), a tree's block, AGF, AGI, inodes, the superblock. */
const WANTED_CONTENTS: ReadonlySet<number> = new Set([0, 4, 5, 7, 8, 18]);
const CONTENT_INODES = 8;
const BUFFER_ITEM_HEAD_BYTES = 20;
const EXTENT_BYTES = 16;
const EXTENT_BYTES_32_BIT = 12;
const EXTENTS_HEAD_BYTES = 16;
const CORE_V3_OFFSET = 120;
const CORE_V3_END = 128;
const VERSION_3 = 3;

/** A part of a buffer as it is after the transaction. */
export interface Chunk {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** What one item does. `costBytes` is about what it takes in memory. */
export type Change = { readonly costBytes: number } & (
  | {
      readonly kind: 'buffer' | 'unlinked-pointers' | 'new-inodes';
      readonly sector: number;
      readonly sectorCount: number;
      readonly chunks: readonly Chunk[];
    }
  | { readonly kind: 'cancel'; readonly sector: number; readonly sectorCount: number }
  | {
      readonly kind: 'inode-creation';
      readonly group: number;
      readonly block: number;
      readonly blockCount: number;
    }
  | ({ readonly kind: 'inode'; readonly offsetBytes: number } & InodeCore)
  | {
      readonly kind: 'intent';
      readonly intent: string;
      readonly freedBlocks: readonly FreedExtent[];
    }
  | { readonly kind: 'intent-done'; readonly intent: string }
);

export interface FreedExtent {
  readonly firstBlock: bigint;
  readonly blockCount: number;
}

/** What of an inode says what its deletion gives back. */
export interface InodeCore {
  readonly isFree: boolean;
  readonly linkCount: number;
  readonly blockCount: number;
  readonly dataFormat: number;
  readonly extentCount: number;
  readonly isRealtime: boolean;
  readonly isShared: boolean;
}

const REALTIME = 0x1n;
const SHARED = 0x2n;
const LARGE_EXTENT_COUNTS = 0x10n;

/** Regions of an inode's item that matter: its head and its core, not what it holds. */
export const INODE_REGIONS = 2;

/** Reads the heads of the items that lie in `data`, without an object for each. */
export interface ItemHeads {
  regionCount(at: number): number;
  isInode(at: number): boolean;
  /** Whether an item can matter, by the beginning of its first region, which lies at a multiple of four. */
  isWanted(at: number, length: number): boolean;
}

export function itemHeads(data: Uint8Array): ItemHeads {
  const items = xfsLogItemRecords(data);
  const typeAt = (at: number) =>
    int(items.at(at / WORD_BYTES).type, 'xfs: type of an item', 0, U16_MAX);
  return {
    regionCount: (at) =>
      int(items.at(at / WORD_BYTES).numRegions, 'xfs: regions of an item', 1, MAX_REGIONS),
    isInode: (at) => typeAt(at) === TYPE_INODE,
    isWanted(at, length) {
      const type = typeAt(at);
      if (type !== TYPE_BUFFER) return isWantedType(type);
      // A buffer's flags come behind what every item begins with, and are read as its type is.
      return length < BUFFER_ITEM_HEAD_BYTES || isWantedBuffer(typeAt(at + WORD_BYTES));
    },
  };
}

function isWantedType(type: number): boolean {
  if (type === TYPE_EXTENTS_FREE || type === TYPE_EXTENTS_FREED) return true;
  if (type === TYPE_INODE || type === TYPE_INODE_CREATION) return true;
  return type >= TYPE_FIRST_INTENT && type <= TYPE_LAST_INTENT;
}

function isWantedBuffer(flags: number): boolean {
  if (hasBit(flags, FLAG_CANCEL)) return true;
  return !hasBit(flags, FLAGS_QUOTA) && WANTED_CONTENTS.has(contentOf(flags));
}

function hasBit(flags: number, mask: bigint): boolean {
  return (BigInt(flags) & mask) !== 0n;
}

function contentOf(flags: number): number {
  return Math.floor(flags / CONTENT_UNIT);
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
      return readBuffer(head, regions);
    case TYPE_INODE:
      return readInode(head, regions[1]);
    case TYPE_INODE_CREATION:
      return readCreation(head);
    default:
      return isWantedType(type) ? readIntent(type, head) : null;
  }
}

function readBuffer(head: Uint8Array, regions: readonly Uint8Array[]): Change | null {
  const item = parseXfsLogBufferItem(head);
  const sector = int(item.firstSector, 'xfs: blf_blkno', 0, MAX_SECTOR);
  const sectorCount = int(item.numSectors, 'xfs: blf_len', 1, U16_MAX);
  const place = { sector, sectorCount };
  if (hasFlag(item.flags, FLAG_CANCEL)) return { kind: 'cancel', ...place, costBytes: 128 };
  const flags = int(item.flags, 'xfs: blf_flags', 0, U16_MAX);
  if (!isWantedBuffer(flags)) return null;
  const words = int(item.numMapWords, 'xfs: blf_map_size', 0, Math.floor(item.map.length / 4));
  const chunks = chunksOf(item.map.subarray(0, words * 4), regions);
  const last = chunks.at(-1);
  if (last && (last.index + 1) * CHUNK_BYTES > sectorCount * SECTOR_BYTES) {
    throw corrupt(`a buffer of ${sectorCount} sectors has a change in chunk ${last.index}`);
  }
  const content = contentOf(flags);
  const costBytes = 200 + chunks.length * (CHUNK_BYTES + 128);
  if (hasFlag(item.flags, FLAG_UNLINKED_POINTERS)) {
    return { kind: 'unlinked-pointers', ...place, chunks, costBytes };
  }
  const kind = content === CONTENT_INODES ? 'new-inodes' : 'buffer';
  return { kind, ...place, chunks, costBytes };
}

/** Runs of bits are one region each, or several where a page ended. */
function chunksOf(map: Uint8Array, regions: readonly Uint8Array[]): readonly Chunk[] {
  const words = xfsLogMapWordRecords(map);
  const chunks: Chunk[] = [];
  let region = 1;
  let used = 0;
  let expected = -1;
  for (let word = 0; word < words.length; word++) {
    const bits = int(words.at(word).bits, 'xfs: blf_data_map', 0, U32_MAX);
    for (let bit = 0; bit < WORD_BITS; bit++) {
      if (Math.floor(bits / 2 ** bit) % 2 === 0) continue;
      const index = word * WORD_BITS + bit;
      if (index !== expected && used > 0) {
        region += 1;
        used = 0;
      }
      expected = index + 1;
      const bytes = regions[region];
      if (bytes === undefined || bytes.length < used + CHUNK_BYTES) {
        throw corrupt('a buffer has fewer chunks than its map says');
      }
      chunks.push({ index, bytes: bytes.subarray(used, used + CHUNK_BYTES) });
      used += CHUNK_BYTES;
      if (used + CHUNK_BYTES > bytes.length) {
        region += 1;
        used = 0;
      }
    }
  }
  return chunks;
}

function readInode(head: Uint8Array, coreBytes: Uint8Array | undefined): Change | null {
  if (coreBytes === undefined) return null;
  const item = parseXfsLogInodeItem(head);
  const core = parseXfsLogInodeCore(coreBytes);
  const hasFlags2 = equals(core.version, VERSION_3) && coreBytes.length >= CORE_V3_END;
  const flags2 = hasFlags2
    ? big(
        parseXfsLogInodeCoreV3(coreBytes.subarray(CORE_V3_OFFSET)).flags2,
        'xfs: di_flags2',
        0n,
        U64_MAX,
      )
    : 0n;
  const sector = int(item.firstSector, 'xfs: ilf_blkno', 0, MAX_SECTOR);
  const offset = int(item.offset, 'xfs: ilf_boffset', 0, MAX_BUFFER_BYTES);
  return {
    kind: 'inode',
    offsetBytes: sector * SECTOR_BYTES + offset,
    ...inodeCore(core, flags2),
    costBytes: 300,
  };
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
  const inField = int(core.numExtents, 'xfs: di_nextents', 0, U32_MAX);
  const extentCount = isLarge
    ? inField + int(core.numExtentsBig, 'xfs: di_big_nextents', 0, 2 ** 48)
    : inField + int(core.numAttributeExtents, 'xfs: di_anextents', 0, U16_MAX);
  return {
    isFree: equals(core.mode, 0),
    linkCount: int(core.numLinks, 'xfs: di_nlink', 0, U32_MAX),
    blockCount: int(core.numBlocks, 'xfs: di_nblocks', 0, MAX_SAFE),
    dataFormat: int(core.dataFormat, 'xfs: di_format', 0, 255),
    extentCount,
    isRealtime: hasFlag(core.flags, REALTIME),
    isShared: (flags2 & SHARED) !== 0n,
  };
}

function readCreation(head: Uint8Array): Change {
  const item = parseXfsLogInodeCreation(head);
  return {
    kind: 'inode-creation',
    group: int(item.group, 'xfs: icl_ag', 0, U32_MAX),
    block: int(item.block, 'xfs: icl_agbno', 0, U32_MAX),
    blockCount: int(item.numBlocks, 'xfs: icl_length', 1, U16_MAX),
    costBytes: 128,
  };
}

/** An intent has an even number, what says that it was done the odd one behind it; both bear the same identity. */
function readIntent(type: number, head: Uint8Array): Change {
  const item = parseXfsLogExtentsItem(head);
  const identity = big(item.identity, 'xfs: identity of an intent', 0n, U64_MAX);
  const isExtents = type === TYPE_EXTENTS_FREE || type === TYPE_EXTENTS_FREED;
  const isDone = isExtents ? type === TYPE_EXTENTS_FREED : type % 2 === 1;
  const intent = `${isDone ? type - 1 : type} ${identity}`;
  if (isDone) return { kind: 'intent-done', intent, costBytes: 200 };
  const freedBlocks = isExtents ? extentsOf(item.extents, head.length, item) : [];
  return { kind: 'intent', intent, freedBlocks, costBytes: 300 + freedBlocks.length * 100 };
}

function extentsOf(
  bytes: Uint8Array,
  headLength: number,
  item: ReturnType<typeof parseXfsLogExtentsItem>,
): readonly FreedExtent[] {
  const room = Math.floor((headLength - EXTENTS_HEAD_BYTES) / EXTENT_BYTES_32_BIT);
  const count = int(item.numExtents, 'xfs: efi_nextents', 0, room);
  const stride = count * EXTENT_BYTES <= bytes.length ? EXTENT_BYTES : EXTENT_BYTES_32_BIT;
  const extents = xfsLogExtentRecords(bytes, stride);
  return Array.from({ length: count }, (_, i) => {
    const extent = extents.at(i);
    return {
      firstBlock: big(extent.firstBlock, 'xfs: ext_start', 0n, U64_MAX),
      blockCount: int(extent.numBlocks, 'xfs: ext_len', 0, U32_MAX),
    };
  });
}

/** Whether an intent is one to free extents, which is all that virt-df does of them. */
export function isExtentsIntent(intent: string): boolean {
  return intent.startsWith(`${TYPE_EXTENTS_FREE} `);
}

function corrupt(message: string): FormatError {
  return new FormatError('INVALID', `xfs: the log is damaged: ${message}`);
}
