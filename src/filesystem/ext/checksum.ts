// The checksums of the superblock, of the group descriptors and of inodes.
// References: Linux 6.1 fs/ext4/super.c: ext4_superblock_csum_verify, ext4_group_desc_csum; fs/ext4/inode.c: ext4_inode_csum.
import {
  ExtGroupDescriptorFields,
  ExtInodeExtraFields,
  ExtInodeFields,
  extGroupDescriptorRecords,
  type GuestExt,
} from '../../../generated/filesystem/ext.js';
import { CRC16_SEED, crc16 } from '../../bytes/crc16.js';
import { CRC32C_SEED, crc32c } from '../../bytes/crc32c.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { setField } from '../../kaitai/index.js';
import { equals, u8, u16, u32 } from '../../validation/guest.js';
import type { DescriptorChunk } from './descriptors.js';
import type { Features } from './features.js';
import type { Geometry } from './geometry.js';
import { INODE_HEAD_BYTES, type InodeTable } from './inode-table.js';

/** s_checksum is the last field; the checksum is over all that is before it. */
const SUPERBLOCK_CHECKSUM_OFFSET = 0x3fc;
const CHECKSUM_TYPE_CRC32C = 1;
const DESCRIPTOR_CHECKSUM_OFFSET = ExtGroupDescriptorFields.checksum.at;
/** Of a descriptor's checksum, and of each half of an inode's. */
const CHECKSUM_BYTES = 2;
/** Of an inode: i_generation, and the halves of its checksum, of which the upper one lies behind the first 128 bytes. */
const INODE_GENERATION = 0x64;
const INODE_CHECKSUM_LOW = 0x7c;
const INODE_CHECKSUM_HIGH = 0x82;
/** i_extra_isize of an inode that has the upper half of its checksum. */
const EXTRA_WITH_CHECKSUM = 4;
const U16_MASK = 0xffff;
const U16_VALUES = 2 ** 16;

/**
 * Verifies the superblock's checksum as the kernel does, which mounts nothing without it.
 * @throws FormatError BAD_CHECKSUM; UnsupportedError for another algorithm.
 */
export function checkSuperblock(superblock: GuestExt, bytes: Uint8Array, features: Features): void {
  if (features.descriptorChecksum !== 'crc32c') return;
  if (!equals(superblock.checksumType, CHECKSUM_TYPE_CRC32C)) {
    const type = u8(superblock.checksumType);
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `ext: metadata checksums of the unknown type ${type}`,
    );
  }
  const computed = crc32c(CRC32C_SEED, bytes, 0, SUPERBLOCK_CHECKSUM_OFFSET);
  if (!equals(superblock.checksum, computed)) {
    const stored = u32(superblock.checksum);
    throw new FormatError(
      'BAD_CHECKSUM',
      `ext: the primary superblock's checksum is ${hex(stored)}, its content gives ${hex(computed)}; ` +
        'the kernel does not mount it, and e2fsck can restore it from a backup',
      { data: { stored, computed } },
    );
  }
}

/** The checksum of a group's descriptor that lies at `at`. */
type DescriptorSum = (group: number, bytes: Uint8Array, at: number) => number;

/** How descriptors are summed up; null if they bear no checksum. */
export function descriptorSum(
  superblock: GuestExt,
  features: Features,
  { descriptorSizeBytes }: Geometry,
): DescriptorSum | null {
  const kind = features.descriptorChecksum;
  if (kind === null) return null;
  const sum = kind === 'crc32c' ? crc32c : crc16;
  const seed = kind === 'crc32c' ? checksumSeed(superblock, features) : crc16Seed(superblock);
  const number = new DataView(new ArrayBuffer(4));
  const groupBytes = new Uint8Array(number.buffer);
  const zeros = new Uint8Array(CHECKSUM_BYTES);
  return (group, bytes, at) => {
    const behind = at + DESCRIPTOR_CHECKSUM_OFFSET + CHECKSUM_BYTES;
    number.setUint32(0, group, true);
    let computed = sum(seed, groupBytes);
    computed = sum(computed, bytes, at, at + DESCRIPTOR_CHECKSUM_OFFSET);
    // The CRC-32C takes the field as zeros, the CRC-16 leaves it out.
    if (kind === 'crc32c') computed = sum(computed, zeros);
    return sum(computed, bytes, behind, at + descriptorSizeBytes) & U16_MASK;
  };
}

/**
 * A check of all descriptors of a chunk, which gives the first that is wrong: the kernel mounts such a filesystem read-only
 * alone. null if they bear no checksum.
 */
export function descriptorCheck(
  superblock: GuestExt,
  features: Features,
  geometry: Geometry,
): ((chunk: DescriptorChunk) => FormatError | null) | null {
  const sum = descriptorSum(superblock, features, geometry);
  if (sum === null) return null;
  const { descriptorSizeBytes } = geometry;
  return ({ firstGroup, count, bytes }) => {
    const descriptors = extGroupDescriptorRecords(bytes, descriptorSizeBytes);
    for (let i = 0; i < count; i++) {
      const computed = sum(firstGroup + i, bytes, i * descriptorSizeBytes);
      const { checksum } = descriptors.at(i);
      if (equals(checksum, computed)) continue;
      return badDescriptor(firstGroup + i, u16(checksum), computed);
    }
    return null;
  };
}

/** Of a filesystem, what its checksums are made with. */
interface Summed {
  readonly superblock: GuestExt;
  readonly features: Features;
}

/** The checksum of the inode that lies in these bytes; `lenExtra` is its i_extra_isize. */
type InodeSum = (
  number: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  lenExtra: number,
) => number;

/** null if inodes bear no checksum. */
function inodeSum({ superblock, features }: Summed): InodeSum | null {
  if (features.descriptorChecksum !== 'crc32c') return null;
  const seed = checksumSeed(superblock, features);
  const word = new DataView(new ArrayBuffer(4));
  const numberBytes = new Uint8Array(word.buffer);
  const zeros = new Uint8Array(CHECKSUM_BYTES);
  return (number, bytes, at, end, lenExtra) => {
    word.setUint32(0, number, true);
    let computed = crc32c(seed, numberBytes);
    computed = crc32c(computed, bytes, at + INODE_GENERATION, at + INODE_GENERATION + 4);
    computed = crc32c(computed, bytes, at, at + INODE_CHECKSUM_LOW);
    computed = crc32c(computed, zeros);
    const behind = at + INODE_CHECKSUM_LOW + CHECKSUM_BYTES;
    if (lenExtra < EXTRA_WITH_CHECKSUM) return crc32c(computed, bytes, behind, end) & U16_MASK;
    const high = at + INODE_CHECKSUM_HIGH;
    computed = crc32c(computed, bytes, behind, high);
    computed = crc32c(computed, zeros);
    return crc32c(computed, bytes, high + CHECKSUM_BYTES, end);
  };
}

/** Whether the checksum of an inode is right. */
type InodeCheck = (number: number, table: InodeTable, at: number, lenExtra: number) => boolean;

/** A check of many inodes; null if they bear no checksum. */
export function inodeCheck(head: Summed): InodeCheck | null {
  const sum = inodeSum(head);
  if (sum === null) return null;
  return (number, table, at, lenExtra) => {
    const computed = sum(number, table.bytes, at, at + table.inodeSizeBytes, lenExtra);
    if (!equals(table.head(at).checksumLo, computed & U16_MASK)) return false;
    const extra = table.extra(at);
    if (lenExtra < EXTRA_WITH_CHECKSUM || extra === null) return true;
    return equals(extra.checksumHi, Math.floor(computed / U16_VALUES));
  };
}

/** Puts the checksum of an inode right, if it bears one. */
export function sealInode(head: Summed, number: number, bytes: Uint8Array, lenExtra: number): void {
  const computed = inodeSum(head)?.(number, bytes, 0, bytes.length, lenExtra);
  if (computed === undefined) return;
  setField(bytes, ExtInodeFields.checksumLo, computed & U16_MASK);
  if (lenExtra < EXTRA_WITH_CHECKSUM) return;
  const tail = bytes.subarray(INODE_HEAD_BYTES);
  setField(tail, ExtInodeExtraFields.checksumHi, Math.floor(computed / U16_VALUES));
}

function badDescriptor(group: number, stored: number, computed: number): FormatError {
  return new FormatError(
    'BAD_CHECKSUM',
    `ext: the checksum of group descriptor ${group} is ${hex(stored)}, its content gives ${hex(computed)}; ` +
      'the kernel mounts it read-only alone',
    { data: { group, stored, computed } },
  );
}

/** What every CRC-32C of the filesystem's own begins with. */
export function checksumSeed(superblock: GuestExt, features: Features): number {
  return features.hasChecksumSeed
    ? u32(superblock.checksumSeed)
    : crc32c(CRC32C_SEED, superblock.uuid);
}

function crc16Seed(superblock: GuestExt): number {
  return crc16(CRC16_SEED, superblock.uuid);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
