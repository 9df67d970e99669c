// The checksums of ext4's inodes.
// References: Linux fs/ext4/inode.c: ext4_inode_csum.
import { CRC32C_SEED, crc32c } from '../../src/bytes/crc32c.js';
import type { MemoryEditor } from './memory-editor.js';
import type { Seal } from './seal.js';

const SUPERBLOCK = 1024;
const MAX_GROUPS = 64;
const LOW = 0x7c;
const HIGH = 0x82;

/** Of the inodes in use, where inodes have checksums. */
export function extInodeSeals(file: MemoryEditor): readonly Seal[] {
  const superblock = file.read(SUPERBLOCK, 1024);
  if (superblock.length < 1024 || superblock.readUInt16LE(0x38) !== 0xef53) return [];
  if ((superblock.readUInt32LE(0x64) & 0x400) === 0) return [];
  const blockBytes = 1024 * 2 ** Math.min(6, superblock.readUInt32LE(0x18));
  const is64 = (superblock.readUInt32LE(0x60) & 0x80) !== 0;
  const hasSeed = (superblock.readUInt32LE(0x60) & 0x2000) !== 0;
  const uuid = superblock.subarray(0x68, 0x78);
  const seed = hasSeed ? superblock.readUInt32LE(0x270) : crc32c(CRC32C_SEED, uuid);
  const perGroup = superblock.readUInt32LE(0x28);
  const inodeBytes = superblock.readUInt16LE(0x58);
  const groups = Math.min(MAX_GROUPS, Math.ceil(superblock.readUInt32LE(0) / perGroup));
  const table = (superblock.readUInt32LE(0x14) + 1) * blockBytes;
  const descriptorBytes = is64 ? superblock.readUInt16LE(0xfe) : 32;
  const seals: Seal[] = [];
  for (let group = 0; group < groups; group++) {
    const descriptor = file.read(table + group * descriptorBytes, 32);
    const inodes = descriptor.readUInt32LE(8) * blockBytes;
    const bytes = file.read(inodes, perGroup * inodeBytes);
    for (let index = 0; (index + 1) * inodeBytes <= bytes.length; index++) {
      if (bytes.readUInt16LE(index * inodeBytes) === 0) continue;
      const number = group * perGroup + index + 1;
      seals.push(inodeSeal(inodes + index * inodeBytes, inodeBytes, number, seed));
    }
  }
  return seals;
}

function inodeSeal(
  offsetBytes: number,
  lengthBytes: number,
  number: number,
  volumeSeed: number,
): Seal {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(number);
  const numbered = crc32c(volumeSeed, word);
  return {
    offsetBytes,
    lengthBytes,
    correct(file) {
      const bytes = file.read(offsetBytes, lengthBytes);
      const hasHigh = lengthBytes > 128 && bytes.readUInt16LE(0x80) >= 4;
      bytes.fill(0, LOW, LOW + 2);
      if (hasHigh) bytes.fill(0, HIGH, HIGH + 2);
      const stored = Buffer.alloc(4);
      stored.writeUInt32LE(crc32c(crc32c(numbered, bytes, 0x64, 0x68), bytes));
      file.write(offsetBytes + LOW, stored.subarray(0, 2));
      if (hasHigh) file.write(offsetBytes + HIGH, stored.subarray(2));
    },
  };
}
