// Sources of which some ranges were changed: what is read is what a file would hold into which the changes were written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, changedBlocks, writtenChanges } from '../../src/bytes/changes.js';
import { type OverlaySource, overlay } from '../../src/bytes/overlay.js';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { FormatError } from '../../src/errors.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';

const BELOW_BYTES = 60;

/** Bytes that no change writes. */
function below(): Uint8Array {
  return Uint8Array.from({ length: BELOW_BYTES }, (_, i) => 200 + (i % 50));
}

function withInto(source: ByteSource): ByteSource {
  return {
    ...source,
    async readInto(offset, target) {
      target.set(await source.read(offset, target.length));
    },
  };
}

function isCode(code: string) {
  return (error: unknown) => error instanceof FormatError && error.code === code;
}

/** As deepEqual, which takes a hundred times as long. */
function sameBytes(found: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(found, wanted) !== 0) assert.deepEqual([...found], [...wanted]);
}

/** Every range of the source, by both ways of reading, against what it must hold. */
async function checkAll(source: OverlaySource, expected: Uint8Array): Promise<void> {
  assert.equal(source.sizeBytes, expected.length);
  for (let from = 0; from <= expected.length; from++) {
    for (let to = from; to <= expected.length; to++) {
      const wanted = expected.subarray(from, to);
      sameBytes(await source.read(from, to - from), wanted);
      const target = new Uint8Array(to - from).fill(99);
      assert.ok(source.readInto);
      await source.readInto(from, target);
      sameBytes(target, wanted);
    }
  }
}

/** One of the kinds of content, written into `expected` as well. */
function randomChange(next: (limit: number) => number, expected: Uint8Array, i: number): Change {
  const offsetBytes = next(expected.length - 4);
  const lengthBytes = 1 + next(expected.length - offsetBytes - 1);
  const bytes = new Uint8Array(lengthBytes).fill(i + 2);
  const kind = next(4);
  if (kind === 0) bytes.fill(0);
  expected.set(bytes, offsetBytes);
  if (kind === 0) return { offsetBytes, lengthBytes, content: null };
  if (kind === 1) return { offsetBytes, lengthBytes, content: async () => bytes };
  return { offsetBytes, lengthBytes, content: bytes };
}

test('of changes over each other, the last ones are seen, also beyond the end of what lies below', async () => {
  const next = random('writes');
  for (let round = 0; round < 60; round++) {
    const expected = new Uint8Array(BELOW_BYTES + next(2) * 8);
    expected.set(below());
    const unchanged = Uint8Array.from(expected);
    const writes = Array.from({ length: 1 + next(12) }, (_, i) => randomChange(next, expected, i));
    const options = { sizeBytes: expected.length };
    const source = overlay(withInto(memorySource(below())), writtenChanges(writes), options);
    await checkAll(source, expected);
    const isListed = new Array<boolean>(expected.length).fill(false);
    let end = -1;
    for (const { offsetBytes, lengthBytes } of source.changedRanges()) {
      assert.ok(offsetBytes > end && lengthBytes > 0, 'in order, and none touches another');
      end = offsetBytes + lengthBytes;
      isListed.fill(true, offsetBytes, end);
    }
    for (const [i, byte] of expected.entries()) if (byte !== unchanged[i]) assert.ok(isListed[i]);
    const written = new Array<boolean>(expected.length).fill(false);
    for (const { offsetBytes, lengthBytes } of writes) {
      written.fill(true, offsetBytes, offsetBytes + lengthBytes);
    }
    assert.deepEqual(isListed, written);
  }
});

test('a content that is made sees what lies below, whole, however little of it is read', async () => {
  const make = async (source: ByteSource): Promise<Uint8Array> => {
    const bytes = Uint8Array.from(await source.read(10, 8));
    return bytes.reverse();
  };
  const changes = writtenChanges([
    { offsetBytes: 10, lengthBytes: 8, content: make },
    { offsetBytes: 12, lengthBytes: 2, content: Uint8Array.of(1, 2) },
  ]);
  const expected = below();
  expected.subarray(10, 18).reverse();
  expected.set([1, 2], 12);
  await checkAll(overlay(withInto(memorySource(below())), changes), expected);
});

test('changed blocks are seen as they are now, and are charged once each', async () => {
  let charged = 0;
  const blocks = changedBlocks(8, (bytes) => {
    charged += bytes;
    if (charged > 24) throw new FormatError('LIMIT', 'too much');
  });
  const source = overlay(withInto(memorySource(below())), blocks);
  const expected = below();
  for (const block of [5, 0, 4, 5]) {
    const content = new Uint8Array(8).fill(block + 1);
    blocks.set(block, content);
    expected.set(content, block * 8);
    await checkAll(source, expected);
    content.fill(77);
    expected.set(content, block * 8);
    await checkAll(source, expected);
  }
  assert.equal(charged, 24);
  assert.deepEqual(
    [...source.changedRanges()],
    [
      { offsetBytes: 0, lengthBytes: 8 },
      { offsetBytes: 32, lengthBytes: 16 },
    ],
  );
  assert.throws(() => blocks.set(1, new Uint8Array(8)), isCode('LIMIT'));
  const held = await source.read(0, 8);
  blocks.get(0)?.fill(3);
  assert.equal(held[0], 77, 'what was read does not change with the block');
});

test('a read without a change is the read below, and not charged', async () => {
  const bytes = below();
  const reads: string[] = [];
  const source: ByteSource = {
    sizeBytes: bytes.length,
    runs: memoryRuns,
    async read(offset, length) {
      reads.push(`${offset}+${length}`);
      return bytes.subarray(offset, offset + length);
    },
  };
  let spent = 0;
  const changes = writtenChanges([
    { offsetBytes: 8, lengthBytes: 8, content: new Uint8Array(8) },
    { offsetBytes: 16, lengthBytes: 8, content: null },
  ]);
  const changed = overlay(source, changes, { sizeBytes: 100, spend: (count) => (spent += count) });
  assert.equal(changed.readInto, undefined, 'nor can what lies below');
  assert.equal((await changed.read(0, 8)).buffer, bytes.buffer, 'no copy');
  assert.deepEqual([reads, spent], [['0+8'], 0]);
  await changed.read(10, 14);
  assert.deepEqual([reads, spent], [['0+8', '10+14'], 14]);
  await changed.read(20, 6);
  assert.deepEqual([reads, spent], [['0+8', '10+14', '20+6'], 20]);
  assert.deepEqual([...(await changed.read(59, 3))], [bytes[59], 0, 0]);
  await assert.rejects(changed.read(99, 2), isCode('OUT_OF_BOUNDS'));
  await assert.rejects(changed.read(-1, 2), isCode('OUT_OF_BOUNDS'));
});
