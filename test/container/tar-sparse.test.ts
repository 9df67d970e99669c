// Sparse members of GNU tar: as tar itself writes them in each of its four ways, and maps that lie.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { random } from '../random.js';
import { missing } from '../tools.js';
import { type Entry, header, tar } from './tar-writer.js';
import { inFolder, mutations, outcome, readAll, withDisks } from './wrapper-files.js';

const skip = missing({ tar: 'tar' });
const FORMATS = [
  '--format=gnu',
  '--format=oldgnu',
  ...['0.0', '0.1', '1.0'].map((version) => `--format=posix --sparse-version=${version}`),
];

/** Pieces of some KiB between holes, one at the very beginning or none, and a hole at the end. */
function holed(count: number, firstBytes: number, lastBytes: number): Buffer {
  const bytes = Buffer.alloc(count * 8192 + lastBytes);
  for (let i = 0; i < count; i++) bytes.fill(`part ${i} `, i * 8192 + firstBytes, i * 8192 + 4096);
  return bytes;
}

test('tar’s own sparse files are read with their holes', { skip }, () =>
  inFolder(async ({ path, write, shell }) => {
    const cases = {
      few: holed(3, 0, 0),
      more: holed(40, 512, 100_000),
      many: holed(3000, 0, 777),
      'nothing but holes': Buffer.alloc(1_000_000),
    };
    for (const [what, bytes] of Object.entries(cases)) {
      await write('full', bytes);
      await shell('cp --sparse=always full disk.raw');
      await write('behind.raw', 'behind'.repeat(1000));
      for (const format of FORMATS) {
        await shell(`tar ${format} -S --hole-detection=raw -cf m.tar disk.raw behind.raw`);
        const archive = await readFile(path('m.tar'));
        const isSparse = archive.includes('GNU.sparse.') || archive[156] === 'S'.charCodeAt(0);
        assert.ok(isSparse, `${format}, ${what}`);
        await withDisks(path('m.tar'), async (disks) => {
          const [disk, behind] = disks;
          assert.equal(disks.length, 2);
          if (disk === undefined || behind === undefined) return;
          assert.equal(Buffer.compare(await readAll(disk), bytes), 0, `${format}, ${what}`);
          assert.equal((await readAll(behind)).length, 6000);
          for (const [at, length] of [
            [0, 1],
            [4095, 2],
            [8191, 8193],
            [12_288, 100],
          ] as const) {
            const part = await disk.content.read(at, length);
            assert.deepEqual(Buffer.from(part), bytes.subarray(at, at + length));
          }
          const runs = await disk.content.runs(0, 16_384);
          assert.equal(
            runs[0]?.kind,
            what.startsWith('nothing') || what === 'more' ? 'zero' : 'data',
          );
        });
      }
    }
  }),
);

/** A member whose map is text before its content. */
function textMap(map: string, stored: number, real = 8192): readonly Entry[] {
  const records = ['GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.name=a.raw'];
  const blocks = Math.ceil(map.length / 512) * 512;
  const data = Buffer.concat([Buffer.from(map.padEnd(blocks, '\0')), Buffer.alloc(stored, 'd')]);
  return [
    { name: 'x', kind: 'x', data: pax(...records, `GNU.sparse.realsize=${real}`) },
    { name: 'GNUSparseFile.0/a.raw', data },
  ];
}

function recordMap(map: string, stored: number, size: string): readonly Entry[] {
  const records = [`GNU.sparse.size=${size}`, `GNU.sparse.map=${map}`, 'GNU.sparse.name=a.raw'];
  return [
    { name: 'x', kind: 'x', data: pax(...records) },
    { name: 'GNUSparseFile.0/a.raw', data: Buffer.alloc(stored, 'd') },
  ];
}

function pax(...records: readonly string[]): string {
  return records.map((record) => `${record.length + 4} ${record}\n`).join('');
}

/** A header of GNU's own type with these parts, and `real` as the size. */
function oldMap(
  parts: readonly (readonly [string, string])[],
  stored: number,
  real: string,
  isExtended = false,
): Buffer {
  const bytes = header({
    name: 'a.raw',
    data: Buffer.alloc(stored),
    kind: 'S',
    magic: 'ustar  \0',
  });
  for (const [i, [offset, length]] of parts.entries()) {
    bytes.write(offset, 386 + 24 * i, 'latin1');
    bytes.write(length, 398 + 24 * i, 'latin1');
  }
  bytes[482] = isExtended ? 1 : 0;
  bytes.write(real, 483, 'latin1');
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

test('maps that lie are errors of their file', () =>
  inFolder(async ({ path, write }) => {
    const of = async (bytes: Uint8Array): Promise<string> => {
      await write('m.tar', bytes);
      return outcome(path('m.tar'));
    };
    const maps: readonly (readonly [string, string])[] = [
      ['1\n0\n512\n', 'read'],
      ['2\n0\n256\n4096\n256\n', 'read'],
      ['2\n0\n512\n8192\n0\n', 'read'],
      ['2\n0\n256\n255\n256\n', 'INVALID'], // They overlap.
      ['2\n4096\n256\n0\n256\n', 'INVALID'], // They are not in order.
      ['1\n0\n511\n', 'INVALID'], // They are shorter than what is stored,
      ['1\n0\n513\n', 'INVALID'], // or longer.
      ['1\n8000\n512\n', 'OUT_OF_BOUNDS'],
      ['1\n9000\n0\n', 'OUT_OF_BOUNDS'],
      ['1\n999999999999999\n512\n', 'OUT_OF_BOUNDS'],
      ['9\n0\n512\n', 'INVALID'], // There are fewer than it says.
      ['1\n-5\n512\n', 'INVALID'],
      ['1\n0\n9999999999999999999\n', 'INVALID'],
      ['\n', 'INVALID'],
      ['999999999\n', 'LIMIT'],
    ];
    for (const [map, code] of maps) {
      assert.equal(await of(tar(...textMap(map, 512))), code, JSON.stringify(map));
    }
    const records: readonly (readonly [string, string, string])[] = [
      ['0,256,4096,256', '8192', 'read'],
      ['0,256,255,256', '8192', 'INVALID'],
      ['0,256,4096', '8192', 'INVALID'],
      ['0,512', '511', 'OUT_OF_BOUNDS'],
      ['0,x', '8192', 'OUT_OF_BOUNDS'],
      ['0,512', '99999999999999999999', 'OUT_OF_BOUNDS'],
    ];
    for (const [map, size, code] of records) {
      assert.equal(await of(tar(...recordMap(map, 512, size))), code, map);
    }
    const body = [Buffer.alloc(512, 'd'), Buffer.alloc(1024)];
    const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;
    const part = (at: number, length: number) => [octal(at), octal(length)] as const;
    const olds: readonly (readonly [Buffer, string])[] = [
      [oldMap([part(0, 256), part(4096, 256)], 512, octal(8192)), 'read'],
      [oldMap([part(0, 256), part(100, 256)], 512, octal(8192)), 'INVALID'],
      [oldMap([part(0, 512)], 512, '-1'), 'INVALID'],
      [oldMap([part(0, 512)], 512, '\xff'.repeat(12)), 'OUT_OF_BOUNDS'],
      [oldMap([['\x80\x7f', octal(512)]], 512, octal(8192)), 'OUT_OF_BOUNDS'],
    ];
    for (const [i, [bytes, code]] of olds.entries()) {
      assert.equal(await of(Buffer.concat([bytes, ...body])), code, String(i));
    }
    // A chain of blocks that never ends: each says that another one follows.
    const chain = Buffer.alloc(512 * 1000);
    for (let at = 504; at < chain.length; at += 512) chain[at] = 1;
    const endless = Buffer.concat([oldMap([part(0, 512)], 512, octal(8192), true), chain]);
    assert.equal(await of(endless), 'OUT_OF_BOUNDS');
    const block = Buffer.alloc(512);
    for (let i = 0; i < 42; i++) block.write(octal(0), 12 * i, 'latin1');
    block[504] = 1;
    const filled = Buffer.alloc(512 * 101_000, block);
    const full = Buffer.concat([oldMap([part(0, 512)], 512, octal(8192), true), filled]);
    assert.equal(await of(full), 'LIMIT');
  }));

test('sparse archives changed at random give errors with codes, or content', { skip }, () =>
  inFolder(async ({ path, write, shell }) => {
    const next = random('sparse mutations');
    await write('full', holed(30, 512, 1000));
    await shell('cp --sparse=always full disk.raw');
    for (const format of FORMATS) {
      await shell(`tar ${format} -S --hole-detection=raw -cf m.tar disk.raw`);
      const archive = await readFile(path('m.tar'));
      const outcomes = new Set<string>();
      for (const bytes of mutations(archive.subarray(0, 12_288), 60, next)) {
        await write('m.tar', Buffer.concat([bytes, archive.subarray(bytes.length)]));
        outcomes.add(await outcome(path('m.tar')));
      }
      for (let cut = 0; cut < archive.length; cut += 5120) {
        await write('m.tar', archive.subarray(0, cut));
        outcomes.add(await outcome(path('m.tar'), 'ova'));
      }
      assert.ok(outcomes.has('read') && outcomes.has('TRUNCATED'), [...outcomes].join(', '));
    }
  }),
);
