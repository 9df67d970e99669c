// Which format a file is opened as, and what the layers of a disk say of the host.
import assert from 'node:assert/strict';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type Disk, layersOf } from '../../src/container/container.js';
import { openDisk } from '../../src/container/open.js';
import { FormatError, UnsupportedError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { flush, inWorkshop, noQemu, withDisk } from './images.js';
import { qcow2Image } from './qcow2-header.js';
import { vpcImage, windowsLocators } from './vpc-image.js';

async function opened<T>(path: string, format: string, work: (disk: Disk) => Promise<T> | T) {
  const scope = openScope();
  try {
    return await work(await openDisk(path, { format, scope }));
  } finally {
    await scope.close();
  }
}

test('a raw disk whose guest wrote a qcow2 header into it is raw if it is declared so', () =>
  inWorkshop(async ({ path }) => {
    const header = qcow2Image({ backingFile: '/etc/passwd' });
    const bytes = Buffer.concat([header, Buffer.alloc(1024 * 1024, 'guest')]);
    await writeFile(path('disk'), bytes);
    await opened(path('disk'), 'raw', async ({ content, layer }) => {
      assert.equal(layer.format, 'raw');
      assert.equal(layer.backing, null);
      assert.equal(Buffer.compare(await content.read(0, bytes.length), bytes), 0);
    });
    const isRefusal = { name: 'SourceError', code: 'NOT_ALLOWED' };
    await assert.rejects(
      opened(path('disk'), 'auto', () => null),
      isRefusal,
    );
  }));

test('auto looks at the first bytes; what nothing marks is raw', () =>
  inWorkshop(async ({ path }) => {
    const cases: [string, Uint8Array, string][] = [
      ['empty', new Uint8Array(0), 'raw'],
      ['short', Buffer.from('QFI'), 'raw'],
      ['cut', Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), 'raw'],
      ['other', Buffer.alloc(4096, 1), 'raw'],
      ['image', qcow2Image(), 'qcow2'],
    ];
    for (const [name, bytes, expected] of cases) {
      await writeFile(path(name), bytes);
      assert.equal(await opened(path(name), 'auto', ({ layer }) => layer.format), expected);
    }
  }));

test('a declared format that the file does not have is an error, not another format', () =>
  inWorkshop(async ({ path }) => {
    await writeFile(path('zeros'), new Uint8Array(4096));
    const isBadMagic = (error: unknown) =>
      error instanceof FormatError && error.code === 'BAD_MAGIC';
    await assert.rejects(
      opened(path('zeros'), 'qcow2', () => null),
      isBadMagic,
    );
    await assert.rejects(
      opened(path('zeros'), 'floppy', () => null),
      (error: unknown) =>
        error instanceof UnsupportedError && /"floppy".*qcow2, .*raw$/u.test(error.message),
    );
  }));

test('parents that all are tried do not double the work with each layer', () =>
  inWorkshop(async ({ path }) => {
    const layers = 40;
    const uuid = (layer: number, side: number) => Buffer.alloc(16, 2 * layer + side + 1);
    for (let layer = 0; layer < layers; layer++) {
      // The first of the two is another image, which is known only when all behind it was opened.
      const locators = [
        ...windowsLocators(`${layer + 1}-0.vhd`, `C:\\${layer + 1}-1.vhd`),
        ...windowsLocators(`${layer + 1}-1.vhd`, ''),
      ];
      const below = { type: 4, parentUuid: uuid(layer + 1, 1), locators };
      for (const side of [0, 1]) {
        const fields = layer === layers - 1 ? {} : below;
        await writeFile(
          path(`${layer}-${side}.vhd`),
          vpcImage({ uuid: uuid(layer, side), ...fields }),
        );
      }
    }
    await assert.rejects(
      opened(path('0-0.vhd'), 'vpc', () => null),
      { code: 'LIMIT', message: /more than 16384 files/u },
    );
  }));

test('a snapshot is not looked for where there are none', () =>
  inWorkshop(async ({ path }) => {
    await writeFile(path('disk'), new Uint8Array(4096));
    const scope = openScope();
    const wanted = openDisk(path('disk'), { format: 'auto', scope, snapshot: 'monday' });
    await assert.rejects(wanted, {
      code: 'UNSUPPORTED_FEATURE',
      message: /"monday".* raw have no/u,
    });
    await scope.close();
  }));

test('layers have what the guest sees and what the host stores', { skip: noQemu }, () =>
  inWorkshop(async ({ directory, path, img, io }) => {
    await img('create', '-q', '-f', 'raw', 'base', '3M');
    const options = 'data_file=clusters,backing_file=base,backing_fmt=raw';
    await img('create', '-q', '-f', 'qcow2', '-o', options, 'disk', '5M');
    await io('disk', 'write -P 1 1M 300k');
    await flush(directory);
    await opened(path('disk'), 'qcow2', async ({ content, layer }) => {
      assert.equal(content.sizeBytes, 5 * 1024 * 1024);
      assert.deepEqual(
        layersOf(layer).map(({ format, capacityBytes }) => [format, capacityBytes]),
        [
          ['qcow2', 5 * 1024 * 1024],
          ['raw', 3 * 1024 * 1024],
        ],
      );
      const files = layersOf(layer).flatMap((one) => one.files);
      assert.deepEqual(
        files.map(({ role }) => role),
        ['image', 'data', 'image'],
      );
      for (const file of files) {
        const { blocks, size } = await stat(file.path);
        assert.deepEqual([file.allocationBytes, file.physicalBytes], [blocks * 512, size]);
      }
    });
  }),
);

test('huge sparse disks are read at both ends at once', { skip: noQemu }, () =>
  inWorkshop(async ({ path, img }) => {
    await img('create', '-q', '-f', 'qcow2', '-o', 'cluster_size=2M', 'disk', '1P');
    await withDisk(path('disk'), async (disk) => {
      assert.equal(disk.sizeBytes, 2 ** 50);
      for (const offset of [0, 2 ** 50 - 4096]) {
        assert.ok((await disk.read(offset, 4096)).every((byte) => byte === 0));
      }
    });
    await writeFile(path('sparse'), '');
    await truncate(path('sparse'), 2 ** 43);
    await opened(path('sparse'), 'auto', async ({ content }) => {
      assert.ok((await content.read(2 ** 43 - 512, 512)).every((byte) => byte === 0));
    });
  }),
);
