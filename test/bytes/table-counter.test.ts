// Counting by WebAssembly gives what a loop gives that looks at each bit and each entry, at every length.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countZeroBits } from '../../src/bytes/aggregates.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { tableCounter, wholeSteps } from '../../src/bytes/table-counter.js';
import { instantiate } from '../../src/bytes/wasm.js';
import { countFreeClusters } from '../../src/filesystem/fat/free-clusters.js';
import type { Geometry } from '../../src/filesystem/fat/geometry.js';
import { MIB } from '../../src/limits.js';
import { memorySource } from '../memory-source.js';

/** Words that look random and are the same each time, of which one in three is zero in the bits of a FAT32's number. */
function noise(wordCount: number): Uint8Array {
  const words = new Uint32Array(wordCount);
  let state = 2463534242;
  for (let i = 0; i < wordCount; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const word = state >>> 0;
    words[i] = word % 3 === 0 ? word - (word % 2 ** 28) : word % 7 === 0 ? 2 ** (word % 32) : word;
  }
  return new Uint8Array(words.buffer);
}

function slowSetBits(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) for (let bit = 0; bit < 8; bit++) count += (byte >> bit) % 2;
  return count;
}

function slowZeroNumbers(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length; at += 4) {
    if (view.getUint32(at, true) % 2 ** 28 === 0) count++;
  }
  return count;
}

/** The same source, which reads into memory of its caller's too, as files do. */
function fileSource(bytes: Uint8Array): ByteSource {
  return {
    ...memorySource(bytes),
    async readInto(offset, target) {
      target.set(bytes.subarray(offset, offset + target.length));
    },
  };
}

describe('tableCounter', () => {
  const table = noise(MIB / 4);

  it('counts bits and zero numbers of as many steps as there are', () => {
    const counter = tableCounter(8 * MIB);
    assert.ok(counter);
    counter.memory.set(table);
    for (let length = 0; length < 2000; length += 12) {
      const whole = table.subarray(0, wholeSteps(length));
      assert.equal(counter.setBits(length), slowSetBits(whole), `${length}`);
      assert.equal(counter.zeroNumbers(length), slowZeroNumbers(whole), `${length}`);
    }
    assert.equal(counter.setBits(table.length), slowSetBits(table));
    assert.equal(counter.zeroNumbers(table.length), slowZeroNumbers(table));
  });

  it('is not made for a small table', () => {
    assert.equal(tableCounter(MIB), null);
  });

  it('counts all of a memory that is full of ones', () => {
    const counter = tableCounter(8 * MIB);
    assert.ok(counter);
    const { memory } = counter;
    memory.fill(0xff);
    assert.equal(counter.setBits(memory.length), memory.length * 8);
    assert.equal(counter.zeroNumbers(memory.length), 0);
    memory.fill(0);
    assert.equal(counter.zeroNumbers(memory.length), memory.length / 4);
  });
});

describe('instantiate', () => {
  it('gives null for code that is none', () => {
    assert.equal(instantiate(1, [{ name: 'odd', variables: [], code: [0xff] }]), null);
  });

  it('gives null without WebAssembly', () => {
    const known = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly');
    assert.ok(known);
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    try {
      assert.equal(tableCounter(8 * MIB), null);
    } finally {
      Object.defineProperty(globalThis, 'WebAssembly', known);
    }
  });
});

describe('large tables', () => {
  const bytes = noise((11 * MIB) / 4);

  for (const [name, source] of [
    ['a source that reads into memory', fileSource(bytes)],
    ['another', memorySource(bytes)],
  ] as const) {
    it(`have their zero bits counted in ${name}`, async () => {
      for (const [offset, bits] of [
        [0, 11 * MIB * 8],
        [3, 5 * MIB * 8 + 13],
        [4 * MIB - 1, 4 * MIB * 8 + 7],
        [64, 4 * MIB * 8 - 1],
      ] as const) {
        const whole = bytes.subarray(offset, offset + Math.floor(bits / 8));
        let zeros = whole.length * 8 - slowSetBits(whole);
        const last = bytes[offset + whole.length] ?? 0;
        for (let bit = 0; bit < bits % 8; bit++) zeros += 1 - ((last >> bit) % 2);
        assert.equal(await countZeroBits(source, offset, bits), zeros, `${offset} ${bits}`);
      }
    });

    it(`of FAT32 have their free clusters counted in ${name}`, async () => {
      for (const [fatOffsetBytes, clusterCount] of [
        [512, 2 * MIB + 3],
        [4 * MIB - 512, MIB + 1],
        [512 * 3, 1000],
      ] as const) {
        const first = fatOffsetBytes + 8;
        const entries = bytes.subarray(first, first + clusterCount * 4);
        const geometry = { entryBits: 32, fatOffsetBytes, clusterCount } as Geometry;
        assert.equal(await countFreeClusters(source, geometry), slowZeroNumbers(entries));
      }
    });
  }
});
