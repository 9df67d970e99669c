// Counting in an image: exact at every alignment and over chunk borders, and never outside of the source.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countZeroBits, countZeroEntries, eachChunk } from '../../src/bytes/aggregates.js';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import type { VirtDfError } from '../../src/errors.js';
import { memorySource } from '../memory-source.js';

/** Bytes that look random and are the same each time. */
function noise(length: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

function slowZeroBits(bytes: Uint8Array, offset: number, bits: number): number {
  let zeros = 0;
  for (let bit = 0; bit < bits; bit++) {
    const byte = bytes[offset + Math.floor(bit / 8)] ?? 0;
    if ((byte >> (bit % 8)) % 2 === 0) zeros++;
  }
  return zeros;
}

const hasCode = (code: string) => (error: unknown) => (error as VirtDfError).code === code;

/** A volume of 2^50 bytes of which nothing may be read. */
const huge: ByteSource = {
  sizeBytes: 2 ** 50,
  runs: memoryRuns,
  read: () => assert.fail('nothing may be read'),
};

describe('countZeroBits', () => {
  it('counts at every alignment and length', async () => {
    const bytes = noise(64);
    for (let offset = 0; offset < 8; offset++) {
      for (let bits = 0; bits <= 130; bits++) {
        const counted = await countZeroBits(memorySource(bytes), offset, bits);
        assert.equal(counted, slowZeroBits(bytes, offset, bits), `${offset} ${bits}`);
      }
    }
  });

  it('counts in a Buffer, whose slices are views', async () => {
    const bytes = noise(64);
    const buffer = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    for (let offset = 0; offset < 4; offset++) {
      const counted = await countZeroBits(memorySource(buffer), offset, 320);
      assert.equal(counted, slowZeroBits(bytes, offset, 320), `${offset}`);
    }
  });

  it('counts over the border of chunks', async () => {
    const bytes = noise(2 * 1024 * 1024 + 100);
    const bits = bytes.length * 8 - 8 - 3;
    assert.equal(await countZeroBits(memorySource(bytes), 1, bits), slowZeroBits(bytes, 1, bits));
  });

  it('refuses a bitmap outside of the source before it reads', async () => {
    const source: ByteSource = {
      sizeBytes: 1000,
      runs: memoryRuns,
      read: () => assert.fail('nothing may be read'),
    };
    for (const [at, bits] of [
      [0, 8001],
      [999, 9],
      [1000, 1],
      [0, 2 ** 53],
    ] as const) {
      await assert.rejects(countZeroBits(source, at, bits), hasCode('OUT_OF_BOUNDS'));
    }
  });

  it('refuses a bitmap that takes a second to count before it reads', async () => {
    await assert.rejects(countZeroBits(huge, 0, 2 ** 32), hasCode('LIMIT'));
  });
});

describe('countZeroEntries', () => {
  it('counts entries of every width', async () => {
    const bytes = new Uint8Array(120);
    bytes[0] = 1;
    bytes[119] = 1;
    for (const width of [1, 2, 3, 4, 8, 12]) {
      const count = 120 / width;
      assert.equal(await countZeroEntries(memorySource(bytes), 0, count, width), count - 2);
    }
  });

  it('refuses a table that is too long, or that ends behind the source', async () => {
    const source = memorySource(new Uint8Array(100));
    await assert.rejects(countZeroEntries(source, 0, 51, 2), hasCode('OUT_OF_BOUNDS'));
    await assert.rejects(countZeroEntries(huge, 0, 2 ** 20, 1024), hasCode('LIMIT'));
  });
});

describe('eachChunk', () => {
  it('gives whole records only', async () => {
    const bytes = noise(3 * 1024 * 1024);
    const lengths: number[] = [];
    let total = 0;
    const table = { offsetBytes: 5, count: 7000, strideBytes: 300 };
    await eachChunk(memorySource(bytes), table, (chunk, count) => {
      assert.equal(chunk.length, count * 300);
      lengths.push(count);
      total += count;
    });
    assert.equal(total, 7000);
    assert.ok(lengths.length > 1);
  });
});
