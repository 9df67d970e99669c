// Android's logical partitions: each with the row of the filesystem that was put there, whatever the extents and slots.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { imageGuest } from '../../src/guests/images.js';
import { liblp } from '../../src/volume/liblp.js';
import { inDirectory, MIB, mutated } from '../container/block-images.js';
import { memorySource } from '../memory-source.js';
import { dfOf } from '../queries/sources.js';
import { run } from '../run.js';
import { missing, toolEnv } from '../tools.js';
import { type Extent, metadataOf, type Slot, superHead } from './support/liblp.js';

const START = 2048;
const sectorsOf = (bytes: number) => bytes / 512;
const skip = missing({
  mke2fs: 'e2fsprogs',
  'mkfs.erofs': 'erofs-utils',
  img2simg: 'android-sdk-libsparse-utils',
});

const SYSTEM: readonly Extent[] = [
  { sectors: sectorsOf(2 * MIB), at: START + sectorsOf(2 * MIB) },
  { sectors: sectorsOf(2 * MIB), at: START },
  { sectors: sectorsOf(4 * MIB), at: START + sectorsOf(4 * MIB) },
];
const VENDOR: readonly Extent[] = [{ sectors: sectorsOf(MIB), at: START + sectorsOf(8 * MIB) }];
const SLOT: Slot = { system_a: SYSTEM, vendor_a: VENDOR, system_b: [] };

/** system_a lies in three pieces, the first two the wrong way round. */
async function superImage(directory: string, metadata: readonly Buffer[]): Promise<Buffer> {
  const [system, vendor] = [join(directory, 'system'), join(directory, 'vendor')];
  await writeFile(system, Buffer.alloc(8 * MIB));
  await run('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'system', system], { env: toolEnv });
  const files = join(directory, 'files');
  await mkdir(files);
  await writeFile(join(files, 'a'), Buffer.alloc(50_000, 'a'));
  await run('mkfs.erofs', [vendor, files], { env: toolEnv });
  const bytes = await readFile(system);
  const small = Buffer.alloc(MIB);
  (await readFile(vendor)).copy(small);
  const pieces = [bytes.subarray(2 * MIB, 4 * MIB), bytes.subarray(0, 2 * MIB)];
  return Buffer.concat([superHead(metadata), ...pieces, bytes.subarray(4 * MIB), small]);
}

async function rowsOf(path: string) {
  const { filesystems, problems } = await dfOf(imageGuest([path], 'auto'));
  return {
    problems: problems.map(({ code }) => code),
    rows: filesystems.map(({ device, type, label, usedBytes }) => ({
      device,
      type,
      label,
      usedBytes,
    })),
  };
}

test('liblp: each partition has its filesystem, in a sparse image too', { skip }, () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'super.img');
    await writeFile(path, await superImage(directory, [metadataOf(SLOT), metadataOf(SLOT)]));
    const [system] = (await rowsOf(join(directory, 'system'))).rows;
    const [vendor] = (await rowsOf(join(directory, 'vendor'))).rows;
    assert.deepEqual([system?.label, vendor?.type], ['system', 'erofs']);
    const wanted = [
      { ...system, device: '/dev/mapper/system_a' },
      { ...vendor, device: '/dev/mapper/vendor_a' },
    ];
    const plain = await rowsOf(path);
    assert.deepEqual(plain, { problems: [], rows: wanted });
    await run('img2simg', [path, `${path}.simg`]);
    assert.deepEqual(await rowsOf(`${path}.simg`), plain);
  }),
);

async function volumesOf(bytes: Uint8Array) {
  const { volumes, problems } = await liblp.join([
    { device: '/dev/sda', source: memorySource(bytes) },
  ]);
  const told = volumes.map(({ device, sizeBytes, source }) => {
    return [device, sizeBytes, source instanceof VirtDfError ? source.code : 'read'];
  });
  return { told, codes: problems.map(({ error }) => error.code) };
}

const content = Buffer.alloc(9 * MIB);
const imageOf = (...metadata: readonly Buffer[]) => Buffer.concat([superHead(metadata), content]);

test('liblp: slots, zeros, other devices, and what was cut off', async () => {
  const other: Slot = {
    system_a: SYSTEM,
    vendor_a: [
      { sectors: 8, at: START },
      { sectors: 8, at: null },
    ],
    odm_b: [{ sectors: 8, at: 9, device: 1 }],
    product_b: [{ sectors: 8, at: 2 ** 40 }],
  };
  assert.deepEqual(await volumesOf(imageOf(metadataOf(SLOT), metadataOf(other))), {
    told: [
      ['/dev/mapper/system_a', 8 * MIB, 'read'],
      ['/dev/mapper/vendor_a', MIB, 'read'],
      ['/dev/mapper/system_b', 0, 'read'],
      ['/dev/mapper/vendor_a.slot1', 8192, 'read'],
      ['/dev/mapper/odm_b', 4096, 'MISSING_DEVICE'],
      ['/dev/mapper/product_b', 4096, 'TRUNCATED'],
    ],
    codes: [],
  });
});

test('liblp: a copy stands for what is damaged', async () => {
  const sound = imageOf(metadataOf(SLOT), metadataOf(SLOT));
  const whole = await volumesOf(sound);
  assert.equal(whole.told.length, 3);
  for (const at of [4100, 12_288, 12_300, 12_288 + 300, 16_384]) {
    const bytes = Buffer.from(sound);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    assert.equal(await liblp.probe(memorySource(bytes)), true);
    assert.deepEqual(await volumesOf(bytes), whole, `byte ${at}`);
  }
  const [gone, both] = [Buffer.from(sound), Buffer.from(sound)];
  gone.fill(0, 4096, 12_288);
  assert.equal(await liblp.probe(memorySource(gone)), false);
  for (const at of [12_400, 12_400 + 8192]) both[at] = 0xee;
  assert.deepEqual((await volumesOf(both)).codes, ['BAD_CHECKSUM']);
  assert.deepEqual((await volumesOf(sound.subarray(0, 12_300))).codes, ['TRUNCATED']);
});

test('liblp: what no writer says is an error with a code', async () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['UNSUPPORTED_FEATURE', 4, 11],
    ['OUT_OF_BOUNDS', 8, 8192],
    ['OUT_OF_BOUNDS', 44, 0xffffffff],
    ['BAD_CHECKSUM', 44, 10],
    ['OUT_OF_BOUNDS', 80, 0xffffffff],
    ['OUT_OF_BOUNDS', 84, 0xffffffff],
    ['OUT_OF_BOUNDS', 88, 0],
    ['OUT_OF_BOUNDS', 96, 1000],
  ];
  for (const [code, at, value] of cases) {
    const metadata = metadataOf(SLOT, (header) => header.writeUInt32LE(value, at));
    assert.deepEqual((await volumesOf(imageOf(metadata))).codes, [code], `${at}: ${value}`);
  }
  const huge = metadataOf({ a: [{ sectors: 2 ** 53, at: 0 }] });
  assert.deepEqual((await volumesOf(imageOf(huge))).codes, ['OUT_OF_BOUNDS']);
  const odd = metadataOf({ a: [{ sectors: 1, at: 0, kind: 7 }] });
  assert.deepEqual((await volumesOf(imageOf(odd))).codes, ['UNSUPPORTED_FEATURE']);
});

test('liblp: whatever is changed, there are volumes or a code', async () => {
  const sound = imageOf(metadataOf(SLOT), metadataOf(SLOT));
  for (let i = 0; i < 300; i++) {
    const bytes = mutated(sound, `liblp ${i}`, 20_480);
    if (await liblp.probe(memorySource(bytes))) await volumesOf(bytes);
  }
});
