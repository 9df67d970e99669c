// QED: content as qemu-img converts it, leaks as qemu-img check counts them, and what tests/qemu-iotests/116 pokes.
import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { random } from '../random.js';
import { inWorkshop, noQemu } from './images.js';
import {
  assertCodes,
  type Poke,
  poke,
  qemuCheck,
  wholeDisk,
  wholeMap,
  withOpened,
  writes,
} from './qcow-tools.js';

const SIZE = 6 * 1024 * 1024 + 512;

const CREATE = [
  [4096, 'cluster_size=4k,table_size=2'],
  [65536, 'cluster_size=64k'],
  [1048576, 'cluster_size=1M,table_size=16'],
] as const;

for (const [clusterBytes, create] of CREATE) {
  test(`qed: ${create}: content and leaks are QEMU's`, { skip: noQemu }, () =>
    inWorkshop(async (shop) => {
      const next = random(create);
      await shop.img('create', '-q', '-f', 'raw', 'base', '3M');
      await shop.io('base', ...writes(next, 3 * 1024 * 1024, 20));
      for (const backing of ['', ',backing_file=base,backing_fmt=raw']) {
        await shop.img('create', '-q', '-f', 'qed', '-o', create + backing, 'disk', String(SIZE));
        await shop.io('disk', ...writes(next, SIZE, 20), 'write -z 1M 2M', 'write -P 1 2M 9k');
        const truth = await shop.truth('disk');
        const path = shop.path('disk');
        await withOpened(path, {}, async (disk) => {
          assert.deepEqual([disk.layer.format, disk.layer.features], ['qed', []]);
          assert.equal(disk.layer.backing?.format, backing === '' ? undefined : 'raw');
          assert.equal(Buffer.compare(await wholeDisk(disk), truth), 0);
          const hasZeros = (await wholeMap(disk)).some(({ kind }) => kind === 'zero');
          assert.equal(hasZeros, clusterBytes < 1048576);
          const { leakedClusterCount, watermarkBytes } = (await disk.layer.inspect?.()) ?? {};
          assert.equal(leakedClusterCount, (await qemuCheck(path, 'qed')).leaks);
          assert.equal(watermarkBytes, (await readFile(path)).length);
        });
        const before = (await qemuCheck(path, 'qed')).leaks;
        await appendFile(path, Buffer.alloc(2 * clusterBytes, 1));
        await withOpened(path, {}, async ({ layer }) => {
          const { leakedClusterCount } = (await layer.inspect?.()) ?? {};
          assert.equal(leakedClusterCount, before + 2);
          assert.equal(leakedClusterCount, (await qemuCheck(path, 'qed')).leaks);
        });
      }
    }),
  );
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

test('qed: what is wrong in the header or a table is an error with a code', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const path = shop.path('disk');
    await shop.img('create', '-q', '-f', 'raw', 'base', '1M');
    const options = 'backing_file=base,backing_fmt=raw';
    await shop.img('create', '-q', '-f', 'qed', '-o', options, 'disk', '1M');
    await shop.io('disk', 'write -P 5 0 1M');
    const sound = await readFile(path);
    const l1 = Number(sound.readBigUInt64LE(40));
    const l2 = Number(sound.readBigUInt64LE(l1));
    const pokes: readonly Poke[] = [
      ['read', 16, u64(7)],
      ['UNSUPPORTED_FEATURE', 16, u64(15)],
      ['UNSUPPORTED_FEATURE', 16, u64(2n ** 63n)],
      ['INVALID', 4, u32(4097)],
      ['OUT_OF_BOUNDS', 4, u32(0)],
      ['OUT_OF_BOUNDS', 4, u32(512)],
      ['OUT_OF_BOUNDS', 4, u32(2 ** 31)],
      ['OUT_OF_BOUNDS', 8, u32(0)],
      ['INVALID', 8, u32(3)],
      ['OUT_OF_BOUNDS', 8, u32(32)],
      ['OUT_OF_BOUNDS', 8, u32(0xffffffff)],
      ['OUT_OF_BOUNDS', 12, u32(0)],
      ['OUT_OF_BOUNDS', 12, u32(0xffffffff)],
      ['OUT_OF_BOUNDS', 12, u32(9)],
      ['OUT_OF_BOUNDS', 40, u64(0)],
      ['INVALID', 40, u64(l1 + 512)],
      ['OUT_OF_BOUNDS', 40, u64(2n ** 63n)],
      ['INVALID', 48, u64(1024 * 1024 + 1)],
      ['OUT_OF_BOUNDS', 48, u64(2n ** 63n)],
      ['OUT_OF_BOUNDS', 48, u64(2n ** 64n - 512n)],
      ['OUT_OF_BOUNDS', 56, u32(0xffffffff)],
      ['OUT_OF_BOUNDS', 60, u32(0xffffffff)],
      ['OUT_OF_BOUNDS', 60, u32(1024)],
      ['OUT_OF_BOUNDS', l1, u64(2n ** 63n)],
      ['OUT_OF_BOUNDS', l1, u64(1)],
      ['INVALID', l1, u64(l2 + 512)],
      ['OUT_OF_BOUNDS', l2, u64(2n ** 63n)],
      ['OUT_OF_BOUNDS', l2, u64(2)],
      ['INVALID', l2, u64(l2 + 512)],
      ['read', l2, u64(1)],
      ['read', l1, u64(l1)],
      ['BAD_MAGIC', 0, Buffer.from('QEX')],
    ];
    await assertCodes(path, 'qed', sound, pokes);
    await writeFile(path, sound);
    await poke(path, 16, u64(7));
    await withOpened(path, {}, ({ layer }) => assert.deepEqual(layer.features, ['need-check']));
    // Without the bit that says raw, QEMU probes; here it is raw all the same.
    await poke(path, 16, u64(1));
    await withOpened(path, {}, ({ layer }) => assert.equal(layer.backing?.format, 'raw'));
  }),
);

test('qed: bytes changed at random give errors with codes, or content', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const path = shop.path('disk');
    await shop.img(
      'create',
      '-q',
      '-f',
      'qed',
      '-o',
      'cluster_size=4k,table_size=2',
      'disk',
      '512k',
    );
    await shop.io('disk', 'write -P 5 0 100k', 'write -P 6 300k 7k');
    const sound = await readFile(path);
    const next = random('qed mutations');
    for (let i = 0; i < 300; i++) {
      const image = Buffer.from(sound);
      for (let count = 1 + next(3); count > 0; count--) {
        const start = [0, 4096, 8192, next(image.length)][next(4)] ?? 0;
        image[Math.min(start + next(64), image.length - 1)] = next(256);
      }
      await writeFile(path, image.subarray(0, i % 9 === 0 ? next(image.length) : image.length));
      const read = withOpened(path, { format: 'qed' }, async (disk) => {
        await disk.content.read(0, Math.min(65536, disk.content.sizeBytes));
        await disk.layer.inspect?.();
      });
      await read.catch((error: unknown) => assert.ok(error instanceof VirtDfError, String(error)));
    }
  }),
);
