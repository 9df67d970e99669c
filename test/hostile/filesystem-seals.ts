// Makes the checksums of filesystems right again after a change, as attackers do: a change that a checksum stops at once
// tests nothing else. What looks like a structure with a checksum is one if correcting it changes nothing.
// References: Linux fs/ext4/super.c, fs/jbd2/recovery.c, fs/xfs/xfs_log.c, fs/btrfs/disk-io.c, fs/f2fs/checkpoint.c;
// exFAT specification, 3.4; UEFI specification, 5.3.2; ECMA-167, 3/7.2.
import { crc32 } from 'node:zlib';
import { CRC16_SEED, crc16 } from '../../src/bytes/crc16.js';
import { CRC32C_SEED, crc32c, inverted } from '../../src/bytes/crc32c.js';
import { bootChecksum } from '../../src/filesystem/exfat/checksum.js';
import { btrfsSeals } from './btrfs-seals.js';
import { extInodeSeals } from './ext-seals.js';
import type { MemoryEditor } from './memory-editor.js';
import { own, type Seal, type SealedFile } from './seal.js';
import { liblp, lvm2, md } from './volume-seals.js';

const SECTOR = 512;
const MAX_RANGE_BYTES = 8 * 1024 * 1024;
const MAX_SEALS = 20_000;

/** What has checksums in a content that is as its program wrote it, where it is read. */
export async function filesystemSeals(file: MemoryEditor): Promise<readonly Seal[]> {
  const seals: Seal[] = [];
  const seen = new Set<number>();
  const add = (found: readonly Seal[]): void => {
    for (const seal of found) if (seals.length < MAX_SEALS && isRight(file, seal)) seals.push(seal);
  };
  for (const [offset, length] of file.ranges) {
    const end = offset + Math.min(length, MAX_RANGE_BYTES);
    for (let at = Math.ceil(offset / SECTOR) * SECTOR; at < end; at += SECTOR) {
      if (seen.has(at)) continue;
      seen.add(at);
      const head = file.read(at, SECTOR);
      if (head.length < SECTOR) break;
      for (const find of FINDERS) add(find(file, at, head));
    }
  }
  add(await btrfsSeals(file));
  add(extInodeSeals(file));
  return seals;
}

/** Corrects the checksums of what was changed. */
export function resealContent(file: SealedFile, seals: readonly Seal[]): void {
  for (const seal of seals) {
    const { offsetBytes, lengthBytes } = seal;
    const isHit = file
      .changes()
      .some(([at, length]) => at < offsetBytes + lengthBytes && at + length > offsetBytes);
    if (isHit && offsetBytes + lengthBytes <= file.sizeBytes()) seal.correct(file);
  }
}

function isRight(file: MemoryEditor, seal: Seal): boolean {
  const { offsetBytes, lengthBytes } = seal;
  if (offsetBytes < 0 || lengthBytes <= 0 || offsetBytes + lengthBytes > file.sizeBytes())
    return false;
  try {
    seal.correct(file);
    return file.changes().every(([at, length]) => file.isAsItWas(at, length));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  } finally {
    file.undo();
  }
}

type Finder = (file: MemoryEditor, at: number, head: Buffer) => readonly Seal[];

const FINDERS: readonly Finder[] = [
  ...[ext, jbd2, xfs, xfsLog, exfat, gpt, f2fs, f2fsInode, udf],
  ...[lvm2, md, liblp],
];

const whole = (bytes: Buffer): number => crc32c(CRC32C_SEED, bytes);

/** The superblock, and the descriptors behind it. */
function ext(file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  if (head.readUInt16LE(0x38) !== 0xef53) return [];
  const seals = [own(at, 1024, 0x3fc, 4, (bytes) => crc32c(CRC32C_SEED, bytes, 0, 0x3fc))];
  const superblock = file.read(at, 1024);
  const blockBytes = 1024 * 2 ** Math.min(6, superblock.readUInt32LE(0x18));
  const groups = Math.ceil(superblock.readUInt32LE(4) / superblock.readUInt32LE(0x20));
  const is64 = (superblock.readUInt32LE(0x60) & 0x80) !== 0;
  const bytesEach = is64 ? superblock.readUInt16LE(0xfe) : 32;
  const table = at - 1024 + (superblock.readUInt32LE(0x14) + 1) * blockBytes;
  const uuid = superblock.subarray(0x68, 0x78);
  const hasSeed = (superblock.readUInt32LE(0x60) & 0x2000) !== 0;
  const isCrc32c = (superblock.readUInt32LE(0x64) & 0x400) !== 0;
  const seed = hasSeed ? superblock.readUInt32LE(0x270) : crc32c(CRC32C_SEED, uuid);
  const sum = (group: number, bytes: Buffer): number => {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(group);
    if (isCrc32c) return crc32c(crc32c(seed, number), bytes) & 0xffff;
    const first = crc16(crc16(crc16(CRC16_SEED, uuid), number), bytes, 0, 0x1e);
    return crc16(first, bytes, 0x20);
  };
  for (let group = 0; group < Math.min(groups, 4096) && bytesEach >= 32; group++) {
    seals.push(own(table + group * bytesEach, bytesEach, 0x1e, 2, (bytes) => sum(group, bytes)));
  }
  return seals;
}

const JBD2_MAGIC = 0xc03b3998;

/** The journal's superblock, and all blocks that are in the journal. */
function jbd2(file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  if (head.readUInt32BE(0) !== JBD2_MAGIC || ![3, 4].includes(head.readUInt32BE(4))) return [];
  const superblock = own(at, 1024, 0xfc, 4, whole, true);
  const blockBytes = head.readUInt32BE(12);
  const seed = crc32c(CRC32C_SEED, head.subarray(0x30, 0x40));
  const isV3 = (head.readUInt32BE(0x28) & 0x10) !== 0;
  const is64 = (head.readUInt32BE(0x28) & 2) !== 0;
  const tagBytes = isV3 ? 16 : is64 ? 14 : 10;
  const blocks: Seal[] = [];
  const data: Seal[] = [];
  if (blockBytes < 1024 || blockBytes > 65536) return [superblock];
  for (const [offset, length] of file.ranges) {
    const end = offset + Math.min(length, MAX_RANGE_BYTES);
    for (let block = offset; block < end && blocks.length < 4096; block += 1024) {
      const start = file.read(block, 12);
      if (start.length < 12 || start.readUInt32BE(0) !== JBD2_MAGIC) continue;
      const type = start.readUInt32BE(4);
      const sum = (bytes: Buffer): number => crc32c(seed, bytes);
      if (type === 2) blocks.push(own(block, blockBytes, 16, 4, sum, true));
      if (type === 1 || type === 5)
        blocks.push(own(block, blockBytes, blockBytes - 4, 4, sum, true));
      if (type === 1) data.push(...tagged(file, { block, blockBytes, tagBytes, isV3, seed }));
    }
  }
  // A transaction's data before its list, which says their checksums.
  return [...data, ...blocks, superblock];
}

interface TagList {
  readonly block: number;
  readonly blockBytes: number;
  readonly tagBytes: number;
  readonly isV3: boolean;
  readonly seed: number;
}

/** The copies behind a list, whose checksums are in it. */
function tagged(file: MemoryEditor, list: TagList): readonly Seal[] {
  const { block, blockBytes, tagBytes, isV3, seed } = list;
  const bytes = file.read(block, blockBytes);
  const sequence = bytes.subarray(8, 12);
  const seals: Seal[] = [];
  for (let at = 12, n = 1; at + tagBytes <= blockBytes - 4; n++) {
    const flags = isV3 ? bytes.readUInt32BE(at + 4) : bytes.readUInt16BE(at + 6);
    const where = block + at + (isV3 ? 12 : 4);
    const offsetBytes = block + n * blockBytes;
    seals.push({
      offsetBytes,
      lengthBytes: blockBytes,
      correct(editor) {
        const sum = crc32c(crc32c(seed, sequence), editor.read(offsetBytes, blockBytes));
        const stored = Buffer.alloc(4);
        stored.writeUInt32BE(sum);
        editor.write(where, isV3 ? stored : stored.subarray(2));
      },
    });
    at += tagBytes + (flags & 2 ? 0 : 16);
    if (flags & 8) break;
  }
  return seals;
}

const XFS_SECTORS: readonly (readonly [magic: string, at: number])[] = [
  ['XFSB', 224],
  ['XAGF', 216],
  ['XAGI', 312],
];
const XFS_BLOCKS = ['AB3B', 'AB3C', 'IAB3', 'FIB3', 'RMB3', 'R3FC'];
const XFS_BLOCK_SIZES = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

/** Sectors, blocks and inodes; of what size they are shows when one is right. */
function xfs(_file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  const magic = head.toString('latin1', 0, 4);
  const sum = (bytes: Buffer): number => inverted(whole(bytes));
  const seals: Seal[] = [];
  for (const [name, field] of XFS_SECTORS) {
    if (magic !== name) continue;
    for (const size of XFS_BLOCK_SIZES) seals.push(own(at, size, field, 4, sum));
  }
  if (XFS_BLOCKS.includes(magic))
    for (const size of XFS_BLOCK_SIZES) seals.push(own(at, size, 52, 4, sum));
  if (magic.startsWith('IN'))
    for (const size of [512, 1024, 2048]) seals.push(own(at, size, 100, 4, sum));
  return seals;
}

/** A record of the log: its head with its padding, the heads that follow, its data. */
function xfsLog(file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  if (head.readUInt32BE(0) !== 0xfeedbabe) return [];
  const [dataBytes, bufferBytes] = [head.readUInt32BE(12), head.readUInt32BE(320)];
  const heads = Math.max(1, Math.ceil(Math.min(bufferBytes, 2 ** 18) / 32768));
  const lengthBytes = heads * SECTOR + Math.ceil(dataBytes / SECTOR) * SECTOR;
  if (dataBytes > 2 ** 18 || at + lengthBytes > file.sizeBytes()) return [];
  return [328, 324].map((headBytes) =>
    own(at, lengthBytes, 32, 4, (bytes) => {
      let sum = crc32c(CRC32C_SEED, bytes, 0, headBytes);
      for (let i = 1; i < Math.ceil(dataBytes / 32768); i++)
        sum = crc32c(sum, bytes, i * SECTOR, i * SECTOR + 260);
      return inverted(crc32c(sum, bytes, heads * SECTOR, heads * SECTOR + dataBytes));
    }),
  );
}

function exfat(_file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  if (head.toString('latin1', 3, 11) !== 'EXFAT   ') return [];
  const sectorBytes = 2 ** Math.min(12, Math.max(9, head[108] ?? 9));
  const correct = (file: SealedFile): void => {
    const stored = Buffer.alloc(4);
    stored.writeUInt32LE(bootChecksum(file.read(at, 11 * sectorBytes)));
    const last = Buffer.alloc(sectorBytes);
    for (let i = 0; i < sectorBytes; i += 4) stored.copy(last, i);
    file.write(at + 11 * sectorBytes, last);
  };
  return [{ offsetBytes: at, lengthBytes: 12 * sectorBytes, correct }];
}

/** The header, and the table whose checksum it bears. */
function gpt(_file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  if (head.toString('latin1', 0, 8) !== 'EFI PART') return [];
  const headBytes = Math.min(SECTOR, Math.max(92, head.readUInt32LE(12)));
  const tableBytes = head.readUInt32LE(80) * head.readUInt32LE(84);
  const sectorBytes = at / Math.max(1, Number(head.readBigUInt64LE(24)));
  const tableAt = Number(head.readBigUInt64LE(72)) * sectorBytes;
  const table: Seal = {
    offsetBytes: tableAt,
    lengthBytes: tableBytes,
    correct(file) {
      const stored = Buffer.alloc(4);
      stored.writeUInt32LE(crc32(file.read(tableAt, tableBytes)));
      file.write(at + 88, stored);
    },
  };
  return [table, own(at, headBytes, 16, 4, (bytes) => crc32(bytes))];
}

const F2FS_MAGIC = 0xf2f52010;

/** As f2fs has it: the magic number is the seed, and nothing is inverted. */
function f2fsSum(bytes: Uint8Array, seed = F2FS_MAGIC): number {
  return inverted(crc32(bytes, inverted(seed)));
}

/** An inode, whose node says the same number twice: of the filesystem's UUID, that number, the generation, and all of the node. */
function f2fsInode(file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  if (at % 4096 !== 0 || (head[3] ?? 0) % 64 < 32) return [];
  const end = file.read(at + 4072, 8);
  if (end.length < 8 || end.readUInt32LE(0) !== end.readUInt32LE(4)) return [];
  return [
    own(at, 4096, 368, 4, (bytes) => {
      const uuid = f2fsSum(file.read(1024 + 108, 16), inverted(0));
      const parts = [bytes.subarray(4072, 4076), bytes.subarray(68, 72), bytes];
      return parts.reduce((seed, part) => f2fsSum(part, seed), uuid);
    }),
  ];
}

/** Both superblocks, and the first and last block of each checkpoint. */
function f2fs(_file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  if (head.readUInt32LE(0) === F2FS_MAGIC) {
    return [own(at, 3072, 3068, 4, (bytes) => f2fsSum(bytes.subarray(0, 3068)))];
  }
  const field = head.readUInt32LE(164);
  if (field < 192 || field > 4092 || field % 4 !== 0 || at % 4096 !== 0) return [];
  return [
    own(at, 4096, field, 4, (bytes) =>
      f2fsSum(
        field === 4092
          ? bytes.subarray(0, 4092)
          : Buffer.concat([bytes.subarray(0, field), bytes.subarray(field + 4)]),
      ),
    ),
    own(at, 4096, field, 4, (bytes) => f2fsSum(bytes.subarray(0, field))),
  ];
}

/** CRC-16 of ITU-T V.41. */
function crcItu(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

/** A descriptor: the checksum of its content, then that of its tag. */
function udf(file: MemoryEditor, at: number, head: Buffer): readonly Seal[] {
  const [kind, version, length] = [
    head.readUInt16LE(0),
    head.readUInt16LE(2),
    head.readUInt16LE(10),
  ];
  const isKind = (kind > 0 && kind < 10) || (kind >= 256 && kind <= 266);
  if (!isKind || version < 2 || version > 3 || at + 16 + length > file.sizeBytes()) return [];
  const correct = (editor: SealedFile): void => {
    const sum = Buffer.alloc(2);
    sum.writeUInt16LE(crcItu(editor.read(at + 16, length)));
    editor.write(at + 8, sum);
    const tag = editor.read(at, 16);
    const total = tag.reduce((all, byte, i) => (i === 4 ? all : all + byte), 0);
    editor.write(at + 4, Uint8Array.of(total % 256));
  };
  return [{ offsetBytes: at, lengthBytes: 16 + length, correct }];
}
