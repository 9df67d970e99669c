// Reads of a file on a server: which of them go together, and what one that fails costs the others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lru } from '../../src/bytes/lru.js';
import { SourceError } from '../../src/errors.js';
import { distantSource } from '../../src/host/distant-cache.js';

const PAGE = 4096;
const SIZE = 1000 * PAGE + 10;
const contentAt = (offset: number) => (offset * 31 + Math.floor(offset / PAGE)) % 251;

/** A source, and the reads that it made, in pages. A read that covers page `bad` fails. */
function distant(gapPages = 4, bad = -1) {
  const asked: [first: number, count: number][] = [];
  const source = distantSource(
    {
      sizeBytes: SIZE,
      pageBytes: PAGE,
      gapBytes: () => gapPages * PAGE,
      async readHost(offset, length) {
        asked.push([offset / PAGE, Math.ceil(length / PAGE)]);
        assert.ok(offset + length <= SIZE);
        await new Promise((resolve) => setImmediate(resolve));
        if (offset <= bad * PAGE && offset + length > bad * PAGE) {
          throw new SourceError('IO', 'a bad place');
        }
        return Uint8Array.from({ length }, (_, i) => contentAt(offset + i));
      },
    },
    lru<number>(1000 * PAGE),
  );
  const read = async (offset: number, length: number) => {
    const bytes = await source.read(offset, length);
    assert.equal(bytes.length, length);
    assert.ok(bytes.every((byte, i) => byte === contentAt(offset + i)));
  };
  return { source, asked, read };
}

test('reads side by side go in one request where they lie close together', async () => {
  const { asked, read } = distant();
  await Promise.all([read(5, 10), read(3 * PAGE - 1, 2), read(100 * PAGE, 1), read(5, 20)]);
  assert.deepEqual(asked, [
    [0, 4],
    [100, 1],
  ]);
  await Promise.all([read(0, 4 * PAGE), read(100 * PAGE + 7, 9)]);
  assert.equal(asked.length, 2, 'all of it is kept');
});

test('what is read soon comes at once, and is asked for once', async () => {
  const { source, asked, read } = distant();
  const range = (page: number) => ({ offsetBytes: page * PAGE, lengthBytes: 10 });
  const ahead = source.ahead([range(10), range(500), range(999), range(1000), range(5000)]);
  await Promise.all([ahead, read(500 * PAGE, PAGE)]);
  assert.deepEqual(asked, [
    [10, 1],
    [500, 1],
    [999, 2],
  ]);
  await read(SIZE - 5, 5);
  assert.equal(asked.length, 3);
});

test('where one read follows the other, requests grow, up to a bound', async () => {
  const { asked, read } = distant();
  for (let page = 0; page < 200; page++) await read(page * PAGE, PAGE);
  const counts = asked.map(([, count]) => count);
  assert.deepEqual(counts, [4, 8, 16, 32, 64, 64, 64]);
});

test('a place that cannot be read costs nobody who did not ask for it', async () => {
  const { source, asked, read } = distant(4, 3);
  await source.ahead([{ offsetBytes: 3 * PAGE, lengthBytes: 1 }]);
  await Promise.all([read(PAGE, 10), read(5 * PAGE, 10)]);
  await assert.rejects(read(3 * PAGE, 1), { code: 'IO' });
  await Promise.all([read(PAGE, 10), assert.rejects(read(3 * PAGE, 1), { code: 'IO' })]);
  assert.ok(asked.length < 12);
});
