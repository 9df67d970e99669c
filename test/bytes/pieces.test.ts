// A long range in pieces: the same bytes whether the source reads into memory of the caller's or not, each read once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pieces } from '../../src/bytes/pieces.js';
import { slice } from '../../src/bytes/slice.js';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';

const MIB = 2 ** 20;
const BYTES = Buffer.alloc(3 * MIB + 12_345);
const next = random('pieces');
for (let i = 0; i < BYTES.length; i++) BYTES[i] = next(256);

const folder = mkdtempSync(join(tmpdir(), 'virt-df-pieces-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'file');
writeFileSync(path, BYTES);

async function gathered(source: ByteSource, offset: number, length: number): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces(source, offset, length)) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
}

const RANGES: readonly (readonly [number, number])[] = [
  [0, BYTES.length],
  [8, 2 * MIB],
  [MIB - 1, MIB + 2],
  [5, 7],
  [0, 0],
];

test('a file, a part of it, and what has no memory of its own give the same bytes', async () => {
  for (const [offset, length] of RANGES) {
    const expected = BYTES.subarray(offset, offset + length);
    const scope = openScope();
    try {
      const file = await scope.open(path);
      assert.ok(file.readInto !== undefined);
      assert.deepEqual(await gathered(file, offset, length), expected);
      assert.equal(scope.statistics.bytesRead, length, 'each byte is read once');
      const part = slice(file, offset, length);
      assert.deepEqual(await gathered(part, 0, length), expected);
    } finally {
      await scope.close();
    }
    assert.deepEqual(await gathered(memorySource(BYTES), offset, length), expected);
  }
});

test('what does not lie in the source is refused', async () => {
  const scope = openScope();
  try {
    const file = await scope.open(path);
    for (const source of [file, slice(file, 0, MIB), memorySource(BYTES)]) {
      const far = source.sizeBytes - 10;
      await assert.rejects(gathered(source, far, 20), { code: 'OUT_OF_BOUNDS' });
    }
  } finally {
    await scope.close();
  }
});

test('who stops early leaves nothing behind, though the next read fails', async () => {
  const source: ByteSource = {
    sizeBytes: 10 * MIB,
    runs: memoryRuns,
    async read(offset, length) {
      if (offset >= MIB) throw new Error('the second piece cannot be had');
      return new Uint8Array(length);
    },
  };
  for await (const piece of pieces(source, 0, source.sizeBytes)) {
    assert.equal(piece.length, MIB);
    break;
  }
  await new Promise((resolve) => setImmediate(resolve));
});

test('what was read into memory is among what must not have changed', async () => {
  // Written in an hour, so that on no machine it was last written long ago.
  const later = new Date(Date.now() + 3_600_000);
  utimesSync(path, later, later);
  const scope = openScope({ isWatchful: true });
  try {
    const file = await scope.open(path);
    await gathered(file, 0, BYTES.length);
    const { bytesRead } = scope.statistics;
    assert.equal(await scope.isSettled(false), true);
    // A file that was just written is read again, and counted again.
    assert.equal(scope.statistics.bytesRead, 2 * bytesRead);
    const other = Buffer.from(BYTES);
    other[2 * MIB] = (other[2 * MIB] ?? 0) ^ 1;
    writeFileSync(path, other);
    assert.equal(await scope.isSettled(false), false);
  } finally {
    await scope.close();
  }
});
