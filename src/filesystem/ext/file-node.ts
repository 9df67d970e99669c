// An inode as a file, with the fields of stat(2).
// References: Linux 6.18 fs/ext4/inode.c: __ext4_iget, ext4_inode_blocks, ext4_file_getattr; fs/ext4/ext4.h:
// ext4_decode_extra_time.
import {
  type GuestExtInode,
  parseExtInode,
  parseExtInodeExtra,
} from '../../../generated/filesystem/ext.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int, u16, u32 } from '../../validation/guest.js';
import { kindOfType, typeOfMode } from '../file-kinds.js';
import { type FileNode, type FileStat, volumeRange } from '../files.js';
import { entryPages } from './file-entries.js';
import { extentPages } from './file-extents.js';
import { extraSize, INODE_HEAD_BYTES, inodeFrom } from './inode.js';
import { type ExtFile, type ExtVolume, isReserved } from './volume-files.js';

const FLAG_ENCRYPT = 0x800n;
const FLAG_HUGE_FILE = 0x40000n;
const FLAG_VALUE_INODE = 0x200000n;
const RO_COMPAT_HUGE_FILE = 0x8n;
const U16_VALUES = 2 ** 16;
const U32_VALUES = 2 ** 32;
/** Up to i_crtime_extra. */
const EXTRA_BYTES = 24;
const EPOCHS = 4;
const NS_PER_SECOND = 1_000_000_000n;

/**
 * The file of an inode that is in use; null for a reserved one that has nothing.
 * @throws FormatError INVALID for an inode of no known kind; BAD_CHECKSUM, for a file that the kernel opens for nobody.
 */
export function fileNode(
  volume: ExtVolume,
  number: number,
  bytes: Uint8Array,
  offsetBytes: number,
): FileNode | null {
  const { context, volumes, systemNames } = volume;
  const raw = parseExtInode(bytes);
  const isEmpty = equals(raw.mode, 0) && equals(raw.numSectorsLo, 0);
  const isOwn = isReserved(context, number);
  if (isOwn && isEmpty) return null;
  if (volume.check?.(number, bytes, extraSize(bytes)) === false) {
    throw new FormatError('BAD_CHECKSUM', `ext: inode ${number} has a wrong checksum`);
  }
  const type = typeOfMode(u16(raw.mode));
  const kind = kindOfType(type) ?? (isOwn ? 'file' : null);
  if (kind === null) {
    throw new FormatError(
      'INVALID',
      `ext: inode ${number} is in use and of the unknown type ${type}`,
    );
  }
  const opened = inodeFrom(number, raw, context.geometry);
  // The inode of bad blocks has none of a file's types.
  const inode = type === 0 ? { ...opened, hasBlocks: true } : opened;
  const isEncrypted = hasFlag(raw.flags, FLAG_ENCRYPT);
  const file: ExtFile = { inode, number, bytes, offsetBytes, isEncrypted };
  const isValue = hasFlag(raw.flags, FLAG_VALUE_INODE) && context.features.hasValueInodes;
  return {
    id: { tree: 0, number },
    kind,
    system: systemNames.get(number) ?? (isValue ? 'attribute value' : null),
    sizeBytes: inode.sizeBytes,
    allocatedBytes: allocatedBytes(volume, raw, inode.sizeBytes, kind === 'file' && inode.isInline),
    linkCount: inode.linkCount,
    record: volumeRange(volumes, offsetBytes, bytes.length),
    stat: () => statOf(raw, bytes),
    extents: () => extentPages(volume, file),
    entries: () => entryPages(volume, file),
  };
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

function statOf(raw: GuestExtInode, bytes: Uint8Array): FileStat {
  const extra = extraOf(bytes);
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
function extraOf(bytes: Uint8Array) {
  if (extraSize(bytes) < EXTRA_BYTES) return null;
  return parseExtInodeExtra(bytes.subarray(INODE_HEAD_BYTES));
}

/** The two lowest bits of the upper part are those above the seconds' 32, the others nanoseconds. */
function nanoseconds(seconds: GuestInteger, upper: GuestInteger | undefined): bigint {
  const low = int(seconds, 'ext: a time', -(2 ** 31), 2 ** 31 - 1);
  const extra = upper === undefined ? 0 : u32(upper);
  const all = low + (extra % EPOCHS) * U32_VALUES;
  return BigInt(all) * NS_PER_SECOND + BigInt(Math.floor(extra / EPOCHS));
}
