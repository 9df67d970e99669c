// Writes partclone images: of version 1, which no partclone of today writes, and of version 2 with what it never writes.
// References: partclone IMAGE_FORMATS.md.
import { crc32 } from 'node:zlib';

const COMPLEMENT = 0xffffffff;

/** partclone's CRC-32, which is zlib's without the complement at the end. */
function sealOf(bytes: Uint8Array): Buffer {
  return sealBytes(crc32(bytes));
}

function sealBytes(crc: number): Buffer {
  const seal = Buffer.alloc(4);
  seal.writeUInt32LE(COMPLEMENT - crc);
  return seal;
}

function blocksOf(disk: Uint8Array, blockBytes: number): readonly Uint8Array[] {
  const count = Math.floor(disk.length / blockBytes);
  return Array.from({ length: count }, (_, i) =>
    disk.subarray(i * blockBytes, (i + 1) * blockBytes),
  );
}

function isUsed(block: Uint8Array): boolean {
  return block.some((byte) => byte !== 0);
}

/** Blocks of zeros are left out; each other one is followed by a checksum. */
export function imageOfVersion1(disk: Uint8Array, blockBytes: number): Buffer {
  const blocks = blocksOf(disk, blockBytes);
  const head = Buffer.alloc(4160);
  head.write('partclone-image', 0, 'latin1');
  head.write('EXTFS', 15, 'latin1');
  head.write('0001', 30, 'latin1');
  head.writeUInt32LE(blockBytes, 36);
  head.writeBigUInt64LE(BigInt(disk.length), 40);
  head.writeBigUInt64LE(BigInt(blocks.length), 48);
  head.writeBigUInt64LE(BigInt(blocks.filter(isUsed).length), 56);
  // Other values than 1 mean that a block is not there.
  const bitmap = Buffer.from(blocks.map((block, i) => (isUsed(block) ? 1 : (i % 2) * 2)));
  let crc = 0;
  const stored = blocks.filter(isUsed).flatMap((block) => {
    // Version 1 counts the first byte of a block again and again, and goes on from what came before.
    crc = crc32(Buffer.alloc(blockBytes, block[0] ?? 0), crc);
    return [block, sealBytes(crc)];
  });
  return Buffer.concat([head, bitmap, Buffer.from('BiTmAgIc'), ...stored]);
}

export interface Version2 {
  readonly blockBytes: number;
  /** Default: the disk's size. */
  readonly deviceBytes?: number;
  readonly checksumKind: number;
  readonly checksumBytes: number;
  readonly blocksPerChecksum: number;
  /** Default: bits. */
  readonly bitmapKind?: 0 | 1 | 8;
  /** Changes the header before it is sealed. */
  edit?(head: Buffer): void;
}

export function imageOfVersion2(disk: Uint8Array, fields: Version2): Buffer {
  const { blockBytes, checksumBytes, blocksPerChecksum, bitmapKind = 1 } = fields;
  const blocks = blocksOf(disk, blockBytes);
  const head = Buffer.alloc(106);
  head.write('partclone-image', 0, 'latin1');
  head.write('0.3.27', 16, 'latin1');
  head.write('0002', 30, 'latin1');
  head.writeUInt16LE(0xc0de, 34);
  head.write('EXTFS', 36, 'latin1');
  head.writeBigUInt64LE(BigInt(fields.deviceBytes ?? disk.length), 52);
  head.writeBigUInt64LE(BigInt(blocks.length), 60);
  head.writeUInt32LE(blockBytes, 84);
  head.writeUInt32LE(18, 88);
  head.writeUInt16LE(2, 92);
  head.writeUInt16LE(64, 94);
  head.writeUInt16LE(fields.checksumKind, 96);
  head.writeUInt16LE(checksumBytes, 98);
  head.writeUInt32LE(blocksPerChecksum, 100);
  head.writeUInt8(1, 104);
  head.writeUInt8(bitmapKind, 105);
  fields.edit?.(head);
  const used = bitmapKind === 0 ? blocks : blocks.filter(isUsed);
  const isLast = (i: number) => i === used.length - 1;
  const stored = used.flatMap((block, i) =>
    checksumBytes > 0 && ((i + 1) % blocksPerChecksum === 0 || isLast(i))
      ? [block, Buffer.alloc(checksumBytes, 0x5a)]
      : [block],
  );
  return Buffer.concat([head, sealOf(head), bitmapOf(blocks, bitmapKind), ...stored]);
}

function bitmapOf(blocks: readonly Uint8Array[], kind: 0 | 1 | 8): Buffer {
  if (kind === 0) return Buffer.alloc(0);
  if (kind === 8) {
    return Buffer.concat([Buffer.from(blocks.map((one) => +isUsed(one))), Buffer.from('BiTmAgIc')]);
  }
  const bits = Buffer.alloc(Math.ceil(blocks.length / 8));
  for (const [i, block] of blocks.entries()) {
    if (isUsed(block)) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  }
  // Bits behind the last block mean nothing.
  if (blocks.length % 8 > 0) bits[bits.length - 1] = (bits.at(-1) ?? 0) | 0x80;
  return Buffer.concat([bits, sealOf(bits)]);
}
