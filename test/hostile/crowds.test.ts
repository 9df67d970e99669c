// Very many of one thing, each of which is sound: what is read of them is bounded, and what is left out is said.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { scanImages } from '../../src/index.js';
import { diskFolder, put, run } from '../disks.js';
import { missing } from '../tools.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const SECTOR_BYTES = 512;
/** A df of a disk with as many filesystems as it shows. */
const MAX_READS = 2000;

const { folder, sparse } = diskFolder('crowds');

async function codesOf(path: string): Promise<readonly string[]> {
  const [report] = await scanImages([path]);
  assert.ok(report !== undefined && report.statistics.readCount < MAX_READS);
  return report.problems.map(({ code }) => code);
}

test('a thousand filesystems, one behind the other', {
  skip: missing({ mksquashfs: 'squashfs-tools' }),
}, async () => {
  const one = join(folder, 'one.squashfs');
  run('mksquashfs', 'docs/decisions', one, '-quiet', '-noappend');
  const content = readFileSync(one);
  const stepBytes = Math.ceil(content.length / (64 * KIB)) * 64 * KIB;
  const disk = sparse('thousand.img', 1000 * stepBytes);
  for (let count = 0; count < 1000; count++) put(disk, count * stepBytes, content);
  assert.deepEqual(await codesOf(disk), ['LIMIT']);
});

/** A GPT whose entries all have the same sectors; sgdisk makes none. */
function putGpt(disk: string, sizeBytes: number, count: number): void {
  const lastSector = sizeBytes / SECTOR_BYTES - 1;
  const entries = Buffer.alloc(count * 128);
  for (let index = 0; index < count; index++) {
    const entry = entries.subarray(index * 128);
    entry.set(Buffer.from('af3dc60f838472478e793d69d8477de4', 'hex'));
    entry.set(createHash('md5').update(String(index)).digest(), 16);
    entry.writeBigUInt64LE(8192n, 32);
    entry.writeBigUInt64LE(1048575n, 40);
  }
  const header = Buffer.alloc(92);
  header.write('EFI PART');
  header.writeUInt32LE(0x10000, 8);
  header.writeUInt32LE(header.length, 12);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(BigInt(lastSector), 32);
  header.writeBigUInt64LE(8192n, 40);
  header.writeBigUInt64LE(BigInt(lastSector - 4096), 48);
  header.writeBigUInt64LE(2n, 72);
  header.writeUInt32LE(count, 80);
  header.writeUInt32LE(128, 84);
  header.writeUInt32LE(crc32(entries), 88);
  header.writeUInt32LE(crc32(header), 16);
  const protective = Buffer.from('00000200eeffffff01000000ffffffff', 'hex');
  put(disk, 446, protective);
  put(disk, 510, Buffer.from('55aa', 'hex'));
  put(disk, SECTOR_BYTES, header);
  put(disk, 2 * SECTOR_BYTES, entries);
}

test('ten thousand partitions that overlap each other', async () => {
  const disk = sparse('gpt.img', GIB);
  putGpt(disk, GIB, 10_000);
  assert.deepEqual(await codesOf(disk), ['LIMIT', 'OVERLAP']);
});

test('a folder of a hundred thousand files', async () => {
  const many = join(folder, 'many');
  mkdirSync(many);
  for (let index = 0; index < 100_000; index++) writeFileSync(join(many, `file${index}`), '');
  assert.deepEqual(await codesOf(many), ['LIMIT']);
});
