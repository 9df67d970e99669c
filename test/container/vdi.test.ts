// The disk inside a VDI, as QEMU reads it. QEMU and 7-Zip refuse differencing images and blocks that are not of 1 MiB: there
// the writer's model is the truth, and what one image of a chain holds itself is QEMU's word, told that it stands alone.
import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
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
import { type VdiFields, vdiImage } from './vdi-writer.js';

const noQemu = missing({ 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils' });
const [BASE, MIDDLE, TOP] = [
  'aaaaaaaa-0000-4000-8000-000000000001',
  'bbbbbbbb-0000-4000-8000-000000000002',
  'cccccccc-0000-4000-8000-000000000003',
];
const STATE = 'dddddddd-0000-4000-8000-000000000004';

for (const [name, options] of [
  ['dynamic', 'static=off'],
  ['fixed', 'static=on'],
] as const) {
  test(`vdi: ${name}: content, map and end are QEMU's`, { skip: noQemu }, () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'disk.vdi');
      const size = String(9 * MIB + 3 * 512);
      await run('qemu-img', ['create', '-q', '-f', 'vdi', '-o', options, path, size]);
      await run('qemu-io', [
        ...['-f', 'vdi', '-c', 'write -P 7 5M 70k', '-c', 'write -P 9 100k 10k'],
        ...['-c', 'write -P 3 9M 512', '-c', 'write -z 7M 1M', path],
      ]);
      const truth = await qemuReads(path, 'vdi');
      await opened(path, async (disk) => {
        await sameContent(disk, truth, name);
        assert.deepEqual(dataRuns(await extentsOf(disk)), await qemuRuns(path, 'vdi'));
        const { layer } = disk;
        assert.deepEqual([layer.format, layer.version, layer.features], ['vdi', '1.1', [name]]);
        assert.equal(layer.clusterBytes, MIB);
        // QEMU's check tells no end; its writer ends the file with the last block.
        assert.equal((await layer.inspect?.())?.watermarkBytes, (await stat(path)).size);
      });
    }),
  );
}

/** Every block of a disk, or those of some numbers. */
function blocksOf(disk: Uint8Array, blockBytes: number, numbers: readonly number[]) {
  return new Map(
    numbers.map((i) => {
      const block = Buffer.alloc(blockBytes);
      block.set(disk.subarray(i * blockBytes, (i + 1) * blockBytes));
      return [i, block] as const;
    }),
  );
}

interface Link {
  readonly fields: VdiFields;
  /** What the disk is at this layer. */
  readonly truth: Buffer;
}

/** Three images, each over the one before, and what each disk must be: blocks of the nearest image that has them. */
function chain(blockBytes: number, extraBytes = 0): readonly Link[] {
  const sizeBytes = 7 * blockBytes + 1536;
  const kinds = [1, 4, 4];
  const uuids = [BASE, MIDDLE, TOP];
  const plans = [
    { data: [0, 1, 2, 7], zero: [] },
    { data: [1, 5], zero: [2] },
    { data: [2, 6], zero: [0, 5] },
  ];
  let truth = Buffer.alloc(sizeBytes);
  return plans.map(({ data, zero }, level) => {
    const content = diskContent(sizeBytes, `vdi level ${level} of ${blockBytes}`);
    const stored = blocksOf(content, blockBytes, data);
    truth = Buffer.from(truth);
    for (const [i, block] of stored)
      truth.set(block.subarray(0, sizeBytes - i * blockBytes), i * blockBytes);
    for (const i of zero) truth.fill(0, i * blockBytes, (i + 1) * blockBytes);
    const zeros = zero.map((i) => [i, 'zero'] as const);
    const parentUuid = uuids[level - 1];
    const fields = {
      ...{ sizeBytes, blockBytes, extraBytes, kind: kinds[level] ?? 1, uuid: uuids[level] ?? BASE },
      modificationUuid: STATE,
      blocks: new Map<number, Uint8Array | 'zero'>([...stored, ...zeros]),
      ...(parentUuid === undefined ? {} : { parentUuid, parentModificationUuid: STATE }),
    };
    return { fields, truth };
  });
}

test('vdi: differencing images find their parents beside them', { skip: noQemu }, () =>
  inDirectory(async (directory) => {
    const links = chain(MIB);
    const names = ['Machine.vdi', '{bbbb}.VDI', '{cccc}.vdi'];
    await writeFile(join(directory, 'a.vdi'), 'not an image at all');
    await mkdir(join(directory, 'b.vdi'));
    for (const [i, { fields }] of links.entries()) {
      await writeFile(join(directory, names[i] ?? ''), vdiImage(fields));
    }
    for (const [i, { truth }] of links.entries()) {
      await opened(join(directory, names[i] ?? ''), async (disk) => {
        await sameContent(disk, truth, `level ${i}`);
        assert.equal(layersOf(disk.layer).length, i + 1);
      });
    }
    // The base, and what the last image holds itself, are also QEMU's word.
    const [base] = links;
    assert.ok(base !== undefined);
    assert.equal(
      Buffer.compare(await qemuReads(join(directory, 'Machine.vdi'), 'vdi'), base.truth),
      0,
    );
    const alone = await readFile(join(directory, '{cccc}.vdi'));
    alone.writeUInt32LE(1, 76);
    alone.fill(0, 424, 456);
    const path = join(directory, 'alone.vdi');
    await writeFile(path, alone);
    const own = await qemuReads(path, 'vdi');
    await opened(path, (disk) => sameContent(disk, own, 'the last image alone'));
    const top = links[2]?.truth ?? Buffer.alloc(0);
    assert.equal(Buffer.compare(own.subarray(6 * MIB, 7 * MIB), top.subarray(6 * MIB, 7 * MIB)), 0);
  }),
);

test('vdi: differencing images with small blocks and bytes in front of them', () =>
  inDirectory(async (directory) => {
    const links = chain(16 * KIB, 512);
    for (const [i, { fields }] of links.entries()) {
      await writeFile(join(directory, `${i}.vdi`), vdiImage(fields));
    }
    await opened(join(directory, '2.vdi'), (disk) =>
      sameContent(disk, links[2]?.truth ?? Buffer.alloc(0), 'top'),
    );
  }));

test('vdi: a parent that is missing or was written to is named', () =>
  inDirectory(async (directory) => {
    const [base, middle] = chain(64 * KIB);
    assert.ok(base !== undefined && middle !== undefined);
    const path = join(directory, 'middle.vdi');
    await writeFile(path, vdiImage(middle.fields));
    const isMissing = (words: RegExp) => (error: unknown) =>
      error instanceof VirtDfError && error.code === 'MISSING_DEVICE' && words.test(error.message);
    const open = () => opened(path, async () => {});
    await assert.rejects(open, isMissing(/continues the image aaaaaaaa-0000.* in no \.vdi file/u));
    await opened(
      path,
      async ({ layer }) => assert.equal(layer.backing?.problem?.code, 'MISSING_DEVICE'),
      {
        keepsBroken: true,
      },
    );
    await writeFile(
      join(directory, 'base.vdi'),
      vdiImage({ ...base.fields, modificationUuid: TOP }),
    );
    await assert.rejects(open, isMissing(/written to since/u));
    await writeFile(join(directory, 'other.vdi'), vdiImage(base.fields));
    await opened(path, (disk) => sameContent(disk, middle.truth, 'middle'));
  }));

test('vdi: chains that come back to themselves end', () =>
  inDirectory(async (directory) => {
    const sizeBytes = 64 * KIB;
    const image = (uuid: string, parentUuid: string) =>
      vdiImage({ sizeBytes, kind: 4, uuid, parentUuid });
    assert.equal(await outcome(image(BASE, BASE)), 'LOOP');
    await writeFile(join(directory, '0.vdi'), image(BASE, MIDDLE));
    await writeFile(join(directory, '1.vdi'), image(MIDDLE, BASE));
    await assert.rejects(
      () => opened(join(directory, '0.vdi'), async () => {}),
      (error) => error instanceof VirtDfError && error.code === 'LOOP',
    );
  }));

const U32 = 0xffffffff;

/** [what, code, offset, bytes of the field, value] */
const HEADERS: readonly (readonly [string, ErrorCode | 'read', number, 4 | 8, bigint])[] = [
  ['version 0.1', 'UNSUPPORTED_FORMAT', 68, 4, 0x00000001n],
  ['version 2.0', 'UNSUPPORTED_FORMAT', 68, 4, 0x00020000n],
  ['a header of 0 bytes', 'OUT_OF_BOUNDS', 72, 4, 0n],
  ['a header of 2^32 - 1 bytes', 'OUT_OF_BOUNDS', 72, 4, 0xffffffffn],
  ['type 0', 'OUT_OF_BOUNDS', 76, 4, 0n],
  ['type 5', 'OUT_OF_BOUNDS', 76, 4, 5n],
  ['a differencing one without a parent', 'INVALID', 76, 4, 4n],
  ['a map behind the end', 'OUT_OF_BOUNDS', 340, 4, 0xfffffff0n],
  ['a map in the header', 'OUT_OF_BOUNDS', 340, 4, 72n],
  ['blocks behind the end', 'TRUNCATED', 344, 4, 0xfffffff0n],
  ['a disk of 2^64 - 1 bytes', 'OUT_OF_BOUNDS', 368, 8, 0xffffffffffffffffn],
  ['a disk of 2^53 + 1 bytes', 'OUT_OF_BOUNDS', 368, 8, 2n ** 53n + 1n],
  ['a disk that its blocks do not hold', 'INVALID', 368, 8, 2n ** 40n],
  ['blocks of 0 bytes', 'OUT_OF_BOUNDS', 376, 4, 0n],
  ['blocks of 1000000 bytes', 'INVALID', 376, 4, 1_000_000n],
  ['blocks of 2^31 bytes', 'OUT_OF_BOUNDS', 376, 4, 2n ** 31n],
  ['an extra of 2^32 - 1 bytes', 'OUT_OF_BOUNDS', 380, 4, 0xffffffffn],
  ['2^32 - 1 blocks', 'OUT_OF_BOUNDS', 384, 4, 0xffffffffn],
  ['no blocks', 'INVALID', 384, 4, 0n],
  ['more blocks than the disk needs', 'read', 384, 4, 2n ** 31n],
  ['a block behind the end', 'TRUNCATED', 512, 4, 0x7fffffffn],
];

const sound = vdiImage({
  sizeBytes: 4 * 64 * KIB,
  blockBytes: 64 * KIB,
  blocks: blocksOf(diskContent(4 * 64 * KIB, 'vdi sound'), 64 * KIB, [0, 2]),
});

test('vdi: what no writer says is an error with a code', async () => {
  assert.equal(await outcome(sound), 'read');
  for (const [what, code, offset, width, value] of HEADERS) {
    const image = Buffer.from(sound);
    if (width === 4) image.writeUInt32LE(Number(value), offset);
    else image.writeBigUInt64LE(value, offset);
    assert.equal(await outcome(image), code, what);
  }
  assert.equal(await outcome(sound.subarray(0, 300), 'vdi'), 'TRUNCATED');
  assert.equal(await outcome(sound.subarray(0, 300)), 'read', 'raw');
});

test('vdi: a map of 4 GiB is not read to open a disk of petabytes', async () => {
  const image = vdiImage({ sizeBytes: 512, headerBytes: 384 });
  image.writeBigUInt64LE(BigInt(U32 - 1) * 2n ** 20n, 368);
  image.writeUInt32LE(U32 - 1, 384);
  assert.equal(await outcome(image), 'TRUNCATED');
});

test('vdi: whatever is changed, there is content or a code', async () => {
  for (let i = 0; i < 300; i++) await outcome(mutated(sound, `vdi ${i}`, 544), 'vdi');
});
