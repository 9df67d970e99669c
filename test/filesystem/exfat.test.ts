// exFAT against what no mkfs.exfat writes: chains in a ring, bitmaps in pieces or beyond the volume, fields out of bounds.
// What the kernel says of those that mkfs.exfat does write is in images/exfat*.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { FormatError } from '../../src/errors.js';
import { bootChecksum } from '../../src/filesystem/exfat/checksum.js';
import { exfat } from '../../src/filesystem/exfat.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';
import { recognises } from './recognises.js';

const SECTOR = 512;
const [FAT_SECTOR, FAT_SECTORS, DATA_SECTOR, CLUSTERS, ROOT] = [0x50, 0x54, 0x58, 0x5c, 0x60];
const [LOG_SECTOR, LOG_CLUSTER, FATS, PERCENT] = [0x6c, 0x6d, 0x6e, 0x70];
const FIRST = 2;

/** Clusters of one sector, so that the bitmap has several. */
async function recorded(): Promise<Buffer> {
  const scope = openScope({ deadlineMs: null });
  try {
    const path = resolve('images/exfat-odd-size.qcow2');
    const { content } = await openDisk(path, { format: 'auto', scope });
    return Buffer.from(await content.read(0, content.sizeBytes));
  } finally {
    await scope.close();
  }
}

/** With the boot region's checksum made right again. */
function sealed(bytes: Buffer): Buffer {
  const sum = bootChecksum(bytes.subarray(0, 11 * SECTOR));
  for (let at = 11 * SECTOR; at < 12 * SECTOR; at += 4) bytes.writeUInt32LE(sum, at);
  return bytes;
}

function places(bytes: Buffer) {
  const table = bytes.readUInt32LE(FAT_SECTOR) * SECTOR;
  const data = bytes.readUInt32LE(DATA_SECTOR) * SECTOR;
  const cluster = (number: number) => data + (number - FIRST) * SECTOR;
  const root = bytes.readUInt32LE(ROOT);
  const directory = bytes.subarray(cluster(root), cluster(root) + SECTOR);
  const bitmapEntry =
    cluster(root) + [...Array(16).keys()].findIndex((i) => directory[i * 32] === 0x81) * 32;
  return { table, cluster, root, bitmapEntry, bitmap: bytes.readUInt32LE(bitmapEntry + 20) };
}

async function usageOf(bytes: Uint8Array) {
  const source = memorySource(bytes);
  assert.equal(await recognises(exfat, source), true);
  return (await exfat.open(source)).usage('guest');
}

async function refused(bytes: Uint8Array, code: string, words: RegExp): Promise<void> {
  await assert.rejects(usageOf(bytes), (error) => {
    assert.ok(error instanceof FormatError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

test('the fields of the boot sector are within their bounds', async () => {
  const original = await recorded();
  const cases: readonly (readonly [number, number, number, string])[] = [
    [LOG_SECTOR, 1, 8, 'OUT_OF_BOUNDS'],
    [LOG_SECTOR, 1, 32, 'OUT_OF_BOUNDS'],
    [LOG_CLUSTER, 1, 17, 'OUT_OF_BOUNDS'],
    [LOG_CLUSTER, 1, 255, 'OUT_OF_BOUNDS'],
    [FATS, 1, 0, 'OUT_OF_BOUNDS'],
    [FATS, 1, 3, 'OUT_OF_BOUNDS'],
    [FAT_SECTOR, 4, 0xffffffff, 'OUT_OF_BOUNDS'],
    [FAT_SECTORS, 4, 1, 'INVALID'],
    [DATA_SECTOR, 4, 12, 'INVALID'],
    [CLUSTERS, 4, 0, 'OUT_OF_BOUNDS'],
    [CLUSTERS, 4, 0xfffffff0, 'INVALID'],
    [ROOT, 4, 1, 'OUT_OF_BOUNDS'],
    [ROOT, 4, 0xffffffff, 'OUT_OF_BOUNDS'],
    [0x40 - 1, 1, 7, 'INVALID'],
    [0x48, 6, 2 ** 45, 'OUT_OF_BOUNDS'],
  ];
  for (const [at, length, value, code] of cases) {
    const bytes = Buffer.from(original);
    bytes.writeUIntLE(value, at, length);
    await refused(sealed(bytes), code, /^exfat: /u);
  }
});

test('the boot region must have its checksum, without what changes while it is mounted', async () => {
  const bytes = await recorded();
  const usage = await usageOf(bytes);
  bytes[PERCENT] = 77;
  assert.deepEqual(await usageOf(bytes), usage);
  bytes[0x64] = 1 + (bytes[0x64] ?? 0);
  await refused(bytes, 'BAD_CHECKSUM', /checksum/u);
  await refused((await recorded()).subarray(0, 5 * SECTOR), 'TRUNCATED', /cut off/u);
});

test('a bitmap in pieces is the same bitmap, though Linux takes its clusters to be side by side', async () => {
  const bytes = await recorded();
  const usage = await usageOf(bytes);
  const { table, cluster, bitmap } = places(bytes);
  assert.equal(
    bytes.readUInt32LE(table + 4 * bitmap),
    bitmap + 1,
    'the bitmap has two clusters or more',
  );
  // The second cluster moves to the end of the volume, and the first one is cut off from what was its second.
  const last = bytes.readUInt32LE(CLUSTERS) + FIRST - 1;
  bytes.copy(bytes, cluster(last), cluster(bitmap + 1), cluster(bitmap + 2));
  bytes.fill(0xff, cluster(bitmap + 1), cluster(bitmap + 2));
  bytes.writeUInt32LE(bytes.readUInt32LE(table + 4 * (bitmap + 1)), table + 4 * last);
  bytes.writeUInt32LE(last, table + 4 * bitmap);
  const { doubts, ...found } = await usageOf(bytes);
  assert.deepEqual({ ...found, doubts: [] }, { ...usage, basis: 'estimate' });
  assert.deepEqual(
    doubts.map(({ code }) => code),
    ['UNSUPPORTED_FEATURE'],
  );
});

test('chains that go in a ring, end early, or leave the volume are refused', async () => {
  const original = await recorded();
  const { table, root, bitmap, bitmapEntry, cluster } = places(original);
  const changed = (change: (copy: Buffer) => void) => {
    const copy = Buffer.from(original);
    change(copy);
    return copy;
  };
  const link = (from: number, to: number) =>
    changed((copy) => copy.writeUInt32LE(to, table + 4 * from));
  await refused(link(bitmap, bitmap), 'LOOP', /comes to cluster/u);
  await refused(link(bitmap, 0xffffffff), 'TRUNCATED', /chain ends/u);
  await refused(link(bitmap, 0xfffffff0), 'OUT_OF_BOUNDS', /comes to cluster/u);
  const emptied = link(root, root);
  for (let at = 0; at < SECTOR; at += 32) emptied[cluster(root) + at] = 0x05;
  await refused(emptied, 'LOOP', /comes to cluster/u);
  await refused(
    changed((copy) => copy.writeUInt8(0, cluster(root))),
    'INVALID',
    /no allocation bitmap/u,
  );
  await refused(
    changed((copy) => copy.writeBigUInt64LE(1n, bitmapEntry + 24)),
    'OUT_OF_BOUNDS',
    /bytes of the bitmap/u,
  );
  await refused(
    changed((copy) => copy.writeBigUInt64LE(2n ** 64n - 1n, bitmapEntry + 24)),
    'OUT_OF_BOUNDS',
    /bytes of the bitmap/u,
  );
  await refused(
    changed((copy) => copy.writeUInt32LE(0xffffffff, bitmapEntry + 20)),
    'OUT_OF_BOUNDS',
    /first cluster of the bitmap/u,
  );
});
