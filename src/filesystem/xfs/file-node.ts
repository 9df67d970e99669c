// An inode as a file, with the fields of stat(2).
// References: Linux 6.18 fs/xfs/libxfs/xfs_inode_buf.c: xfs_dinode_verify, xfs_inode_from_disk,
// xfs_inode_from_disk_ts; fs/xfs/xfs_iops.c: xfs_vn_getattr.
import {
  type GuestXfsInode,
  parseXfsInode,
  XfsInodeFields,
} from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int, textOrDigits, u16, u32, u64 } from '../../validation/guest.js';
import { kindOfType, typeOfMode } from '../file-kinds.js';
import { type FileNode, type FileStat, volumeRange } from '../files.js';
import { linkTarget } from '../link-target.js';
import { sharedBytes } from '../shared-bytes.js';
import { checkSector } from './checksum.js';
import { fileAttributes } from './file-attributes.js';
import { entryPages, parentsOf } from './file-entries.js';
import { extentPages } from './file-pieces.js';
import { readInode } from './inode.js';
import { addedBlocks } from './pending-pieces.js';
import type { XfsFile, XfsVolume } from './volume-files.js';

const VERSION_3 = 3;
const BIG_TIMES = 0x8n;
const U32_VALUES = 2n ** 32n;
const NS_PER_SECOND = 1_000_000_000n;
/** XFS_BIGTIME_EPOCH_OFFSET: big times are counted from the earliest small one. */
const BIG_TIME_EPOCH_SECONDS = 2n ** 31n;

/**
 * The file of an inode that is in use.
 * @throws FormatError BAD_MAGIC, BAD_CHECKSUM, INVALID, OUT_OF_BOUNDS for one that the kernel does not read.
 */
export function fileNode(
  volume: XfsVolume,
  number: number,
  bytes: Uint8Array,
  offsetBytes: number,
): FileNode {
  const { context, volumes, systemNames, pending } = volume;
  const raw = parseXfsInode(bytes);
  const isVersion3 = equals(raw.version, VERSION_3);
  if (isVersion3) checkStamp(volume, number, raw, bytes);
  const mode = u16(raw.mode);
  const type = typeOfMode(mode);
  const kind = kindOfType(type);
  if (kind === null) {
    throw new FormatError('INVALID', `xfs: inode ${number} is in use and of the type ${type}`);
  }
  const inode = readInode(bytes);
  const sizeBytes = int(raw.lenFile, 'xfs: di_size', 0, Number.MAX_SAFE_INTEGER);
  const file: XfsFile = { number, kind, inode, sizeBytes, offsetBytes, bytes };
  const { blockSizeBytes } = context.geometry;
  const maxBlocks = Math.floor(Number.MAX_SAFE_INTEGER / blockSizeBytes);
  const blockCount = int(raw.numBlocks, 'xfs: di_nblocks', 0, maxBlocks);
  const pieces = pending.pieces.get(number) ?? [];
  return {
    id: { tree: 0, number },
    kind,
    system: systemNames.get(number) ?? null,
    sizeBytes,
    allocatedBytes: (blockCount + addedBlocks(pieces)) * blockSizeBytes,
    linkCount: inode.core.linkCount,
    record: volumeRange(volumes, offsetBytes, bytes.length),
    ...(inode.core.isShared ? { sharedBytes: () => sharedBytes(extentPages(volume, file)) } : {}),
    stat: () => statOf(raw, mode, isVersion3),
    extents: () => extentPages(volume, file),
    ...(kind === 'symlink'
      ? { target: () => linkTarget(volume, extentPages(volume, file), sizeBytes) }
      : {}),
    attributes: () => fileAttributes(volume, file),
    entries: () => entryPages(volume, file),
    ...(kind === 'directory' ? { parents: () => parentsOf(volume, file) } : {}),
  };
}

/** Only version 3 says which inode it is. */
function checkStamp(
  { context }: XfsVolume,
  number: number,
  raw: GuestXfsInode,
  bytes: Uint8Array,
): void {
  const what = `inode ${number}`;
  const offset = XfsInodeFields.checksum.at;
  checkSector(context, bytes, { what, offset, stored: raw.checksum, uuid: raw.uuid });
  if (equals(raw.number, number)) return;
  throw new FormatError('INVALID', `xfs: ${what} says that it is ${textOrDigits(raw.number)}`);
}

function statOf(raw: GuestXfsInode, mode: number, isVersion3: boolean): FileStat {
  const isBig = isVersion3 && hasFlag(raw.flags2, BIG_TIMES);
  const time = (value: GuestInteger) => nanoseconds(u64(value), isBig);
  return {
    mode,
    userId: u32(raw.owner),
    groupId: u32(raw.ownerGroup),
    generation: u32(raw.generation),
    accessedNs: time(raw.accessed),
    modifiedNs: time(raw.modified),
    changedNs: time(raw.changed),
    createdNs: isVersion3 ? time(raw.created) : null,
  };
}

/** Of a small time the seconds with a sign, then the nanoseconds. */
function nanoseconds(value: bigint, isBig: boolean): bigint {
  if (isBig) return value - BIG_TIME_EPOCH_SECONDS * NS_PER_SECOND;
  return BigInt.asIntN(32, value / U32_VALUES) * NS_PER_SECOND + (value % U32_VALUES);
}
