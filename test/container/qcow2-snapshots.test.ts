// The disk as it was in an internal snapshot, byte for byte as `qemu-img convert -l` writes it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { random } from '../random.js';
import { inWorkshop, noQemu, type Workshop } from './images.js';
import { peek, poke, u64, wholeDisk, withOpened, writes } from './qcow-tools.js';

const MIB = 1024 * 1024;
const SIZE = 3 * MIB;

const LAYOUTS = [
  'cluster_size=512,compat=0.10',
  'cluster_size=4k',
  'cluster_size=64k,compat=0.10',
  'cluster_size=64k,refcount_bits=64',
  'cluster_size=64k,extended_l2=on',
  'cluster_size=2M',
];

/** Three snapshots with writes, zeros and discards between them; the name of the third is the id of the first. */
async function makeSnapshots(shop: Workshop, layout: string): Promise<void> {
  const next = random(layout);
  await shop.img('create', '-q', '-f', 'raw', 'base', String(SIZE));
  await shop.io('base', ...writes(next, SIZE));
  const backing = 'backing_file=base,backing_fmt=raw';
  await shop.img('create', '-q', '-f', 'qcow2', '-o', `${layout},${backing}`, 'disk', String(SIZE));
  for (const name of ['first', 'two words', '1']) {
    await shop.io('disk', ...writes(next, SIZE));
    await shop.img('snapshot', '-c', name, 'disk');
    await shop.io('disk', `write -z ${64 * 1024 * next(20)} 100k`, `discard ${next(9) * 4096} 1M`);
  }
}

test('a snapshot is read by its id or its name, ids first', { skip: noQemu }, async () => {
  for (const layout of LAYOUTS) {
    await inWorkshop(async (shop) => {
      await makeSnapshots(shop, layout);
      for (const [snapshot, qemu] of [
        ['1', '1'],
        ['2', '2'],
        ['3', '3'],
        ['first', 'first'],
        ['two words', 'two words'],
      ] as const) {
        await shop.img('convert', '-f', 'qcow2', '-l', qemu, '-O', 'raw', 'disk', 'truth');
        const truth = await readFile(shop.path('truth'));
        await withOpened(shop.path('disk'), { snapshot }, async (disk) => {
          const same = Buffer.compare(await wholeDisk(disk), truth) === 0;
          assert.ok(same, `${layout}: snapshot ${snapshot}`);
          assert.equal(disk.layer.capacityBytes, truth.length);
        });
      }
      const truth = await shop.truth('disk');
      await withOpened(shop.path('disk'), {}, async (disk) => {
        assert.equal(Buffer.compare(await wholeDisk(disk), truth), 0, `${layout}: active`);
      });
    });
  }
});

test('a snapshot has the size that the disk had', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    await shop.img('create', '-q', '-f', 'qcow2', 'disk', '2M');
    await shop.io('disk', 'write -P 5 0 2M');
    await shop.img('snapshot', '-c', 'small', 'disk');
    const before = await shop.truth('disk');
    await shop.img('resize', '-q', 'disk', '5M');
    await shop.io('disk', 'write -P 6 0 5M');
    await withOpened(shop.path('disk'), { snapshot: 'small' }, async (disk) => {
      assert.equal(disk.content.sizeBytes, 2 * MIB);
      assert.equal(Buffer.compare(await wholeDisk(disk), before), 0);
    });
    await withOpened(shop.path('disk'), {}, async ({ layer }) => {
      assert.equal(layer.capacityBytes, 5 * MIB);
      const { snapshots = [] } = (await layer.inspect?.()) ?? {};
      assert.deepEqual(
        snapshots.map(({ id, name, capacityBytes, vmStateBytes, ownBytes }) => [
          [id, name, capacityBytes, vmStateBytes],
          ownBytes,
        ]),
        [[['1', 'small', 2 * MIB, 0], 2 * MIB + 2 * 65536]],
      );
      const [made = 0] = snapshots.map(({ createdMs }) => createdMs ?? 0);
      assert.ok(Math.abs(made - Date.now()) < 600_000, String(made));
    });
  }),
);

async function code(path: string, snapshot: string): Promise<string> {
  try {
    return await withOpened(path, { snapshot }, async (disk) => {
      await wholeDisk(disk);
      return 'read';
    });
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  }
}

test('a snapshot that is not there is an error with those that are', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    await shop.img('create', '-q', '-f', 'qcow2', 'disk', '1M');
    const none = withOpened(shop.path('disk'), { snapshot: 'x' }, () => null);
    await assert.rejects(none, { code: 'NOT_FOUND', message: /"x"; it has none/u });
    for (let i = 1; i <= 12; i++) await shop.img('snapshot', '-c', `s${i}`, 'disk');
    const other = withOpened(shop.path('disk'), { snapshot: 's13\u001b' }, () => null);
    const message = /"s13\ufffd"; it has 1 "s1", 2 "s2", .*10 "s10" and 2 more$/u;
    await assert.rejects(other, { name: 'SourceError', code: 'NOT_FOUND', message });
  }),
);

/** tests/qemu-iotests/080: what is poked into the header and into the snapshot table. */
test('a snapshot table that is wrong is an error with a code', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const path = shop.path('disk');
    await shop.img('create', '-q', '-f', 'qcow2', 'disk', '1M');
    await shop.io('disk', 'write -P 3 0 1M');
    await shop.img('snapshot', '-c', 'one', 'disk');
    const sound = await readFile(path);
    const table = Number((await peek(path, 64, 8)).readBigUInt64BE());
    const pokes: readonly (readonly [string, number, Buffer])[] = [
      ['OUT_OF_BOUNDS', 60, Buffer.from('ffffffff', 'hex')],
      ['OUT_OF_BOUNDS', 60, Buffer.from('7fffffff', 'hex')],
      ['OUT_OF_BOUNDS', 60, Buffer.from('00010001', 'hex')],
      ['INVALID', 64, u64(0x1234)],
      ['OUT_OF_BOUNDS', 64, u64(2n ** 63n)],
      ['OUT_OF_BOUNDS', 64, u64(0)],
      ['INVALID', table, u64(0x1234)],
      ['OUT_OF_BOUNDS', table, u64(2n ** 40n)],
      ['OUT_OF_BOUNDS', table, u64(2n ** 64n - 65536n)],
      ['OUT_OF_BOUNDS', table + 8, Buffer.from('ffffffff', 'hex')],
      ['OUT_OF_BOUNDS', table + 8, Buffer.from('7fffffff', 'hex')],
      // No L1 table: nothing of it is allocated.
      ['read', table + 8, Buffer.from('00000000', 'hex')],
      ['OUT_OF_BOUNDS', table + 36, Buffer.from('7fffffff', 'hex')],
      ['OUT_OF_BOUNDS', table + 48, u64(2n ** 63n)],
      ['OUT_OF_BOUNDS', table + 40, u64(2n ** 64n - 1n)],
    ];
    assert.equal(await code(path, 'one'), 'read');
    for (const [expected, offset, bytes] of pokes) {
      await writeFile(path, sound);
      await poke(path, offset, bytes);
      assert.equal(await code(path, '1'), expected, `${bytes.toString('hex')} at ${offset}`);
    }
  }),
);
