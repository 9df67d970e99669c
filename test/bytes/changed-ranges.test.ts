// Which ranges of two sources may differ: told by where their bytes lie, never by reading them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedRanges } from '../../src/bytes/changed-ranges.js';
import { concat } from '../../src/bytes/concat.js';
import { resize } from '../../src/bytes/resize.js';
import { slice } from '../../src/bytes/slice.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { rangeSet } from '../../src/queries/diff/range-set.js';
import { memorySource } from '../memory-source.js';

function file(path: string, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    read: () => assert.fail('nothing is read'),
    runs: async (offsetBytes, lengthBytes) => [{ kind: 'host', path, offsetBytes, lengthBytes }],
  };
}

/** `[begin, end]` of each. */
async function rangesOf(old: ByteSource, other: ByteSource) {
  const found: (readonly [number, number])[] = [];
  for await (const page of changedRanges(old, other)) {
    for (const { offsetBytes, lengthBytes } of page) {
      found.push([offsetBytes, offsetBytes + lengthBytes]);
    }
  }
  return found;
}

const base = file('/base', 1000);
const top = file('/top', 1000);

test('the same place of the same file is equal, another file or place is not', async () => {
  assert.deepEqual(await rangesOf(base, base), []);
  assert.deepEqual(await rangesOf(base, top), [[0, 1000]]);
  const clone = concat([slice(base, 0, 100), slice(top, 0, 50), slice(base, 150, 850)]);
  assert.deepEqual(await rangesOf(base, clone), [[100, 150]]);
  const moved = concat([slice(base, 1, 100), slice(base, 100, 900)]);
  assert.deepEqual(await rangesOf(base, moved), [[0, 100]]);
  const other = concat([slice(base, 0, 120), slice(top, 900, 100), slice(base, 220, 780)]);
  assert.deepEqual(await rangesOf(clone, other), [[100, 220]]);
});

test('zeros that lie nowhere are equal, and bytes in memory never are', async () => {
  const zeros = concat([resize(slice(base, 0, 10), 30), slice(base, 30, 10)]);
  assert.deepEqual(await rangesOf(zeros, zeros), []);
  assert.deepEqual(await rangesOf(slice(base, 0, 40), zeros), [[10, 30]]);
  const log = concat([slice(base, 0, 10), memorySource(new Uint8Array(5))]);
  assert.deepEqual(await rangesOf(log, log), [[10, 15]]);
});

test('what only the longer one has differs, and joins what comes before it', async () => {
  assert.deepEqual(await rangesOf(slice(base, 0, 10), base), [[10, 1000]]);
  assert.deepEqual(await rangesOf(base, slice(base, 0, 10)), [[10, 1000]]);
  assert.deepEqual(await rangesOf(top, slice(base, 0, 10)), [[0, 1000]]);
  assert.deepEqual(await rangesOf(slice(base, 0, 0), slice(base, 0, 0)), []);
});

test('a set of too many ranges takes in what lies between neighbours', async () => {
  async function* pages() {
    yield Array.from({ length: 10 }, (_, i) => ({ offsetBytes: 10 * i, lengthBytes: 5 }));
  }
  const exact = await rangeSet(pages());
  assert.equal(exact.byteCount, 50);
  assert.ok(exact.meets(0, 1) && exact.meets(5, 6) && exact.meets(94, 100));
  assert.ok(!exact.meets(5, 5) && !exact.meets(95, 100) && !exact.meets(1, 0));
  assert.deepEqual(
    [...exact.within(3, 10)],
    [
      { offsetBytes: 3, lengthBytes: 2 },
      { offsetBytes: 10, lengthBytes: 3 },
    ],
  );
  for (const maxCount of [2, 3, 4, 7]) {
    const coarse = await rangeSet(pages(), maxCount);
    assert.ok(coarse.byteCount <= 95);
    for (let i = 0; i < 10; i++) {
      assert.deepEqual([...coarse.within(10 * i, 5)], [{ offsetBytes: 10 * i, lengthBytes: 5 }]);
    }
  }
});
