// An inode as a file, with the fields of stat(2).
// References: Linux 6.18 fs/ext4/inode.c: __ext4_iget, ext4_inode_blocks, ext4_file_getattr; fs/ext4/ext4.h:
// ext4_decode_extra_time.
import type { GuestExtInode, GuestExtInodeExtra } from '../../../generated/filesystem/ext.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int, u16, u32 } from '../../validation/guest.js';
import { kindOfType } from '../file-kinds.js';
import { type FileNode, type FileStat, volumeRange } from '../files.js';
import { linkTarget } from '../link-target.js';
import { fileAttributes } from './file-attributes.js';
import { entryPages, parentsOf } from './file-entries.js';
import { extentPages } from './file-extents.js';
import { fileSize, inodeFrom, isInline, typeOf } from './inode.js';
import { extraSizeAt, type InodeTable } from './inode-table.js';
import { type ExtFile, type ExtVolume, isReserved } from './volume-files.js';

const FLAG_ENCRYPT = 0x800;
const FLAG_HUGE_FILE = 0x40000;
const FLAG_VALUE_INODE = 0x200000;
const RO_COMPAT_HUGE_FILE = 0x8;
const U16_VALUES = 2 ** 16;
const U32_VALUES = 2 ** 32;
/** Up to i_crtime_extra. */
const EXTRA_BYTES = 24;
const EPOCHS = 4;
const NS_PER_SECOND = 1_000_000_000n;

/** Where an inode lies. */
export interface InodePlace {
  readonly number: number;
  readonly table: InodeTable;
  /** In the table, and on the volume. */
  readonly at: number;
  readonly offsetBytes: number;
  readonly ahead: ExtFile['ahead'];
}

/**
 * The file of an inode that is in use; null for a reserved one that has nothing. Only what every question asks is opened at once.
 * @throws FormatError INVALID for an inode of no known kind; BAD_CHECKSUM, for a file that the kernel opens for nobody.
 */
export function fileNode(volume: ExtVolume, place: InodePlace): FileNode | null {
  const { context, volumes, systemNames } = volume;
  const { number, table, at, offsetBytes } = place;
  const raw = table.head(at);
  const isOwn = isReserved(context, number);
  if (isOwn && equals(raw.mode, 0) && equals(raw.numSectorsLo, 0)) return null;
  if (volume.check?.(number, table, at, extraSizeAt(table, at)) === false) {
    throw new FormatError('BAD_CHECKSUM', `ext: inode ${number} has a wrong checksum`);
  }
  const type = typeOf(raw);
  const kind = kindOfType(type) ?? (isOwn ? 'file' : null);
  if (kind === null) {
    throw new FormatError(
      'INVALID',
      `ext: inode ${number} is in use and of the unknown type ${type}`,
    );
  }
  const sizeBytes = fileSize(number, raw);
  const allocated = allocatedBytes(volume, raw, sizeBytes, kind === 'file' && isInline(raw));
  if (!Number.isSafeInteger(allocated)) {
    const message = `ext: inode ${number} says that it takes ${allocated} bytes`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const isValue = hasFlag(raw.flags, FLAG_VALUE_INODE) && context.features.hasValueInodes;
  return {
    id: { tree: 0, number },
    kind,
    system: systemNames.get(number) ?? (isValue ? 'attribute value' : null),
    sizeBytes,
    allocatedBytes: allocated,
    linkCount: u16(raw.numLinks),
    record: volumeRange(volumes, offsetBytes, table.inodeSizeBytes),
    stat: () => statOf(table, at),
    extents: () => extentPages(volume, fileOf(volume, place)),
    ...(kind === 'symlink'
      ? { target: () => linkTarget(volume, extentPages(volume, fileOf(volume, place)), sizeBytes) }
      : {}),
    attributes: () => fileAttributes(volume, fileOf(volume, place)),
    entries: () => entryPages(volume, fileOf(volume, place)),
    ...(kind === 'directory' ? { parents: () => parentsOf(volume, fileOf(volume, place)) } : {}),
  };
}

/** All that its pieces and names are read by. */
function fileOf({ context }: ExtVolume, place: InodePlace): ExtFile {
  const { number, table, at, offsetBytes, ahead } = place;
  const raw = table.head(at);
  const opened = inodeFrom(number, raw, context.geometry);
  const inode = opened.type === 0 ? { ...opened, hasBlocks: true } : opened;
  const bytes = table.bytes.subarray(at, at + table.inodeSizeBytes);
  const isEncrypted = hasFlag(raw.flags, FLAG_ENCRYPT);
  return { inode, number, bytes, offsetBytes, isEncrypted, ahead };
}

/** i_blocks in bytes; the content of a file that lies in its inode is added as if it took sectors. */
function allocatedBytes(
  { context }: ExtVolume,
  { numSectorsLo, numSectorsHi, flags }: GuestExtInode,
  sizeBytes: number,
  isInlineFile: boolean,
): number {
  const { superblock, geometry } = context;
  const isHuge = hasFlag(superblock.featureRoCompat, RO_COMPAT_HUGE_FILE);
  const count = u32(numSectorsLo) + (isHuge ? u16(numSectorsHi) * U32_VALUES : 0);
  const unitBytes =
    isHuge && hasFlag(flags, FLAG_HUGE_FILE) ? geometry.blockSizeBytes : SECTOR_BYTES;
  const inlineSectors = isInlineFile ? Math.ceil(sizeBytes / SECTOR_BYTES) : 0;
  return count * unitBytes + inlineSectors * SECTOR_BYTES;
}

function statOf(table: InodeTable, at: number): FileStat {
  const raw = table.head(at);
  const extra = extraOf(table, at);
  return {
    mode: u16(raw.mode),
    userId: u16(raw.uidHi) * U16_VALUES + u16(raw.uidLo),
    groupId: u16(raw.gidHi) * U16_VALUES + u16(raw.gidLo),
    generation: u32(raw.generation),
    accessedNs: nanoseconds(raw.accessed, extra?.accessedExtra),
    modifiedNs: nanoseconds(raw.modified, extra?.modifiedExtra),
    changedNs: nanoseconds(raw.changed, extra?.changedExtra),
    createdNs: extra === null ? null : nanoseconds(extra.created, extra.createdExtra),
  };
}

/** null where the inode has no room for them, or does not use it. */
function extraOf(table: InodeTable, at: number): GuestExtInodeExtra | null {
  return extraSizeAt(table, at) < EXTRA_BYTES ? null : table.extra(at);
}

/** The two lowest bits of the upper part are those above the seconds' 32, the others nanoseconds. */
function nanoseconds(seconds: GuestInteger, upper: GuestInteger | undefined): bigint {
  const low = int(seconds, 'ext: a time', -(2 ** 31), 2 ** 31 - 1);
  const extra = upper === undefined ? 0 : u32(upper);
  const all = low + (extra % EPOCHS) * U32_VALUES;
  return BigInt(all) * NS_PER_SECOND + BigInt(Math.floor(extra / EPOCHS));
}
