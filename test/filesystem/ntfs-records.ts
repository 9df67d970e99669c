// Makes records of $MFT, as the tests need them.
// References: ntfs-3g include/ntfs-3g/layout.h (MFT_RECORD, ATTR_RECORD, ATTR_LIST_ENTRY).

const RECORD = 1024;
const SECTOR = 512;

/** A record in use; `base` is the file that it is a further record of. */
export function recordBytes(
  number: number,
  base: number | null,
  attributes: readonly Buffer[],
  sizeBytes = RECORD,
): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  const sectors = sizeBytes / SECTOR;
  const start = Math.ceil((50 + 2 * sectors) / 8) * 8;
  bytes.write('FILE', 0, 'latin1');
  bytes.writeUInt16LE(48, 4);
  bytes.writeUInt16LE(sectors + 1, 6);
  bytes.writeUInt16LE(1, 16);
  bytes.writeUInt16LE(start, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sizeBytes, 28);
  if (base !== null) bytes.writeBigUInt64LE(BigInt(base) + 2n ** 48n, 32);
  bytes.writeUInt32LE(number, 44);
  let at = start;
  for (const attribute of attributes) at += attribute.copy(bytes, at);
  bytes.writeUInt32LE(0xffffffff, at);
  bytes.writeUInt32LE(at + 8, 24);
  // The update sequence: its number, then what it keeps.
  bytes.writeUInt16LE(7, 48);
  for (let i = 0; i < sectors; i++) {
    const end = (i + 1) * SECTOR;
    bytes.copy(bytes, 50 + 2 * i, end - 2, end);
    bytes.writeUInt16LE(7, end - 2);
  }
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

export function resident(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(value.length, 16);
  head.writeUInt16LE(24, 20);
  const bytes = padded(Buffer.concat([head, value]));
  bytes.writeUInt32LE(bytes.length, 4);
  return bytes;
}

interface Sizes {
  readonly allocated: number;
  readonly data: number;
  readonly initialized: number;
}

export function clusters(
  type: number,
  firstCluster: number,
  count: number,
  sizes: Sizes,
  list: Buffer,
): Buffer {
  const head = Buffer.alloc(64);
  head.writeUInt32LE(type, 0);
  head[8] = 1;
  head.writeBigUInt64LE(BigInt(firstCluster), 16);
  head.writeBigUInt64LE(BigInt(firstCluster + count - 1), 24);
  head.writeUInt16LE(64, 32);
  if (firstCluster === 0) {
    head.writeBigUInt64LE(BigInt(sizes.allocated), 40);
    head.writeBigUInt64LE(BigInt(sizes.data), 48);
    head.writeBigUInt64LE(BigInt(sizes.initialized), 56);
  }
  const bytes = padded(Buffer.concat([head, list]));
  bytes.writeUInt32LE(bytes.length, 4);
  return bytes;
}

/** Pairs of a length and where it is on the volume; null: nowhere. */
export function runs(list: readonly (readonly [number, number | null])[]): Buffer {
  let last = 0;
  const parts = list.map(([count, start]) => {
    const bytes = Buffer.alloc(start === null ? 5 : 9);
    bytes[0] = start === null ? 0x04 : 0x44;
    bytes.writeInt32LE(count, 1);
    if (start !== null) {
      bytes.writeInt32LE(start - last, 5);
      last = start;
    }
    return bytes;
  });
  return Buffer.concat([...parts, Buffer.alloc(1)]);
}

export interface ListEntry {
  readonly type: number;
  readonly firstCluster: number;
  readonly record: number;
  /** The file; the record is its own if it is the same. */
  readonly base: number;
}

export function attributeList(entries: readonly ListEntry[]): Buffer {
  const parts = entries.map(({ type, firstCluster, record }) => {
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32LE(type, 0);
    bytes.writeUInt16LE(32, 4);
    bytes[7] = 26;
    bytes.writeBigUInt64LE(BigInt(firstCluster), 8);
    bytes.writeBigUInt64LE(BigInt(record) + 2n ** 48n, 16);
    return bytes;
  });
  return resident(0x20, Buffer.concat(parts));
}
