// Turns an inode as it is logged, in the byte order of the machine, into its form on the disk, which is big-endian. A log may
// have the core of one inode a hundred times: only the last one is turned, when the inode is read.
// References: Linux 6.18 fs/xfs/xfs_inode_item_recover.c: xfs_log_dinode_to_disk, xfs_log_dinode_to_disk_ts;
// libxfs/xfs_bmap_btree.c: xfs_bmbt_to_bmdr.
import {
  XfsInodeFields,
  XfsLongBtreeBlockFields,
  xfsLongBtreeHeadRecords,
} from '../../../generated/filesystem/xfs.js';
import { parseXfsLogInodeCoreV3 } from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { setField } from '../../kaitai/index.js';
import { u16, u64 } from '../../validation/guest.js';

const BIG_TIMES = 0x8n;
const LARGE_EXTENT_COUNTS = 0x10n;

/** A field of the core: a number with its type, or bytes. */
type CoreField = { readonly at: number } & (
  | { readonly type: string }
  | { readonly sizeBytes: number }
);

/** The log has an inode's core with the fields, and at the places, of the disk; only the order of the bytes is another. */
const CORE = XfsInodeFields;
/** The core of version 2 ends before the next inode without a name, of which the item of an inode says nothing. */
const CORE_V2_END = CORE.nextUnlinked.at;
/** Version 3 goes on behind that pointer and the checksum. */
const CORE_V3_START = CORE.changeCount.at;
const CORE_V3_END = CORE.uuid.at + CORE.uuid.sizeBytes;

const TIMES: readonly CoreField[] = [CORE.accessed, CORE.modified, CORE.changed];
const TIMES_V3: readonly CoreField[] = [...TIMES, CORE.created];
/** Fields that are not numbers, or whose form depends on flags; and the place in the log, which the log itself cannot have. */
const NOT_TURNED: ReadonlySet<CoreField> = new Set([
  ...TIMES_V3,
  CORE.numExtentsBig,
  CORE.lastWriteLsn,
  CORE.reserved1,
  CORE.uuid,
]);

const NUMBERS = turned(fieldsBetween(0, CORE_V2_END));
const NUMBERS_V3 = turned(fieldsBetween(CORE_V3_START, CORE_V3_END));
const SMALL_TIMES = turned(TIMES.flatMap(secondsAndNanoseconds));
const SMALL_TIMES_V3 = turned(TIMES_V3.flatMap(secondsAndNanoseconds));
const BIG_TIMES_V3 = turned(TIMES_V3);
const LARGE_COUNT = turned([CORE.numExtentsBig]);

/** A part of an inode in the form of the disk, and where in the inode it lies. */
export interface InodePart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The parts of a logged core that replace those of the inode, still in the byte order of the machine. */
export function coreParts(logged: Uint8Array, isVersion3: boolean): readonly InodePart[] {
  if (logged.length < (isVersion3 ? CORE_V3_END : CORE_V2_END)) {
    throw new FormatError('TRUNCATED', 'xfs: the log is damaged: an inode in it is cut short');
  }
  const part = { offset: 0, bytes: logged.subarray(0, CORE_V2_END) };
  if (!isVersion3) return [part];
  const behind = logged.subarray(CORE_V3_START, CORE_V3_END);
  return [part, { offset: CORE_V3_START, bytes: behind }];
}

/**
 * An inode whose core is turned into the form of the disk; its forks have that form already.
 * @param lsn the place in the log of the transaction that logged the core, which version 3 bears.
 */
export function withCoreOnDisk(inode: Uint8Array, isVersion3: boolean, lsn: bigint): Uint8Array {
  const disk = new Uint8Array(inode);
  disk.fill(0, 0, CORE_V2_END);
  turn(inode, disk, NUMBERS);
  if (!isVersion3) {
    turn(inode, disk, SMALL_TIMES);
    return disk;
  }
  disk.fill(0, CORE_V3_START, CORE.uuid.at);
  turn(inode, disk, NUMBERS_V3);
  const flags2 = u64(parseXfsLogInodeCoreV3(inode.subarray(CORE.flags2.at)).flags2);
  const hasBigTimes = (flags2 & BIG_TIMES) !== 0n;
  turn(inode, disk, hasBigTimes ? BIG_TIMES_V3 : SMALL_TIMES_V3);
  if ((flags2 & LARGE_EXTENT_COUNTS) !== 0n) turn(inode, disk, LARGE_COUNT);
  setField(disk, CORE.lastWriteLsn, lsn);
  return disk;
}

function fieldsBetween(start: number, end: number): readonly CoreField[] {
  return Object.values<CoreField>(CORE).filter(
    (field) => field.at >= start && field.at < end && !NOT_TURNED.has(field),
  );
}

/** Without the feature bigtime a time is two numbers of four bytes. */
function secondsAndNanoseconds({ at }: CoreField): readonly CoreField[] {
  return [0, 4].map((skipped) => ({ at: at + skipped, sizeBytes: 4 }));
}

/** Pairs of offsets: where a byte goes, and where it comes from. */
function turned(fields: readonly CoreField[]): Uint8Array {
  const pairs = fields.flatMap((field) => {
    const width = 'type' in field ? Number(field.type.slice(1, 2)) : field.sizeBytes;
    return Array.from({ length: width }, (_, i) => [field.at + i, field.at + width - 1 - i]).flat();
  });
  return Uint8Array.from(pairs);
}

function turn(from: Uint8Array, to: Uint8Array, pairs: Uint8Array): void {
  for (let i = 0; i < pairs.length; i += 2) to[pairs[i] ?? 0] = from[pairs[i + 1] ?? 0] ?? 0;
}

const WORD_BYTES = 8;
const ROOT_HEAD_BYTES = 4;
const HEAD_BYTES = 72;
const HEAD_BYTES_V4 = 24;
/** A block of a tree has its level and the number of its records here; the root in an inode begins with them. */
const LEVEL_OFFSET = XfsLongBtreeBlockFields.level.at;

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
