// The checkpoint: how many blocks and nodes are in use. Two packs take turns; the newer sound one counts.
// References: Linux 6.1 fs/f2fs/checkpoint.c: f2fs_get_valid_checkpoint, validate_checkpoint, f2fs_checkpoint_chksum;
// fs/f2fs/super.c: f2fs_sanity_check_ckpt.
import {
  f2fsPointerRecords,
  type GuestF2fsCheckpointPack,
  parseF2fsCheckpointPack,
} from '../../../generated/filesystem/f2fs.js';
import { allSound } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn } from '../../errors.js';
import { equals, hasFlag, int, u64 } from '../../validation/guest.js';
import { checksum, continued } from './checksum.js';
import { BLOCK_BYTES, BLOCKS_PER_SEGMENT, type Superblock } from './superblock.js';

const invalid = invalidIn('f2fs: ');

const NAT_ENTRIES_PER_BLOCK = 455;
const SIT_ENTRIES_PER_BLOCK = 55;
/** Node 0 does not exist, 1 and 2 are the inodes of nodes and metadata. */
const RESERVED_NODES = 3;
/** Behind the fields of a checkpoint, and the last four bytes of its block. */
const MIN_CHECKSUM_OFFSET = 192;
const MAX_CHECKSUM_OFFSET = 4092;
const CHECKSUM_BYTES = 4;
const MIN_META_SEGMENTS = 8;
const LARGE_NAT_BITMAP = 0x400n;
const CURRENT_SEGMENTS = 6;
const CURRENT_OF_A_KIND = 3;
const BITS_PER_BYTE = 8;
const U32_MAX = 0xffffffff;

/** A segment that is being filled: the next block to be written, counted from its first one. */
interface CurrentSegment {
  readonly segment: number;
  readonly next: number;
  /** Single free blocks of it are reused, instead of one after the other. */
  readonly isReused: boolean;
}

export interface Checkpoint {
  readonly version: bigint;
  readonly checksum: number;
  /** Where its pack begins. */
  readonly block: number;
  readonly packBlockCount: number;
  /** Blocks from the beginning of the pack to the summaries; orphans are before them. */
  readonly summariesOffset: number;
  readonly userBlockCount: number;
  readonly validBlockCount: number;
  readonly validNodeCount: number;
  /** Nodes that the NAT has room for, less the reserved ones. */
  readonly nodeLimit: number;
  /** Hot, warm, cold. */
  readonly nodeSegments: readonly CurrentSegment[];
  readonly dataSegments: readonly CurrentSegment[];
  readonly natBitmapBytes: number;
  readonly sitBitmapBytes: number;
  readonly hasLargeNatBitmap: boolean;
  has(flag: bigint): boolean;
}

interface Pack {
  readonly block: number;
  readonly bytes: Uint8Array;
  readonly guest: GuestF2fsCheckpointPack;
  readonly version: bigint;
  readonly checksum: number;
  readonly blockCount: number;
}

/** @throws FormatError BAD_CHECKSUM where neither is sound, and other codes where a kernel refuses to mount. */
export async function readCheckpoint(
  source: ByteSource,
  superblock: Superblock,
): Promise<Checkpoint> {
  const first = superblock.checkpoint.block;
  const [one, two] = await allSound([first, first + BLOCKS_PER_SEGMENT], (block) =>
    readPack(source, block),
  );
  if (one === undefined) throw invalid('there is no checkpoint');
  // As the kernel compares them, so that numbers which begin anew are newer.
  const isSecond = two !== undefined && BigInt.asIntN(64, two.version - one.version) > 0n;
  return readFields(superblock, isSecond ? two : one);
}

/** Its first and its last block are of one version, or it was not written to its end. */
async function readPack(source: ByteSource, block: number): Promise<Pack> {
  const head = await readHead(source, block);
  const count = int(
    head.guest.numPackBlocks,
    'f2fs: cp_pack_total_block_count',
    3,
    BLOCKS_PER_SEGMENT,
  );
  const tail = await readHead(source, block + count - 1);
  if (tail.version !== head.version) {
    throw new FormatError(
      'INVALID',
      `f2fs: the checkpoint at block ${block} begins with version ${head.version} and ends with ${tail.version}`,
    );
  }
  return { ...head, block, blockCount: count };
}

async function readHead(source: ByteSource, block: number) {
  const bytes = await source.read(block * BLOCK_BYTES, BLOCK_BYTES);
  const guest = parseF2fsCheckpointPack(bytes);
  const at = int(
    guest.ofsChecksum,
    'f2fs: checksum_offset',
    MIN_CHECKSUM_OFFSET,
    MAX_CHECKSUM_OFFSET,
  );
  const stored = f2fsPointerRecords(bytes.subarray(at, at + CHECKSUM_BYTES)).at(0).value;
  const rest = bytes.subarray(at + CHECKSUM_BYTES);
  const computed = continued(checksum(bytes.subarray(0, at)), rest);
  if (!equals(stored, computed)) {
    throw new FormatError(
      'BAD_CHECKSUM',
      `f2fs: the checksum of the checkpoint at block ${block} does not match, its content gives 0x${computed.toString(16)}`,
      { data: { block, computed } },
    );
  }
  return {
    bytes,
    guest,
    version: u64(guest.version),
    checksum: computed,
  };
}

function readFields(superblock: Superblock, pack: Pack): Checkpoint {
  const { guest, blockCount: packBlockCount } = pack;
  const { features, main, nat, sit, payloadBlockCount } = superblock;
  checkReserve(superblock, guest);
  const readOnlySegments = features.isReadOnly ? 1 : 0;
  const mainBlocks = (main.segmentCount + readOnlySegments) * BLOCKS_PER_SEGMENT;
  const userBlockCount = int(guest.numUserBlocks, 'f2fs: user_block_count', 1, mainBlocks - 1);
  const natBlocks = Math.floor(nat.segmentCount / 2) * BLOCKS_PER_SEGMENT;
  const sitBlocks = Math.floor(sit.segmentCount / 2) * BLOCKS_PER_SEGMENT;
  const nodeLimit = natBlocks * NAT_ENTRIES_PER_BLOCK - RESERVED_NODES;
  if (sitBlocks * SIT_ENTRIES_PER_BLOCK < main.segmentCount) {
    throw invalid(`a SIT of ${sitBlocks} blocks is too small for ${main.segmentCount} segments`);
  }
  const bitmapBytes = (blocks: number) => blocks / BITS_PER_BYTE;
  const exactly = (value: GuestF2fsCheckpointPack['flags'], what: string, n: number) =>
    int(value, `f2fs: ${what}`, n, n);
  const hasLargeNatBitmap = hasFlag(guest.flags, LARGE_NAT_BITMAP);
  if (hasLargeNatBitmap) exactly(guest.ofsChecksum, 'checksum_offset', MIN_CHECKSUM_OFFSET);
  return {
    version: pack.version,
    checksum: pack.checksum,
    block: pack.block,
    packBlockCount,
    summariesOffset: int(
      guest.ofsSummaries,
      'f2fs: cp_pack_start_sum',
      payloadBlockCount + 1,
      BLOCKS_PER_SEGMENT - 1 - CURRENT_SEGMENTS,
    ),
    userBlockCount,
    validBlockCount: int(guest.numValidBlocks, 'f2fs: valid_block_count', 0, userBlockCount),
    validNodeCount: int(guest.numValidNodes, 'f2fs: valid_node_count', 0, Math.max(0, nodeLimit)),
    nodeLimit,
    ...currentSegments(superblock, guest),
    natBitmapBytes: exactly(guest.lenNatBitmap, 'nat_ver_bitmap_bytesize', bitmapBytes(natBlocks)),
    sitBitmapBytes: exactly(guest.lenSitBitmap, 'sit_ver_bitmap_bytesize', bitmapBytes(sitBlocks)),
    hasLargeNatBitmap,
    has: (flag) => hasFlag(guest.flags, flag),
  };
}

/** The segments that a filesystem keeps for itself. A kernel does not mount a writable one that keeps none. */
function checkReserve(superblock: Superblock, guest: GuestF2fsCheckpointPack): void {
  const { segmentCount, features, checkpoint, sit, nat, summaries } = superblock;
  const least = features.isReadOnly ? 0 : 1;
  const reserved = int(guest.numReservedSegments, 'f2fs: rsvd_segment_count', least, segmentCount);
  const areas = [checkpoint, sit, nat, summaries];
  const used = areas.reduce((sum, area) => sum + area.segmentCount, reserved);
  int(guest.numOverprovisionSegments, 'f2fs: overprov_segment_count', least, U32_MAX);
  if (used < segmentCount && (features.isReadOnly || used >= MIN_META_SEGMENTS)) return;
  throw invalid(`${used} of ${segmentCount} segments are kept for metadata`);
}

/** All of them are different segments, but those of a filesystem that was made to be read. */
function currentSegments({ main, features }: Superblock, guest: GuestF2fsCheckpointPack) {
  const seen = new Set<number>();
  const read = (
    segments: GuestF2fsCheckpointPack['nodeSegments'],
    offsets: GuestF2fsCheckpointPack['nodeOffsets'],
    types: Uint8Array,
  ): readonly CurrentSegment[] =>
    segments.slice(0, CURRENT_OF_A_KIND).map((value, i) => {
      const last = features.isReadOnly ? U32_MAX : main.segmentCount - 1;
      const segment = int(value, 'f2fs: current segment', 0, last);
      const offset = offsets[i] ?? value;
      const next = int(offset, 'f2fs: offset in a current segment', 0, BLOCKS_PER_SEGMENT - 1);
      if (!features.isReadOnly && seen.has(segment)) {
        throw invalid(`segment ${segment} is current twice`);
      }
      seen.add(segment);
      return { segment, next, isReused: types[i] === 1 };
    });
  const types = guest.allocationTypes;
  return {
    dataSegments: read(guest.dataSegments, guest.dataOffsets, types),
    nodeSegments: read(guest.nodeSegments, guest.nodeOffsets, types.subarray(CURRENT_OF_A_KIND)),
  };
}
