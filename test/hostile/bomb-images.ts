// Images that are small and ask for much: streams that inflate to GiBs, tables that count to millions, texts without end.
import { createHash } from 'node:crypto';
import { utimesSync, writeFileSync } from 'node:fs';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { adler32 } from '../../src/container/ewf/adler32.js';
import type { ErrorCode } from '../../src/errors.js';
import { dmgImage, KIND } from '../container/dmg-writer.js';
import { descriptorXml } from '../container/parallels-writer.js';
import { qcow2Image } from '../container/qcow2-header.js';
import { logEntry, logOf, SOME_GUID, vhdxImage } from '../container/vhdx-image.js';
import { descriptor, streamExtent } from '../container/vmdk-writer.js';

const [KIB, MIB, GIB] = [2 ** 10, 2 ** 20, 2 ** 30];

export interface Bomb {
  readonly name: string;
  /** The name of its file, which tells some formats. */
  readonly file: string;
  /** What `virt-df` or `virt-df chain` says of it; none: it is read. */
  readonly codes: readonly ErrorCode[];
  /** Default: `auto`. */
  readonly format?: string;
  /** Of the CPU, in milliseconds; default: 5000. */
  readonly maxCpuMs?: number;
  /** Whether reading all of its disk meets the end of the budget. */
  readonly isEndless?: boolean;
  make(): Uint8Array | string;
}

/** Deflated, it has 64 KiB; each of its 64 KiB is as good as one of a stream that goes on for GiBs. */
const zeros = (): Buffer => Buffer.alloc(64 * MIB);

/** A cluster of a qcow2 that is a stream in its first sectors behind the tables. */
function qcow2Bomb(stream: Uint8Array, clusterBits: number, entryCount: number, type: number) {
  const clusterBytes = 2 ** clusterBits;
  const sectors = Math.min(Math.ceil(stream.length / 512), 2 ** (clusterBits - 8));
  const bits = BigInt(62 - (clusterBits - 8));
  const entry = 2n ** 62n + (BigInt(sectors - 1) << bits) + BigInt(3 * clusterBytes);
  return qcow2Image({
    clusterBits,
    sizeBytes: BigInt(entryCount) * BigInt(clusterBytes),
    entries: new Array<bigint>(entryCount).fill(entry),
    clusters: stream,
    ...(type === 0 ? {} : { incompatible: 8n, compressionType: type }),
  });
}

/** A frame of runs: four bytes make 128 KiB of zeros. `head` follows the magic number. */
function zstdFrame(head: readonly number[], contentBytes: number): Buffer {
  const count = Math.ceil(contentBytes / (128 * KIB));
  const blocks = Buffer.alloc(4 * count);
  for (let i = 0; i < count; i++) {
    const isLast = i === count - 1 ? 1 : 0;
    blocks.writeUInt32LE(128 * KIB * 8 + 2 + isLast, i * 4); // The fourth byte is the one that is repeated.
  }
  return Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.from(head), blocks]);
}

/** One segment whose size is said in eight bytes. */
function sizedFrame(statedBytes: bigint, contentBytes: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(statedBytes);
  return zstdFrame([0xe0, ...size], contentBytes);
}

function cloopImage(stream: Uint8Array, blockBytes: number, blockCount: number): Buffer {
  const head = Buffer.alloc(136 + 8 * (blockCount + 1));
  head.write(
    '#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n',
  );
  head.writeUInt32BE(blockBytes, 128);
  head.writeUInt32BE(blockCount, 132);
  for (let i = 0; i <= blockCount; i++) {
    head.writeBigUInt64BE(BigInt(head.length + i * stream.length), 136 + 8 * i);
  }
  return Buffer.concat([head, ...new Array<Uint8Array>(blockCount).fill(stream)]);
}

function dmgOfChunks(count: number, sectors: number, kind: number, stream: Uint8Array): Buffer {
  const chunks = Array.from({ length: count }, (_, i) => {
    return { kind, sector: i * sectors, sectors, stream };
  });
  const last = { kind: KIND.last, sector: count * sectors, sectors: 0 };
  const partitions = [{ sector: 0, chunks: [...chunks, last] }];
  return dmgImage({ sectors: count * sectors, partitions });
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** Seven bits each. */
function integer(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value % 128n) + 128, ...integer(value / 128n)];
}

function fourfold(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** A stream of xz around these blocks, with an index that says so many times the same. */
function xzStream(blocks: Uint8Array, unpadded: bigint, content: bigint, count: number): Buffer {
  const flags = Buffer.from([0, 0]);
  const record = Buffer.from([...integer(unpadded), ...integer(content)]);
  const records = new Array<Uint8Array>(count).fill(record);
  const index = fourfold(Buffer.concat([Buffer.from([0, ...integer(BigInt(count))]), ...records]));
  const backward = Buffer.concat([u32(index.length / 4), flags]);
  const head = [Buffer.from('fd377a585a00', 'hex'), flags, u32(crc32(flags))];
  const tail = [index, u32(crc32(index)), u32(crc32(backward)), backward, Buffer.from('YZ')];
  return Buffer.concat([...head, blocks, ...tail]);
}

/** A block that says that it needs a dictionary of 2 to the (12 + code / 2) bytes. */
function xzBlock(dictionaryCode: number): Buffer {
  const header = Buffer.from([2, 0, 0x21, 1, dictionaryCode, 0, 0, 0]);
  return Buffer.concat([
    header,
    u32(crc32(header)),
    Buffer.from([1, 0, 9]),
    Buffer.alloc(10),
    Buffer.alloc(1),
  ]);
}

/** A member of BGZF that says that it holds so many bytes. */
function bgzfMember(content: Uint8Array, isize = content.length): Buffer {
  const stream = deflateRawSync(content);
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 0, 0]);
  head.writeUInt16LE(head.length + stream.length + 8 - 1, 16);
  return Buffer.concat([head, stream, u32(crc32(content)), u32(isize)]);
}

function nested(content: Uint8Array, depth: number): Uint8Array {
  return depth === 0 ? content : nested(gzipSync(content), depth - 1);
}

function ewfSection(kind: string, at: number, body: Uint8Array, isLast = false): Buffer {
  const head = Buffer.alloc(76);
  head.write(kind, 'latin1');
  head.writeBigUInt64LE(BigInt(isLast ? at : at + 76 + body.length), 16);
  head.writeBigUInt64LE(BigInt(76 + body.length), 24);
  head.writeUInt32LE(adler32(head.subarray(0, 72)), 72);
  return Buffer.concat([head, body]);
}

function adlered(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, u32(adler32(bytes))]);
}

/** A disk of so many chunks of 32 KiB, or what is said to be their size, that are all one stream. */
function ewfBomb(stream: Uint8Array, sectorsPerChunk: number, chunkCount: number): Buffer {
  const volume = Buffer.alloc(1048);
  volume.writeUInt32LE(1, 0);
  volume.writeUInt32LE(chunkCount, 4);
  volume.writeUInt32LE(sectorsPerChunk, 8);
  volume.writeUInt32LE(512, 12);
  volume.writeBigUInt64LE(BigInt(sectorsPerChunk) * BigInt(chunkCount), 16);
  const parts: Buffer[] = [Buffer.from('455646090d0aff000101000000', 'hex')];
  let at = 13;
  const add = (section: Buffer): void => {
    parts.push(section);
    at += section.length;
  };
  add(ewfSection('volume', at, adlered(volume)));
  const streamAt = at + 76;
  add(ewfSection('sectors', at, stream));
  const head = Buffer.alloc(20);
  head.writeUInt32LE(chunkCount, 0);
  const entries = Buffer.concat(new Array<Buffer>(chunkCount).fill(u32(2 ** 31 + streamAt)));
  add(ewfSection('table', at, Buffer.concat([adlered(head), adlered(entries)])));
  add(ewfSection('done', at, Buffer.alloc(0), true));
  return Buffer.concat(parts);
}

function tarEntry(name: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(name, 0, 100);
  bytes.write('0000644\0', 100);
  bytes.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
  bytes.write('0ustar\x0000'.slice(1), 257, 'latin1');
  bytes.write('0', 156);
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([bytes, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

const ovaOf = (text: string): Buffer =>
  Buffer.concat([tarEntry('machine.ovf', Buffer.from(text)), Buffer.alloc(1024)]);

/** A header of LUKS2 whose text is this; the second copy is missing. */
function luks2Of(text: string): Buffer {
  const area = 4 * MIB;
  const bytes = Buffer.alloc(2 * area);
  bytes.write('4c554b53babe0002', 'hex');
  bytes.writeBigUInt64BE(BigInt(area), 8);
  bytes.writeBigUInt64BE(1n, 16);
  bytes.write('sha256', 72);
  bytes.write('5a5a5a5a-0000-4000-8000-000000000001', 168);
  bytes.write(text, 4096, 'latin1');
  createHash('sha256').update(bytes.subarray(0, area)).digest().copy(bytes, 448);
  return bytes;
}

/** L1 entries of qcow, each of which is at another place: the tables there lie over each other. */
function qcowOfOverlaps(): Buffer {
  const [count, l2Bytes] = [65_536, 32_768];
  const bytes = Buffer.alloc(MIB);
  bytes.write('QFI\xfb', 'latin1');
  bytes.writeUInt32BE(1, 4);
  bytes.writeBigUInt64BE(BigInt(count) * 4096n * 512n, 24);
  bytes[32] = 9;
  bytes[33] = 12;
  bytes.writeBigUInt64BE(48n, 40);
  for (let i = 0; i < count; i++) {
    bytes.writeBigUInt64BE(BigInt(bytes.length - l2Bytes - (i % 400_000)), 48 + i * 8);
  }
  return bytes;
}

function vhdxLogBomb(): Buffer {
  const writes = Array.from({ length: 31_000 }, (_, i) => {
    return { offsetBytes: 5 * MIB + (i % 1000) * 4096, content: 4096 * (1 + (i % 7)) };
  });
  const fields = {
    sequenceNumber: 1,
    tailBytes: 0,
    fileBytes: 4 * MIB,
    lastFileBytes: 16 * MIB,
    writes,
  };
  return vhdxImage({ logGuid: SOME_GUID, log: logOf([[0, logEntry(fields)]]) });
}

export const bombs: readonly Bomb[] = [
  {
    name: 'qcow2, a cluster that inflates to more',
    file: 'disk.qcow2',
    codes: ['INVALID'],
    make: () => qcow2Bomb(deflateRawSync(zeros()), 16, 8, 0),
  },
  {
    name: 'qcow2, 256 GiB of one compressed cluster of 2 MiB',
    file: 'disk.qcow2',
    codes: [],
    isEndless: true,
    make: () => qcow2Bomb(deflateRawSync(Buffer.alloc(2 * MIB)), 21, 131_072, 0),
  },
  {
    name: 'qcow2, zstd with a window of 2 GiB',
    file: 'disk.qcow2',
    codes: ['LIMIT'],
    make: () => qcow2Bomb(zstdFrame([0, 21 * 8], 2 * GIB), 16, 8, 1),
  },
  {
    name: 'qcow2, zstd that says it holds 2^62 bytes',
    file: 'disk.qcow2',
    codes: ['INVALID'],
    make: () => qcow2Bomb(sizedFrame(2n ** 62n, 2 * MIB), 16, 8, 1),
  },
  {
    name: 'qcow, L2 tables that lie over each other',
    file: 'disk.qcow',
    codes: ['INVALID'],
    // The map is as large as the budget lets it be: 2^28 clusters are looked at.
    maxCpuMs: 15_000,
    make: qcowOfOverlaps,
  },
  {
    name: 'vmdk, grains that inflate to 64 MiB',
    file: 'disk.vmdk',
    codes: ['INVALID'],
    make() {
      const bomb = deflateSync(zeros());
      const extents = ['RW 8192 SPARSE "disk.vmdk"'];
      const text = descriptor({ type: 'streamOptimized', extents });
      const options = { descriptor: text, compress: () => bomb, has: () => true };
      return streamExtent(Buffer.alloc(4 * MIB), options);
    },
  },
  {
    name: 'vmdk, a descriptor of 10^6 lines',
    file: 'disk.vmdk',
    format: 'vmdk',
    codes: ['LIMIT'],
    make: () => descriptor({ type: 'custom', extents: ['RW 1 ZERO\n'.repeat(1_000_000)] }),
  },
  {
    name: 'vmdk, a descriptor of 80,000 lines',
    file: 'disk.vmdk',
    codes: ['LIMIT'],
    make: () => descriptor({ type: 'custom', extents: ['RW 1 ZERO\n'.repeat(80_000)] }),
  },
  {
    name: 'dmg, a chunk of 2 GiB',
    file: 'disk.dmg',
    codes: ['OUT_OF_BOUNDS'],
    make: () => dmgOfChunks(1, (2 * GIB) / 512, KIND.zlib, deflateSync(zeros())),
  },
  {
    name: 'dmg, a chunk of 64 MiB in bzip2, which takes long',
    file: 'disk.dmg',
    codes: ['LIMIT'],
    make: () => dmgOfChunks(2, (64 * MIB) / 512, KIND.bzip2, Buffer.from('BZh9')),
  },
  {
    name: 'dmg, a chunk that inflates to more',
    file: 'disk.dmg',
    codes: ['INVALID'],
    make: () => dmgOfChunks(4, 128, KIND.zlib, deflateSync(zeros())),
  },
  {
    name: 'dmg, 100 chunks of 64 MiB',
    file: 'disk.dmg',
    codes: [],
    isEndless: true,
    make: () => dmgOfChunks(100, (64 * MIB) / 512, KIND.zlib, deflateSync(zeros())),
  },
  {
    name: 'xz, a dictionary of 1 GiB',
    file: 'disk.xz',
    codes: ['LIMIT'],
    make() {
      const block = xzBlock(36);
      return xzStream(fourfold(block), BigInt(block.length), 10n, 1);
    },
  },
  {
    name: 'xz, an index of 10^6 blocks of 2^63 bytes',
    file: 'disk.xz',
    codes: ['OUT_OF_BOUNDS'],
    make: () => xzStream(Buffer.alloc(64), 5n, 2n ** 62n, 1_000_000),
  },
  {
    name: 'xz, an index of 10^6 blocks that are not there',
    file: 'disk.xz',
    codes: ['INVALID'],
    make: () => xzStream(Buffer.alloc(64), 12n, 64n, 1_000_000),
  },
  {
    name: 'gzip, members of BGZF that lie',
    file: 'disk.gz',
    codes: ['INVALID'],
    make: () => Buffer.concat(new Array<Buffer>(9).fill(bgzfMember(Buffer.alloc(9), 65_536))),
  },
  {
    name: 'gzip, more than 2^20 members',
    file: 'disk.gz',
    codes: ['LIMIT'],
    // Nothing but a walk finds the members: a disk of 64 GiB has as many.
    maxCpuMs: 20_000,
    make: () => Buffer.concat(new Array<Buffer>(2 ** 20 + 1).fill(bgzfMember(Buffer.alloc(1)))),
  },
  {
    name: 'gzip in gzip in gzip, and so on',
    file: 'disk.gz',
    codes: ['LIMIT'],
    make: () => nested(Buffer.alloc(60 * MIB), 6),
  },
  {
    name: 'gzip of 60 MiB, four times',
    file: 'disk.gz',
    codes: [],
    make: () => nested(Buffer.alloc(60 * MIB), 4),
  },
  {
    name: 'gzip of GiBs',
    file: 'disk.gz',
    codes: ['UNKNOWN_FILESYSTEM'],
    // One GiB is decompressed to find the end, and all of it to read all of it.
    maxCpuMs: 20_000,
    make: () => Buffer.concat(new Array<Buffer>(32).fill(gzipSync(zeros()))),
  },
  {
    name: 'zstd, a frame of 2 GiB',
    file: 'disk.zst',
    codes: ['INVALID'],
    make: () => zstdFrame([0, 21 * 8], 2 * GIB),
  },
  {
    name: 'zstd, 100 frames of 64 MiB',
    file: 'disk.zst',
    codes: [],
    isEndless: true,
    make() {
      const frame = sizedFrame(BigInt(64 * MIB), 64 * MIB);
      return Buffer.concat(new Array<Buffer>(100).fill(frame));
    },
  },
  {
    name: 'ewf, chunks that inflate to more',
    file: 'disk.E01',
    codes: ['INVALID'],
    make: () => ewfBomb(deflateSync(zeros()), 64, 64),
  },
  {
    name: 'ewf, 10,000 chunks of 32 MiB that are one',
    file: 'disk.E01',
    codes: [],
    isEndless: true,
    make: () => ewfBomb(deflateSync(Buffer.alloc(32 * MIB)), 65_536, 10_000),
  },
  {
    name: 'cloop, 100 blocks of 64 MiB',
    file: 'disk.cloop',
    codes: [],
    isEndless: true,
    make: () => cloopImage(deflateSync(zeros()), 64 * MIB, 100),
  },
  {
    name: 'cloop, blocks that inflate to more',
    file: 'disk.cloop',
    codes: ['INVALID'],
    make: () => cloopImage(deflateSync(zeros()), 64 * KIB, 9),
  },
  {
    name: 'ova, more files than any archive has',
    file: 'machine.ova',
    codes: ['LIMIT'],
    make() {
      const entry = tarEntry('a', Buffer.alloc(0));
      return Buffer.concat(new Array<Buffer>(110_000).fill(entry));
    },
  },
  {
    name: 'ova, a descriptor of 16 MiB',
    file: 'machine.ova',
    codes: ['LIMIT'],
    make: () => ovaOf(`<Envelope>${' '.repeat(16 * MIB)}</Envelope>`),
  },
  {
    name: 'ova, a descriptor that is nested a million deep',
    file: 'machine.ova',
    codes: ['LIMIT'],
    make: () => ovaOf('<a>'.repeat(1_000_000)),
  },
  {
    name: 'ova, a descriptor of a million attributes',
    file: 'machine.ova',
    codes: ['LIMIT'],
    make: () => ovaOf(`<Envelope ${' a="b"'.repeat(600_000)}></Envelope>`),
  },
  {
    name: 'luks, a text that is nested a million deep',
    file: 'disk.luks',
    format: 'luks',
    codes: ['LIMIT'],
    make: () => luks2Of('{"a":'.repeat(800_000)),
  },
  {
    name: 'luks, a text of 200,000 keys',
    file: 'disk.luks',
    format: 'luks',
    codes: ['INVALID'],
    make() {
      const keys = Array.from({ length: 200_000 }, (_, i) => `"${i}":{}`).join();
      return luks2Of(`{"keyslots":{${keys}},"segments":{},"digests":{},"config":{},"tokens":{}}`);
    },
  },
  {
    name: 'vhdx, a log of 31,000 writes over each other',
    file: 'disk.vhdx',
    codes: [],
    make: vhdxLogBomb,
  },
  {
    name: 'parallels, a descriptor of 16 MiB',
    file: 'DiskDescriptor.xml',
    codes: ['LIMIT'],
    make: () => descriptorXml({ size: 1, storages: [], parameters: ' '.repeat(16 * MIB) }),
  },
  {
    name: 'parallels, a descriptor that is nested deep',
    file: 'DiskDescriptor.xml',
    codes: ['LIMIT'],
    make: () => descriptorXml({ size: 1, storages: [], parameters: '<a>'.repeat(300_000) }),
  },
  {
    name: 'parallels, a billion laughs',
    file: 'DiskDescriptor.xml',
    codes: ['INVALID'],
    make: () =>
      descriptorXml({
        size: 1,
        storages: [],
        parameters: '&a;',
        prolog: '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "&b;&b;"><!ENTITY b "ha">]>',
      }),
  },
];

/** The bomb as a file, written long ago: one that may be written to right now is read again after a failure. */
export function writeBomb(path: string, bomb: Bomb): void {
  writeFileSync(path, bomb.make());
  utimesSync(path, 1e9, 1e9);
}
