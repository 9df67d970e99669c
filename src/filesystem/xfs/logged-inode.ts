// One inode as the log has it: parts of it in the form of the disk, each with its version. A transaction that grows a file
// gives the core and the extents, a chmod after it the core anew. If the inode on the disk was written between the two, it has
// the extents, and only the chmod's core is put into it.
// References: Linux 6.18 fs/xfs/xfs_inode_item_recover.c: xlog_recover_inode_commit_pass2; libxfs/xfs_ialloc.c:
// xfs_ialloc_inode_init.
import { parseXfsInode, XfsInodeFields } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { setField } from '../../kaitai/index.js';
import { equals, u64 } from '../../validation/guest.js';
import { putChecksum } from './checksum.js';
import { forkPlaces } from './inode.js';
import { coreParts, type InodePart, rootFromLog, withCoreOnDisk } from './inode-from-log.js';
import { CHUNK_BYTES } from './log-buffer-item.js';
import type { InodeChange, LoggedFork } from './log-inode-item.js';

const U64_MAX = 2n ** 64n - 1n;
const VERSION_3 = 3;
const VERSION_2 = 2;
const NO_INODE = 0xffffffff;
const MAGIC = [0x49, 0x4e];
const FLUSH_COUNTS = 2n ** 16n;

/** A range of the inode's bytes that the log has. */
interface LoggedRange {
  readonly start: number;
  readonly end: number;
  /** Of version 3 the place in the log, of older ones how often the inode had been written. */
  version: bigint;
}

export interface LoggedInode {
  /** As far as the last range, with the forks as on the disk, and the core as it was logged. */
  bytes: Uint8Array;
  isVersion3: boolean;
  /** The place in the log of the core. */
  coreLsn: bigint;
  /** None over another. */
  ranges: LoggedRange[];
}

export function noChanges(): LoggedInode {
  return { bytes: new Uint8Array(0), isVersion3: false, coreLsn: 0n, ranges: [] };
}

/** Adds one more change, which is newer than those that are there. */
export function changeInode(
  inode: LoggedInode,
  change: InodeChange,
  lsn: bigint,
  inodeSizeBytes: number,
): void {
  const { isVersion3, flushCount } = change;
  if (inode.ranges.length > 0 && inode.isVersion3 !== isVersion3) {
    throw new FormatError('INVALID', 'xfs: the log is damaged: an inode in it changes its version');
  }
  inode.isVersion3 = isVersion3;
  inode.coreLsn = lsn;
  const version = isVersion3 ? lsn : flushCount;
  const core = coreParts(change.core, isVersion3);
  for (const part of [...core, ...forkParts(change, inodeSizeBytes)]) {
    if (part.offset + part.bytes.length > inodeSizeBytes) {
      throw new FormatError(
        'OUT_OF_BOUNDS',
        `xfs: the log is damaged: an inode of ${inodeSizeBytes} bytes has ${part.bytes.length} at ${part.offset}`,
      );
    }
    putPart(inode, part, version);
  }
}

function forkParts(
  { core, isVersion3, device, data, attributes }: InodeChange,
  inodeSizeBytes: number,
): readonly InodePart[] {
  if (device === null && data === null && attributes === null) return [];
  const units = core[XfsInodeFields.attributesOffset.at] ?? 0;
  const { dataOffset, attributesOffset } = forkPlaces(isVersion3, units, inodeSizeBytes);
  const parts: InodePart[] = [];
  if (device !== null) parts.push({ offset: dataOffset, bytes: device });
  const put = (fork: LoggedFork | null, offset: number, end: number) => {
    if (fork?.kind === 'tree') {
      parts.push(...rootFromLog(fork.bytes, isVersion3, offset, end - offset));
    } else if (fork !== null) parts.push({ offset, bytes: fork.bytes });
  };
  put(data, dataOffset, attributesOffset);
  put(attributes, attributesOffset, inodeSizeBytes);
  return parts;
}

function putPart(inode: LoggedInode, { offset: start, bytes: part }: InodePart, version: bigint) {
  const end = start + part.length;
  if (inode.bytes.length < end) {
    const { bytes } = inode;
    inode.bytes = new Uint8Array(end);
    inode.bytes.set(bytes);
  }
  inode.bytes.set(part, start);
  const same = inode.ranges.find((range) => range.start === start && range.end === end);
  if (same !== undefined) {
    same.version = version;
    return;
  }
  const left = inode.ranges.flatMap((range) => [
    { ...range, end: Math.min(range.end, start) },
    { ...range, start: Math.max(range.start, end) },
  ]);
  inode.ranges = [...left.filter((one) => one.start < one.end), { start, end, version }];
}

/** How free inodes are made: all alike but for their numbers. */
interface NewInodes {
  /** The filesystem's; 5 has inodes of version 3 with a UUID and a checksum. */
  readonly version: number;
  readonly metadataUuid: Uint8Array;
  readonly generation: number;
}

/** Writes a free inode as the kernel makes it; before version 5, of which the log has the first chunk, over that chunk. */
export function putNewInode(
  inode: Uint8Array,
  number: bigint,
  { version, metadataUuid, generation }: NewInodes,
): void {
  inode.fill(0, 0, version >= 5 ? inode.length : CHUNK_BYTES);
  inode.set(MAGIC, XfsInodeFields.magic.at);
  setField(inode, XfsInodeFields.version, version >= 5 ? VERSION_3 : VERSION_2);
  setField(inode, XfsInodeFields.generation, generation);
  putNextUnlinked(inode, NO_INODE);
  if (version < 5) return;
  setField(inode, XfsInodeFields.number, number);
  inode.set(metadataUuid, XfsInodeFields.uuid.at);
}

/** Sets which inode without a name is the next one. */
export function putNextUnlinked(inode: Uint8Array, next: number): void {
  setField(inode, XfsInodeFields.nextUnlinked, next);
}

/** Only version 3 has a checksum. */
export function sealInode(inode: Uint8Array): void {
  if (inode[XfsInodeFields.version.at] === VERSION_3) putChecksum(inode, XfsInodeFields.checksum);
}

/**
 * Puts the parts that the log has into an inode, where they are newer.
 * @throws FormatError BAD_MAGIC where there is no inode: the kernel does not mount that.
 */
export function patchInode(inode: Uint8Array, logged: LoggedInode): void {
  const written = writtenVersion(inode);
  const bytes = withCoreOnDisk(logged.bytes, logged.isVersion3, logged.coreLsn);
  for (const { start, end, version } of logged.ranges) {
    if (written(version)) inode.set(bytes.subarray(start, end), start);
  }
}

/** Says of a version in the log whether it is as new as the inode on the disk, or newer. */
function writtenVersion(bytes: Uint8Array): (version: bigint) => boolean {
  const inode = parseXfsInode(bytes);
  if (equals(inode.version, VERSION_3)) {
    const lsn = u64(inode.lastWriteLsn);
    return (version) => lsn === U64_MAX || lsn <= version;
  }
  // The count lies at the end of the eight bytes that version 3 has for a number of extents.
  const count = u64(inode.numExtentsBig) % FLUSH_COUNTS;
  const isLast = count === FLUSH_COUNTS - 1n;
  return (version) => version >= count || (isLast && version < FLUSH_COUNTS / 2n - 1n);
}
