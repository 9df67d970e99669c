// Owners that no kernel would make: a block of a million files, a file of a million pieces, paths that lead nowhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredExtent } from '../../src/filesystem/files.js';
import { MIB } from '../../src/limits.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { noDoubts } from '../../src/queries/files/doubts.js';
import { type Claim, claimsIn } from '../../src/queries/map/owned.js';
import { claimsOf } from '../../src/queries/map/owners.js';
import { type FakeFile, fakeReader } from './du-reader.js';

const BLOCK = 4096;
const MAX_CPU_SECONDS = 10;

function extent(block: number, fileBlock: number, isShared: boolean | null): StoredExtent {
  return {
    kind: 'data',
    offsetBytes: fileBlock * BLOCK,
    lengthBytes: BLOCK,
    at: { volumeIndex: 0, offsetBytes: block * BLOCK, lengthBytes: BLOCK },
    isShared,
    countedAs: 'used',
  };
}

async function claims(
  files: Iterable<FakeFile>,
  wanted: { readonly offsetBytes: number; readonly lengthBytes: number },
  memoryBytes = 64 * MIB,
): Promise<readonly Claim[]> {
  const memory = memoryOf(memoryBytes);
  const work = { memory, doubts: noDoubts(), endBytes: null, onFiles: () => {} };
  return [...claimsIn(await claimsOf(fakeReader(files), [[wanted]], work))];
}

test('a block of a million files takes no more memory than it may', async () => {
  function* files(): Generator<FakeFile> {
    yield { number: 2, names: [] };
    for (let i = 0; i < 1_000_000; i++) yield { number: i + 3, extents: [extent(7, 0, null)] };
  }
  const all = claims(
    { [Symbol.iterator]: files },
    { offsetBytes: 7 * BLOCK, lengthBytes: 1 },
    4 * MIB,
  );
  await assert.rejects(all, { code: 'OVER_BUDGET' });
});

test('files that all claim one block and share it with nobody are gone through once', async () => {
  function* files(): Generator<FakeFile> {
    yield { number: 2, names: [] };
    for (let i = 0; i < 30_000; i++) yield { number: i + 3, extents: [extent(7, 0, false)] };
  }
  const before = process.cpuUsage();
  const wanted = { offsetBytes: 7 * BLOCK, lengthBytes: 2 * BLOCK };
  const found = await claims({ [Symbol.iterator]: files }, wanted);
  assert.equal(found.length, 30_001);
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1e6 < MAX_CPU_SECONDS, `${user + system} us`);
});

test('of a map of a million pieces only those are kept that are asked for', async () => {
  const extents = Array.from({ length: 100_000 }, (_, i) => extent(2 * i, i, false));
  const files = [
    { number: 2, names: [['f', 3]] as [string, number][] },
    { number: 3, extents },
  ];
  const wanted = { offsetBytes: 1000 * BLOCK, lengthBytes: 3 * BLOCK };
  const found = await claims(files, wanted, MIB);
  assert.deepEqual(
    found.map(({ kind, fileOffsetBytes, owner }) => {
      return [kind, fileOffsetBytes, owner?.paths.map(({ text }) => text) ?? null];
    }),
    [
      ['data', 500 * BLOCK, ['/f']],
      ['unknown', null, null],
      ['data', 501 * BLOCK, ['/f']],
    ],
  );
});

test('a file that claims the same block again and again is told as often', async () => {
  const extents = Array.from({ length: 100 }, (_, i) => extent(5, i, null));
  const files = [
    { number: 2, names: [] },
    { number: 3, links: 5, extents },
  ];
  const found = await claims(files, { offsetBytes: 5 * BLOCK, lengthBytes: 10 });
  assert.equal(found.length, 100);
  assert.ok(
    found.every(({ isShared, name }) => isShared === true && name === 'no path leads to it'),
  );
});

test('files without a name say why', async () => {
  const files: FakeFile[] = [
    { number: 2, names: [] },
    { number: 3, links: 0, extents: [extent(5, 0, false)] },
    { number: 4, links: 1, extents: [extent(6, 0, false)] },
  ];
  const found = await claims(files, { offsetBytes: 5 * BLOCK, lengthBytes: 2 * BLOCK });
  assert.deepEqual(
    found.map(({ name }) => name),
    ['deleted, and still open', 'no path leads to it'],
  );
});
