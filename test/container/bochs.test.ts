// The disk inside a growing image of Bochs's: made by bximage, read by QEMU.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/errors.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import {
  dataRuns,
  diskContent,
  extentsOf,
  inDirectory,
  KIB,
  MIB,
  mutated,
  opened,
  outcome,
  qemuReads,
  sameContent,
} from './block-images.js';
import { bochsImage } from './bochs-writer.js';

const noQemu = missing({ 'qemu-img': 'qemu-utils' });
const noBochs = missing({ bximage: 'bximage', 'qemu-img': 'qemu-utils' });

test('bochs: what bximage writes', { skip: noBochs }, () =>
  inDirectory(async (directory) => {
    const disk = diskContent(6 * MIB, 'bochs');
    const [raw, path] = [join(directory, 'disk'), join(directory, 'disk.bochs')];
    await writeFile(raw, disk);
    await run('bximage', ['-q', '-func=convert', '-imgmode=growing', raw, path]);
    const truth = await qemuReads(path, 'bochs');
    assert.equal(Buffer.compare(truth, disk), 0);
    await opened(path, async (found) => {
      await sameContent(found, truth, 'bximage');
      const { layer } = found;
      assert.deepEqual([layer.format, layer.version, layer.features], ['bochs', '2', ['growing']]);
      const size = layer.files[0]?.physicalBytes;
      assert.equal((await layer.inspect?.())?.watermarkBytes, size);
    });
  }),
);

for (const version of [1, 2] as const) {
  test(
    `bochs: version ${version}: only the sectors that the bitmaps name are read`,
    {
      skip: noQemu,
    },
    () =>
      inDirectory(async (directory) => {
        for (const extentBytes of [512, 4 * KIB, 64 * KIB, 4 * MIB]) {
          const path = join(directory, 'disk.bochs');
          await writeFile(path, bochsImage({ version, extentBytes, extentCount: 5 }));
          const truth = await qemuReads(path, 'bochs');
          await opened(path, async (disk) => {
            await sameContent(disk, truth, `extents of ${extentBytes}`);
            assert.ok(dataRuns(await extentsOf(disk)).length > 0);
          });
        }
      }),
  );
}

const sound = bochsImage({ version: 2, extentBytes: 16 * KIB, extentCount: 8 });

test('bochs: what no writer says is an error with a code', async () => {
  assert.equal(await outcome(sound), 'read');
  const cases: readonly (readonly [string, ErrorCode | 'read', number, number])[] = [
    ['version 3', 'UNSUPPORTED_FORMAT', 64, 0x30000],
    ['a header of 2^32 - 1 bytes', 'OUT_OF_BOUNDS', 68, 0xffffffff],
    ['a header of 0 bytes', 'OUT_OF_BOUNDS', 68, 0],
    ['2^32 - 1 entries', 'OUT_OF_BOUNDS', 72, 0xffffffff],
    ['as many entries as QEMU takes', 'TRUNCATED', 72, 0x100000],
    ['fewer entries than the disk needs', 'OUT_OF_BOUNDS', 72, 7],
    ['no bitmap', 'OUT_OF_BOUNDS', 76, 0],
    ['a bitmap of 2^32 - 1 bytes', 'OUT_OF_BOUNDS', 76, 0xffffffff],
    ['extents of 0 bytes', 'OUT_OF_BOUNDS', 80, 0],
    ['extents of 2^31 bytes', 'OUT_OF_BOUNDS', 80, 0x80000000],
    ['extents of 16 MiB', 'OUT_OF_BOUNDS', 80, 0x1000000],
    ['extents of 1000 bytes', 'INVALID', 80, 1000],
    ['a disk of 2^56 bytes', 'OUT_OF_BOUNDS', 92, 0x1000000],
    ['an extent behind the end', 'OUT_OF_BOUNDS', 512, 0x7fffffff],
  ];
  for (const [what, code, offset, value] of cases) {
    const image = Buffer.from(sound);
    image.writeUInt32LE(value, offset);
    assert.equal(await outcome(image), code, what);
  }
  assert.equal(await outcome(sound.subarray(0, 500), 'bochs'), 'TRUNCATED');
});

test('bochs: redologs over an image that they do not name are refused by name', async () => {
  for (const subkind of ['Undoable', 'Volatile']) {
    const image = bochsImage({ version: 2, extentBytes: 4 * KIB, extentCount: 1, subkind });
    assert.equal(await outcome(image), 'UNSUPPORTED_FEATURE', subkind);
  }
});

test('bochs: whatever is changed, there is content or a code', async () => {
  for (let i = 0; i < 300; i++) await outcome(mutated(sound, `bochs ${i}`, 560), 'bochs');
});
