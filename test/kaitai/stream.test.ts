// The stream of generated parsers: exact reads, bounds that hold, a budget that is shared.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SafeStream } from '../../src/kaitai/index.js';
import { MAX_PARSE_DEPTH, MAX_PARSE_ITEMS } from '../../src/limits.js';
import { random } from '../random.js';

const WHERE = 'Test.field';
const bytes = (...values: number[]) => Uint8Array.from(values);
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);

/** The bits of bytes as one number, the first byte's first bit the highest, or the lowest. */
function allBits(data: Uint8Array, order: 'le' | 'be'): bigint {
  const list = order === 'be' ? [...data] : [...data].reverse();
  return list.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

describe('SafeStream', () => {
  it('reads numbers of every width, sign and order', () => {
    const data = Buffer.from([0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8]);
    const io = () => new SafeStream(data);
    assert.equal(io().readU1(WHERE), 0x81);
    assert.equal(io().readS1(WHERE), data.readInt8());
    assert.equal(io().readU2le(WHERE), data.readUInt16LE());
    assert.equal(io().readU2be(WHERE), data.readUInt16BE());
    assert.equal(io().readS2le(WHERE), data.readInt16LE());
    assert.equal(io().readS2be(WHERE), data.readInt16BE());
    assert.equal(io().readU4le(WHERE), data.readUInt32LE());
    assert.equal(io().readU4be(WHERE), data.readUInt32BE());
    assert.equal(io().readS4le(WHERE), data.readInt32LE());
    assert.equal(io().readS4be(WHERE), data.readInt32BE());
    assert.equal(io().readU8le(WHERE), data.readBigUInt64LE());
    assert.equal(io().readU8be(WHERE), data.readBigUInt64BE());
    assert.equal(io().readS8le(WHERE), data.readBigInt64LE());
    assert.equal(io().readS8be(WHERE), data.readBigInt64BE());
    assert.equal(io().readF4le(WHERE), data.readFloatLE());
    assert.equal(io().readF4be(WHERE), data.readFloatBE());
    assert.equal(io().readF8le(WHERE), data.readDoubleLE());
    assert.equal(io().readF8be(WHERE), data.readDoubleBE());
  });

  it('reads numbers without an order in the order that it was opened with, parts too', () => {
    const data = Buffer.from([0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8]);
    const little = () => new SafeStream(data, 'le').substream(data);
    const big = () => new SafeStream(data, 'be').substream(data);
    assert.deepEqual(
      [little().readU2(WHERE), big().readU2(WHERE)],
      [data.readUInt16LE(), data.readUInt16BE()],
    );
    assert.deepEqual(
      [little().readS2(WHERE), big().readS2(WHERE)],
      [data.readInt16LE(), data.readInt16BE()],
    );
    assert.deepEqual(
      [little().readU4(WHERE), big().readU4(WHERE)],
      [data.readUInt32LE(), data.readUInt32BE()],
    );
    assert.deepEqual(
      [little().readS4(WHERE), big().readS4(WHERE)],
      [data.readInt32LE(), data.readInt32BE()],
    );
    assert.deepEqual(
      [little().readU8(WHERE), big().readU8(WHERE)],
      [data.readBigUInt64LE(), data.readBigUInt64BE()],
    );
    assert.deepEqual(
      [little().readS8(WHERE), big().readS8(WHERE)],
      [data.readBigInt64LE(), data.readBigInt64BE()],
    );
    assert.deepEqual(
      [little().readF4(WHERE), big().readF4(WHERE)],
      [data.readFloatLE(), data.readFloatBE()],
    );
    assert.deepEqual(
      [little().readF8(WHERE), big().readF8(WHERE)],
      [data.readDoubleLE(), data.readDoubleBE()],
    );
    assert.deepEqual([little().readBits(4, WHERE), big().readBits(4, WHERE)], [1, 8]);
    assert.deepEqual(
      [little().readWideBits(40, WHERE), big().readWideBits(40, WHERE)],
      [0xc5b4a39281n, 0x8192a3b4c5n],
    );
  });

  for (const order of ['le', 'be'] as const) {
    it(`reads bit fields of 1 to 64 bits, in any sequence (${order})`, () => {
      const next = random(`bits ${order}`);
      for (let turn = 0; turn < 500; turn++) {
        const data = Uint8Array.from({ length: 64 }, () => next(256));
        const all = allBits(data, order);
        const io = new SafeStream(data, order);
        for (let done = 0; done < 448; ) {
          const width = next(64) + 1;
          const got =
            width > 32 ? io.readWideBits(width, WHERE) : BigInt(io.readBits(width, WHERE));
          const shift = order === 'be' ? 512 - done - width : done;
          assert.equal(got, BigInt.asUintN(width, all >> BigInt(shift)));
          done += width;
        }
      }
    });
  }

  it('drops leftover bits when it aligns', () => {
    const io = new SafeStream(bytes(0xff, 0x01));
    io.readBitsBe(3, WHERE);
    io.alignToByte();
    assert.equal(io.readU1(WHERE), 1);
    assert.equal(io.isEof(), true);
  });

  it('is not at its end while bits are left', () => {
    const io = new SafeStream(bytes(0xff));
    io.readBitsBe(3, WHERE);
    assert.equal(io.isEof(), false);
    io.readBitsBe(5, WHERE);
    assert.equal(io.isEof(), true);
  });

  it('refuses to read behind its end', () => {
    const io = new SafeStream(counting(3));
    assert.throws(() => io.readU4le(WHERE), {
      code: 'TRUNCATED',
      message: 'test: field needs 4 bytes, but only 3 are left (at byte 0 of what is read)',
    });
    assert.equal(io.pos, 0);
    assert.throws(() => io.take(4, WHERE), { code: 'TRUNCATED' });
    assert.throws(() => io.readBitsBe(25, WHERE), { code: 'TRUNCATED' });
  });

  it('gives bytes as a view of those it has', () => {
    const data = counting(8);
    const part = new SafeStream(data.subarray(2, 6));
    const taken = part.take(2, WHERE);
    assert.deepEqual([...taken], [3, 4]);
    assert.equal(taken.buffer, data.buffer);
    assert.deepEqual([...part.readBytesFull(WHERE)], [5, 6]);
  });

  it('refuses lengths that are no exact number of bytes that are there', () => {
    for (const length of [-1, 9, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -1n, 9n, 2n ** 64n]) {
      assert.throws(() => new SafeStream(counting(8)).readBytes(length, WHERE), {
        code: 'OUT_OF_BOUNDS',
      });
    }
    assert.equal(new SafeStream(counting(8)).readBytes(8n, WHERE).length, 8);
  });

  it('comes back from elsewhere, whatever happens there', () => {
    const io = new SafeStream(counting(8));
    assert.equal(io.readBitsBe(4, WHERE), 0);
    assert.equal(
      io.at(7n, WHERE, (there) => there.readU1(WHERE)),
      8,
    );
    assert.equal(io.readBitsBe(4, WHERE), 1, 'the bits that were left are there again');
    assert.throws(() => io.at(6, WHERE, (there) => there.readU4le(WHERE)), { code: 'TRUNCATED' });
    assert.equal(io.pos, 1);
    for (const offset of [-1, 9, 0.5, 2n ** 63n]) {
      assert.throws(() => io.at(offset, WHERE, () => 0), { code: 'OUT_OF_BOUNDS' });
    }
  });

  it('reads to a terminator of one byte or of whole units', () => {
    const io = () => new SafeStream(bytes(1, 2, 0, 3, 0, 0, 4));
    assert.deepEqual([...io().readBytesTerm([0], false, true, true, WHERE)], [1, 2]);
    assert.deepEqual([...io().readBytesTerm([0], true, true, true, WHERE)], [1, 2, 0]);
    const after = (include: boolean, consume: boolean) => {
      const stream = io();
      stream.readBytesTerm([0], include, consume, true, WHERE);
      return stream.pos;
    };
    assert.deepEqual([after(false, true), after(true, true), after(false, false)], [3, 3, 2]);
    assert.deepEqual([...io().readBytesTerm([0, 0], false, true, true, WHERE)], [1, 2, 0, 3]);
    assert.deepEqual(
      [...io().readBytesTerm([9], false, true, false, WHERE)],
      [1, 2, 0, 3, 0, 0, 4],
    );
    assert.throws(() => io().readBytesTerm([9], false, true, true, WHERE), { code: 'TRUNCATED' });
  });

  it('checks a count against the bytes and the budget before the loop', () => {
    const io = new SafeStream(counting(8));
    assert.equal(io.count(2n, 4, WHERE), 2);
    assert.throws(() => io.count(3, 4, WHERE), { code: 'OUT_OF_BOUNDS' });
    assert.throws(() => io.count(2n ** 40n, 0, WHERE), { code: 'LIMIT' });
    assert.throws(() => io.count(-1, 1, WHERE), { code: 'OUT_OF_BOUNDS' });
  });

  it('shares its budget with its parts', () => {
    const io = new SafeStream(counting(8));
    io.substream(counting(8)).count(MAX_PARSE_ITEMS, 0, WHERE);
    assert.throws(() => io.count(1, 1, WHERE), { code: 'LIMIT' });
    for (let depth = 0; depth < MAX_PARSE_DEPTH; depth++) io.enter(WHERE);
    assert.throws(() => io.substream(counting(8)).enter(WHERE), { code: 'LIMIT' });
    io.leave();
    io.enter(WHERE);
  });

  it('wants every turn of an open loop to move', () => {
    const io = new SafeStream(counting(2));
    const start = io.progress;
    io.readBitsBe(1, WHERE);
    io.step(start, WHERE);
    assert.throws(() => io.step(io.progress, WHERE), { code: 'LIMIT' });
  });
});
