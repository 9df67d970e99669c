// Trees that no kernel would make: directories that contain themselves, link counts that lie, names that harm a terminal, more
// files than memory holds. Whatever they are, du ends, and the sum of its rows is what df says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FormatError } from '../../src/errors.js';
import { MAX_PATH_DEPTH, MIB } from '../../src/limits.js';
import { duFilesystem } from '../../src/queries/du/filesystem.js';
import { type DuEntry, duEntries } from '../../src/queries/du/listing.js';
import type { ReadFiles } from '../../src/queries/du/read.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { NO_NUMBERS } from '../../src/queries/record.js';
import { KIBIBYTES } from '../../src/report/block-size.js';
import { duJson } from '../../src/report/du/json.js';
import { duNcdu } from '../../src/report/du/ncdu.js';
import { duText } from '../../src/report/du/text.js';
import { toolEnv } from '../tools.js';
import { read, USED } from './du-read.js';
import { type FakeFile, fakeReader } from './du-reader.js';
import { ALL_FILES, reportOf } from './du-support.js';

const MAX_CPU_SECONDS = 10;
const RECORD = {
  ...{ guest: 'g', uuid: null, disk: '/dev/sda', device: '/dev/sda' },
  ...{ offsetBytes: null, partitionBytes: null },
  ...NO_NUMBERS,
  usedBytes: USED,
  problem: null,
};

/** As many bytes as the test says, and no other. */
function sumOf({ listing, other }: ReadFiles): number {
  const files = [...duEntries(listing)].filter(({ isRepeated }) => !isRepeated);
  const all = [...files, ...other];
  return all.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0);
}

function texts(entries: Iterable<DuEntry>): readonly string[] {
  return [...entries].map(({ path, totalBytes, isRepeated }) => {
    return `${path.text} ${totalBytes}${isRepeated ? ' again' : ''}`;
  });
}

test('half a million files, in less memory than 256 MiB', () => {
  // In a process of its own, as a user's is: with V8's usual flags, and without what other tests leave behind.
  const program = fileURLToPath(new URL('du-crowd.js', import.meta.url));
  const printed = execFileSync(process.execPath, [program], { encoding: 'utf8', env: toolEnv });
  const { entryCount, cpuSeconds, maxRssKib } = JSON.parse(printed);
  assert.equal(entryCount, 500_001);
  assert.ok(cpuSeconds < MAX_CPU_SECONDS, `${cpuSeconds} s`);
  assert.ok(maxRssKib < 256 * 1024, `${maxRssKib} KiB`);
});

test('directories that contain themselves and each other are entered once', async () => {
  const found = await read(
    fakeReader([
      {
        number: 2,
        bytes: 1,
        links: 2,
        names: [
          ['a', 3],
          ['self', 2],
        ],
      },
      {
        number: 3,
        bytes: 10,
        links: 2,
        names: [
          ['up', 2],
          ['b', 4],
        ],
      },
      { number: 4, bytes: 100, links: 2, names: [['a', 3]] },
      // A ring that nothing leads to.
      { number: 5, bytes: 1000, links: 2, names: [['x', 6]] },
      { number: 6, bytes: 1000, links: 2, names: [['x', 5]] },
    ]),
  );
  assert.deepEqual(texts(duEntries(found.listing)), [
    '/ 111',
    '/a 110',
    '/a/b 100',
    '/a/b/a 0 again',
    '/a/up 0 again',
    '/self 0 again',
  ]);
  assert.equal(found.loopCount, 3);
  const noPath = found.other.find(({ kind }) => kind === 'no-path');
  assert.deepEqual([noPath?.allocatedBytes, noPath?.fileCount], [2000, 2]);
  assert.equal(sumOf(found), USED);
});

test('a file is counted at the path that sorts first, whatever its link count says', async () => {
  const files: FakeFile[] = [
    {
      number: 2,
      names: [
        ['b', 4],
        ['a-z', 5],
        ['a', 3],
        ['gone', 99],
      ],
    },
    {
      number: 3,
      names: [
        ['z', 5],
        ['twice', 5],
      ],
    },
    { number: 4, names: [['c', 5]] },
    { number: 5, bytes: 7, links: 1 },
  ];
  const found = await read(fakeReader(files));
  // A slash sorts before all others: `a/z` before `a-z`.
  assert.deepEqual(texts(duEntries(found.listing)), [
    ...['/ 7', '/a 7', '/a/twice 7', '/a/z 0 again', '/a-z 0 again', '/b 0', '/b/c 0 again'],
  ]);
  assert.equal(found.danglingCount, 1);
  assert.equal(sumOf(found), USED);
  const below = await read(fakeReader(files), { path: ['b'] });
  assert.deepEqual(texts(duEntries(below.listing)), ['/b 7', '/b/c 7']);
});

test('a hundred thousand directories within each other', async () => {
  const count = 100_000;
  function* nested(): Generator<FakeFile> {
    for (let number = 2; number < count; number++) {
      yield { number, bytes: 1, links: 2, names: [[`${number}`, number + 1]] };
    }
    yield { number: count, bytes: 1, names: [] };
  }
  const found = await read(fakeReader({ [Symbol.iterator]: nested }));
  const entries = [...duEntries(found.listing)];
  assert.equal(entries[0]?.totalBytes, count - 1, 'all are counted');
  assert.ok(entries.length <= MAX_PATH_DEPTH + 1);
  assert.equal(entries.length + found.cutCount, count - 1);
  for (const { path } of entries) assert.ok(path.text.length <= 16 * 1024);
  const bySize = await read(fakeReader({ [Symbol.iterator]: nested }), { sort: 'size' });
  assert.deepEqual(texts(duEntries(bySize.listing)), texts(entries));
});

test('names with the same long begin are put in order soon', async () => {
  const count = 100_000;
  const begin = 'n'.repeat(240);
  const names = Array.from({ length: count }, (_, i) => {
    return [`${begin}${(i * 7919) % count}`, i + 3] as const;
  });
  const before = process.cpuUsage();
  const found = await read(
    fakeReader([{ number: 2, names }, ...names.map(([, number]) => ({ number }))]),
  );
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1e6 < MAX_CPU_SECONDS, `${user + system} us`);
  const sorted = names.map(([name]) => `/${name}`).sort();
  assert.deepEqual(
    [...duEntries(found.listing)].slice(1).map(({ path }) => path.text),
    sorted,
  );
});

test('more files than memory holds are a reason, and no crash', async () => {
  function* files(): Generator<FakeFile> {
    for (let number = 2; number < 200_000; number++) yield { number, names: [['x', number + 1]] };
  }
  const reader = fakeReader({ [Symbol.iterator]: files });
  await assert.rejects(read(reader, {}, 4 * MIB), { code: 'OVER_BUDGET' });
});

test('numbers that differ in their upper bits alone are told apart', async () => {
  const numbers = Array.from({ length: 5000 }, (_, i) => i * 2 ** 32 + 7);
  const files: FakeFile[] = [
    { number: 2, names: numbers.map((number, i) => [`${i}`, number] as const) },
    ...numbers.map((number) => ({ number, bytes: 1 })),
  ];
  const found = await read(fakeReader(files));
  assert.equal([...duEntries(found.listing)][0]?.totalBytes, 5000);
});

const ODD_NAMES = [
  ...['"', '\\', '\u001b[31mred', 'new\nline', '\u202etxt', '\u{e0001}', 'caf\u00e9', '\u{1f600}'],
  ...['\u009b31m', ' ', '\u200b', '\ufeff', "'", '(resize inode)', '\u007f'],
];

test('names come through JSON as they are, and harm no terminal', async () => {
  const bad = Uint8Array.of(0x61, 0xff, 0x22, 0xed, 0xa0, 0x80);
  const names = [...ODD_NAMES.map((name) => Buffer.from(name)), bad];
  const files: FakeFile[] = [
    { number: 2, names: names.map((name, i) => [name, i + 3] as const) },
    ...names.map((_, i) => ({ number: i + 3, bytes: 512, links: 2 })),
  ];
  const found = await read(fakeReader(files));
  const report = reportOf({ record: RECORD, doubts: [], problem: null, ...found });
  const info = { version: '1', generatedAt: '2026-01-01T00:00:00.000Z', host: 'h' };
  const json = [...duJson([report], info)].join('');
  assert.doesNotMatch(
    json,
    /[\p{C}\p{Zl}\p{Zp}\p{DI}]/u.source === '' ? /$^/u : /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]/u,
  );
  const [{ filesystems }] = JSON.parse(json).guests;
  const paths: readonly { readonly path: string; readonly path_bytes?: string }[] =
    filesystems[0].entries;
  const seen = new Set(paths.map(({ path }) => path));
  for (const name of ODD_NAMES) assert.ok(seen.has(`/${name}`), JSON.stringify(name));
  const encoded = paths.flatMap(({ path_bytes }) => path_bytes ?? []);
  assert.deepEqual(encoded, [Buffer.concat([Buffer.from('/'), bad]).toString('base64')]);
  const exported = Buffer.concat([...duNcdu([report], info)]).toString('latin1');
  const [, , , [, ...children]] = JSON.parse(exported);
  const exportedNames = children.map(({ name }: { readonly name: string }) => name);
  for (const name of names)
    assert.ok(exportedNames.includes(Buffer.from(name).toString('latin1')), String(name));
  const shared = { style: KIBIBYTES, isApparent: false, hasColor: false, hasUnicode: true };
  for (const isTerminal of [true, false]) {
    const options = { ...shared, isTerminal, width: null, isAscii: false };
    const text = [...duText([report], options)].join('');
    assert.doesNotMatch(text, /(?![\n\t])[\p{Cc}\p{Cf}]/u);
    assert.equal(text.split('\n').length, names.length + (isTerminal ? 5 : 4), text);
  }
});

test('a path that is not found where something could not be read has the reasons, each once', async () => {
  const error = new FormatError('BAD_CHECKSUM', 'a block of a directory');
  const answerOf = (doubts: number, path: readonly string[]) =>
    duFilesystem(
      {
        type: 'fake',
        async files({ onDoubt }) {
          for (let i = 0; i < doubts; i++) onDoubt({ id: null, error });
          return fakeReader([{ number: 2, names: [['here', 3]] }, { number: 3 }]);
        },
      },
      RECORD,
      { options: { ...ALL_FILES, path }, memory: memoryOf(MIB), onFiles: () => {} },
    );
  assert.equal(await answerOf(0, ['gone']), null);
  const answer = await answerOf(3, ['gone']);
  assert.deepEqual([answer?.listing, answer?.problem?.code], [null, 'NOT_FOUND']);
  assert.deepEqual(answer?.doubts, [{ code: 'BAD_CHECKSUM', message: 'a block of a directory' }]);
  assert.equal((await answerOf(3, ['here']))?.problem, null);
});

test('a path to a name that leads to no file is told', async () => {
  const reader = fakeReader([{ number: 2, names: [['gone', 99]] }]);
  const { listing, danglingCount } = await read(reader, { path: ['gone'] });
  assert.deepEqual([texts(duEntries(listing)), danglingCount], [[], 1]);
});
