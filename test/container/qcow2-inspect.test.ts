// What the walk over all tables says, against `qemu-img check`: the end of the image and its leaks; and of snapshots, what
// QEMU frees when it deletes them.
import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Inspection } from '../../src/container/container.js';
import { VirtDfError } from '../../src/errors.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import { inWorkshop, noQemu, type Workshop } from './images.js';
import { peek, poke, qemuCheck, u64, wholeMap, withOpened, writes } from './qcow-tools.js';

const MIB = 1024 * 1024;
const SIZE = 6 * MIB;

function inspected(path: string, format = 'qcow2'): Promise<Inspection> {
  return withOpened(path, { format }, async ({ layer }) => {
    const inspection = await layer.inspect?.();
    assert.ok(inspection !== undefined);
    return inspection;
  });
}

async function sameAsCheck(path: string, what: string): Promise<number> {
  const { endBytes, leaks } = await qemuCheck(path, 'qcow2');
  const { watermarkBytes, leakedClusterCount } = await inspected(path);
  assert.deepEqual([watermarkBytes, leakedClusterCount], [endBytes, leaks], what);
  return leaks;
}

const CREATE: Readonly<Record<string, string>> = {
  'clusters of 512 bytes, version 2': 'cluster_size=512,compat=0.10',
  'clusters of 4 KiB': 'cluster_size=4k',
  'clusters of 2 MiB': 'cluster_size=2M',
  'counts of 1 bit': 'refcount_bits=1',
  'counts of 2 bits': 'refcount_bits=2,cluster_size=1k',
  'counts of 4 bits': 'refcount_bits=4,cluster_size=4k',
  'counts of 8 bits': 'refcount_bits=8',
  'counts of 32 bits': 'refcount_bits=32,cluster_size=512',
  'counts of 64 bits': 'refcount_bits=64,cluster_size=1k',
  'extended L2': 'extended_l2=on,cluster_size=16k',
  'lazy counts': 'lazy_refcounts=on',
  'metadata preallocated': 'preallocation=metadata',
  'everything preallocated': 'preallocation=full,cluster_size=4k',
  'data file': 'data_file=clusters,data_file_raw=on',
};

/** Makes clusters leak: entries of the first L2 table that names any are forgotten. Gives how many were. */
async function forget(path: string, count: number): Promise<number> {
  const head = await peek(path, 0, 104);
  const clusterBytes = 2 ** head.readUInt32BE(20);
  const l1 = Number(head.readBigUInt64BE(40));
  let forgotten = 0;
  for (let i = 0; i < head.readUInt32BE(36) && forgotten < count; i++) {
    const table = (await peek(path, l1 + i * 8, 8)).readBigUInt64BE() & 0x00ffffffffffff00n;
    if (table === 0n) continue;
    const entries = await peek(path, Number(table), clusterBytes);
    for (let at = 0; at < clusterBytes && forgotten < count; at += 8) {
      if ((entries.readUInt32BE(at) & 0x80000000) === 0) continue;
      await poke(path, Number(table) + at, u64(0));
      forgotten++;
    }
  }
  return forgotten;
}

for (const [name, create] of Object.entries(CREATE)) {
  test(`qcow2: ${name}: end and leaks are those of qemu-img check`, { skip: noQemu }, () =>
    inWorkshop(async (shop) => {
      const next = random(name);
      await shop.img('create', '-q', '-f', 'qcow2', '-o', create, 'disk', String(SIZE));
      await sameAsCheck(shop.path('disk'), 'empty');
      await shop.io('disk', ...writes(next, SIZE, 30), 'write -z 1M 1M', 'discard 2M 1M');
      await sameAsCheck(shop.path('disk'), 'written');
      if (/=(1|2|4)$|refcount_bits=1$|extended|data_file/u.test(create)) return;
      const forgotten = await forget(shop.path('disk'), 5);
      assert.ok(forgotten > 0);
      assert.equal(await sameAsCheck(shop.path('disk'), 'leaking'), forgotten);
    }),
  );
}

test('compressed clusters share clusters of the file', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const next = random('compressed');
    await shop.img('create', '-q', '-f', 'raw', 'plain', String(SIZE));
    await shop.io('plain', ...writes(next, SIZE, 40));
    for (const options of ['cluster_size=64k', 'compression_type=zstd', 'cluster_size=1k']) {
      await shop.img('convert', '-c', '-O', 'qcow2', '-o', options, 'plain', 'disk');
      await sameAsCheck(shop.path('disk'), options);
      await shop.img('snapshot', '-c', 'one', 'disk');
      await shop.io('disk', ...writes(next, SIZE, 9));
      await sameAsCheck(shop.path('disk'), `${options}, with a snapshot`);
    }
  }),
);

test('bitmaps, backing files and a block device with room behind the end', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const next = random('bitmaps');
    await shop.img('create', '-q', '-f', 'qcow2', 'base', String(SIZE));
    const backing = 'backing_file=base,backing_fmt=qcow2,cluster_size=4k';
    await shop.img('create', '-q', '-f', 'qcow2', '-o', backing, 'disk', String(SIZE));
    for (const name of ['b0', 'b1', 'a longer name of a bitmap']) {
      await shop.img('bitmap', '--add', '-g', '512', 'disk', name);
      await shop.io('disk', ...writes(next, SIZE));
      await sameAsCheck(shop.path('disk'), name);
    }
    await withOpened(shop.path('disk'), {}, ({ layer }) => {
      assert.deepEqual(layer.features, ['bitmaps']);
    });
    const { watermarkBytes } = await inspected(shop.path('disk'));
    await truncate(shop.path('disk'), 64 * MIB);
    assert.equal((await inspected(shop.path('disk'))).watermarkBytes, watermarkBytes);
    await sameAsCheck(shop.path('disk'), 'longer file');
  }),
);

test('a qemu that was killed leaves leaks, and a dirty image', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    await shop.img('create', '-q', '-f', 'qcow2', '-o', 'lazy_refcounts=on', 'disk', String(SIZE));
    const killed = shop.io('disk', 'write -P 1 0 1M', 'flush', 'write -P 2 3M 1M', 'abort');
    await assert.rejects(killed);
    await withOpened(shop.path('disk'), {}, ({ layer }) => {
      assert.deepEqual(layer.features, ['dirty', 'lazy-refcounts']);
      assert.equal(layer.version, '3');
    });
    await sameAsCheck(shop.path('disk'), 'dirty');
  }),
);

/** How many clusters have a reference count, of an image with counts of 16 bits. */
async function usedClusters({ path }: Workshop): Promise<number> {
  const image = await readFile(path('disk'));
  const clusterBytes = 2 ** image.readUInt32BE(20);
  const table = Number(image.readBigUInt64BE(48));
  let used = 0;
  for (let i = 0; i < (image.readUInt32BE(56) * clusterBytes) / 8; i++) {
    const block = Number(image.readBigUInt64BE(table + i * 8));
    if (block === 0) continue;
    for (let at = 0; at < clusterBytes; at += 2) if (image.readUInt16BE(block + at) > 0) used++;
  }
  return used;
}

test('own bytes of a snapshot are those that deleting it frees', { skip: noQemu }, async () => {
  for (const clusterBytes of [1024, 4096, 65536]) {
    await inWorkshop(async (shop) => {
      const next = random(`snapshots ${clusterBytes}`);
      const create = `cluster_size=${clusterBytes}`;
      await shop.img('create', '-q', '-f', 'qcow2', '-o', create, 'disk', String(SIZE));
      for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
        // Compressed clusters are only written where there is none yet.
        const compressed = `write -c -P 3 ${5 * MIB + i * 131072} 128k`;
        await shop.io('disk', ...writes(next, 5 * MIB, 15), compressed);
        await shop.img('snapshot', '-c', name, 'disk');
      }
      await shop.io('disk', ...writes(next, SIZE, 15));
      await sameAsCheck(shop.path('disk'), 'four snapshots');
      for (const name of ['b', 'a', 'd', 'c']) {
        const { snapshots } = await inspected(shop.path('disk'));
        const own = snapshots.find((snapshot) => snapshot.name === name)?.ownBytes ?? -1;
        const before = await usedClusters(shop);
        await shop.img('snapshot', '-d', name, 'disk');
        const after = await usedClusters(shop);
        // The table of snapshots itself has a cluster as long as there is one.
        const tables = name === 'c' ? 1 : 0;
        assert.equal((before - after - tables) * clusterBytes, own, `${create}, ${name}`);
        await sameAsCheck(shop.path('disk'), `without ${name}`);
      }
    });
  }
});

test('features have the words of qemu-img info', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const of = async (create: string): Promise<readonly string[]> => {
      await shop.img('create', '-q', '-f', 'qcow2', '-o', create, 'disk', '1M');
      return withOpened(shop.path('disk'), {}, ({ layer }) => layer.features);
    };
    assert.deepEqual(await of('compat=0.10'), []);
    assert.deepEqual(await of('compat=1.1'), []);
    assert.deepEqual(await of('extended_l2=on'), ['extended-l2']);
    assert.deepEqual(await of('compression_type=zstd,refcount_bits=1'), [
      'refcount-bits=1',
      'zstd',
    ]);
    assert.deepEqual(await of('data_file=d1'), ['data-file']);
    assert.deepEqual(await of('data_file=d2,data_file_raw=on'), ['data-file', 'data-file-raw']);
    await of('lazy_refcounts=off');
    await poke(shop.path('disk'), 72, u64(3));
    await withOpened(shop.path('disk'), {}, ({ layer }) => {
      assert.deepEqual(layer.features, ['dirty', 'corrupt']);
    });
  }),
);

/** As tests/qemu-iotests/060 and 080 do: tables that point at each other, behind the end, and at nothing. */
test('tables that are wrong give figures or codes, soon', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    const path = shop.path('disk');
    await shop.img('create', '-q', '-f', 'qcow2', '-o', 'cluster_size=4k', 'disk', String(SIZE));
    await shop.io('disk', 'write -P 3 0 4M');
    await shop.img('snapshot', '-c', 'one', 'disk');
    await shop.io('disk', 'write -P 4 0 1M');
    const sound = await readFile(path);
    const u = (offset: number): number => Number(sound.readBigUInt64BE(offset) & 0xffffffffffff00n);
    const [l1, refTable, table] = [u(40), u(48), u(64)];
    const [l2, block] = [u(l1), u(refTable)];
    const pokes: readonly (readonly [string, number, Buffer])[] = [
      ['figures', l2, u64(2n ** 63n + BigInt(l2))],
      ['figures', l2, u64(2n ** 63n + BigInt(l1))],
      ['figures', l2, u64(0xbfffffffffff0000n)],
      ['figures', l2, u64(0x7fffffffffffffffn)],
      ['figures', l2, u64(2n ** 63n + 0x3200n)],
      ['figures', l1, u64(2n ** 63n + BigInt(l1))],
      ['figures', l1, u64(0x00ffffffffff0000n)],
      ['figures', l1, u64(2n ** 63n + 0x3200n)],
      ['figures', refTable, u64(0)],
      ['figures', refTable, u64(refTable)],
      ['figures', refTable + 8, u64(block)],
      ['figures', refTable + 8, u64(2n ** 62n)],
      ['figures', block, Buffer.alloc(4096, 0xff)],
      ['figures', block, Buffer.alloc(4096)],
      ['figures', 36, Buffer.from('00400000', 'hex')],
      ['OUT_OF_BOUNDS', 48, u64(2n ** 62n)],
      ['INVALID', 48, u64(0x1234)],
      ['OUT_OF_BOUNDS', 56, Buffer.from('ffffffff', 'hex')],
      ['OUT_OF_BOUNDS', 56, Buffer.from('7fffffff', 'hex')],
      ['OUT_OF_BOUNDS', 60, Buffer.from('ffffffff', 'hex')],
      ['figures', table, u64(0x1234)],
      ['figures', table + 8, Buffer.from('ffffffff', 'hex')],
      ['figures', table, u64(2n ** 50n)],
    ];
    for (const [expected, offset, bytes] of pokes) {
      await writeFile(path, sound);
      await poke(path, offset, bytes);
      const spentMs = cpuTime();
      const outcome = await inspected(path).then(
        () => 'figures',
        (error: unknown) => {
          assert.ok(error instanceof VirtDfError, String(error));
          return error.code;
        },
      );
      assert.equal(outcome, expected, `${bytes.toString('hex', 0, 8)} at ${offset}`);
      assert.ok(spentMs() < 1000, 'took too long');
    }
  }),
);

test('files of more clusters than are counted, and holes that claim to be tables', async () => {
  await inWorkshop(async (shop) => {
    const { qcow2Image } = await import('./qcow2-header.js');
    const path = shop.path('disk');
    await writeFile(path, qcow2Image({ clusterBits: 9 }));
    await truncate(path, 2 ** 40);
    await assert.rejects(inspected(path), { code: 'LIMIT', message: /clusters; the limit/u });
    // Each entry uses a chunk of counters of its own: 64 KiB of tables ask for gigabytes of them.
    const entries = Array.from({ length: 8192 }, (_, i) => BigInt(i) * 2n ** 31n + 2n ** 63n);
    await writeFile(path, qcow2Image({ clusterBits: 16, sizeBytes: 2n ** 29n, entries }));
    await truncate(path, 2 ** 44 - 65536);
    const before = process.memoryUsage.rss();
    await inspected(path);
    assert.ok(process.memoryUsage.rss() - before < 256 * MIB);
  });
});

test(
  'the map of a whole disk covers it, with extents that qemu-img map has too',
  { skip: noQemu },
  () =>
    inWorkshop(async (shop) => {
      for (const create of ['cluster_size=8k', 'cluster_size=64k', 'extended_l2=on']) {
        await shop.img('create', '-q', '-f', 'qcow2', '-o', create, 'disk', '1T');
        await shop.io('disk', 'write -P 1 5M 3M', 'write -z 700G 1M', 'write -P 2 1023G 64k');
        await withOpened(shop.path('disk'), {}, async (disk) => {
          const extents = await wholeMap(disk);
          let at = 0;
          for (const { offsetBytes, lengthBytes } of extents) {
            assert.equal(offsetBytes, at);
            at += lengthBytes;
          }
          assert.equal(at, 2 ** 40);
          const held = extents.filter(({ kind }) => kind === 'data');
          const bytes = held.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
          assert.equal(bytes, 3 * MIB + 65536);
        });
      }
    }),
);
