// The disk inside a Parallels image, as QEMU reads it, and inside a folder of them, as QEMU reads its images one by one.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { layersOf } from '../../src/container/container.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
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
  qemuRuns,
  sameContent,
} from './block-images.js';
import {
  type DescriptorFields,
  descriptorXml,
  NO_GUID,
  parallelsImage,
  TOP_GUID,
} from './parallels-writer.js';

const noQemu = missing({ 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils' });
const SECTOR = 512;
const CLUSTER = 64 * KIB;

for (const clusterBytes of [4 * KIB, 64 * KIB, MIB, 4 * MIB]) {
  test(
    `parallels: clusters of ${clusterBytes}: content, map and end are QEMU's`,
    {
      skip: noQemu,
    },
    () =>
      inDirectory(async (directory) => {
        const path = join(directory, 'disk.hds');
        const options = `cluster_size=${clusterBytes}`;
        const size = String(9 * MIB + 3 * SECTOR);
        await run('qemu-img', ['create', '-q', '-f', 'parallels', '-o', options, path, size]);
        await run('qemu-io', [
          ...['-f', 'parallels', '-c', 'write -P 7 5M 70k', '-c', 'write -P 9 100k 10k'],
          ...['-c', 'write -P 3 9M 512', '-c', 'write -z 7M 1M', path],
        ]);
        const truth = await qemuReads(path, 'parallels');
        const check = await run('qemu-img', ['check', '-f', 'parallels', '--output=json', path]);
        await opened(path, async (disk) => {
          await sameContent(disk, truth, options);
          assert.deepEqual(dataRuns(await extentsOf(disk)), await qemuRuns(path, 'parallels'));
          assert.equal(disk.layer.clusterBytes, clusterBytes);
          const end: unknown = JSON.parse(check.stdout)['image-end-offset'];
          assert.equal((await disk.layer.inspect?.())?.watermarkBytes, end);
        });
      }),
  );
}

test('parallels: both magics, and images that were not closed', { skip: noQemu }, () =>
  inDirectory(async (directory) => {
    const disk = diskContent(3 * MIB + SECTOR, 'parallels magics');
    for (const isExtended of [false, true]) {
      for (const clusterSectors of [63, 128]) {
        const path = join(directory, 'disk.hds');
        const stored = [0, 1, 5, 17];
        const inUse = isExtended ? 0x746f6e59 : 0x312e3276;
        await writeFile(path, parallelsImage({ disk, isExtended, clusterSectors, stored, inUse }));
        const truth = await qemuReads(path, 'parallels');
        await opened(path, async (found) => {
          await sameContent(found, truth, `${isExtended} ${clusterSectors}`);
          assert.deepEqual(found.layer.features, isExtended ? ['dirty'] : []);
          const magic = isExtended ? 'WithouFreSpacExt' : 'WithoutFreeSpace';
          assert.equal(found.layer.version, magic);
        });
      }
    }
  }),
);

const GUIDS = [
  '{11111111-0000-4000-8000-000000000000}',
  '{22222222-0000-4000-8000-000000000000}',
  TOP_GUID,
] as const;

/** Two parts, three snapshots; what the active disk is, from what QEMU reads in each image. */
async function makeBundle(directory: string, fields: Partial<DescriptorFields> = {}) {
  const parts = [
    { start: 0, end: 2048 },
    { start: 2048, end: 5120 + 3 },
  ];
  const plans = [
    [0, 1, 2, 3, 9],
    [1, 4, 7],
    [2, 4, 10],
  ];
  const truths: Buffer[] = [];
  const storages = [];
  for (const [p, { start, end }] of parts.entries()) {
    const images = [];
    const bytes = (end - start) * SECTOR;
    const truth = Buffer.alloc(bytes);
    for (const [level, guid] of GUIDS.entries()) {
      const file = `disk.hdd.${p}.${guid}.hds`;
      const disk = diskContent(bytes, `parallels part ${p} level ${level}`);
      const last = Math.ceil(bytes / CLUSTER) - 1;
      const stored = (plans[level] ?? []).filter((i) => i <= last);
      const isPlain = p === 0 && level === 0;
      const path = join(directory, file);
      await writeFile(path, isPlain ? disk : parallelsImage({ disk, stored }));
      const own = isPlain ? disk : await qemuReads(path, 'parallels');
      const all = Array.from({ length: last + 1 }, (_, i) => i);
      for (const i of isPlain ? all : stored) {
        truth.set(own.subarray(i * CLUSTER, (i + 1) * CLUSTER), i * CLUSTER);
      }
      images.push({ guid, file, type: isPlain ? 'Plain' : 'Compressed' });
    }
    truths.push(truth);
    storages.push({ start, end, images });
  }
  const shots = [
    [GUIDS[2], GUIDS[1]],
    [GUIDS[1], GUIDS[0]],
    [GUIDS[0], NO_GUID],
  ] as const;
  const path = join(directory, 'DiskDescriptor.xml');
  // The order of the parts in the file is nobody's word.
  const all = { size: 5123, storages: storages.toReversed(), shots, ...fields };
  await writeFile(path, descriptorXml(all));
  return { path, truth: Buffer.concat(truths) };
}

test('parallels: a folder of split images with snapshots', { skip: noQemu }, () =>
  inDirectory(async (directory) => {
    const { path, truth } = await makeBundle(directory);
    await opened(path, async (disk) => {
      await sameContent(disk, truth, 'bundle');
      const layers = layersOf(disk.layer);
      assert.deepEqual(
        layers.map(({ format }) => format),
        ['parallels', 'parallels', 'parallels'],
      );
      assert.deepEqual(
        disk.layer.files.map((file) => [file.role, file.path.split('/').at(-1)?.slice(0, 10)]),
        [
          ['image', 'DiskDescri'],
          ['extent', 'disk.hdd.0'],
          ['extent', 'disk.hdd.1'],
        ],
      );
      await extentsOf(disk);
    });
    await opened(path, (disk) => sameContent(disk, truth, 'declared'), { format: 'ploop' });
  }),
);

test('parallels: the active image is the one that TopGUID names', { skip: noQemu }, () =>
  inDirectory(async (directory) => {
    const whole = await makeBundle(directory);
    const { path } = await makeBundle(directory, { top: GUIDS[1] });
    await opened(path, async ({ layer, content }) => {
      assert.equal(layersOf(layer).length, 2);
      assert.notEqual(Buffer.compare(await content.read(0, whole.truth.length), whole.truth), 0);
    });
  }),
);

/** What a descriptor alone leads to. */
async function descriptorOutcome(
  fields: Partial<DescriptorFields>,
  edit = (xml: string) => xml,
): Promise<ErrorCode | 'read'> {
  const images = [{ guid: TOP_GUID, file: 'disk.hds' }];
  const all = { size: 128, storages: [{ start: 0, end: 128, images }], ...fields };
  return inDirectory(async (directory) => {
    const path = join(directory, 'DiskDescriptor.xml');
    await writeFile(path, edit(descriptorXml(all)));
    await writeFile(join(directory, 'disk.hds'), parallelsImage({ disk: Buffer.alloc(CLUSTER) }));
    try {
      await opened(path, ({ content }) => content.read(0, content.sizeBytes));
      return 'read';
    } catch (error) {
      if (error instanceof VirtDfError) return error.code;
      throw error;
    }
  });
}

test('parallels: descriptors that nobody writes are errors with a code', async () => {
  const named = (file: string) => [{ start: 0, end: 128, images: [{ guid: TOP_GUID, file }] }];
  const image = { guid: TOP_GUID, file: 'disk.hds' };
  const doctype = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>';
  const cases: readonly (readonly [string, ErrorCode | 'read', Partial<DescriptorFields>])[] = [
    ['sound', 'read', {}],
    ['version 2.0', 'UNSUPPORTED_FORMAT', { version: '2.0' }],
    ['a path of the host', 'NOT_ALLOWED', { storages: named('/etc/passwd') }],
    ['a path above', 'NOT_ALLOWED', { storages: named('../../etc/passwd') }],
    ['a protocol', 'NOT_ALLOWED', { storages: named('nbd:localhost:10809') }],
    ['no name', 'NOT_ALLOWED', { storages: named('') }],
    ['itself', 'LOOP', { storages: named('DiskDescriptor.xml') }],
    ['no parts', 'INVALID', { storages: [] }],
    ['a gap', 'INVALID', { storages: [{ start: 8, end: 128, images: [image] }] }],
    ['a part of nothing', 'INVALID', { storages: [{ start: 0, end: 0, images: [image] }] }],
    ['one image twice', 'INVALID', { storages: [{ start: 0, end: 128, images: [image, image] }] }],
    ['a disk of 2^53 sectors', 'INVALID', { size: 2 ** 53 }],
    ['a part that is not there', 'INVALID', { size: 256 }],
    [
      'a ring of snapshots',
      'LOOP',
      {
        shots: [
          [TOP_GUID, GUIDS[0]],
          [GUIDS[0], TOP_GUID],
        ],
      },
    ],
    ['a snapshot without image', 'INVALID', { shots: [[TOP_GUID, GUIDS[0]]] }],
    ['a GUID that is none', 'INVALID', { shots: [['__proto__', TOP_GUID]] }],
    [
      'an encrypted disk',
      'ENCRYPTED',
      {
        parameters: `<Encryption><Engine>${GUIDS[0]}</Engine></Encryption>`,
      },
    ],
    ['a document type', 'INVALID', { prolog: doctype }],
  ];
  for (const [what, code, fields] of cases) {
    assert.equal(await descriptorOutcome(fields), code, what);
  }
  const padded = (xml: string) => xml.replace('<Padding>0', '<Padding>1');
  assert.equal(await descriptorOutcome({}, padded), 'UNSUPPORTED_FEATURE');
  const deep = (xml: string) => xml.replace('<Snapshots>', '<Snapshots>'.repeat(20_000));
  assert.equal(await descriptorOutcome({}, deep), 'LIMIT');
  const large = (xml: string) => xml + ' '.repeat(2 * MIB);
  assert.equal(await descriptorOutcome({}, large), 'LIMIT');
  assert.equal(
    await descriptorOutcome({}, (xml) => xml.replaceAll('Parallels_', 'Other_')),
    'read',
  );
});

test('parallels: chains of more snapshots than any disk has end', () => {
  const guid = (i: number) => `{${String(i).padStart(8, '0')}-0000-4000-8000-000000000000}`;
  const shots = Array.from({ length: 5000 }, (_, i) => [guid(i), guid(i + 1)] as const);
  return descriptorOutcome({ shots, top: guid(0) }).then((code) => assert.equal(code, 'LIMIT'));
});

const sound = parallelsImage({
  disk: diskContent(8 * CLUSTER, 'parallels sound'),
  stored: [0, 2, 7],
});

test('parallels: what no writer says is an error with a code', async () => {
  assert.equal(await outcome(sound), 'read');
  const cases: readonly (readonly [string, ErrorCode | 'read', number, number])[] = [
    ['version 1', 'UNSUPPORTED_FORMAT', 16, 1],
    ['no sectors in a cluster', 'OUT_OF_BOUNDS', 28, 0],
    ['2^32 - 1 sectors in a cluster', 'OUT_OF_BOUNDS', 28, 0xffffffff],
    ['more sectors in a cluster than QEMU takes', 'OUT_OF_BOUNDS', 28, 0x400000],
    ['2^32 - 1 entries', 'OUT_OF_BOUNDS', 32, 0xffffffff],
    ['2^29 - 1 entries', 'TRUNCATED', 32, 0x1fffffff],
    ['a disk of 2^60 sectors', 'OUT_OF_BOUNDS', 40, 0x10000000],
    ['a disk behind the table', 'read', 36, 0x100000],
    ['a cluster behind the end', 'TRUNCATED', 64, 0xffffffff],
  ];
  for (const [what, code, offset, value] of cases) {
    const image = Buffer.from(sound);
    image.writeUInt32LE(value, offset);
    assert.equal(await outcome(image), code, what);
  }
  assert.equal(await outcome(sound.subarray(0, 40), 'parallels'), 'TRUNCATED');
});

test('parallels: whatever is changed, there is content or a code', async () => {
  for (let i = 0; i < 300; i++) await outcome(mutated(sound, `parallels ${i}`, 96), 'parallels');
});
