// Chains made by QEMU's tools, compared with what qemu-img info, map and check, stat and a real commit say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, open, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { imageGuests } from '../../src/guests/images.js';
import {
  type ChainReport,
  type LayerRecord,
  layerRecordsOf,
} from '../../src/queries/chain/record.js';
import { flush, inWorkshop, noQemu, type Workshop } from '../container/images.js';
import { missing } from '../tools.js';
import { bytesWhere, dataClusters, trueChain, trueCheck, trueHidden } from './chain-truth.js';
import { chainsOf, dfOf } from './sources.js';

/** What the host stores of a file once nothing of it waits to be written: until then it is an estimate of the host's. */
async function storedBytes(path: string): Promise<number> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
    return (await file.stat()).blocks * 512;
  } finally {
    await file.close();
  }
}

async function scan(path: string, format = 'auto'): Promise<ChainReport> {
  const [guest] = imageGuests([path], { format, sameGuest: false });
  assert.ok(guest !== undefined);
  return chainsOf(guest);
}

async function layersOf(path: string): Promise<readonly LayerRecord[]> {
  const { disks, problems } = await scan(path);
  assert.deepEqual(problems, []);
  const [disk] = disks;
  assert.ok(disk !== undefined);
  return layerRecordsOf(disk.chain);
}

/** Everything of a chain that QEMU knows too. */
async function compare(path: string, format = 'qcow2'): Promise<readonly LayerRecord[]> {
  await flush(dirname(path));
  const layers = await layersOf(path);
  const truth = trueChain(path, format);
  assert.equal(layers.length, truth.length);
  for (const [index, layer] of layers.entries()) {
    const real = truth[index];
    assert.ok(real !== undefined && layer.path !== null);
    const { size, blocks } = await stat(layer.path);
    const [file] = layer.files;
    assert.deepEqual(
      [layer.path, layer.format, layer.capacityBytes, file?.allocationBytes, file?.physicalBytes],
      [real.path, real.format, real.capacityBytes, blocks * 512, size],
    );
    assert.equal(layer.allocationBytes, real.allocationBytes);
    const stored = (layer.dataBytes ?? 0) + (layer.compressedBytes ?? 0);
    const hidden = trueHidden(truth, index);
    if (layer.bounds.includes('dataBytes')) {
      assert.ok(stored >= bytesWhere(real) && (layer.hiddenBytes ?? 0) >= hidden, layer.path);
    } else assert.deepEqual([stored, layer.hiddenBytes], [bytesWhere(real), hidden], layer.path);
    if (layer.format === 'qcow2') await compareCheck(layer, layer.path);
  }
  return layers;
}

async function compareCheck(layer: LayerRecord, path: string): Promise<void> {
  const check = trueCheck(path, 'qcow2');
  assert.equal(layer.compressedClusterCount, check['compressed-clusters'] ?? 0, path);
  if (layer.watermarkBytes !== null) assert.equal(layer.watermarkBytes, check['image-end-offset']);
  if (layer.leakedClusterCount !== null) assert.equal(layer.leakedClusterCount, check.leaks ?? 0);
}

/** The clusters that a base gets when the layer above is committed, on a copy of the chain. */
async function commitGrowth(
  shop: Workshop,
  names: readonly [top: string, base: string, ...rest: string[]],
  clusterBytes: number,
  format = 'qcow2',
): Promise<number> {
  const before = trueChain(shop.path(names[1]), format)[0];
  const kept = names.map((name) => [shop.path(name), shop.path(`${name}.kept`)] as const);
  for (const [file, copy] of kept) await copyFile(file, copy);
  await shop.img('commit', '-q', '-d', names[0]);
  const after = trueChain(shop.path(names[1]), format)[0];
  for (const [file, copy] of kept) await copyFile(copy, file);
  assert.ok(before !== undefined && after !== undefined);
  // New ones only: QEMU frees those over which zeros are written.
  const had = dataClusters(before, clusterBytes);
  const added = [...dataClusters(after, clusterBytes)].filter((cluster) => !had.has(cluster));
  return added.length * clusterBytes;
}

/** Bytes of the clusters whose reference count is not 0, in an image with one block of 16-bit counts. */
async function usedBytes(path: string): Promise<number> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(65536), 0, 65536, 2 * 65536);
  await file.close();
  let count = 0;
  for (let at = 0; at < buffer.length; at += 2) if (buffer.readUInt16BE(at) > 0) count += 1;
  return count * 65536;
}

describe('chains of images', { skip: noQemu, concurrency: false }, () => {
  test('three layers with data, zeros, compressed clusters and different sizes', async () => {
    await inWorkshop(async (shop) => {
      await shop.img('create', '-q', '-f', 'raw', 'content.raw', '6M');
      await shop.io('content.raw', 'write -P 7 0 4M');
      await shop.img('convert', '-c', '-O', 'qcow2', 'content.raw', 'base.qcow2');
      await shop.io('base.qcow2', 'write -P 8 128k 192k', 'write -z 5M 256k');
      await shop.img(
        'create',
        '-q',
        '-f',
        'qcow2',
        '-b',
        'base.qcow2',
        '-F',
        'qcow2',
        'mid.qcow2',
        '9M',
      );
      await shop.io('mid.qcow2', 'write -P 9 1M 1M', 'write -z 3M 320k', 'write -P 9 8M 700k');
      await shop.img(
        'create',
        '-q',
        '-f',
        'qcow2',
        '-b',
        'mid.qcow2',
        '-F',
        'qcow2',
        'top.qcow2',
        '5M',
      );
      await shop.io('top.qcow2', 'write -P 1 1088k 3000', 'write -P 1 0 65k', 'write -z 2M 64k');
      const [top, mid, base] = await compare(shop.path('top.qcow2'));
      assert.ok(top !== undefined && mid !== undefined && base !== undefined);
      assert.equal(base.compressedClusterCount, 64 - 3);
      assert.equal(base.zeroClusterCount, 4);
      assert.equal(mid.zeroBytes, 320 * 1024);
      const names = ['top.qcow2', 'mid.qcow2', 'base.qcow2'] as const;
      assert.equal(top.commitBytes, await commitGrowth(shop, [...names], 65536));
      assert.equal(top.commitGrowthBytes, 0);
      // With what was committed into it gone, the middle layer is the active one.
      const growth = await commitGrowth(shop, ['mid.qcow2', 'base.qcow2'], 65536);
      assert.deepEqual([mid.commitBytes, mid.commitGrowthBytes], [growth, 3 * 2 ** 20]);
    });
  });

  for (const [base, top] of [
    ['cluster_size=64k', 'cluster_size=4k'],
    ['cluster_size=4k', 'cluster_size=64k'],
    ['cluster_size=2M', 'cluster_size=64k'],
    ['cluster_size=64k,extended_l2=on', 'cluster_size=16k'],
    ['cluster_size=16k', 'cluster_size=64k,extended_l2=on'],
    ['compat=0.10', 'cluster_size=64k'],
  ] as const) {
    test(`a commit of ${top} into ${base}`, async () => {
      await inWorkshop(async (shop) => {
        const over = ['-b', 'base.qcow2', '-F', 'qcow2'];
        await shop.img('create', '-q', '-f', 'qcow2', '-o', base, 'base.qcow2', '16M');
        await shop.io('base.qcow2', 'write -P 1 0 6k', 'write -P 1 3M 1M', 'write -P 1 9M 100k');
        await shop.img('create', '-q', '-f', 'qcow2', '-o', top, ...over, 'top.qcow2');
        await shop.io(
          'top.qcow2',
          ...['write -P 2 128k 2k', 'write -P 2 500k 300k', 'write -P 2 3500k 900k'],
          ...['write -z 4M 128k', 'write -z 3M 128k', 'write -P 2 15M 1M'],
        );
        const [layer, below] = await compare(shop.path('top.qcow2'));
        const unit = below?.clusterBytes ?? 0;
        assert.equal(
          layer?.commitBytes,
          await commitGrowth(shop, ['top.qcow2', 'base.qcow2'], unit),
        );
      });
    });
  }

  test('a raw base: exact when it has no holes, at most what is written when it has', async () => {
    await inWorkshop(async (shop) => {
      for (const [base, holes] of [
        ['holes.raw', true],
        ['full.raw', false],
      ] as const) {
        await shop.img('create', '-q', '-f', 'raw', base, '4M');
        await shop.io(base, holes ? 'write -P 1 0 1M' : 'write -P 1 0 4M');
        const top = `${base}.qcow2`;
        await shop.img('create', '-q', '-f', 'qcow2', '-b', base, '-F', 'raw', top);
        await shop.io(top, 'write -P 2 512k 1M', 'write -z 3M 64k');
        const [layer, below] = await compare(shop.path(top));
        assert.ok(layer !== undefined && below !== undefined);
        assert.deepEqual(layer.bounds, holes ? ['commitBytes'] : []);
        assert.deepEqual(below.bounds, holes ? ['dataBytes', 'hiddenBytes'] : []);
        const before = await storedBytes(shop.path(base));
        await shop.img('commit', '-q', '-d', top);
        const growth = (await storedBytes(shop.path(base))) - before;
        assert.ok((layer.commitBytes ?? 0) >= growth, `${base} grew by ${growth}`);
        assert.equal(layer.commitBytes, holes ? 2 ** 20 : 0);
      }
    });
  });

  test('an external data file counts as a file of its layer', async () => {
    await inWorkshop(async (shop) => {
      const options = ['-o', 'data_file=data.raw'];
      await shop.img('create', '-q', '-f', 'qcow2', ...options, 'base.qcow2', '4M');
      await shop.io('base.qcow2', 'write -P 1 1M 1M');
      await shop.img('create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', 'top.qcow2');
      await shop.io('top.qcow2', 'write -P 1 1536k 1M');
      const layers = await layersOf(shop.path('top.qcow2'));
      const truth = trueChain(shop.path('top.qcow2'), 'qcow2');
      const [top, base] = layers;
      assert.ok(top !== undefined && base !== undefined);
      const sizes = await Promise.all(base.files.map(({ path }) => stat(path)));
      const sum = (of: (one: { size: number; blocks: number }) => number) =>
        sizes.reduce((total, one) => total + of(one), 0);
      assert.equal(
        base.physicalBytes,
        sum(({ size }) => size),
      );
      assert.equal(
        base.allocationBytes,
        sum(({ blocks }) => blocks * 512),
      );
      assert.equal(base.hiddenBytes, trueHidden(truth, 1));
      assert.equal(
        top.commitBytes,
        await commitGrowth(shop, ['top.qcow2', 'base.qcow2', 'data.raw'], 65536),
      );
      assert.deepEqual(
        base.files.map(({ path, role }) => [path, role]),
        [
          [shop.path('base.qcow2'), 'image'],
          [shop.path('data.raw'), 'data'],
        ],
      );
    });
  });

  for (const [format, options, isExact] of [
    ['qed', [], true],
    ['vmdk', [], true],
    ['vdi', [], true],
    ['vpc', [], true],
    ['vhdx', [], true],
    ['qcow', [], true],
    ['parallels', [], true],
    ['vmdk', ['-o', 'subformat=twoGbMaxExtentSparse'], true],
    ['vmdk', ['-o', 'subformat=monolithicFlat'], false],
  ] as const) {
    test(`qcow2 over ${format} ${options.join(' ')}`, async () => {
      await inWorkshop(async (shop) => {
        await shop.img('create', '-q', '-f', 'raw', 'content.raw', '6M');
        await shop.io('content.raw', 'write -P 7 1M 1M', 'write -P 7 4M 100k');
        const base = `base.${format}`;
        await shop.img('convert', '-O', format, ...options, 'content.raw', base);
        await shop.img('create', '-q', '-f', 'qcow2', '-b', base, '-F', format, 'top.qcow2');
        await shop.io('top.qcow2', 'write -P 1 1536k 1M', 'write -z 4M 64k', 'write -P 1 5M 64k');
        const layers = await layersOf(shop.path('top.qcow2'));
        const truth = trueChain(shop.path('top.qcow2'), 'qcow2');
        const [top, below] = layers;
        assert.ok(top !== undefined && below !== undefined);
        assert.deepEqual(
          [below.path, below.format, below.capacityBytes],
          [truth[1]?.path, truth[1]?.format, truth[1]?.capacityBytes],
        );
        const hidden = trueHidden(truth, 1);
        if (isExact) {
          assert.deepEqual([below.dataBytes, below.hiddenBytes], [bytesWhere(truth[1]), hidden]);
        } else assert.ok((below.hiddenBytes ?? 0) >= hidden);
        const real = truth.map(({ allocationBytes }) => allocationBytes);
        if (isExact) assert.deepEqual([top.allocationBytes, below.allocationBytes], real);
        if (format !== 'qed') return;
        const growth = await commitGrowth(
          shop,
          ['top.qcow2', base],
          below.clusterBytes ?? 0,
          format,
        );
        assert.equal(top.commitBytes, growth);
      });
    });
  }

  test('internal snapshots: their sizes, and what deleting them frees', async () => {
    await inWorkshop(async (shop) => {
      await shop.img('create', '-q', '-f', 'qcow2', 'disk.qcow2', '8M');
      await shop.io('disk.qcow2', 'write -P 1 0 2M');
      await shop.img('snapshot', '-c', 'first', 'disk.qcow2');
      await shop.io('disk.qcow2', 'write -P 2 1M 2M');
      await shop.img('snapshot', '-c', 'second', 'disk.qcow2');
      await shop.io('disk.qcow2', 'write -P 3 2M 512k');
      const [layer] = await compare(shop.path('disk.qcow2'));
      assert.ok(layer !== undefined);
      assert.deepEqual(
        layer.snapshots.map(({ id, name, capacityBytes }) => [id, name, capacityBytes]),
        [
          ['1', 'first', 8 * 2 ** 20],
          ['2', 'second', 8 * 2 ** 20],
        ],
      );
      for (const { name, ownBytes } of layer.snapshots) {
        const used = await usedBytes(shop.path('disk.qcow2'));
        await copyFile(shop.path('disk.qcow2'), shop.path('copy.qcow2'));
        await shop.img('snapshot', '-d', name, 'copy.qcow2');
        const left = await usedBytes(shop.path('copy.qcow2'));
        assert.equal(ownBytes, used - left, name);
      }
    });
  });

  test('a cluster that nothing uses is leaked', async () => {
    await inWorkshop(async (shop) => {
      await shop.img('create', '-q', '-f', 'qcow2', 'disk.qcow2', '8M');
      await shop.io('disk.qcow2', 'write -P 1 0 1M');
      // A count of 1 for two clusters behind the last one, in the block of reference counts of a new image.
      const file = await open(shop.path('disk.qcow2'), 'r+');
      await file.write(Uint8Array.of(0, 1, 0, 1), 0, 4, 2 * 65536 + 2 * 30);
      await file.truncate(32 * 65536);
      await file.close();
      const [layer] = await compare(shop.path('disk.qcow2'));
      assert.equal(layer?.leakedClusterCount, 2);
    });
  });

  test('a base that is missing, and one that may not be opened, are layers with their reason', async () => {
    await inWorkshop(async (shop) => {
      await shop.img('create', '-q', '-f', 'qcow2', 'base.qcow2', '4M');
      await shop.img('create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', 'top.qcow2');
      await shop.io('top.qcow2', 'write -P 1 1M 1M');
      for (const [name, code] of [
        ['gone.qcow2', 'NOT_FOUND'],
        ['/etc/passwd', 'NOT_ALLOWED'],
        ['nbd://host/disk', 'NOT_ALLOWED'],
      ] as const) {
        await shop.img('rebase', '-q', '-u', '-b', name, '-F', 'qcow2', 'top.qcow2');
        const { disks, problems } = await scan(shop.path('top.qcow2'));
        const [top, base] = layerRecordsOf(disks[0]?.chain ?? assert.fail());
        assert.deepEqual([top?.problem, top?.dataBytes, top?.commitBytes], [null, 2 ** 20, null]);
        assert.deepEqual([base?.problem?.code, base?.capacityBytes], [code, null]);
        assert.deepEqual(
          problems.map((problem) => [problem.code, problem.device]),
          [[code, '/dev/sda']],
        );
      }
    });
  });

  test('a damaged table of one layer leaves what is known of the others', async () => {
    await inWorkshop(async (shop) => {
      await shop.img('create', '-q', '-f', 'qcow2', 'base.qcow2', '4M');
      await shop.io('base.qcow2', 'write -P 1 0 1M');
      await shop.img('create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', 'mid.qcow2');
      await shop.io('mid.qcow2', 'write -P 1 0 1M');
      await shop.img('create', '-q', '-f', 'qcow2', '-b', 'mid.qcow2', '-F', 'qcow2', 'top.qcow2');
      await shop.io('top.qcow2', 'write -P 1 0 1M');
      // The first entry of the L1 table, far outside of the file.
      const file = await open(shop.path('mid.qcow2'), 'r+');
      await file.write(Uint8Array.of(0x80, 0, 0x7f, 0, 0, 0, 0, 0), 0, 8, 3 * 65536);
      await file.close();
      const { disks, problems } = await scan(shop.path('top.qcow2'));
      const [top, mid, base] = layerRecordsOf(disks[0]?.chain ?? assert.fail());
      assert.deepEqual([top?.dataBytes, top?.commitBytes], [2 ** 20, null]);
      assert.deepEqual([mid?.capacityBytes, mid?.dataBytes], [4 * 2 ** 20, null]);
      assert.equal(mid?.problem?.code, 'TRUNCATED');
      assert.ok(mid?.problem?.message.startsWith(`${shop.path('mid.qcow2')}: `));
      assert.deepEqual([base?.dataBytes, base?.hiddenBytes], [2 ** 20, null]);
      assert.equal(problems.length, 1);
    });
  });

  test('an image within a compressed archive is on no device', {
    skip: missing({ tar: 'tar' }),
  }, async () => {
    await inWorkshop(async (shop) => {
      await shop.img('create', '-q', '-f', 'qcow2', 'disk.qcow2', '4M');
      await shop.io('disk.qcow2', 'write -P 1 0 1M');
      execFileSync('tar', ['czf', 'disk.tar.gz', 'disk.qcow2'], { cwd: shop.directory });
      const [layer] = await layersOf(shop.path('disk.tar.gz'));
      const { size } = await stat(shop.path('disk.qcow2'));
      assert.deepEqual(
        [layer?.allocationBytes, layer?.physicalBytes, layer?.watermarkBytes],
        [null, size, trueCheck(shop.path('disk.qcow2'), 'qcow2')['image-end-offset']],
      );
      assert.equal(layer?.deviceFreeBytes, null);
    });
  });

  test('a disk that its archive does not hold has no numbers', {
    skip: missing({ tar: 'tar' }),
  }, async () => {
    await inWorkshop(async (shop) => {
      await shop.img('create', '-q', '-f', 'qcow2', 'here.qcow2', '4M');
      const names = ['gone.vmdk', 'here.qcow2'];
      const files = names.map((name) => `<File ovf:id="${name}" ovf:href="${name}"/>`).join('');
      const disksOf = names.map((name) => `<Disk ovf:fileRef="${name}"/>`).join('');
      const ovf =
        '<Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">' +
        `<References>${files}</References><DiskSection>${disksOf}</DiskSection></Envelope>`;
      await writeFile(shop.path('m.ovf'), ovf);
      execFileSync('tar', ['cf', 'm.ova', 'm.ovf', 'here.qcow2'], { cwd: shop.directory });
      const [guest] = imageGuests([shop.path('m.ova')], { format: 'auto', sameGuest: false });
      assert.ok(guest !== undefined);
      const df = await dfOf(guest, { filesystems: [] });
      const found = df.disks.map((disk) => [disk.format, disk.capacityBytes, disk.layerCount]);
      assert.deepEqual(found, [
        [null, null, null],
        ['qcow2', 4 * 2 ** 20, 1],
      ]);
      const { disks } = await scan(shop.path('m.ova'));
      assert.deepEqual(
        disks.map(({ chain }) => [chain.format, chain.capacityBytes, chain.problem?.code]),
        [
          [null, null, 'NOT_FOUND'],
          ['qcow2', 4 * 2 ** 20, undefined],
        ],
      );
    });
  });
});
