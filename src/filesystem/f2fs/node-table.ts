// The NAT: where each node lies. Blocks of it come in pairs, and a bitmap of the checkpoint says which one counts.
// References: Linux 6.1 fs/f2fs/node.c: f2fs_get_node_info, f2fs_check_nid_range; fs/f2fs/node.h: current_nat_addr;
// fs/f2fs/f2fs.h: __bitmap_ptr.
import { f2fsNatEntryRecords } from '../../../generated/filesystem/f2fs.js';
import { FormatError } from '../../errors.js';
import { MAX_NAT_BLOCKS } from '../../limits.js';
import { equals, u32 } from '../../validation/guest.js';
import { highBitAt } from './bitmap.js';
import type { Checkpoint } from './checkpoint.js';
import type { Summaries } from './summaries.js';
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

/** The NAT of the disk, with the changes of a mount kept in memory beside it. */
export interface NodeTable {
  /** The block of a node: 0 if there is none, 2^32 - 1 if it was never written. */
  blockOf(node: number): Promise<number>;
  set(node: number, block: number): void;
  /** The numbers of the nodes that exist, in order. @throws FormatError LIMIT */
  eachUsed(): AsyncGenerator<number>;
  /** A number that no node has. */
  unusedNumber(): number;
}

export async function openNodeTable(volume: Volume, summaries: Summaries): Promise<NodeTable> {
  const { checkpoint, superblock } = volume;
  const bitmap = (await readBitmaps(volume)).nat;
  const changed = new Map(summaries.nat);
  let unused = U32_MAX;
  const offsetOf = (node: number) => {
    const index = Math.floor(node / ENTRIES_PER_BLOCK);
    const segment = Math.floor(index / BLOCKS_PER_SEGMENT);
    const second = highBitAt(bitmap, index) ? BLOCKS_PER_SEGMENT : 0;
    const block = superblock.nat.block + index + segment * BLOCKS_PER_SEGMENT + second;
    return block * BLOCK_BYTES + (node % ENTRIES_PER_BLOCK) * ENTRY_BYTES;
  };
  return {
    async blockOf(node) {
      const known = changed.get(node);
      if (known !== undefined) return known;
      if (node < FIRST_NODE || node >= checkpoint.nodeLimit + RESERVED_NODES) {
        throw new FormatError('OUT_OF_BOUNDS', `f2fs: there is no node ${node}`, {
          data: { node },
        });
      }
      const at = offsetOf(node);
      const entry = f2fsNatEntryRecords(await volume.source.read(at, ENTRY_BYTES)).at(0);
      return u32(entry.block);
    },
    set(node, block) {
      changed.set(node, block);
    },
    async *eachUsed() {
      const end = checkpoint.nodeLimit + RESERVED_NODES;
      if (end > MAX_NAT_BLOCKS * ENTRIES_PER_BLOCK) {
        throw new FormatError('LIMIT', `f2fs: more than ${MAX_NAT_BLOCKS} blocks of the NAT`);
      }
      for (let first = 0; first < end; first += ENTRIES_PER_BLOCK) {
        const bytes = await volume.source.read(offsetOf(first), ENTRIES_PER_BLOCK * ENTRY_BYTES);
        const entries = bytes.some((byte) => byte !== 0) ? f2fsNatEntryRecords(bytes) : null;
        const last = Math.min(end, first + ENTRIES_PER_BLOCK);
        for (let node = Math.max(first, FIRST_NODE); node < last; node++) {
          const isOnDisk = entries !== null && !equals(entries.at(node - first).block, NO_BLOCK);
          const block = changed.get(node);
          if (block === undefined ? isOnDisk : block !== NO_BLOCK) yield node;
        }
      }
    },
    unusedNumber() {
      unused--;
      return unused;
    },
  };
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
