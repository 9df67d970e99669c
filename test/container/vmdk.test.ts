// What is told of VMware's disks beside their content, which the matrix compares: layers, maps, parents, what is one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type Disk, layersOf } from '../../src/container/container.js';
import { openDisk } from '../../src/container/open.js';
import type { DiskExtent } from '../../src/container/tables/disk-extent.js';
import { openScope } from '../../src/host/local-scope.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { flush, inWorkshop, noQemu, policyOf } from './images.js';
import {
  cowdExtent,
  descriptor,
  hostedExtent,
  seSparseExtent,
  streamExtent,
} from './vmdk-writer.js';

const KIB = 1024;
const MIB = 1024 * KIB;

async function opened<T>(
  path: string,
  work: (disk: Disk) => Promise<T> | T,
  { format = 'auto', allowed = [] as readonly string[] } = {},
): Promise<T> {
  const scope = openScope();
  try {
    return await work(await openDisk(path, { format, scope, policy: policyOf(allowed) }));
  } finally {
    await scope.close();
  }
}

/** Data with holes. */
function someContent(sizeBytes: number, seed: string): Buffer {
  const next = random(seed);
  const content = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 64 * KIB) {
    if (next(3) === 0) content.fill(next(255) + 1, at, at + next(64 * KIB));
  }
  return content;
}

async function wholeMap({ layer }: Disk): Promise<readonly DiskExtent[]> {
  assert.ok(layer.map !== null && layer.capacityBytes !== null);
  const extents: DiskExtent[] = [];
  for (let at = 0; at < layer.capacityBytes; ) {
    for (const extent of await layer.map(at, layer.capacityBytes - at)) {
      assert.equal(extent.offsetBytes, at, 'no gaps');
      extents.push(extent);
      at += extent.lengthBytes;
    }
  }
  return extents;
}

test('a layer has its kind, its grains, its files and its CID', { skip: noQemu }, () =>
  inWorkshop(async ({ directory, path, img }) => {
    await writeFile(path('raw'), someContent(3 * MIB, 'layers'));
    const cases: [string, number | null, readonly string[], readonly string[]][] = [
      ['monolithicSparse', 65536, [], ['disk.vmdk']],
      ['monolithicFlat', null, [], ['disk.vmdk', 'disk-flat.vmdk']],
      ['twoGbMaxExtentSparse', 65536, [], ['disk.vmdk', 'disk-s001.vmdk']],
      ['twoGbMaxExtentFlat', null, [], ['disk.vmdk', 'disk-f001.vmdk']],
      ['streamOptimized', 65536, ['compressed'], ['disk.vmdk']],
    ];
    for (const [subformat, clusterBytes, features, names] of cases) {
      await img('convert', '-O', 'vmdk', '-o', `subformat=${subformat}`, 'raw', 'disk.vmdk');
      await flush(directory);
      const { stdout } = await run('qemu-img', ['info', '--output=json', path('disk.vmdk')]);
      const { cid } = JSON.parse(stdout)['format-specific'].data;
      await opened(path('disk.vmdk'), async ({ layer }) => {
        assert.equal(layer.format, 'vmdk');
        assert.equal(layer.version, subformat);
        assert.equal(layer.clusterBytes, clusterBytes);
        assert.deepEqual(layer.features, features);
        assert.equal(layer.capacityBytes, 3 * MIB);
        assert.equal(layer.uuid, cid.toString(16).padStart(8, '0'));
        assert.deepEqual(
          layer.files.map((file) => [file.path, file.role]),
          names.map((name, i) => [path(name), i === 0 ? 'image' : 'extent']),
        );
        for (const file of layer.files) {
          const { blocks, size } = await stat(file.path);
          assert.deepEqual([file.allocationBytes, file.physicalBytes], [blocks * 512, size]);
        }
      });
    }
  }),
);

test('the map is that of qemu-img', { skip: noQemu }, () =>
  inWorkshop(async ({ path, img, io }) => {
    await img('create', '-q', '-f', 'vmdk', '-o', 'zeroed_grain=on', 'disk.vmdk', '100M');
    await io('disk.vmdk', 'write -P 1 1M 300k', 'write -P 2 70M 64k', 'write -z 40M 128k');
    await io('disk.vmdk', 'write -P 3 64k 1k', 'write -P 4 0 1k');
    const { stdout } = await run('qemu-img', ['map', '--output=json', path('disk.vmdk')]);
    const expected: { start: number; length: number; data: boolean; offset?: number }[] =
      JSON.parse(stdout);
    await opened(path('disk.vmdk'), async (disk) => {
      const extents = await wholeMap(disk);
      const ours = extents.filter(({ kind }) => kind === 'data');
      assert.deepEqual(
        ours.map((one) => [
          one.offsetBytes,
          one.lengthBytes,
          'hostOffsetBytes' in one && one.hostOffsetBytes,
        ]),
        expected
          .filter(({ data }) => data)
          .map(({ start, length, offset }) => [start, length, offset]),
      );
      const zeros = extents.filter(({ kind }) => kind === 'zero');
      assert.deepEqual(zeros, [{ kind: 'zero', offsetBytes: 40 * MIB, lengthBytes: 128 * KIB }]);
    });
  }),
);

test('the watermark is the end of the highest grain, whatever follows it', { skip: noQemu }, () =>
  inWorkshop(async ({ path, img, io }) => {
    await img('create', '-q', '-f', 'vmdk', 'disk.vmdk', '100M');
    await io('disk.vmdk', 'write -P 1 99M 64k', 'write -P 1 1M 300k');
    const { size } = await stat(path('disk.vmdk'));
    await truncate(path('disk.vmdk'), size + 5 * MIB);
    await opened(path('disk.vmdk'), async ({ layer }) => {
      const found = await layer.inspect?.();
      assert.deepEqual(found, { watermarkBytes: size, leakedClusterCount: null, snapshots: [] });
    });
  }),
);

test('files of a disk are numbered as if they were one, in the order of their names', () =>
  inWorkshop(async ({ path }) => {
    const content = someContent(1 * MIB, 'pieces').fill(7, 0, 64 * KIB);
    await writeFile(path('a.vmdk'), hostedExtent(content));
    await writeFile(path('b.vmdk'), Buffer.concat([content, content]));
    const extents = [
      'RW 2048 SPARSE "a.vmdk"',
      'RW 2048 FLAT "b.vmdk" 8',
      'RW 2048 FLAT "b.vmdk" 0',
    ];
    await writeFile(path('disk.vmdk'), descriptor({ type: 'custom', extents }));
    const { size } = await stat(path('a.vmdk'));
    await opened(path('disk.vmdk'), async (disk) => {
      const flat = (await wholeMap(disk)).slice(-2);
      assert.deepEqual(
        flat.map((one) => 'hostOffsetBytes' in one && one.hostOffsetBytes),
        [size + 8 * 512, size],
      );
      assert.equal(disk.layer.inspect, null);
      assert.equal(disk.layer.files.length, 3);
    });
  }));

test('an extent that ends within a grain ends there, and the next one begins', () =>
  inWorkshop(async ({ path }) => {
    const content = someContent(2 * MIB, 'odd').fill(9, 60 * KIB, 80 * KIB);
    const cut = 129 * 512;
    await writeFile(path('a.vmdk'), hostedExtent(content.subarray(0, cut)));
    await writeFile(path('b.vmdk'), cowdExtent(content.subarray(cut)));
    const extents = ['RW 129 SPARSE "a.vmdk"', `RW ${4096 - 129} VMFSSPARSE "b.vmdk"`];
    await writeFile(path('disk.vmdk'), descriptor({ type: 'custom', extents }));
    await opened(path('disk.vmdk'), async (disk) => {
      const bytes = await disk.content.read(0, content.length);
      assert.equal(Buffer.compare(bytes, content), 0);
    });
  }));

test('compressed pieces are told apart, also where they are equal', () =>
  inWorkshop(async ({ path }) => {
    const content = someContent(3 * MIB, 'streams');
    content.copy(content, 0, 2 * MIB, 3 * MIB);
    const names = ['a.vmdk', 'b.vmdk', 'c.vmdk'];
    for (const [i, name] of names.entries())
      await writeFile(path(name), streamExtent(content.subarray(i * MIB, (i + 1) * MIB)));
    const extents = names.map((name) => `RW 2048 SPARSE "${name}"`);
    await writeFile(path('disk.vmdk'), descriptor({ type: 'custom', extents }));
    await opened(path('disk.vmdk'), async (disk) => {
      assert.equal(Buffer.compare(await disk.content.read(0, content.length), content), 0);
      const seam = await disk.content.read(MIB - 5000, 10_000);
      assert.equal(Buffer.compare(seam, content.subarray(MIB - 5000, MIB + 5000)), 0);
    });
  }));

test('a parent that is not there is a layer with a problem where such are wanted', () =>
  inWorkshop(async ({ path }) => {
    const extents = ['RW 2048 ZERO'];
    const options = { type: 'custom', extents, parent: 'base.vmdk', parentCid: '12345678' };
    await writeFile(path('disk.vmdk'), descriptor(options));
    const scope = openScope();
    try {
      const { layer } = await openDisk(path('disk.vmdk'), {
        ...{ format: 'auto', scope, keepsBroken: true },
      });
      assert.equal(layer.problem, null);
      assert.equal(layer.backing?.format, 'vmdk');
      assert.equal(layer.backing?.problem?.code, 'NOT_FOUND');
    } finally {
      await scope.close();
    }
  }));

test('a file that is cut short within its last grain goes on with zeros', { skip: noQemu }, () =>
  inWorkshop(async ({ path, truth }) => {
    const text = descriptor({ type: 'monolithicSparse', extents: ['RW 2048 SPARSE "disk.vmdk"'] });
    const image = hostedExtent(Buffer.alloc(MIB, 'grain'), { descriptor: text });
    await writeFile(path('disk.vmdk'), image.subarray(0, image.length - 512));
    await opened(path('disk.vmdk'), async ({ content }) => {
      const bytes = await content.read(0, MIB);
      assert.equal(Buffer.compare(bytes, await truth('disk.vmdk')), 0);
      assert.ok(bytes[MIB - 513] !== 0 && bytes[MIB - 512] === 0);
    });
  }),
);

test('a parent that was changed is refused, as QEMU refuses to read of it', { skip: noQemu }, () =>
  inWorkshop(async ({ path, img, io }) => {
    await img('create', '-q', '-f', 'vmdk', 'base.vmdk', '4M');
    await io('base.vmdk', 'write -P 1 0 4M');
    await img('create', '-q', '-f', 'vmdk', '-b', 'base.vmdk', '-F', 'vmdk', 'disk.vmdk');
    await opened(path('disk.vmdk'), async ({ content, layer }) => {
      assert.equal(layersOf(layer).length, 2);
      assert.equal((await content.read(MIB, 1))[0], 1);
    });
    await io('base.vmdk', 'write -P 2 0 64k');
    const wrong = {
      code: 'INVALID',
      message: /whose CID was [0-9a-f]{8}, .* has the CID [0-9a-f]{8}:/u,
    };
    await assert.rejects(
      opened(path('disk.vmdk'), () => null),
      wrong,
    );
    const { stdout } = await run('qemu-io', ['-r', '-c', 'read 0 64k', path('disk.vmdk')]).catch(
      (error) => error,
    );
    assert.match(stdout, /read failed: Invalid argument/u);
  }),
);

test('a parent elsewhere is opened if the caller allows it', { skip: noQemu }, () =>
  inWorkshop(async (base) => {
    await base.img('create', '-q', '-f', 'vmdk', 'base.vmdk', '4M');
    await base.io('base.vmdk', 'write -P 5 0 4M');
    await inWorkshop(async ({ path, img }) => {
      const backing = ['-b', base.path('base.vmdk'), '-F', 'vmdk'];
      await img('create', '-q', '-f', 'vmdk', ...backing, 'disk.vmdk');
      await assert.rejects(
        opened(path('disk.vmdk'), () => null),
        { code: 'NOT_ALLOWED' },
      );
      const allowed = [base.path('base.vmdk')];
      const first = ({ content }: Disk) => content.read(0, 1);
      assert.equal((await opened(path('disk.vmdk'), first, { allowed }))[0], 5);
    });
  }),
);

const noVmdkStream =
  spawnSync('/usr/bin/python3', ['-c', 'import VMDKstream']).status === 0
    ? false
    : 'needs VMDKstream (Debian: python3-vmdkstream)';

test('what VMDKstream wrote is read', { skip: noVmdkStream }, () =>
  inWorkshop(async ({ path }) => {
    const content = someContent(40 * MIB + 512, 'stream');
    await writeFile(path('raw'), content);
    const script = 'import sys, VMDKstream; VMDKstream.convert_to_stream(sys.argv[1], sys.argv[2])';
    await run('/usr/bin/python3', ['-c', script, path('raw'), path('disk.vmdk')]);
    await opened(path('disk.vmdk'), async (disk) => {
      assert.equal(disk.layer.version, 'streamOptimized');
      assert.equal(Buffer.compare(await disk.content.read(0, content.length), content), 0);
    });
  }),
);

test('a disk of 5 GiB in pieces of 2 GiB is read at its seams', { skip: noQemu }, () =>
  inWorkshop(async ({ path, img, io }) => {
    for (const subformat of ['twoGbMaxExtentSparse', 'twoGbMaxExtentFlat']) {
      await img('create', '-q', '-f', 'vmdk', '-o', `subformat=${subformat}`, 'disk.vmdk', '5G');
      const text = await readFile(path('disk.vmdk'), 'utf8');
      const seam = Number(/^RW (\d+)/mu.exec(text)?.[1]) * 512;
      const end = 5 * 1024 * MIB;
      await io('disk.vmdk', `write -P 1 ${seam - 512} 2M`, `write -P 2 ${end - 1024} 1k`);
      await opened(path('disk.vmdk'), async ({ content, layer }) => {
        assert.equal(layer.files.length, 4);
        const bytes = await content.read(seam - 1024, 2 * MIB + 1024);
        assert.ok(bytes.subarray(0, 512).every((byte) => byte === 0));
        assert.ok(bytes.subarray(512, 512 + 2 * MIB).every((byte) => byte === 1));
        assert.ok(bytes.subarray(512 + 2 * MIB).every((byte) => byte === 0));
        const last = await content.read(content.sizeBytes - 2048, 2048);
        assert.deepEqual([last[1023], last[1024], last[2047]], [0, 2, 2]);
      });
    }
  }),
);

test('features are told: dirty, changed block tracking', () =>
  inWorkshop(async ({ path }) => {
    const text = descriptor({
      type: 'monolithicSparse',
      extents: ['RW 2048 SPARSE "disk.vmdk"'],
      more: ['changeTrackPath="disk-ctk.vmdk"'],
    });
    const image = hostedExtent(Buffer.alloc(MIB, 1), { descriptor: text });
    image[72] = 1;
    await writeFile(path('disk.vmdk'), image);
    assert.deepEqual(await opened(path('disk.vmdk'), ({ layer }) => layer.features), [
      'dirty',
      'ctk',
    ]);
    const cowd = cowdExtent(Buffer.alloc(MIB, 1));
    cowd[1648] = 1;
    await writeFile(path('disk-delta.vmdk'), cowd);
    const extents = ['RW 2048 VMFSSPARSE "disk-delta.vmdk"'];
    await writeFile(path('disk.vmdk'), descriptor({ type: 'vmfsSparse', extents }));
    assert.deepEqual(await opened(path('disk.vmdk'), ({ layer }) => layer.features), ['dirty']);
  }));

test('auto knows a descriptor by its first lines, and only where no disk can be', () =>
  inWorkshop(async ({ path }) => {
    const text = descriptor({ type: 'custom', extents: ['RW 8 ZERO'] });
    const cases: [string | Uint8Array, string][] = [
      [text, 'vmdk'],
      [text.replace('DescriptorFile', 'Descriptor File'), 'vmdk'],
      [text.replace('# Disk DescriptorFile\n', ''), 'vmdk'],
      [text.replace('# Disk DescriptorFile', '#\n  \r\n# from elsewhere'), 'vmdk'],
      [text.replaceAll('\n', '\r\n'), 'vmdk'],
      [text.replace('# Disk DescriptorFile\nversion=1', 'version=1\n#!'), 'vmdk'],
      ['#!/bin/sh\necho version=1\n', 'raw'],
      ['version=4\n', 'raw'],
      ['#', 'raw'],
      [Buffer.concat([Buffer.from(text), Buffer.alloc(2 * MIB)]), 'raw'],
    ];
    for (const [bytes, expected] of cases) {
      await writeFile(path('disk'), bytes);
      const shown = String(bytes).slice(0, 40);
      assert.equal(await opened(path('disk'), ({ layer }) => layer.format), expected, shown);
    }
  }));

test('a raw disk with a descriptor in its first sector is raw if it is declared so', () =>
  inWorkshop(async ({ path }) => {
    const text = descriptor({ type: 'monolithicFlat', extents: ['RW 1 FLAT "/etc/passwd" 0'] });
    await writeFile(path('disk'), text);
    await opened(path('disk'), ({ layer }) => assert.equal(layer.format, 'raw'), { format: 'raw' });
    await assert.rejects(
      opened(path('disk'), () => null),
      { code: 'NOT_ALLOWED' },
    );
  }));

test('a piece of a disk is no disk, and the message says what to open', { skip: noQemu }, () =>
  inWorkshop(async ({ path, img }) => {
    await img(
      'create',
      '-q',
      '-f',
      'vmdk',
      '-o',
      'subformat=twoGbMaxExtentSparse',
      'disk.vmdk',
      '4M',
    );
    await writeFile(path('disk-delta.vmdk'), cowdExtent(Buffer.alloc(MIB, 1)));
    await writeFile(path('disk-sesparse.vmdk'), seSparseExtent(Buffer.alloc(MIB, 1)));
    for (const name of ['disk-s001.vmdk', 'disk-delta.vmdk', 'disk-sesparse.vmdk']) {
      const error = { code: 'INVALID', message: /open the descriptor that names it/u };
      await assert.rejects(
        opened(path(name), () => null),
        error,
      );
    }
    assert.ok((await readFile(path('disk.vmdk'), 'utf8')).includes('disk-s001.vmdk'));
  }),
);
