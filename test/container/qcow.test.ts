// qcow (version 1): content as qemu-img converts it, and what QEMU's tests/qemu-iotests/092 pokes into its header
// (CVE-2014-0222, CVE-2014-0223).
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { random } from '../random.js';
import { inWorkshop, noQemu, type Workshop } from './images.js';
import {
  assertCodes,
  type Poke,
  u64,
  wholeDisk,
  wholeMap,
  withOpened,
  writes,
} from './qcow-tools.js';

const SIZE = 5 * 1024 * 1024 + 512;

/** qemu-img 7.2 writes all of it, and then ends with 1 without a word; `compare` tells whether it did. */
async function compress(shop: Workshop): Promise<void> {
  const convert = ['convert', '-c', '-f', 'raw', '-O', 'qcow', 'plain', 'disk'];
  await shop.img(...convert).catch(() => undefined);
  await shop.img('compare', '-q', '-f', 'raw', '-F', 'qcow', 'plain', 'disk');
}

test('qcow: plain, over a raw image that is shorter, compressed', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const next = random('qcow');
    const same = async (what: string): Promise<void> => {
      const truth = await shop.truth('disk');
      await withOpened(shop.path('disk'), {}, async (disk) => {
        const { format, version, capacityBytes, features } = disk.layer;
        assert.deepEqual([format, version, features, capacityBytes], ['qcow', '1', [], SIZE]);
        assert.equal(Buffer.compare(await wholeDisk(disk), truth), 0, what);
        for (let i = 0; i < 200; i++) {
          const length = 1 + next(20_000);
          const offset = next(SIZE - length);
          const piece = await disk.content.read(offset, length);
          assert.equal(Buffer.compare(piece, truth.subarray(offset, offset + length)), 0, what);
        }
        const extents = await wholeMap(disk);
        assert.equal(
          extents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
          SIZE,
        );
        const { watermarkBytes } = (await disk.layer.inspect?.()) ?? {};
        const { length } = await readFile(shop.path('disk'));
        assert.equal(watermarkBytes, Math.ceil(length / 4096) * 4096, what);
      });
    };
    await shop.img('create', '-q', '-f', 'qcow', 'disk', String(SIZE));
    await shop.io('disk', ...writes(next, SIZE, 20));
    await same('plain');
    await shop.img('create', '-q', '-f', 'raw', 'base', '3M');
    await shop.io('base', ...writes(next, 3 * 1024 * 1024, 20));
    const backing = 'backing_file=base,backing_fmt=raw';
    await shop.img('create', '-q', '-f', 'qcow', '-o', backing, 'disk', String(SIZE));
    const truth = async (): Promise<void> => {
      // The image has no format of what it names: QEMU is told that it is raw, as it is taken here.
      const opts = 'driver=qcow,file.filename=disk,backing.driver=raw,backing.file.filename=base';
      await shop.img('convert', '--image-opts', opts, '-O', 'raw', 'truth');
      const expected = await readFile(shop.path('truth'));
      await withOpened(shop.path('disk'), {}, async (disk) => {
        assert.equal(Buffer.compare(await wholeDisk(disk), expected), 0, 'over a raw image');
        assert.equal(disk.layer.backing?.format, 'raw');
      });
    };
    await truth();
    await shop.img('create', '-q', '-f', 'raw', 'plain', String(SIZE));
    await shop.io('plain', ...writes(next, SIZE, 30));
    await compress(shop);
    const converted = await shop.truth('disk');
    await withOpened(shop.path('disk'), {}, async (disk) => {
      assert.equal(Buffer.compare(await wholeDisk(disk), converted), 0, 'compressed');
      assert.ok((await wholeMap(disk)).some(({ kind }) => kind === 'compressed'));
    });
  }),
);

const POKES: readonly Poke[] = [
  ['OUT_OF_BOUNDS', 32, Buffer.from([0])],
  ['OUT_OF_BOUNDS', 32, Buffer.from([8])],
  ['OUT_OF_BOUNDS', 32, Buffer.from([17])],
  ['OUT_OF_BOUNDS', 32, Buffer.from([0xff])],
  ['OUT_OF_BOUNDS', 33, Buffer.from([0])],
  ['OUT_OF_BOUNDS', 33, Buffer.from([5])],
  ['OUT_OF_BOUNDS', 33, Buffer.from([14])],
  ['OUT_OF_BOUNDS', 33, Buffer.from([0xff])],
  ['OUT_OF_BOUNDS', 24, u64(0xee00000000000000n)],
  ['OUT_OF_BOUNDS', 24, u64(0x7fffffffffffffffn)],
  ['OUT_OF_BOUNDS', 24, u64(2n ** 52n)],
  ['OUT_OF_BOUNDS', 24, u64(2n ** 40n)],
  ['OUT_OF_BOUNDS', 24, u64(0)],
  ['OUT_OF_BOUNDS', 24, u64(1)],
  ['OUT_OF_BOUNDS', 16, Buffer.from('ffffffff', 'hex')],
  ['OUT_OF_BOUNDS', 16, Buffer.from('7fffffff', 'hex')],
  ['OUT_OF_BOUNDS', 16, Buffer.from('00000400', 'hex')],
  ['OUT_OF_BOUNDS', 8, u64(2n ** 60n)],
  ['OUT_OF_BOUNDS', 36, Buffer.from('00000002', 'hex')],
  ['ENCRYPTED', 36, Buffer.from('00000001', 'hex')],
  ['OUT_OF_BOUNDS', 40, u64(2n ** 63n)],
  ['OUT_OF_BOUNDS', 40, u64(2n ** 30n)],
  ['UNSUPPORTED_FORMAT', 4, Buffer.from('00000002', 'hex')],
  ['BAD_MAGIC', 0, Buffer.from('QFJ')],
];

test('qcow: what is wrong in the header or a table is an error with a code', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const path = shop.path('disk');
    await shop.img('create', '-q', '-f', 'raw', 'base', '1M');
    const backing = 'backing_file=base,backing_fmt=raw';
    await shop.img('create', '-q', '-f', 'qcow', '-o', backing, 'disk', '1M');
    await shop.io('disk', 'write -P 5 0 1M');
    const sound = await readFile(path);
    const l1 = Number(sound.readBigUInt64BE(40));
    const l2 = Number(sound.readBigUInt64BE(l1));
    const tables: readonly Poke[] = [
      ['OUT_OF_BOUNDS', l1, u64(2n ** 63n)],
      ['TRUNCATED', l1, u64(sound.length - 8)],
      ['OUT_OF_BOUNDS', l2, u64(2n ** 62n)],
      ['TRUNCATED', l2, u64(sound.length)],
      ['OUT_OF_BOUNDS', l2, u64(2n ** 64n - 1n)],
      ['INVALID', l2, u64(2n ** 63n + 2n ** 60n)],
      ['read', l2, u64(3)],
      ['read', l1, u64(l1)],
    ];
    await assertCodes(path, 'qcow', sound, [...POKES, ...tables]);
  }),
);

test('qcow: bytes changed at random give errors with codes, or content', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const path = shop.path('disk');
    await shop.img('create', '-q', '-f', 'raw', 'plain', '512k');
    await shop.io('plain', 'write -P 5 0 100k', 'write -P 6 300k 7k');
    await compress(shop);
    const sound = await readFile(path);
    const next = random('qcow mutations');
    for (let i = 0; i < 300; i++) {
      const image = Buffer.from(sound);
      for (let count = 1 + next(3); count > 0; count--) {
        const start = [0, 0, 48, next(image.length)][next(4)] ?? 0;
        image[Math.min(start + next(48), image.length - 1)] = next(256);
      }
      await writeFile(path, image.subarray(0, i % 9 === 0 ? next(image.length) : image.length));
      const read = withOpened(path, { format: 'qcow' }, async (disk) => {
        await disk.content.read(0, Math.min(65536, disk.content.sizeBytes));
        await disk.layer.inspect?.();
      });
      await read.catch((error: unknown) => assert.ok(error instanceof VirtDfError, String(error)));
    }
  }),
);
