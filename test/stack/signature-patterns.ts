// Volumes that have a format's signature and, where it must be valid, the rest of its superblock; everything else is
// letters that tell by their order which bytes a label or a UUID was taken from.
// References: util-linux libblkid/src/superblocks/*.c, for what blkid checks before it believes a signature.

import { CRC32C_SEED, crc32c } from '../../src/bytes/crc32c.js';
import type { SpecProbe } from '../../src/kaitai/index.js';

const MIB = 1024 * 1024;
const SIZE_BYTES = 32 * MIB;
const SECTOR_BYTES = 512;

/** Makes valid what blkid checks besides the signature, which lies at `at`. */
type Fit = (bytes: Buffer, at: number) => void;

const FITS: Readonly<Record<string, Fit>> = {
  befs(bytes, at) {
    const isBig = bytes[at] === 0x42;
    const u32 = (value: number, offset: number) =>
      isBig ? bytes.writeUInt32BE(value, at + offset) : bytes.writeUInt32LE(value, at + offset);
    u32(0x42494745, 4);
    u32(1024, 8);
    u32(10, 12);
    u32(0xdd121031, 36);
    u32(0x15b6830e, 80);
    bytes.fill(0, at + 44, at + 48);
    bytes.fill(0, at + 84, at + 92); // The root directory is block 8, whose inode has no attributes.
    if (isBig) bytes.set([8, 0, 1], at + 89);
    else bytes.set([8, 0, 1], at + 88);
    bytes.fill(0, 0x2000, 0x2400);
    u32(0x3bbe0ad9, 0x2000 - at);
  },
  bitlocker(bytes) {
    bytes.writeBigUInt64LE(0x10000n, 176);
    bytes.writeBigUInt64LE(0x10000n, 440);
    bytes.write('-FVE-FS-', 0x10000);
    bytes.writeUInt16LE(2, 0x10000 + 10);
  },
  dm_verity_hash: (bytes, at) => bytes.writeUInt32LE(1, at + 8),
  drbdmanage(bytes, at) {
    bytes.write(`${'0123456789abcdef'.repeat(2)}\n`, at + 11);
  },
  exfs(bytes, at) {
    bytes.writeUInt32BE(4096, at + 4);
    bytes.writeBigUInt64BE(1000n, at + 8);
    bytes.writeUInt32BE(1, at + 80); // Blocks of a realtime extent,
    bytes.writeUInt32BE(1000, at + 84); // of a group,
    bytes.writeUInt32BE(1, at + 88); // and groups.
    bytes.writeUInt16BE(512, at + 102);
    bytes.writeUInt16BE(256, at + 104);
    bytes.set([12, 9, 8, 4], at + 120);
    bytes[at + 127] = 25;
  },
  gfs2(bytes, at) {
    bytes.writeUInt32BE(1801, at + 24);
    bytes.writeUInt32BE(1900, at + 28);
  },
  isw_raid: (bytes, at) => bytes.fill(0, at + 30, at + 32),
  jmicron_raid(bytes, at) {
    bytes[at + 48] = 1;
    bytes.writeUInt16LE(0, at + 4);
    bytes.writeUInt16LE(0x10000 - (words(bytes, at, 64) % 0x10000), at + 4);
  },
  mpool(bytes, at) {
    const checksum = crc32c(CRC32C_SEED, bytes, at, at + 62);
    bytes.writeUInt32LE((checksum ^ CRC32C_SEED) >>> 0, at + 62);
  },
  silicon_medley_raid(bytes, at) {
    const start = at - 96;
    bytes[start + 0x116] = 1;
    bytes.writeUInt16LE(0, start + 0x13e);
    bytes.writeUInt16LE(0x10000 - (words(bytes, start, 159) % 0x10000), start + 0x13e);
  },
  stratis(bytes, at) {
    const start = at - 4;
    const checksum = crc32c(CRC32C_SEED, bytes, at, start + SECTOR_BYTES);
    bytes.writeUInt32LE((checksum ^ CRC32C_SEED) >>> 0, start);
  },
  via_raid(bytes, at) {
    bytes[at + 2] = 2;
    bytes[at + 50] = bytes.subarray(at, at + 50).reduce((sum, byte) => sum + byte, 0) % 256;
  },
};

/** The sum of 16-bit words. */
function words(bytes: Buffer, at: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += bytes.readUInt16LE(at + 2 * i);
  return sum;
}

/** A volume, zeros but for some pages. */
export interface Pattern {
  readonly bytes: Buffer;
  /** Where these begin. */
  readonly pages: readonly number[];
}

export const PAGE_BYTES = 4096;

export function patternOf(name: string, { all }: SpecProbe): Pattern {
  const bytes = Buffer.alloc(SIZE_BYTES);
  // The size is a multiple of every alignment.
  const placed = all.map(({ at, magic }) => ({ at: at < 0 ? bytes.length + at : at, magic }));
  const pages = new Set(placed.map(({ at }) => Math.floor(at / PAGE_BYTES) * PAGE_BYTES));
  for (const start of pages) {
    for (let i = start; i < start + PAGE_BYTES; i++) {
      bytes[i] = 0x41 + ((i * 7 + Math.floor(i / 32)) % 26);
    }
  }
  for (const { at, magic } of placed) bytes.set(Buffer.from(magic, 'latin1'), at);
  FITS[name]?.(bytes, placed[0]?.at ?? 0);
  for (const start of FIT_PAGES) pages.add(start);
  return { bytes, pages: [...pages] };
}

/** What is made valid lies here, or beside the signature. */
const FIT_PAGES = [0, 0x2000, 0x10000];
