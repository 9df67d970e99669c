// The blocks of a journal come as they are however they are asked for, and a table by block holds what a Map does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import {
  forwardReader,
  journalPlace,
  type PlacedBlock,
} from '../../src/filesystem/ext/jbd2/blocks.js';
import { blockTable } from '../../src/filesystem/ext/jbd2/table.js';
import { KIB, MIB } from '../../src/limits.js';
import { memorySource } from '../memory-source.js';

const BLOCK_BYTES = 4096;
const BLOCK_COUNT = (40 * MIB) / BLOCK_BYTES;

/** Numbers below `values` that look random and are the same each time. */
function dice(): (values: number) => number {
  let state = 12345;
  return (values) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * values);
  };
}

/** Each block has its own number at its beginning. A read into memory from `lateOffset` on writes to it late. */
function journal(lateOffset: number) {
  const bytes = new Uint8Array(BLOCK_COUNT * BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < BLOCK_COUNT; block++) view.setUint32(block * BLOCK_BYTES, block);
  const late: Promise<unknown>[] = [];
  const source: ByteSource = {
    ...memorySource(bytes),
    async readInto(offset, target) {
      if (offset === lateOffset) {
        late.push(new Promise((resolve) => setTimeout(resolve, 50)));
        await late.at(-1);
      }
      target.set(bytes.subarray(offset, offset + target.length));
    },
  };
  const runs = [{ fileBlock: 0, block: 0, count: BLOCK_COUNT, isUnwritten: false }];
  return { late, place: journalPlace(source, BLOCK_BYTES, runs) };
}

function numberOf({ bytes, offsetBytes }: PlacedBlock): number {
  return new DataView(bytes.buffer, bytes.byteOffset + offsetBytes, BLOCK_BYTES).getUint32(0);
}

describe('forwardReader', () => {
  it('gives the blocks that are asked for, whatever is left out', async () => {
    const roll = dice();
    const { place } = journal(-1);
    for (let turn = 0; turn < 10; turn++) {
      const read = forwardReader(place);
      for (let block = 0; block < BLOCK_COUNT; ) {
        const placed = await read(block, BLOCK_COUNT - block);
        assert.ok(placed.offsetBytes + BLOCK_BYTES <= placed.bytes.length);
        assert.equal(numberOf(placed), block);
        block += roll(20) === 0 ? 1000 + roll(1500) : 1 + roll(100);
      }
    }
  });

  it('waits for a piece that is on its way before it reads into its memory, though nobody wants it', async () => {
    // Pieces of 64 KiB, 128 KiB and so on end here, and the next one is as large as there are.
    const { late, place } = journal(4 * MIB + (4 * MIB - 64 * KIB));
    const read = forwardReader(place);
    const blocks = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => from + i);
    const far = (20 * MIB) / BLOCK_BYTES;
    for (const block of [...blocks(0, 1008 + 1), ...blocks(far, far + 64)]) {
      assert.equal(numberOf(await read(block, BLOCK_COUNT - block)), block);
    }
    assert.equal(late.length, 1);
    await late[0];
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(numberOf(await read(far + 64, BLOCK_COUNT - far - 64)), far + 64);
  });
});

describe('blockTable', () => {
  it('holds what a Map does', () => {
    const roll = dice();
    const table = blockTable(2);
    const map = new Map<number, readonly [number, number]>();
    for (let i = 0; i < 40_000; i++) {
      // Neighbours, numbers far apart, and such as differ only above 32 bits.
      const block = [roll(5000), roll(2 ** 31) * 4, 7 + roll(5000) * 2 ** 32][roll(3)] ?? 0;
      const values = [roll(2 ** 32), i] as const;
      const entry = table.entry(block);
      table.set(entry, 0, values[0]);
      table.set(entry, 1, values[1]);
      map.set(block, values);
    }
    assert.equal(table.size, map.size);
    assert.deepEqual([...table.blocks()], [...map.keys()]);
    for (const [block, [first, second]] of map) {
      const entry = table.find(block);
      assert.equal(table.get(entry, 0), first);
      assert.equal(table.get(entry, 1), second);
    }
    assert.equal(table.find(2 ** 40 + 3), -1);
  });
});
