// The paths of some files: as the kernel has them, from no more directories than needed, and on trees that no kernel would make.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ext } from '../../src/filesystem/ext.js';
import type { FileReader } from '../../src/filesystem/files.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { MAX_PATH_DEPTH, MIB } from '../../src/limits.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { bytesOf } from '../../src/queries/files/guest-path.js';
import type { WantedFile } from '../../src/queries/files/path-search.js';
import { comparePaths, type FilePaths, pathsOf } from '../../src/queries/files/paths.js';
import { withFilesystems } from '../filesystem/files/images.js';
import { asBytes, type ExtTruth, truthOf } from '../filesystem/files/truth.js';
import { fakeReader } from './du-reader.js';

interface Asked {
  readonly found: (number: number) => FilePaths;
  readonly directoryCount: number;
}

async function ask(reader: FileReader, wanted: readonly WantedFile[]): Promise<Asked> {
  let directoryCount = 0;
  const paths = await pathsOf(reader, wanted, {
    memory: memoryOf(16 * MIB),
    onDoubt: () => {},
    onDirectory: () => {
      directoryCount += 1;
    },
  });
  return { found: (number) => paths({ tree: 0, number }), directoryCount };
}

function file(number: number, linkCount = 1): WantedFile {
  return { id: { tree: 0, number }, kind: 'file', linkCount, system: null };
}

function texts({ paths }: FilePaths): readonly string[] {
  return paths.map(({ text }) => text);
}

test('every path of every file is the kernel’s', async () => {
  for (const [name, format] of [
    ['xfs-files', xfs],
    ['ext2-rev0', ext],
    ['ext4-dirty-fast-commit', ext],
  ] as const) {
    const truth = truthOf<ExtTruth>(name);
    await withFilesystems(name, format, async ({ filesystem, device }) => {
      const kernel = truth[device]?.files ?? {};
      const byInode = new Map<number, Buffer[]>();
      for (const [path, { inode }] of Object.entries(kernel)) {
        const bytes = Buffer.from(asBytes(path), 'latin1');
        byInode.set(inode, [...(byInode.get(inode) ?? []), bytes]);
      }
      const reader = await filesystem.files?.({ onDoubt: ({ error }) => assert.fail(error) });
      assert.ok(reader);
      const all: WantedFile[] = [];
      for await (const page of reader.files()) all.push(...page);
      const { found } = await ask(reader, all);
      for (const [inode, paths] of byInode) {
        const own = found(inode).paths.map((path) => Buffer.from(bytesOf(path)).toString('latin1'));
        const theirs = paths.sort(comparePaths).map((path) => path.toString('latin1') || '/');
        assert.deepEqual(own, theirs, `${name} ${inode}`);
      }
    });
  }
});

test('no more directories are read than hold the names of the files', async () => {
  const reader = fakeReader([
    {
      number: 2,
      names: [
        ['a', 3],
        ['b', 4],
      ],
    },
    {
      number: 3,
      names: [
        ['x', 10],
        ['c', 5],
      ],
    },
    {
      number: 4,
      names: [
        ['y', 11],
        ['again', 10],
      ],
    },
    { number: 5, names: [['deep', 10]] },
    ...[10, 11].map((number) => ({ number })),
  ]);
  const one = await ask(reader, [file(10)]);
  assert.deepEqual(texts(one.found(10)), ['/a/x']);
  assert.equal(one.directoryCount, 2);
  const two = await ask(reader, [file(10, 2)]);
  assert.deepEqual(texts(two.found(10)), ['/a/x', '/b/again']);
  assert.equal(two.directoryCount, 3);
  // More links than there are names: all directories are read.
  const three = await ask(reader, [file(10, 7)]);
  assert.deepEqual(texts(three.found(10)), ['/a/c/deep', '/a/x', '/b/again']);
  const none = await ask(reader, [file(10, 0), { ...file(11), system: 'journal' }]);
  assert.equal(none.directoryCount, 0);
  assert.deepEqual([none.found(10), none.found(99)], Array(2).fill({ paths: [], moreCount: 0 }));
});

test('directories that files say they lie in are read first, and what they say need not be so', async () => {
  const many = Array.from({ length: 50 }, (_, index) => 100 + index);
  const tree = (parents: Readonly<Record<number, readonly number[]>>) =>
    fakeReader(
      [
        { number: 2, names: [...many, 3].map((number) => [`d${number}`, number] as const) },
        { number: 3, names: [['deep', 4]] as const },
        { number: 4, names: [['f', 9]] as const },
        ...many.map((number) => ({ number, names: [] })),
        { number: 9 },
      ].map((one) => ({ ...one, parents: parents[one.number] ?? [] })),
    );
  const sound = await ask(tree({ 2: [2], 3: [2], 4: [3], 9: [4] }), [file(9)]);
  assert.deepEqual(texts(sound.found(9)), ['/d3/deep/f']);
  assert.equal(sound.directoryCount, 3);
  for (const parents of [
    { 9: [100, 9, 7] },
    { 9: [4], 4: [9] },
    { 9: [4], 4: [4] },
    { 2: [9], 9: [2] },
  ]) {
    const { found } = await ask(tree(parents), [file(9)]);
    assert.deepEqual(texts(found(9)), ['/d3/deep/f']);
  }
});

test('directories that contain themselves end, and have one path', async () => {
  const reader = fakeReader([
    {
      number: 2,
      names: [
        ['self', 2],
        ['a', 3],
      ],
    },
    {
      number: 3,
      names: [
        ['up', 2],
        ['a', 3],
        ['b', 4],
        ['f', 9],
      ],
    },
    {
      number: 4,
      names: [
        ['a', 3],
        ['f', 9],
      ],
    },
    { number: 9 },
  ]);
  const wanted = [
    file(9, 100),
    { ...file(4), kind: 'directory' },
    { ...file(2), kind: 'directory' },
  ] as const;
  const { found, directoryCount } = await ask(reader, wanted);
  assert.deepEqual(texts(found(9)), ['/a/b/f', '/a/f']);
  assert.deepEqual([texts(found(4)), texts(found(2))], [['/a/b'], ['/']]);
  assert.equal(directoryCount, 3);
});

test('a path that is too long is counted and not told', async () => {
  const chain = Array.from({ length: 1000 }, (_, i) => ({
    number: i + 2,
    names: [
      ['f', 5000],
      ['x'.repeat(100), i + 3],
    ] as [string, number][],
  }));
  const { found } = await ask(fakeReader([...chain, { number: 5000 }]), [file(5000, 1000)]);
  const { paths, moreCount } = found(5000);
  assert.equal(paths.length + moreCount, 1000);
  assert.equal(paths.length, Math.ceil((16 * 1024 - 1) / 101));
  assert.ok(MAX_PATH_DEPTH > paths.length);
});

test('what is kept has a bound', async () => {
  function* names(): Generator<readonly [string, number]> {
    for (let i = 0; i < 1_000_000; i++) yield [`a-name-of-some-length-${i}`, 9];
  }
  const reader = fakeReader([{ number: 2, names: { [Symbol.iterator]: names } }, { number: 9 }]);
  await assert.rejects(ask(reader, [file(9, 1_000_000)]), { code: 'OVER_BUDGET' });
});
