// Intents: a transaction that cannot do all at once promises to go on in a later one, which says that it did. A file of a
// million extents is deleted in steps; each frees some, and promises to free the next ones.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h: XFS_LI_*, struct xfs_efi_log_format, struct xfs_cui_log_format;
// xfs_extfree_item.c, xfs_refcount_item.c, xfs_rmap_item.c, xfs_bmap_item.c, xfs_attr_item.c, xfs_exchmaps_item.c.
import {
  parseXfsLogExtentsItem,
  xfsLogExtentRecords,
  xfsLogItemRecords,
  xfsLogMapExtentRecords,
  xfsLogPhysicalExtentRecords,
} from '../../../generated/filesystem/xfs_log.js';
import { big, hasFlag, int, u16, u32, u64 } from '../../validation/guest.js';

const TYPE_EXTENTS_FREE = 0x1236;
const TYPE_EXTENTS_FREED = 0x1237;
/** The reverse map's, which is counted as free; of reference counts; of file maps and of exchanges, which free nothing. */
const TYPE_REVERSE_MAP = 0x1240;
const TYPE_REFERENCES = 0x1242;
const TYPE_MAP = 0x1244;
const TYPE_EXCHANGE = 0x1248;
const TYPE_FIRST = 0x1240;
const TYPE_LAST = 0x124f;

const EXTENT_BYTES = 16;
const EXTENT_BYTES_32_BIT = 12;
const HEAD_BYTES = 16;
const ACTION_VALUES = 256;
const UNWRITTEN = 0x40000000n;
const ACTION_MAP = 1n;
const ACTION_UNMAP = 2n;
/** Another action, or of the attributes, or on the realtime device. */
const NOT_OF_CONTENT = 0xa00000fcn;
/** XFS_MAXINUMBER, and the widths of an extent's fields. */
const MAX_INODE = 2n ** 56n - 1n;
const MAX_BLOCK = 2n ** 52n - 1n;
const MAX_FILE_BLOCK = 2n ** 54n - 1n;
const MAX_EXTENT_BLOCKS = 2 ** 21 - 1;

/** The actions on blocks, by the numbers that the log has for references. */
const ACTIONS = [null, 'increase', 'decrease', 'prepare', 'forget'] as const;

export interface PromisedBlocks {
  readonly firstBlock: bigint;
  readonly blockCount: number;
  /** To free them, to count one reference more or less, to set them aside for a write to shared blocks or no longer. */
  readonly action: 'free' | Exclude<(typeof ACTIONS)[number], null>;
}

/**
 * A piece that is put into the map of a file, or taken out of it, which changes no count of blocks. `remap` is one of
 * attributes or of a realtime device.
 */
export interface PromisedPiece {
  readonly action: 'map' | 'unmap' | 'remap';
  readonly inode: bigint;
  readonly firstBlock: bigint;
  readonly fileBlock: bigint;
  readonly blockCount: number;
  readonly isUnwritten: boolean;
}

/** A promise: the blocks that it frees, whose references it changes, or that it moves; null where these are not known. */
export type Promised = readonly (PromisedBlocks | PromisedPiece)[] | null;

export type IntentChange = { readonly intent: string; readonly costBytes: number } & (
  | { readonly kind: 'intent'; readonly promised: Promised }
  | { readonly kind: 'intent-done' }
);

export function isIntentType(type: number): boolean {
  if (type === TYPE_EXTENTS_FREE || type === TYPE_EXTENTS_FREED) return true;
  return type >= TYPE_FIRST && type <= TYPE_LAST;
}

/** An intent's type is an even number, and that of the item that says it was done the next one; both bear one identity. */
export function readIntentItem([head]: readonly Uint8Array[]): IntentChange | null {
  if (head === undefined) return null;
  const type = u16(xfsLogItemRecords(head).at(0).type);
  const item = parseXfsLogExtentsItem(head);
  const identity = u64(item.identity);
  const isDone = type % 2 === 1;
  const intent = `${isDone ? type - 1 : type} ${identity}`;
  if (isDone) return { kind: 'intent-done', intent, costBytes: 200 };
  const promised = promisedBy(type, head.length, item);
  return { kind: 'intent', intent, promised, costBytes: 300 + (promised?.length ?? 0) * 150 };
}

type ExtentsItem = ReturnType<typeof parseXfsLogExtentsItem>;

function promisedBy(type: number, headLength: number, item: ExtentsItem): Promised {
  switch (type) {
    case TYPE_EXTENTS_FREE:
      return extentsOf(item, headLength);
    case TYPE_REFERENCES:
      return referencesOf(item);
    case TYPE_MAP:
      return piecesOf(item);
    case TYPE_REVERSE_MAP:
    case TYPE_EXCHANGE:
      return [];
    default:
      return null;
  }
}

function extentsOf(item: ExtentsItem, headLength: number): Promised {
  const room = Math.floor((headLength - HEAD_BYTES) / EXTENT_BYTES_32_BIT);
  const count = int(item.numExtents, 'xfs: efi_nextents', 0, room);
  const stride = count * EXTENT_BYTES <= item.extents.length ? EXTENT_BYTES : EXTENT_BYTES_32_BIT;
  const extents = xfsLogExtentRecords(item.extents, stride);
  return Array.from({ length: count }, (_, i) => {
    const extent = extents.at(i);
    return {
      firstBlock: u64(extent.firstBlock),
      blockCount: u32(extent.numBlocks),
      action: 'free',
    };
  });
}

function referencesOf({ numExtents, extents: bytes }: ExtentsItem): Promised {
  const extents = xfsLogPhysicalExtentRecords(bytes);
  const count = int(numExtents, 'xfs: cui_nextents', 0, extents.length);
  const found: PromisedBlocks[] = [];
  for (let i = 0; i < count; i++) {
    const extent = extents.at(i);
    const flags = u32(extent.flags);
    const action = ACTIONS[flags % ACTION_VALUES];
    // Other flags are of realtime devices, or not known.
    if (flags >= ACTION_VALUES || !action) return null;
    found.push({
      firstBlock: u64(extent.firstBlock),
      blockCount: u32(extent.numBlocks),
      action,
    });
  }
  return found;
}

function piecesOf({ numExtents, extents: bytes }: ExtentsItem): Promised {
  const extents = xfsLogMapExtentRecords(bytes);
  const count = int(numExtents, 'xfs: bui_nextents', 0, extents.length);
  const found: PromisedPiece[] = [];
  for (let i = 0; i < count; i++) {
    const extent = extents.at(i);
    const { flags } = extent;
    const isMap = hasFlag(flags, ACTION_MAP);
    const isKnown = isMap !== hasFlag(flags, ACTION_UNMAP) && !hasFlag(flags, NOT_OF_CONTENT);
    found.push({
      action: isKnown ? (isMap ? 'map' : 'unmap') : 'remap',
      inode: big(extent.inode, 'xfs: me_owner', 0n, MAX_INODE),
      firstBlock: big(extent.firstBlock, 'xfs: me_startblock', 0n, MAX_BLOCK),
      fileBlock: big(extent.fileBlock, 'xfs: me_startoff', 0n, MAX_FILE_BLOCK),
      blockCount: int(extent.numBlocks, 'xfs: me_len', 0, MAX_EXTENT_BLOCKS),
      isUnwritten: hasFlag(flags, UNWRITTEN),
    });
  }
  return found;
}

/** Whether an intent is one to exchange what two files have, which frees nothing. */
export function isExchange(intent: string): boolean {
  return intent.startsWith(`${TYPE_EXCHANGE} `);
}
