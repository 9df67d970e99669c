// The holes of test/generate/holes.test.ts again, with the code that the plain compiler emits, on our stream: what the
// stream sees is exact or refused. Five holes lie in the emitted statements, where no method of a stream takes part; only
// the generator closes them, and the last test shows that they are still there.
// References: docs/decisions/0003-dependencies.md.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { FormatError } from '../../src/errors.js';
import { SafeStream } from '../../src/kaitai/index.js';
import {
  KAITAI,
  type PlainParser,
  plainCode,
  runPlain,
  type StreamClass,
} from './plain-compiler.js';
import { fixture, type Loose } from './support.js';

const FIXTURES = ['bits', 'integers', 'max', 'nested', 'packed', 'pointers', 'table', 'texts'];
const BUDGET_ITEMS = 1000;

/** Our stream with little to spend, so that a loop which counts nothing shows it soon. */
class Frugal extends SafeStream {
  constructor(data: Uint8Array | ArrayBuffer) {
    const isPart = data instanceof Uint8Array;
    super(
      data,
      'le',
      isPart ? undefined : { itemCount: BUDGET_ITEMS, inflatedBytes: 4096, depth: 1 },
    );
  }
}

let code: Record<string, string>;

before(async () => {
  const all = FIXTURES.map(async (name) => [name, await plainCode(fixture(name), null)] as const);
  code = Object.fromEntries(await Promise.all(all));
});

function parser(name: string, Stream: StreamClass): PlainParser {
  return runPlain(code[name] ?? '', Stream);
}

const ours = (name: string, bytes: Uint8Array, ...types: readonly string[]): Loose =>
  parser(name, Frugal)(types, bytes);
const theirs = (name: string, bytes: Uint8Array, ...types: readonly string[]): Loose =>
  parser(name, KAITAI)(types, bytes);

/** What our stream refuses; what is no number any more in the emitted arithmetic is refused by JavaScript. */
function refused(run: () => unknown, message: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof FormatError || error instanceof TypeError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

const { EOFError, ValidationNotEqualError }: Loose = KAITAI;
const MIXED = /Cannot mix BigInt|BigInt value to a number/u;

function integers(a: bigint, b: bigint, small: number, amount: number): Uint8Array {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(a, 0);
  bytes.writeBigInt64LE(b, 8);
  bytes.writeUInt32LE(small, 16);
  bytes.writeUInt32LE(amount, 20);
  return bytes;
}

function pointers(n: bigint): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(n, 0);
  bytes.set([10, 11, 12, 13, 14, 15, 16, 17], 8);
  return bytes;
}

describe('the plain compiler’s code on our stream', () => {
  it('holes 1 and 2: 64-bit numbers are exact, and operators of 32 bits do not take them', () => {
    const bytes = integers(2n ** 53n + 1n, -1n, 1, 10);
    assert.equal(theirs('integers', bytes).a, 2 ** 53);
    assert.equal(ours('integers', bytes).a, 2n ** 53n + 1n);
    assert.equal(ours('integers', bytes).b, -1n);
    for (const name of ['shiftedRight', 'masked', 'quotient', 'product']) {
      refused(() => ours('integers', bytes)[name], MIXED);
    }
    const almost = Buffer.from('feffffffffffffff', 'hex');
    assert.equal(theirs('max', almost).value, 2 ** 64);
    refused(() => ours('max', almost), /is 18446744073709551614, not/u);
  });

  it('hole 3: a remainder is exact, and a quotient without value is no length', () => {
    assert.equal(theirs('integers', integers(2n ** 53n + 1n, 4096n, 0, 0)).remainder, 0);
    assert.equal(ours('integers', integers(2n ** 53n + 1n, 4096n, 0, 0)).remainder, 1n);
    refused(() => ours('integers', integers(1n, 0n, 0, 0)).remainder, /modulo 0/u);
    assert.equal(theirs('pointers', pointers(0n)).divided.length, 0);
    refused(() => ours('pointers', pointers(0n)).divided, MIXED);
    refused(() => new SafeStream(new Uint8Array(8)).readBytes(8 / 0), /needs Infinity bytes/u);
  });

  it('hole 4: wide bit fields are read', () => {
    const bytes = Buffer.from('abcdef0123456789', 'hex');
    assert.throws(() => theirs('bits', bytes), RangeError);
    const { first, wide, flag, rest } = ours('bits', bytes);
    assert.deepEqual([first, wide, flag, rest], [0xa, 0xbcdef01234567n, true, 9]);
  });

  it('holes 5 and 6: lengths are not cut, positions are not clamped', () => {
    assert.equal(theirs('pointers', pointers(2n ** 32n + 4n)).bytesOfN.length, 4);
    for (const n of [2n ** 32n, 2n ** 32n + 4n, 2n ** 63n - 1n, -1n]) {
      refused(
        () => ours('pointers', pointers(n)).bytesOfN,
        /needs \d+ bytes|length below 0 is not/u,
      );
    }
    assert.equal(theirs('pointers', pointers(-1n)).atN, 0xff);
    assert.equal(theirs('pointers', pointers(2n ** 40n)).restAtN.length, 0);
    for (const n of [-1n, 17n, 2n ** 40n]) {
      refused(() => ours('pointers', pointers(n)).atN, /offset (?:below 0|\d+) is not in 0\.\.16/u);
      refused(() => ours('pointers', pointers(n)).restAtN, /offset (?:below 0|\d+) is not in/u);
    }
    assert.equal(ours('pointers', pointers(8n)).bytesOfN.length, 8);
  });

  it('hole 7: nothing is read from where a failure left the stream', () => {
    const bytes = Buffer.from([2, 3, 0xff]);
    assert.equal(ours('pointers', bytes, 'Walk').after, 3);
    const lost = theirs('pointers', pointers(1000n));
    assert.throws(() => lost.checked);
    assert.equal(lost._io.pos, 1, 'Kaitai’s stream stays where the instance was');
    const ended = ours('pointers', pointers(1000n));
    assert.throws(() => ended.checked, ValidationNotEqualError);
    refused(() => ended._io.readU1(), /is read after a failure/u);
  });

  it('hole 9: an instance of bits begins at its own position', () => {
    const bytes = Buffer.from('abcd000000000000', 'hex');
    assert.equal(ours('bits', bytes).secondByte, 0xc);
    assert.equal(theirs('bits', bytes, 'Mixed').second, 0xb);
    refused(() => ours('bits', bytes, 'Mixed'), /has lost the bits before it/u);
  });

  it('holes 10, 11 and 18: what repeats and reads has a budget', () => {
    refused(
      () => ours('pointers', pointers(2n ** 32n - 1n)).bytesList,
      /needs 1 bytes, but only 0 are left/u,
    );
    const many = Buffer.alloc(BUDGET_ITEMS * 2);
    refused(() => ours('texts', many, 'EndlessList'), /repeats too many items/u);
    refused(() => ours('pointers', pointers(0n)).emptyForever, /repeats too many items/u);
  });

  it('holes 12 and 13: what nests or points in circles ends', () => {
    assert.throws(
      () => ours('nested', Buffer.alloc(1 << 20)),
      /repeats too many items|call stack/u,
    );
    let here = ours('nested', Buffer.from([0]), 'Chain');
    const walk = () => {
      for (let hop = 0; hop < BUDGET_ITEMS; hop++) here = here.next;
    };
    refused(walk, /repeats too many items/u);
  });

  it('hole 14: compressed data cannot swell without end', () => {
    refused(() => ours('packed', deflateSync(Buffer.alloc(8192))), /inflates to too many bytes/u);
    refused(() => ours('packed', Buffer.from('nonsense')), /cannot be inflated/u);
    assert.equal(
      Buffer.from(ours('packed', deflateSync(Buffer.from('hello'))).body).toString(),
      'hello',
    );
  });

  it('hole 15: a part of a pooled buffer is that part alone', () => {
    const part = Buffer.alloc(4096, 0x77).subarray(100, 104);
    const io: Loose = new SafeStream(part);
    refused(() => io.readU8le(), /needs 8 bytes, but only 4 are left/u);
    assert.deepEqual([...new Uint8Array(io.buffer)], [...part]);
  });

  it('hole 17: texts are decoded as they say', () => {
    const bytes = Buffer.alloc(40, 0x20);
    bytes.set([0x41, 0x80, 0xff], 0);
    bytes.set([0xef, 0xbb, 0xbf, 0xc3, 0xa4, 0xff, 0], 8);
    assert.equal(theirs('texts', bytes).ascii, 'A\u0080\u00ff     ');
    assert.equal(ours('texts', bytes).ascii, 'A\udc80\udcff     ');
    assert.equal(theirs('texts', bytes).utf8, '\u00e4\ufffd', 'the mark is gone');
    assert.equal(ours('texts', bytes).utf8, '\ufeff\u00e4\udcff');
  });

  it('holes 19 and 20: failures are FormatErrors, and objects are no more than the budget', () => {
    for (let length = 0; length < 24; length++) {
      assert.throws(() => ours('integers', new Uint8Array(length)), FormatError);
    }
    assert.throws(() => ours('pointers', new Uint8Array(4)), EOFError);
  });

  it('has five holes in its own statements, for which there is the generator', () => {
    const shifted = ours('integers', integers(0n, 0n, 1024, 22));
    assert.equal(shifted.shiftedLeft, 0, 'hole 2: 32-bit operators on numbers of 32 bits');
    const max = ours('integers', integers(2n ** 64n - 1n, 0n, 0, 0));
    assert.equal(max.isMax, false, 'a literal above 2^53 is rounded by the compiler');
    const pointed = ours('pointers', pointers(1000n));
    assert.throws(() => pointed.checked);
    assert.equal(pointed.checked, 232, 'hole 8: a value that was refused is given the second time');
    const empty = ours('pointers', pointers(BigInt(BUDGET_ITEMS) * 2n)).emptyList;
    assert.equal(empty.length, BUDGET_ITEMS * 2, 'holes 10 and 11: items without bytes');
    assert.equal(ours('pointers', pointers(200n)).element, undefined, 'hole 16: no such element');
  });
});
