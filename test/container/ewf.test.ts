// E01: segments, damage, what is refused, and hostile files (hostile-image classes S9, S11).
import assert from 'node:assert/strict';
import { readFile, rename, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { adler32 } from '../../src/container/ewf/adler32.js';
import { segmentNames } from '../../src/container/ewf/segments.js';
import { openDisks } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { random } from '../random.js';
import { missing } from '../tools.js';
import {
  content,
  type Folder,
  inFolder,
  mutations,
  outcome,
  readAll,
  withDisks,
} from './wrapper-files.js';

const noEwf = missing({ ewfacquire: 'ewf-tools' });
const MIB = 1024 * 1024;
const HEAD_BYTES = 13;
const SECTION_BYTES = 76;

async function acquired(
  folder: Folder,
  disk: Uint8Array,
  ...options: readonly string[]
): Promise<Buffer> {
  await folder.write('disk', disk);
  await folder.shell(`ewfacquire -u -q -t image ${options.join(' ')} "$PWD/disk"`);
  return readFile(folder.path('image.E01'));
}

/** Where the first section of that kind begins. */
function sectionAt(image: Buffer, kind: string): number {
  for (let at = HEAD_BYTES; at + SECTION_BYTES <= image.length; ) {
    if (image.toString('latin1', at, image.indexOf(0, at)) === kind) return at;
    at = Number(image.readBigUInt64LE(at + 16));
  }
  throw new Error(`no section ${kind}`);
}

/** Makes the checksum of what lies in `at`..`end` right, which follows it. */
function seal(image: Buffer, at: number, end: number): void {
  image.writeUInt32LE(adler32(image.subarray(at, end)), end);
}

test('Adler-32 is that of zlib', () => {
  assert.equal(adler32(Buffer.from('Wikipedia')), 0x11e60398);
  const { deflateSync } = process.getBuiltinModule('node:zlib');
  const bytes = content(100_000, random('adler'));
  assert.equal(adler32(bytes), deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4));
});

test('files are named .E01 to .E99, .EAA to .ZZZ', () => {
  const names = [...segmentNames('/x/disk.E01')];
  assert.equal(names[0], 'disk.E02');
  assert.deepEqual(names.slice(97, 100), ['disk.E99', 'disk.EAA', 'disk.EAB'].slice(0, 3));
  assert.equal(names[98 + 26 * 26], 'disk.FAA');
  assert.equal(names.at(-1), 'disk.ZZZ');
  assert.equal([...segmentNames('disk.s01')][98], 'disk.saa');
  assert.deepEqual([...segmentNames('disk.raw')], []);
});

test(
  'a disk over files: each is a part of the layer; one that is missing or another is an error',
  { skip: noEwf },
  () =>
    inFolder(async (folder) => {
      const disk = content(6 * MIB, random('segments'));
      for (let i = 0; i < disk.length; i += 512) disk.writeUInt32LE(i, i);
      const bytes = Buffer.concat([disk, Buffer.alloc(MIB, 'x')]);
      await acquired(folder, bytes, '-S', '1048576');
      const { path } = folder;
      await withDisks(path('image.E01'), async ([only]) => {
        assert.ok(only !== undefined && only.layer.files.length > 4);
        assert.equal(Buffer.compare(await readAll(only), bytes), 0);
      });
      await rename(path('image.E03'), path('held'));
      assert.equal(await outcome(path('image.E01')), 'NOT_FOUND');
      await folder.shell('cp image.E02 image.E03');
      assert.equal(await outcome(path('image.E01')), 'INVALID', 'its number is 2');
      await rm(path('image.E03'));
      await folder.shell('ln -s /etc/passwd image.E03');
      assert.equal(await outcome(path('image.E01')), 'NOT_ALLOWED');
      assert.equal(await outcome(path('image.E02')), 'INVALID', 'not the first');
    }),
);

test(
  'the map tells compressed chunks from others, and a read of a few bytes takes one',
  { skip: noEwf },
  () =>
    inFolder(async (folder) => {
      const disk = Buffer.concat([Buffer.alloc(MIB, 'text'), content(3 * MIB, random('map'))]);
      await acquired(folder, disk, '-c', 'fast');
      const scope = openScope();
      const [only] = await openDisks(folder.path('image.E01'), { format: 'auto', scope });
      const extents = (await only?.layer.map?.(0, disk.length)) ?? [];
      assert.equal(extents[0]?.kind, 'compressed');
      assert.ok(
        extents.some(({ kind }) => kind === 'data') || extents.length === disk.length / 32_768,
      );
      const before = scope.statistics.bytesRead;
      await only?.content.read(2 * MIB + 5, 100);
      assert.ok(scope.statistics.bytesRead - before < 128 * 1024);
      await scope.close();
    }),
);

test(
  'a chunk, a table and a head that are damaged; the second table stands in for the first',
  { skip: noEwf },
  () =>
    inFolder(async (folder) => {
      const disk = content(MIB, random('damage'));
      const image = await acquired(folder, disk);
      const { path, write } = folder;
      const of = async (change: (bytes: Buffer) => void): Promise<string> => {
        const bytes = Buffer.from(image);
        change(bytes);
        await write('image.E01', bytes);
        return outcome(path('image.E01'));
      };
      const at = (kind: string) => sectionAt(image, kind);
      assert.equal(await of(() => undefined), 'read');
      const flip = (offset: number) => (bytes: Buffer) =>
        bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
      assert.equal(await of(flip(at('sectors') + SECTION_BYTES + 5000)), 'BAD_CHECKSUM');
      assert.equal(await of(flip(at('volume') + SECTION_BYTES + 5)), 'BAD_CHECKSUM');
      assert.equal(await of(flip(at('sectors') + 20)), 'BAD_CHECKSUM');
      const entries = SECTION_BYTES + 24;
      assert.equal(await of(flip(at('table') + entries)), 'read');
      await withDisks(path('image.E01'), async ([only]) => {
        assert.ok(only !== undefined);
        assert.equal(Buffer.compare(await readAll(only), disk), 0);
      });
      const both = (bytes: Buffer): void => {
        flip(at('table') + entries)(bytes);
        flip(at('table2') + entries)(bytes);
      };
      assert.equal(await of(both), 'BAD_CHECKSUM');
    }),
);

test(
  'sections that lead back, tables that are too large, disks that are larger than their tables',
  { skip: noEwf },
  () =>
    inFolder(async (folder) => {
      const image = await acquired(folder, content(MIB, random('hostile')));
      const of = async (change: (bytes: Buffer) => void): Promise<string> => {
        const bytes = Buffer.from(image);
        change(bytes);
        await folder.write('image.E01', bytes);
        return outcome(folder.path('image.E01'));
      };
      const next = (kind: string, value: bigint) =>
        of((bytes) => {
          const at = sectionAt(image, kind);
          bytes.writeBigUInt64LE(value, at + 16);
          seal(bytes, at, at + 72);
        });
      assert.equal(await next('sectors', BigInt(HEAD_BYTES)), 'LOOP');
      assert.equal(await next('volume', BigInt(sectionAt(image, 'volume'))), 'LOOP');
      assert.equal(await next('sectors', 1n << 63n), 'OUT_OF_BOUNDS');
      assert.equal(await next('sectors', BigInt(image.length)), 'TRUNCATED');
      const table = sectionAt(image, 'table') + SECTION_BYTES;
      const counted = (count: number) =>
        of((bytes) => {
          bytes.writeUInt32LE(count, table);
          seal(bytes, table, table + 20);
        });
      assert.equal(await counted(2 ** 32 - 1), 'OUT_OF_BOUNDS');
      assert.equal(await counted(3), 'BAD_CHECKSUM');
      const volume = sectionAt(image, 'volume') + SECTION_BYTES;
      const described = (change: (bytes: Buffer) => void) =>
        of((bytes) => {
          change(bytes);
          seal(bytes, volume, volume + 1048);
        });
      assert.equal(
        await described((b) => b.writeBigUInt64LE(1n << 60n, volume + 16)),
        'OUT_OF_BOUNDS',
      );
      assert.equal(await described((b) => b.writeBigUInt64LE(1n << 40n, volume + 16)), 'TRUNCATED');
      assert.equal(await described((b) => b.writeUInt32LE(0, volume + 8)), 'OUT_OF_BOUNDS');
      assert.equal(await described((b) => b.writeUInt32LE(2 ** 31, volume + 8)), 'OUT_OF_BOUNDS');
    }),
);

/** The libewf of Debian writes none of them, so this is how they begin. */
const REFUSED: readonly (readonly [magic: string, name: string])[] = [
  ['LVF\t\r\n\xff\0', 'L01'],
  ['EVF2\r\n\x81\0', 'Ex01'],
  ['LEF2\r\n\x81\0', 'Lx01'],
];

test('logical files and version 2 are refused by name', () =>
  inFolder(async ({ path, write }) => {
    for (const [magic, name] of REFUSED) {
      await write('other', Buffer.concat([Buffer.from(magic, 'latin1'), Buffer.alloc(100)]));
      const work = withDisks(path('other'), () => null);
      await assert.rejects(work, { code: 'UNSUPPORTED_FORMAT', message: new RegExp(name, 'u') });
    }
  }));

test('bytes changed at random give errors with codes, or content', { skip: noEwf }, () =>
  inFolder(async (folder) => {
    const next = random('ewf mutations');
    const image = await acquired(folder, content(200_192, next), '-c', 'fast');
    const outcomes = new Set<string>();
    for (const bytes of mutations(image, 300, next)) {
      await folder.write('image.E01', bytes);
      outcomes.add(await outcome(folder.path('image.E01'), 'ewf'));
    }
    for (const code of ['read', 'BAD_CHECKSUM', 'BAD_MAGIC']) {
      assert.ok(outcomes.has(code), `${code} is not among ${[...outcomes].join(', ')}`);
    }
  }),
);

/** A section: its head with a checksum, and what it holds. */
function section(
  kind: string,
  at: number,
  data: Uint8Array,
  lengthBytes: number = data.length,
): Buffer {
  const head = Buffer.alloc(SECTION_BYTES);
  head.write(kind);
  const end = kind === 'done' ? at : at + SECTION_BYTES + lengthBytes;
  head.writeBigUInt64LE(BigInt(end), 16);
  head.writeBigUInt64LE(BigInt(SECTION_BYTES + lengthBytes), 24);
  seal(head, 0, 72);
  return Buffer.concat([head, data]);
}

function sealed(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(adler32(bytes));
  return Buffer.concat([bytes, sum]);
}

test('behind 2 GiB of a file the highest bit of an entry is one of the offset', () =>
  inFolder(async ({ path }) => {
    const { open } = process.getBuiltinModule('node:fs/promises');
    const chunkBytes = 32_768;
    const volume = Buffer.alloc(1048);
    volume.writeUInt32LE(3, 4);
    volume.writeUInt32LE(64, 8);
    volume.writeUInt32LE(512, 12);
    volume.writeUInt32LE(3 * 64, 16);
    const chunk = (fill: string) => sealed(Buffer.alloc(chunkBytes, fill));
    const sectorsAt = HEAD_BYTES + SECTION_BYTES + volume.length + 4;
    const offsets = [sectorsAt + SECTION_BYTES, 2 ** 31 - 100, 2 ** 31 + 40_000];
    const tableAt = 2 ** 31 + 80_000;
    const [head, entries] = [Buffer.alloc(20), Buffer.alloc(12)];
    head.writeUInt32LE(3);
    for (const [i, offset] of offsets.entries()) entries.writeUInt32LE(offset, i * 4);
    const table = section('table', tableAt, Buffer.concat([sealed(head), sealed(entries)]));
    const start = Buffer.from([0x45, 0x56, 0x46, 9, 13, 10, 255, 0, 1, 1, 0, 0, 0]);
    const file = await open(path('image.E01'), 'w');
    await file.write(start, 0, start.length, 0);
    const write = (bytes: Buffer, at: number) => file.write(bytes, 0, bytes.length, at);
    await write(section('volume', HEAD_BYTES, sealed(volume)), HEAD_BYTES);
    const sectorsBytes = tableAt - sectorsAt - SECTION_BYTES;
    await write(section('sectors', sectorsAt, Buffer.alloc(0), sectorsBytes), sectorsAt);
    for (const [i, offset] of offsets.entries()) await write(chunk('abc'[i] ?? ''), offset);
    await write(table, tableAt);
    await write(section('done', tableAt + table.length, Buffer.alloc(0)), tableAt + table.length);
    await file.close();
    await withDisks(path('image.E01'), async ([only]) => {
      const bytes = Buffer.from((await only?.content.read(0, 3 * chunkBytes)) ?? []);
      const expected = ['a', 'b', 'c'].map((fill) => Buffer.alloc(chunkBytes, fill));
      assert.equal(Buffer.compare(bytes, Buffer.concat(expected)), 0);
    });
  }));
