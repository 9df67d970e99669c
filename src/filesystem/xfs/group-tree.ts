// A tree within one allocation group, read from its root to one of its leaves.
// References: Linux 6.18 fs/xfs/libxfs/xfs_btree.c: xfs_btree_lookup; xfs_format.h: struct xfs_btree_block.
import {
  parseXfsBtreeBlock,
  xfsBtreeHeadRecords,
  xfsBtreePointerRecords,
} from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { int, u16, u32 } from '../../validation/guest.js';
import { checkSector } from './checksum.js';
import type { GroupContext } from './groups.js';

const HEAD_BYTES = 56;
const HEAD_BYTES_V4 = 16;
const CHECKSUM_OFFSET = 52;
const WORD_BYTES = 4;
const U32_MAX = 0xffffffff;
const MAX_LEVELS = 9;

/** Where a tree of a group begins. */
export interface TreePlace {
  readonly group: number;
  readonly root: number;
  readonly levels: number;
}

export function treePlace(group: number, root: GuestInteger, levels: GuestInteger): TreePlace {
  return {
    group,
    root: int(root, `xfs: root of a tree of group ${group}`, 1, U32_MAX),
    levels: int(levels, `xfs: levels of a tree of group ${group}`, 1, MAX_LEVELS),
  };
}

export interface TreeBlock {
  readonly recordCount: number;
  /** Behind the head. */
  readonly body: Uint8Array;
  /** The block to the left of it in the same level; null for none. */
  readonly leftSibling: number | null;
  readonly rightSibling: number | null;
}

/** The bytes of a block that records may fill. */
export function treeRoomBytes({ features, geometry }: GroupContext): number {
  return geometry.blockSizeBytes - (features.version === 5 ? HEAD_BYTES : HEAD_BYTES_V4);
}

/** @throws FormatError BAD_CHECKSUM, OUT_OF_BOUNDS, INVALID. */
export async function readTreeBlock(
  context: GroupContext,
  group: number,
  block: number,
  level: number,
): Promise<TreeBlock> {
  const { blockSizeBytes, blocksPerGroup } = context.geometry;
  const what = `tree block ${block} of group ${group}`;
  if (block <= 0 || block >= blocksPerGroup) {
    throw new FormatError('OUT_OF_BOUNDS', `xfs: ${what} lies outside of the group`);
  }
  const start = (group * blocksPerGroup + block) * blockSizeBytes;
  const bytes = await context.source.read(start, blockSizeBytes);
  if (context.features.version === 5) {
    const { checksum: stored, uuid } = parseXfsBtreeBlock(bytes);
    checkSector(context, bytes, { what, offset: CHECKSUM_OFFSET, stored, uuid });
  }
  const head = xfsBtreeHeadRecords(bytes).at(0);
  int(head.level, `xfs: ${what}: bb_level`, level, level);
  const left = u32(head.leftSibling);
  const right = u32(head.rightSibling);
  return {
    recordCount: u16(head.numRecords),
    body: bytes.subarray(blockSizeBytes - treeRoomBytes(context)),
    leftSibling: left === U32_MAX ? null : left,
    rightSibling: right === U32_MAX ? null : right,
  };
}

/** The leaf whose records begin at or before `key`: the rightmost one of those. Keys and pointers are of four bytes. */
export async function readLeaf(
  context: GroupContext,
  { group, root, levels }: TreePlace,
  key: number,
): Promise<TreeBlock> {
  let block = root;
  for (let level = levels - 1; level > 0; level--) {
    const { recordCount, body } = await readTreeBlock(context, group, block, level);
    const room = Math.floor(body.length / (2 * WORD_BYTES));
    const count = Math.min(recordCount, room);
    const keys = xfsBtreePointerRecords(body);
    let index = 0;
    while (index + 1 < count && u32(keys.at(index + 1).block) <= key) {
      index += 1;
    }
    const pointers = xfsBtreePointerRecords(body.subarray(room * WORD_BYTES));
    block = int(pointers.at(index).block, 'xfs: pointer', 1, U32_MAX);
  }
  return readTreeBlock(context, group, block, 0);
}
