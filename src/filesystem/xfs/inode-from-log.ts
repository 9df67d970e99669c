// Turns an inode as it is logged, in the byte order of the machine, into its form on the disk, which is big-endian.
// References: Linux 6.18 fs/xfs/xfs_inode_item_recover.c: xfs_log_dinode_to_disk, xfs_log_dinode_to_disk_ts;
// libxfs/xfs_bmap_btree.c: xfs_bmbt_to_bmdr.
import { xfsLongBtreeHeadRecords } from '../../../generated/filesystem/xfs.js';
import {
  parseXfsLogInodeCore,
  parseXfsLogInodeCoreV3,
} from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { equals, u16, u64 } from '../../validation/guest.js';

const VERSION_3 = 3;
const BIG_TIMES = 0x8n;
const LARGE_EXTENT_COUNTS = 0x10n;
const FLUSH_COUNT_UNIT = 2n ** 48n;

/** The core of version 2 ends before the next inode without a name, of which the item of an inode says nothing. */
const CORE_V2_END = 96;
/** Version 3 goes on behind that pointer and the checksum. */
const CORE_V3_START = 104;
const CORE_V3_END = 176;

/** Numbers of one width, and where in the core they lie. */
type Numbers = readonly [bytes: number, offsets: readonly number[]];

const TIMES = [32, 40, 48];
const TIMES_V3 = [...TIMES, 144];
const halves = (offsets: readonly number[]) => offsets.flatMap((at) => [at, at + 4]);

const CORE = turned([
  // Version, formats and the place of the attributes.
  [1, [4, 5, 82, 83]],
  [2, [0, 2, 6, 20, 22, 80, 88, 90]],
  [4, [8, 12, 16, 72, 76, 84, 92]],
  [8, [56, 64]],
]);
const CORE_V3 = turned([
  [4, [128]],
  [8, [104, 120, 152]],
]);
const SMALL_TIMES = turned([[4, halves(TIMES)]]);
const SMALL_TIMES_V3 = turned([[4, halves(TIMES_V3)]]);
const BIG_TIMES_V3 = turned([[8, TIMES_V3]]);
const LARGE_COUNT = turned([[8, [24]]]);
const LSN = 112;
const UUID = 160;

/** A part of an inode in the form of the disk, and where in the inode it lies. */
export interface InodePart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface CoreFromLog {
  readonly parts: readonly InodePart[];
  readonly isVersion3: boolean;
  /** How often the inode was written before, which tells versions of it apart where there is no place in the log. */
  readonly flushCount: bigint;
}

/** @param lsn the place in the log of the transaction, which version 3 bears. */
export function coreFromLog(logged: Uint8Array, lsn: bigint): CoreFromLog {
  const core = parseXfsLogInodeCore(logged);
  const isVersion3 = equals(core.version, VERSION_3);
  const disk = new Uint8Array(CORE_V3_END);
  turn(logged, disk, CORE);
  const count = u64(core.numExtentsBig);
  const parts = [{ offset: 0, bytes: disk.subarray(0, CORE_V2_END) }];
  if (!isVersion3) {
    turn(logged, disk, SMALL_TIMES);
    return { parts, isVersion3, flushCount: count / FLUSH_COUNT_UNIT };
  }
  if (logged.length < CORE_V3_END) {
    throw new FormatError('TRUNCATED', 'xfs: the log is damaged: an inode in it is cut short');
  }
  const flags2 = u64(parseXfsLogInodeCoreV3(logged.subarray(120)).flags2);
  turn(logged, disk, CORE_V3);
  const hasBigTimes = (flags2 & BIG_TIMES) !== 0n;
  turn(logged, disk, hasBigTimes ? BIG_TIMES_V3 : SMALL_TIMES_V3);
  if ((flags2 & LARGE_EXTENT_COUNTS) !== 0n) turn(logged, disk, LARGE_COUNT);
  putBigEndian(disk, LSN, lsn, 8);
  disk.set(logged.subarray(UUID, CORE_V3_END), UUID);
  parts.push({ offset: CORE_V3_START, bytes: disk.subarray(CORE_V3_START, CORE_V3_END) });
  return { parts, isVersion3, flushCount: 0n };
}

/** Pairs of offsets: where a byte goes, and where it comes from. */
function turned(numbers: readonly Numbers[]): Uint8Array {
  const pairs = numbers.flatMap(([width, offsets]) =>
    offsets.flatMap((at) =>
      Array.from({ length: width }, (_, i) => [at + i, at + width - 1 - i]).flat(),
    ),
  );
  return Uint8Array.from(pairs);
}

function turn(from: Uint8Array, to: Uint8Array, pairs: Uint8Array): void {
  for (let i = 0; i < pairs.length; i += 2) to[pairs[i] ?? 0] = from[pairs[i + 1] ?? 0] ?? 0;
}

export function putBigEndian(
  bytes: Uint8Array,
  offset: number,
  value: bigint,
  width: number,
): void {
  for (let i = width - 1, rest = value; i >= 0; i--, rest /= 256n) {
    bytes[offset + i] = Number(rest % 256n);
  }
}

const WORD_BYTES = 8;
const ROOT_HEAD_BYTES = 4;
const HEAD_BYTES = 72;
const HEAD_BYTES_V4 = 24;
/** Where a block of a tree has its level and the number of its records, as the root in an inode begins. */
const LEVEL_OFFSET = 4;

/**
 * The root of a tree: the log has the head of a block, then keys and pointers with room between them as in memory; the
 * inode has a head of four bytes, and its own room.
 * @param room bytes of the fork in the inode.
 */
export function rootFromLog(
  logged: Uint8Array,
  isVersion3: boolean,
  offset: number,
  room: number,
): readonly InodePart[] {
  const headBytes = isVersion3 ? HEAD_BYTES : HEAD_BYTES_V4;
  const { numRecords } = xfsLongBtreeHeadRecords(logged, logged.length).at(0);
  const count = u16(numRecords);
  const loggedRoom = Math.floor((logged.length - headBytes) / (2 * WORD_BYTES));
  const diskRoom = Math.floor((room - ROOT_HEAD_BYTES) / (2 * WORD_BYTES));
  if (count > Math.min(loggedRoom, diskRoom)) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `xfs: the log is damaged: the root of a file's tree has ${count} pointers, and room for ${diskRoom}`,
    );
  }
  const keys = logged.subarray(headBytes, headBytes + count * WORD_BYTES);
  const from = headBytes + loggedRoom * WORD_BYTES;
  const start = offset + ROOT_HEAD_BYTES;
  return [
    { offset, bytes: logged.subarray(LEVEL_OFFSET, LEVEL_OFFSET + ROOT_HEAD_BYTES) },
    { offset: start, bytes: keys },
    {
      offset: start + diskRoom * WORD_BYTES,
      bytes: logged.subarray(from, from + count * WORD_BYTES),
    },
  ];
}
