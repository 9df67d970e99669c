// The NAT: where each node lies. Blocks of it come in pairs, and a bitmap of the checkpoint says which one counts.
// References: Linux 6.1 fs/f2fs/node.c: f2fs_get_node_info, f2fs_check_nid_range; fs/f2fs/node.h: current_nat_addr;
// fs/f2fs/f2fs.h: __bitmap_ptr.
import { f2fsNatEntryRecords } from '../../../generated/filesystem/f2fs.js';
import { isZeros } from '../../bytes/zero.js';
import { FormatError } from '../../errors.js';
import { MAX_NAT_BLOCKS } from '../../limits.js';
import { readTogether } from '../blocks-together.js';
import { highBitAt } from './bitmap.js';
import type { Checkpoint } from './checkpoint.js';
import { type NodePlace, placeIn, type Summaries } from './summaries.js';
import { BLOCK_BYTES, BLOCKS_PER_SEGMENT } from './superblock.js';
import { NO_BLOCK, type Volume } from './volume.js';

const ENTRY_BYTES = 9;
const ENTRIES_PER_BLOCK = 455;
/** The root directory's number; nodes of lower numbers are not in the NAT. */
const FIRST_NODE = 3;
const RESERVED_NODES = 3;
/** Of a checkpoint, before its bitmaps; with a large NAT bitmap the checksum comes in between. */
const FIELDS_BYTES = 192;
const CHECKSUM_BYTES = 4;
const U32_MAX = 0xffffffff;
/** Of the table, read at once: 256 KiB. */
const PIECE_BLOCKS = 64;

interface NodeEntry extends NodePlace {
  readonly node: number;
}

/** The NAT of the disk, with the changes of a mount kept in memory beside it. */
export interface NodeTable {
  /** The block of a node: 0 if there is none, 2^32 - 1 if it was never written. */
  blockOf(node: number): Promise<number>;
  /** @param inode whose node it is. */
  set(node: number, inode: number, block: number): void;
  /** All nodes that exist, in the order of their numbers, up to 455 at a time. @throws FormatError LIMIT */
  entries(): AsyncGenerator<readonly NodeEntry[]>;
  /** A number that no node has. */
  unusedNumber(): number;
}

export async function openNodeTable(volume: Volume, summaries: Summaries): Promise<NodeTable> {
  const { checkpoint } = volume;
  const bitmap = (await readBitmaps(volume)).nat;
  const changed = new Map(summaries.nat);
  let unused = U32_MAX;
  return {
    async blockOf(node) {
      const known = changed.get(node);
      if (known !== undefined) return known.block;
      if (node < FIRST_NODE || node >= checkpoint.nodeLimit + RESERVED_NODES) {
        throw new FormatError('OUT_OF_BOUNDS', `f2fs: there is no node ${node}`, {
          data: { node },
        });
      }
      const block = tableBlock(volume, bitmap, Math.floor(node / ENTRIES_PER_BLOCK));
      const at = block * BLOCK_BYTES + (node % ENTRIES_PER_BLOCK) * ENTRY_BYTES;
      return placeIn(f2fsNatEntryRecords(await volume.source.read(at, ENTRY_BYTES)).at(0)).block;
    },
    set(node, inode, block) {
      changed.set(node, { inode, block });
    },
    entries: () => usedEntries(volume, bitmap, changed),
    unusedNumber() {
      unused--;
      return unused;
    },
  };
}

/** Where a block of the NAT lies: each segment of them has its copy behind it. */
function tableBlock({ superblock }: Volume, bitmap: Uint8Array, index: number): number {
  const segment = Math.floor(index / BLOCKS_PER_SEGMENT);
  const second = highBitAt(bitmap, index) ? BLOCKS_PER_SEGMENT : 0;
  return superblock.nat.block + index + segment * BLOCKS_PER_SEGMENT + second;
}

async function* usedEntries(
  volume: Volume,
  bitmap: Uint8Array,
  changed: ReadonlyMap<number, NodePlace>,
): AsyncGenerator<readonly NodeEntry[], void, undefined> {
  const end = volume.checkpoint.nodeLimit + RESERVED_NODES;
  if (end > MAX_NAT_BLOCKS * ENTRIES_PER_BLOCK) {
    throw new FormatError('LIMIT', `f2fs: more than ${MAX_NAT_BLOCKS} blocks of the NAT`);
  }
  const changedBlocks = new Set(
    [...changed.keys()].map((node) => Math.floor(node / ENTRIES_PER_BLOCK)),
  );
  const blockCount = Math.ceil(end / ENTRIES_PER_BLOCK);
  for (let first = 0; first < blockCount; first += PIECE_BLOCKS) {
    const count = Math.min(PIECE_BLOCKS, blockCount - first);
    const places = Array.from({ length: count }, (_, i) => tableBlock(volume, bitmap, first + i));
    const blocks = await readTogether(volume.source, BLOCK_BYTES, places);
    for (const [i, place] of places.entries()) {
      const bytes = blocks.get(place) ?? new Uint8Array(0);
      // Most blocks of a large table were never written.
      if (isZeros(bytes) && !changedBlocks.has(first + i)) continue;
      const node = (first + i) * ENTRIES_PER_BLOCK;
      const page = entriesOf(bytes, node, Math.min(end, node + ENTRIES_PER_BLOCK), changed);
      if (page.length > 0) yield page;
    }
  }
}

function entriesOf(
  bytes: Uint8Array,
  first: number,
  end: number,
  changed: ReadonlyMap<number, NodePlace>,
): readonly NodeEntry[] {
  const records = f2fsNatEntryRecords(bytes);
  const page: NodeEntry[] = [];
  for (let node = Math.max(first, FIRST_NODE); node < end; node++) {
    const place = changed.get(node) ?? placeIn(records.at(node - first));
    if (place.block !== NO_BLOCK) page.push({ node, ...place });
  }
  return page;
}

/** The bitmaps of NAT and SIT follow the fields of the checkpoint, in one of three orders. */
export async function readBitmaps({ source, superblock, checkpoint }: Volume) {
  const blocks = 1 + superblock.payloadBlockCount;
  const bytes = await source.read(checkpoint.block * BLOCK_BYTES, blocks * BLOCK_BYTES);
  const { natBitmapBytes: natBytes, sitBitmapBytes: sitBytes } = checkpoint;
  const [nat, sit] = bitmapOffsets(checkpoint, superblock.payloadBlockCount);
  if (Math.max(nat + natBytes, sit + sitBytes) > bytes.length) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `f2fs: bitmaps of ${natBytes} and ${sitBytes} bytes do not fit into ${blocks} blocks`,
    );
  }
  return { nat: bytes.subarray(nat, nat + natBytes), sit: bytes.subarray(sit, sit + sitBytes) };
}

function bitmapOffsets(
  { hasLargeNatBitmap, natBitmapBytes, sitBitmapBytes }: Checkpoint,
  payloadBlockCount: number,
): readonly [number, number] {
  if (hasLargeNatBitmap) {
    const nat = FIELDS_BYTES + CHECKSUM_BYTES;
    return [nat, nat + natBitmapBytes];
  }
  if (payloadBlockCount > 0) return [FIELDS_BYTES, BLOCK_BYTES];
  return [FIELDS_BYTES + sitBitmapBytes, FIELDS_BYTES];
}
