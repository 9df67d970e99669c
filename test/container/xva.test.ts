// XVAs: the disks of an export, in the machine's order, with what xapi leaves out and adds; and exports that lie.
import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { openDisks } from '../../src/container/open.js';
import { chunkCollector } from '../../src/container/ova/xva.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { missing } from '../tools.js';
import { chunksOf, type Entry, type ExportedDisk, header, ovaXml, tar, xva } from './tar-writer.js';
import { content, inFolder, mutations, outcome, readAll, withDisks } from './wrapper-files.js';

const MIB = 1024 * 1024;

/** A disk of which only some MiB hold data; the last one may be cut short. */
function exported(
  ref: string,
  sizeBytes: number,
  filled: readonly number[],
  more: Partial<ExportedDisk> = {},
): ExportedDisk {
  const bytes = Buffer.alloc(sizeBytes);
  for (const i of filled) content(65_536, random(`${ref} ${i}`)).copy(bytes, i * MIB);
  return { ref, content: bytes, ...more };
}

async function check(path: string, expected: readonly ExportedDisk[]): Promise<void> {
  await withDisks(path, async (disks) => {
    assert.deepEqual(
      disks.map(({ layer }) => [layer.path.slice(layer.path.lastIndexOf('/') + 1), layer.format]),
      expected.map(({ ref }) => [ref, 'raw']),
    );
    for (const [i, disk] of disks.entries()) {
      assert.equal(Buffer.compare(await readAll(disk), expected[i]?.content ?? Buffer.alloc(0)), 0);
    }
  });
}

test('an export has a disk for each of its virtual disks, in the order of the machine’s devices', () =>
  inFolder(async ({ path, write }) => {
    const first = exported('Ref:9', 8 * MIB, [0, 1, 2, 5], { userdevice: 0 });
    const second = exported('Ref:4', 20 * MIB + 512, [3, 4, 5, 6, 7, 8, 9, 15], { userdevice: 1 });
    const third = exported('Ref:12', 1000, [], { userdevice: 2 });
    const memory = exported('Ref:7', 3 * MIB, [1], { type: 'suspend' });
    await write('m.xva', xva(second, third, memory, first));
    await check(path('m.xva'), [first, second, third]);
    const loose = [exported('Ref:2', 2 * MIB, [0]), exported('Ref:1', 2 * MIB, [1])];
    await write('m.xva', xva(...loose));
    await check(path('m.xva'), loose);
    await write('m.xva', tar(...loose.flatMap((disk) => chunksOf(disk, '.checksum'))));
    await check(path('m.xva'), loose);
  }));

test('a guest that wrote an image’s header into its disk still has a raw disk', () =>
  inFolder(async ({ path, write }) => {
    const disk = exported('Ref:4', 2 * MIB, []);
    Buffer.from('QFI\xfb\0\0\0\x03', 'latin1').copy(disk.content as Buffer);
    await write('m.xva', xva(disk));
    await check(path('m.xva'), [disk]);
  }));

test('empty files that keep a connection alive are nothing', () =>
  inFolder(async ({ path, write }) => {
    const disk = exported('Ref:4', 6 * MIB, [0, 4]);
    const chunks = chunksOf(disk);
    const alive: readonly Entry[] = [
      { name: 'Ref:4/00000002' },
      { name: 'Ref:4/00000002.xxhash', data: 'EF46DB3751D8E999' },
      { name: 'Ref:4/00000004' },
    ];
    await write('m.xva', tar(...chunks.slice(0, 2), ...alive, ...chunks.slice(2)));
    await check(path('m.xva'), [disk]);
  }));

test('compressed exports are read', { skip: missing({ zstd: 'zstd', xz: 'xz-utils' }) }, () =>
  inFolder(async ({ path, write, shell }) => {
    const disk = exported('Ref:4', 9 * MIB, [0, 3, 4, 5, 8]);
    await write('m.xva', xva(disk));
    await shell('gzip -k m.xva; zstd -q m.xva; xz -k --block-size=1MiB m.xva');
    for (const ending of ['gz', 'zst', 'xz']) await check(path(`m.xva.${ending}`), [disk]);
  }),
);

test('exports that were cut, or whose chunks are not in order', () =>
  inFolder(async ({ path, write }) => {
    const disk = exported('Ref:4', 5 * MIB, [0, 1, 2, 3]);
    const whole = xva(disk);
    for (const cut of [2 * MIB, 4 * MIB + 3000, whole.length - 4096]) {
      await write('m.xva', whole.subarray(0, cut));
      assert.equal(await outcome(path('m.xva')), 'TRUNCATED', String(cut));
    }
    const [xml, chunks] = [{ name: 'ova.xml', data: ovaXml([disk]) }, chunksOf(disk)];
    const named = (entry: Entry | undefined, name: string): Entry => ({ ...entry, name });
    const cases: readonly (readonly [readonly Entry[], string])[] = [
      [[...chunks, named(chunks[0], 'Ref:4/00000001')], 'INVALID'],
      [[...chunks, named(chunks[0], 'Ref:4/00000005')], 'TRUNCATED'],
      [[...chunks.slice(2)], 'TRUNCATED'],
      [[{ name: 'Ref:4/00000000', data: 'short' }, ...chunks.slice(2)], 'INVALID'],
      [
        [{ name: 'Ref:4/00000000', data: Buffer.alloc(MIB + 512, 'x') }, ...chunks.slice(2)],
        'TRUNCATED',
      ],
      [[...chunks.slice(0, 8), named(chunks[0], 'Ref:4/99999999999')], 'TRUNCATED'],
    ];
    for (const [i, [entries, code]] of cases.entries()) {
      await write('m.xva', tar(xml, ...entries));
      assert.equal(await outcome(path('m.xva')), code, String(i));
    }
    await write('m.xva', tar({ name: 'ova.xml', data: '<value><struct>' }, ...chunks));
    assert.equal(await outcome(path('m.xva')), 'INVALID');
    await write('m.xva', tar({ name: 'ova.xml', data: '<a>'.repeat(20_000) }, ...chunks));
    assert.match(await outcome(path('m.xva')), /^(?:LIMIT|INVALID)$/u);
  }));

test('opening an export of thousands of chunks takes few reads', () =>
  inFolder(async ({ path }) => {
    // The headers alone, in a file with holes.
    const file = await open(path('m.xva'), 'w');
    const [count, stride] = [2000, MIB + 1536];
    for (let i = 0; i < count; i++) {
      const name = `Ref:4/${String(i).padStart(8, '0')}`;
      const size = `${MIB.toString(8).padStart(11, '0')}\0`;
      await file.write(header({ name, size }), 0, 512, i * stride);
      await file.write(
        header({ name: `${name}.xxhash`, data: '0'.repeat(16) }),
        0,
        512,
        i * stride + MIB + 512,
      );
    }
    await file.truncate(count * stride + 1024);
    await file.close();
    const scope = openScope();
    const [disk] = await openDisks(path('m.xva'), { format: 'auto', scope });
    assert.equal(disk?.content.sizeBytes, count * MIB);
    await disk?.content.read(1999 * MIB + 5, 100);
    assert.ok(scope.statistics.readCount < 100, `${scope.statistics.readCount} reads`);
    await scope.close();
  }));

test('a million pieces of an export end with a code', async () => {
  const scope = openScope();
  const { visit } = chunkCollector(memorySource(Buffer.alloc(512)), scope);
  const place = { storedBytes: 0, sizeBytes: 0, sparse: null, problem: null };
  const pieces = async (): Promise<void> => {
    for (let i = 0; i < 1_000_000; i++) {
      const at = { headerAtBytes: 512 * i, offsetBytes: 512 * i + 512 };
      await visit({ name: `Ref:4/${String(i).padStart(8, '0')}`, ...at, ...place });
    }
  };
  await assert.rejects(pieces(), { code: 'LIMIT' });
  await scope.close();
});

test('exports changed at random give errors with codes, or content', () =>
  inFolder(async ({ path, write }) => {
    const next = random('xva mutations');
    const small = xva(
      exported('Ref:4', 2 * MIB + 700, []),
      exported('Ref:5', 300, [], { userdevice: 0 }),
    );
    const outcomes = new Set<string>();
    for (const bytes of mutations(small, 150, next)) {
      await write('m.xva', bytes);
      outcomes.add(await outcome(path('m.xva')));
    }
    assert.ok(outcomes.has('read'), [...outcomes].join(', '));
  }));
