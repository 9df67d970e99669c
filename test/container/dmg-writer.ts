// Writes dmg images (UDIF), which no tool of Debian's makes: chunk by chunk, with the property list or the resource fork.
// References: QEMU block/dmg.c; http://newosxbook.com/DMG.html.
import { execFileSync } from 'node:child_process';
import { deflateSync } from 'node:zlib';
import { compressLzfse } from './lzfse-writer.js';

export const KIND = {
  zero: 0,
  raw: 1,
  ignore: 2,
  adc: 0x80000004,
  zlib: 0x80000005,
  bzip2: 0x80000006,
  lzfse: 0x80000007,
  lzma: 0x80000008,
  comment: 0x7ffffffe,
  last: 0xffffffff,
} as const;

export interface Chunk {
  readonly kind: number;
  /** From the partition's first one. */
  readonly sector: number;
  readonly sectors: number;
  /** As it is stored. */
  readonly stream?: Uint8Array;
}

export interface Partition {
  readonly sector: number;
  readonly chunks: readonly Chunk[];
}

export interface DmgFields {
  readonly sectors: number;
  readonly partitions: readonly Partition[];
  /** Where the block tables stand; default: the property list. */
  readonly in?: 'plist' | 'rsrc';
  /** What stands before the data fork. */
  readonly lead?: number;
  readonly segments?: number;
}

const SECTOR = 512;

/** The image, each partition's data counted from where they begin. */
export function dmgImage(fields: DmgFields): Buffer {
  const { sectors, partitions, lead = 0, segments = 1 } = fields;
  const forks: Buffer[] = [Buffer.alloc(lead, 0x5a)];
  const tables: Buffer[] = [];
  let forkBytes = 0;
  for (const partition of partitions) {
    tables.push(blockTable(partition, forkBytes));
    const streams = partition.chunks.map(({ stream }) => stream ?? new Uint8Array(0));
    forks.push(...streams.map((stream) => Buffer.from(stream)));
    forkBytes += streams.reduce((sum, { length }) => sum + length, 0);
  }
  const list = fields.in === 'rsrc' ? resourceFork(tables) : propertyList(tables);
  const trailer = Buffer.alloc(SECTOR);
  trailer.write('koly', 0, 'latin1');
  trailer.writeUInt32BE(4, 4);
  trailer.writeUInt32BE(SECTOR, 8);
  trailer.writeBigUInt64BE(BigInt(lead), 0x18);
  trailer.writeBigUInt64BE(BigInt(forkBytes), 0x20);
  const place = fields.in === 'rsrc' ? 0x28 : 0xd8;
  trailer.writeBigUInt64BE(BigInt(lead + forkBytes), place);
  trailer.writeBigUInt64BE(BigInt(list.length), place + 8);
  trailer.writeUInt32BE(1, 0x38);
  trailer.writeUInt32BE(segments, 0x3c);
  trailer.writeUInt32BE(1, 0x1e8);
  trailer.writeBigUInt64BE(BigInt(sectors), 0x1ec);
  return Buffer.concat([...forks, list, trailer]);
}

function blockTable({ sector, chunks }: Partition, dataOffset: number): Buffer {
  const table = Buffer.alloc(204 + 40 * chunks.length);
  table.write('mish', 0, 'latin1');
  table.writeUInt32BE(1, 4);
  table.writeBigUInt64BE(BigInt(sector), 8);
  // 7-Zip holds the chunks against it.
  const ends = chunks.map((chunk) => chunk.sector + chunk.sectors);
  table.writeBigUInt64BE(BigInt(Math.max(0, ...ends)), 0x10);
  table.writeBigUInt64BE(BigInt(dataOffset), 0x18);
  table.writeUInt32BE(chunks.length, 200);
  let offset = 0;
  for (const [i, chunk] of chunks.entries()) {
    const at = 204 + 40 * i;
    const length = chunk.stream?.length ?? 0;
    table.writeUInt32BE(chunk.kind, at);
    const fields = [chunk.sector, chunk.sectors, offset, length];
    for (const [j, field] of fields.entries())
      table.writeBigUInt64BE(BigInt(field), at + 8 + 8 * j);
    offset += length;
  }
  return table;
}

function propertyList(tables: readonly Buffer[]): Buffer {
  const data = (bytes: Uint8Array) =>
    `<data>\n\t\t\t${Buffer.from(bytes).toString('base64').replace(/.{52}/gu, '$&\n\t\t\t')}\n</data>`;
  const resource = (bytes: Buffer, i: number) =>
    `<dict><key>Attributes</key><string>0x0050</string><key>Data</key>${data(bytes)}
     <key>ID</key><string>${i}</string><key>Name</key><string>part ${i}</string></dict>`;
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>resource-fork</key><dict>
<key>blkx</key><array>${tables.map(resource).join('\n')}</array>
<key>plst</key><array><dict><key>Data</key>${data(Buffer.alloc(300))}</dict></array>
</dict></dict></plist>
`);
}

function resourceFork(tables: readonly Buffer[]): Buffer {
  const resources = [Buffer.alloc(12, 'plst'), ...tables].flatMap((bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  const data = Buffer.concat(resources);
  const head = Buffer.alloc(256);
  head.writeUInt32BE(head.length, 0);
  head.writeUInt32BE(head.length + data.length, 4);
  head.writeUInt32BE(data.length, 8);
  head.writeUInt32BE(16, 12);
  return Buffer.concat([head, data, Buffer.alloc(16)]);
}

/** A run of the disk as a chunk of the kind. */
export function chunkOf(disk: Uint8Array, sector: number, sectors: number, kind: number): Chunk {
  const bytes = disk.subarray(sector * SECTOR, (sector + sectors) * SECTOR);
  return { kind, sector, sectors, stream: encode(bytes, kind) };
}

function encode(bytes: Uint8Array, kind: number): Uint8Array {
  switch (kind) {
    case KIND.zlib:
      return deflateSync(bytes);
    case KIND.bzip2:
      return execFileSync('bzip2', ['-c'], { input: bytes, maxBuffer: 2 ** 26 });
    case KIND.lzma:
      return execFileSync('xz', ['-c', '--check=none'], { input: bytes, maxBuffer: 2 ** 26 });
    case KIND.lzfse:
      return compressLzfse(bytes);
    case KIND.adc:
      return encodeAdc(bytes);
    case KIND.raw:
      return bytes;
    default:
      return new Uint8Array(0);
  }
}

/** Literals, and copies of runs and of what came 1000 bytes before, in all three codes. */
function encodeAdc(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  const matches = (at: number, distance: number, max: number): number => {
    let length = 0;
    while (length < max && at + length < bytes.length && at >= distance) {
      if (bytes[at + length] !== bytes[at + length - distance]) break;
      length++;
    }
    return length;
  };
  for (let at = 0; at < bytes.length; ) {
    const [near, far] = [matches(at, 1, 18), matches(at, 1500, 67)];
    if (far > 18) {
      out.push(0x40 + far - 4, 1499 >> 8, 1499 & 0xff);
      at += far;
    } else if (near >= 3) {
      out.push((near - 3) << 2, 0);
      at += near;
    } else {
      const count = Math.min(16, bytes.length - at);
      out.push(0x80 + count - 1, ...bytes.subarray(at, at + count));
      at += count;
    }
  }
  return Uint8Array.from(out);
}

/** All of a disk in chunks of so many sectors, of the kinds in turn; zeros are left out. */
export function dmgOf(
  disk: Uint8Array,
  kinds: readonly number[],
  chunkSectors: number,
  fields: Partial<DmgFields> = {},
): Buffer {
  const sectors = disk.length / SECTOR;
  const chunks: Chunk[] = [];
  for (let sector = 0; sector < sectors; sector += chunkSectors) {
    const count = Math.min(chunkSectors, sectors - sector);
    const part = disk.subarray(sector * SECTOR, (sector + count) * SECTOR);
    const isZero = part.every((byte) => byte === 0);
    const kind = kinds[chunks.length % kinds.length] ?? KIND.raw;
    const empty = chunks.length % 2 === 0 ? KIND.zero : KIND.ignore;
    chunks.push(chunkOf(disk, sector, count, isZero ? empty : kind));
  }
  chunks.push({ kind: KIND.comment, sector: sectors, sectors: 0 });
  chunks.push({ kind: KIND.last, sector: sectors, sectors: 0 });
  return dmgImage({ sectors, partitions: [{ sector: 0, chunks }], ...fields });
}
