// Sources made of other sources.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lru } from '../../src/bytes/lru.js';
import { resize } from '../../src/bytes/resize.js';
import { slice } from '../../src/bytes/slice.js';
import { FormatError } from '../../src/errors.js';
import { memorySource } from '../memory-source.js';

const isOutside = (error: unknown) =>
  error instanceof FormatError && error.code === 'OUT_OF_BOUNDS';
const parent = memorySource(Uint8Array.from({ length: 100 }, (_, i) => i));

test('a slice has its own offsets, and neither reaches over its ends nor over its parent', async () => {
  const part = slice(parent, 90, 20);
  assert.equal(part.sizeBytes, 20);
  assert.deepEqual([...(await part.read(1, 3))], [91, 92, 93]);
  await assert.rejects(part.read(18, 3), isOutside);
  await assert.rejects(part.read(5, 10), isOutside);
  assert.throws(() => slice(parent, -1, 5), isOutside);
  assert.throws(() => slice(parent, 1, Number.MAX_SAFE_INTEGER), isOutside);
});

test('a resized source is cut off, or goes on with zeros', async () => {
  assert.deepEqual([...(await resize(parent, 102).read(98, 4))], [98, 99, 0, 0]);
  assert.deepEqual([...(await resize(parent, 200).read(150, 2))], [0, 0]);
  await assert.rejects(resize(parent, 50).read(49, 2), isOutside);
  assert.throws(() => resize(parent, 2 ** 53), isOutside);
});

test('the least recently used entries go first, and the budget holds', () => {
  const cache = lru<string>(10);
  cache.set('a', new Uint8Array(4));
  cache.set('b', new Uint8Array(4));
  cache.get('a');
  cache.set('c', new Uint8Array(4));
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => cache.get(key)?.length),
    [4, undefined, 4],
  );
  cache.set('c', new Uint8Array(6));
  assert.equal(cache.sizeBytes, 10);
  cache.set('d', new Uint8Array(11));
  assert.equal(cache.get('d'), undefined);
  assert.equal(cache.sizeBytes, 10);
});
