// The disk inside a dmg, as QEMU and dmg2img read it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { decompressBzip2 } from '../../src/container/compression/bzip2.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import {
  diskContent,
  extentsOf,
  inDirectory,
  MIB,
  mutated,
  opened,
  outcome,
  qemuReads,
  sameContent,
} from './block-images.js';
import { type Chunk, chunkOf, type DmgFields, dmgImage, dmgOf, KIND } from './dmg-writer.js';

const noQemu = missing({ 'qemu-img': 'qemu-utils' });
const noBzip2 = missing({ bzip2: 'bzip2' });
const noDmg2img = missing({ dmg2img: 'dmg2img', bzip2: 'bzip2' });
const SECTOR = 512;

const WRITTEN: readonly (readonly [string, readonly number[], number, Partial<DmgFields>])[] = [
  ['raw', [KIND.raw], 512, {}],
  ['zlib', [KIND.zlib], 512, {}],
  ['both in small chunks', [KIND.zlib, KIND.raw], 37, {}],
  ['a data fork that begins later', [KIND.zlib, KIND.raw], 64, { lead: 777 }],
  ['a resource fork', [KIND.zlib, KIND.raw], 64, { in: 'rsrc' }],
];

for (const [name, kinds, chunkSectors, fields] of WRITTEN) {
  test(`dmg: ${name}: the content is QEMU's`, { skip: noQemu }, () =>
    inDirectory(async (directory) => {
      const content = diskContent(3 * MIB + 3 * SECTOR, `dmg ${name}`);
      const path = join(directory, 'disk.dmg');
      await writeFile(path, dmgOf(content, kinds, chunkSectors, fields));
      const truth = await qemuReads(path, 'dmg');
      assert.equal(Buffer.compare(truth, content), 0);
      await opened(path, async (disk) => {
        await sameContent(disk, truth, name);
        assert.deepEqual([disk.layer.format, disk.layer.version], ['dmg', '4']);
        await extentsOf(disk);
      });
    }),
  );
}

const BY_DMG2IMG: readonly (readonly [string, readonly number[], number])[] = [
  ['ADC', [KIND.adc], 512],
  ['bzip2', [KIND.bzip2], 512],
  ['bzip2 of several blocks', [KIND.bzip2], 4096],
  ['all kinds in small chunks', [KIND.adc, KIND.zlib, KIND.bzip2, KIND.raw], 37],
];

// Debian's QEMU is built without bzip2, and no QEMU reads ADC.
for (const [name, kinds, chunkSectors] of BY_DMG2IMG) {
  test(`dmg: ${name}: the content is dmg2img's`, { skip: noDmg2img }, () =>
    inDirectory(async (directory) => {
      const content = diskContent(3 * MIB, `dmg ${name}`);
      const [path, raw] = [join(directory, 'disk.dmg'), join(directory, 'raw')];
      await writeFile(path, dmgOf(content, kinds, chunkSectors));
      await run('dmg2img', ['-s', path, raw]);
      const truth = await readFile(raw);
      assert.equal(Buffer.compare(truth, content), 0);
      await opened(path, async (disk) => {
        await sameContent(disk, truth, name);
        assert.equal(disk.layer.features.length, kinds.length);
      });
    }),
  );
}

test(
  'dmg: LZMA in the first chunk, which is a whole xz file',
  {
    skip: missing({ xz: 'xz-utils' }),
  },
  () =>
    inDirectory(async (directory) => {
      const content = diskContent(2 * MIB, 'dmg LZMA');
      const path = join(directory, 'disk.dmg');
      await writeFile(path, dmgOf(content, [KIND.lzma], 512));
      await opened(path, async (disk) => {
        await sameContent(disk, content, 'LZMA');
        assert.deepEqual([disk.layer.format, disk.layer.features], ['dmg', ['lzma']]);
      });
      const chunk = chunkOf(content, 0, 64, KIND.lzma);
      for (const [what, sectors, stream, code] of [
        ['sound', 64, chunk.stream, 'read'],
        ['too few sectors', 63, chunk.stream, 'INVALID'],
        ['too many', 65, chunk.stream, 'INVALID'],
        ['no xz', 64, Buffer.alloc(100), 'INVALID'],
        ['cut off', 64, chunk.stream?.subarray(0, -4), 'BAD_MAGIC'],
      ] as const) {
        const chunks = [{ kind: KIND.lzma, sector: 0, sectors, stream: stream ?? content }];
        const image = dmgImage({ sectors: 80, partitions: [{ sector: 0, chunks }] });
        assert.equal(await outcome(image), code, what);
      }
    }),
);

test('dmg: partitions in any order, with gaps between them', () =>
  inDirectory(async (directory) => {
    const disk = Buffer.alloc(100 * SECTOR);
    disk.fill('second', 60 * SECTOR, 80 * SECTOR);
    disk.fill('first', 10 * SECTOR, 20 * SECTOR);
    const zlib = (sector: number, sectors: number): Chunk => ({
      ...chunkOf(disk, sector, sectors, KIND.zlib),
      sector: 0,
    });
    const partitions = [
      { sector: 60, chunks: [zlib(60, 20)] },
      { sector: 10, chunks: [zlib(10, 10)] },
    ];
    const path = join(directory, 'disk.dmg');
    await writeFile(path, dmgImage({ sectors: 100, partitions }));
    await opened(path, async (found) => {
      await sameContent(found, disk, 'gaps');
      const extents = await extentsOf(found);
      assert.deepEqual(
        extents.map(({ kind, lengthBytes }) => `${kind} ${lengthBytes / SECTOR}`),
        ['zero 10', 'compressed 10', 'zero 40', 'compressed 20', 'zero 20'],
      );
    });
  }));

test('dmg: what cannot be decompressed is refused by name, when it is read', async () => {
  for (const [kind, name] of [[0x80000099, '0x80000099']] as const) {
    const chunks = [
      { kind: KIND.zero, sector: 0, sectors: 8 },
      { kind, sector: 8, sectors: 8, stream: Buffer.alloc(100) },
    ];
    await inDirectory(async (directory) => {
      const path = join(directory, 'disk.dmg');
      await writeFile(path, dmgImage({ sectors: 16, partitions: [{ sector: 0, chunks }] }));
      await opened(path, async ({ content }) => {
        assert.equal((await content.read(0, 4096)).length, 4096);
        await assert.rejects(
          () => content.read(4096, 512),
          (error) =>
            error instanceof VirtDfError &&
            error.code === 'UNSUPPORTED_FEATURE' &&
            error.message.includes(name),
        );
      });
    });
  }
});

/** A disk of 64 sectors with one chunk. */
function oneChunk(chunk: Partial<Chunk>, fields: Partial<DmgFields> = {}): Buffer {
  const stream = deflateSync(Buffer.alloc(64 * SECTOR, 7));
  const chunks = [{ kind: KIND.zlib, sector: 0, sectors: 64, stream, ...chunk }];
  return dmgImage({ sectors: 64, partitions: [{ sector: 0, chunks }], ...fields });
}

test('dmg: what no writer says is an error with a code', async () => {
  const raw = { kind: KIND.raw, stream: Buffer.alloc(100) };
  const zero = { kind: KIND.zero, sector: 0, sectors: 64 };
  const cases: readonly (readonly [string, ErrorCode | 'read', Buffer])[] = [
    ['sound', 'read', oneChunk({})],
    ['a chunk behind the disk', 'OUT_OF_BOUNDS', oneChunk({ sector: 65 })],
    ['a chunk beyond the disk', 'OUT_OF_BOUNDS', oneChunk({ sector: 1 })],
    ['a chunk of 2^52 sectors', 'OUT_OF_BOUNDS', oneChunk({ sectors: 2 ** 52 })],
    ['a chunk of too few sectors', 'INVALID', oneChunk({ sectors: 63 })],
    ['a stream of nothing', 'OUT_OF_BOUNDS', oneChunk({ stream: Buffer.alloc(0) })],
    ['a stream of garbage', 'INVALID', oneChunk({ stream: Buffer.alloc(100, 'x') })],
    ['a bomb', 'INVALID', oneChunk({ stream: deflateSync(Buffer.alloc(64 * MIB)) })],
    ['raw bytes that are too few', 'OUT_OF_BOUNDS', oneChunk(raw)],
    ['bzip2 of garbage', 'INVALID', oneChunk({ kind: KIND.bzip2 })],
    ['ADC of garbage', 'INVALID', oneChunk({ kind: KIND.adc, stream: Buffer.alloc(100) })],
    [
      'chunks that overlap',
      'INVALID',
      dmgImage({
        sectors: 64,
        partitions: [{ sector: 0, chunks: [zero, { ...zero, sector: 63, sectors: 1 }] }],
      }),
    ],
    ['no partition', 'INVALID', dmgImage({ sectors: 64, partitions: [] })],
    ['two files', 'UNSUPPORTED_FEATURE', oneChunk({}, { segments: 2 })],
  ];
  for (const [what, code, image] of cases) {
    assert.equal(await outcome(image), code, what);
  }
  const U64: readonly (readonly [string, ErrorCode, number, bigint])[] = [
    ['a data fork behind the end', 'OUT_OF_BOUNDS', 0x18, 2n ** 40n],
    ['a resource fork behind the end', 'OUT_OF_BOUNDS', 0x28, 2n ** 63n],
    ['a resource fork of 2^64 - 1 bytes', 'OUT_OF_BOUNDS', 0x30, 2n ** 64n - 1n],
    ['a property list behind the end', 'OUT_OF_BOUNDS', 0xd8, 2n ** 40n],
    ['a property list of 2^64 - 1 bytes', 'OUT_OF_BOUNDS', 0xe0, 2n ** 64n - 1n],
    ['no property list', 'INVALID', 0xe0, 0n],
    ['a disk of 2^64 - 1 sectors', 'OUT_OF_BOUNDS', 0x1ec, 2n ** 64n - 1n],
    ['a disk of 1 sector', 'OUT_OF_BOUNDS', 0x1ec, 1n],
  ];
  for (const [what, code, offset, value] of U64) {
    const image = oneChunk({});
    image.writeBigUInt64BE(value, image.length - SECTOR + offset);
    assert.equal(await outcome(image), code, what);
  }
});

test('dmg: an encrypted image is told as one', async () => {
  assert.equal(await outcome(Buffer.alloc(4096, 'encrcdsa')), 'ENCRYPTED');
});

test('dmg: a disk of zeros that claims petabytes opens at once', async () => {
  const chunks = [{ kind: KIND.ignore, sector: 0, sectors: 2 ** 43 }];
  const image = dmgImage({ sectors: 2 ** 43, partitions: [{ sector: 0, chunks }] });
  assert.equal(await outcome(image), 'read');
});

const mixed = diskContent(64 * SECTOR * 4, 'dmg sound');

test('dmg: whatever is changed, there is content or a code', { skip: noBzip2 }, async () => {
  for (const place of ['plist', 'rsrc'] as const) {
    const kinds = [KIND.zlib, KIND.bzip2, KIND.adc, KIND.raw];
    const sound = dmgOf(mixed, kinds, 32, { in: place });
    for (let i = 0; i < 200; i++) {
      const image = Buffer.from(sound);
      // Of the trailer and of what describes the chunks, which is most of the last bytes.
      const tail = image.subarray(image.length - (i % 2 === 0 ? SECTOR : 2500));
      tail.set(mutated(tail, `dmg ${place} ${i}`, tail.length));
      await outcome(image, 'dmg');
    }
  }
});

test('bzip2: what the tool writes, and what damages it', { skip: noBzip2 }, () => {
  const inputs = [
    Buffer.alloc(0),
    Buffer.from('a'),
    Buffer.alloc(2_000_000, 'a'),
    Buffer.from(Array.from({ length: 300_000 }, (_, i) => String(i * 7919)).join(' ')),
    diskContent(1_100_000 - (1_100_000 % SECTOR), 'bzip2'),
  ];
  for (const [i, input] of inputs.entries()) {
    for (const level of ['-1', '-9']) {
      const stream = execFileSync('bzip2', [level, '-c'], { input, maxBuffer: 16 * MIB });
      const output = decompressBzip2(stream, input.length);
      assert.equal(Buffer.compare(output, input), 0, `${i} ${level}`);
      if (input.length > 0) {
        assert.throws(
          () => decompressBzip2(stream, input.length - 1),
          (error) => error instanceof VirtDfError && error.code === 'LIMIT',
        );
      }
    }
  }
  const stream = execFileSync('bzip2', ['-c'], { input: mixed });
  for (let i = 0; i < 300; i++) {
    const damaged = mutated(stream, `bzip2 ${i}`, i % 2 === 0 ? 200 : stream.length);
    try {
      decompressBzip2(damaged, mixed.length);
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
    }
  }
});
