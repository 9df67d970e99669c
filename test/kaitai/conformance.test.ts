// Our stream is Kaitai's: the same members, the same values, the same errors, except where Kaitai's would give a wrong
// value in silence.
// References: KaitaiStream.js 0.11.0.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { FormatError, VirtDfError } from '../../src/errors.js';
import { SafeStream } from '../../src/kaitai/index.js';
import { MAX_PARSE_INFLATED_BYTES } from '../../src/limits.js';
import type { Loose } from '../generate/support.js';
import { random } from '../random.js';

const KaitaiStream: Loose = createRequire(import.meta.url)('kaitai-struct/KaitaiStream');
/** As code that knows nothing of our types sees it. */
const Ours: Loose = SafeStream;

const bytes = (...values: number[]) => Uint8Array.from(values);
const theirs = (data: Uint8Array): Loose => new KaitaiStream(Uint8Array.from(data).buffer);
const ours = (data: Uint8Array): Loose => new Ours(data);

/** Own names of an object that are part of an interface. */
const publicNames = (object: object) =>
  Object.getOwnPropertyNames(object).filter(
    (name) => !/^_|^(?:constructor|prototype)$/u.test(name),
  );

/** What a call does: its value and where the stream is then, or that it fails. */
function outcome(io: Loose, call: (io: Loose) => Loose): Loose {
  try {
    const value = call(io);
    return { value: value instanceof Uint8Array ? [...value] : value, pos: io.pos };
  } catch (error) {
    return { error };
  }
}

describe('the stream is Kaitai’s', () => {
  it('extends its class and has every member of it', () => {
    const io = ours(bytes(1));
    assert.ok(io instanceof KaitaiStream);
    for (const name of publicNames(KaitaiStream.prototype)) assert.ok(name in io, name);
    for (const name of publicNames(KaitaiStream)) {
      assert.equal(typeof Ours[name], typeof KaitaiStream[name], name);
    }
    assert.deepEqual([io.pos, io.bits, io.bitsLeft, io.size], [0, 0, 0, 1]);
  });

  it('reads what it reads, in any sequence of calls', () => {
    const next = random('conformance');
    const reads = [
      'U1',
      'S1',
      ...['U2', 'S2', 'U4', 'S4', 'F4', 'F8'].flatMap((r) => [`${r}le`, `${r}be`]),
    ];
    for (let turn = 0; turn < 300; turn++) {
      const data = Uint8Array.from({ length: 64 }, () => (next(3) === 0 ? 0 : next(256)));
      const [mine, other] = [ours(data), theirs(data)];
      for (let step = 0; step < 12; step++) {
        const [length, flags, width] = [next(9), next(8), next(33)];
        const name = `read${reads[next(reads.length)]}`;
        const position = next(65);
        const aligned = (call: (io: Loose) => Loose) => (io: Loose) => {
          io.alignToByte();
          return call(io);
        };
        const calls: ((io: Loose) => Loose)[] = [
          aligned((io) => io[name]()),
          aligned((io) => io.readBytes(length)),
          aligned((io) => io.mapUint8Array(length)),
          // With both include and consume Kaitai's skips a byte too many.
          aligned((io) => io.readBytesTerm(0, (flags & 3) === 1, (flags & 3) === 2, false)),
          aligned((io) => io.seek(position)),
          aligned((io) => io.isEof()),
          (io) => io.readBitsIntBe(width),
          aligned((io) => io.readBitsIntLe(width)),
        ];
        const call = calls[next(calls.length)] ?? aligned((io) => io.pos);
        const [a, b] = [outcome(mine, call), outcome(other, call)];
        assert.equal('error' in a, 'error' in b, `${turn}: ${call}: ${a.error} and ${b.error}`);
        if ('error' in a) {
          assert.ok(a.error instanceof KaitaiStream.EOFError, String(a.error));
          assert.ok(b.error instanceof KaitaiStream.EOFError, String(b.error));
          break;
        }
        assert.deepEqual(a, b, `${turn}: ${call}`);
      }
    }
  });

  it('reads 64-bit numbers and bit fields exactly, as bigints', () => {
    const data = Buffer.from('fffffffffffffffe8000000000000001', 'hex');
    assert.deepEqual(
      [ours(data).readU8be(), ours(data).readS8be()],
      [data.readBigUInt64BE(), data.readBigInt64BE()],
    );
    assert.deepEqual(
      [ours(data).readU8le(), ours(data).readS8le()],
      [data.readBigUInt64LE(), data.readBigInt64LE()],
    );
    assert.equal(ours(data).readBitsIntBe(63), data.readBigUInt64BE() >> 1n);
    assert.equal(ours(data).readBitsIntLe(33), data.readBigUInt64LE() & 0x1_ffff_ffffn);
    assert.throws(() => ours(data).readBitsIntBe(65), FormatError);
  });

  it('is made of what Kaitai’s is made of', () => {
    const data = bytes(1, 2, 3, 4);
    assert.equal(new Ours(data.buffer).size, 4);
    assert.equal(new Ours(data.buffer, 1).readU1(), 2);
    assert.equal(new Ours(new DataView(data.buffer, 2)).readU1(), 3);
    assert.throws(() => new Ours(data.buffer, 5), FormatError);
    assert.throws(() => new Ours(7), TypeError);
    const io = ours(Buffer.from('abcdef').subarray(2, 4));
    assert.deepEqual([...new Uint8Array(io.buffer, io.byteOffset)], [0x63, 0x64]);
    assert.equal(io.dataView.byteLength, 2);
    for (const name of ['buffer', 'dataView', 'byteOffset']) {
      assert.throws(() => Reflect.set(io, name, io[name]), TypeError, name);
    }
  });

  it('has its functions on bytes, with their values', () => {
    const data = bytes(7, 0, 1, 0, 0, 9, 9);
    const same: (readonly [string, ...Loose[]])[] = [
      ['bytesStripRight', data, 9],
      ['bytesTerminate', data, 0, false],
      ['bytesTerminate', data, 0, true],
      ['bytesTerminate', data, 5, false],
      ['bytesTerminateMulti', bytes(1, 0, 0, 1, 0, 0), bytes(0, 0), true],
      ['bytesTerminateMulti', bytes(1, 0, 0, 1, 0, 0), bytes(0, 0), false],
      ['bytesToStr', bytes(0x41, 0xc3, 0xa4), 'UTF-8'],
      ['bytesToStr', bytes(0x41, 0x42), 'ASCII'],
      ['bytesToStr', bytes(0x41, 0, 0xe4, 0), 'UTF-16LE'],
      ['processXorOne', data, 0x1ff],
      ['processXorMany', data, bytes(1, 2, 3)],
      ['processRotateLeft', data, 3, 1],
      ['processRotateLeft', data, 8, 1],
      ['processZlib', deflateSync(data)],
      ['mod', 7, 4],
      ['mod', -7, 4],
      ['arrayMin', [3, 1, 2]],
      ['arrayMax', [3, 1, 2]],
      ['byteArrayCompare', data, data],
      ['createStringFromArray', bytes(0x41, 0xe4)],
    ];
    for (const [name, ...args] of same) {
      const [a, b] = [Ours[name](...args), KaitaiStream[name](...args)];
      assert.deepEqual(
        a instanceof Uint8Array ? [...a] : a,
        b instanceof Uint8Array ? [...b] : b,
        name,
      );
    }
    for (const [a, b] of [
      [data, bytes(7, 0)],
      [bytes(1), bytes(2)],
    ]) {
      assert.equal(
        Math.sign(Ours.byteArrayCompare(a, b)),
        Math.sign(KaitaiStream.byteArrayCompare(a, b)),
      );
    }
  });

  it('refuses where those functions would give something else', () => {
    const refused: (readonly [string, ...Loose[]])[] = [
      ['bytesToStr', bytes(1), 'IBM437'],
      ['processXorMany', bytes(1), bytes()],
      ['processRotateLeft', bytes(1), 9, 1],
      ['processRotateLeft', bytes(1), 1, 4],
      ['processZlib', bytes(1, 2, 3)],
      ['processZlib', deflateSync(Buffer.alloc(MAX_PARSE_INFLATED_BYTES + 1))],
      ['mod', 2 ** 53, 4096],
      ['mod', 1, 0],
      ['mod', Number.NaN, 3],
      ['arrayMin', []],
      ['arrayMax', []],
    ];
    for (const [name, ...args] of refused)
      assert.throws(() => Ours[name](...args), FormatError, name);
    assert.equal(Ours.mod(2n ** 64n - 1n, 4096n), 4095n);
    assert.equal(Ours.bytesToStr(bytes(0x41, 0xff), 'ASCII'), 'A\udcff');
  });

  it('has its errors, and each is a FormatError with Kaitai’s members', () => {
    const io = ours(bytes(1, 2));
    const made: (readonly [string, readonly Loose[], Loose])[] = [
      ['EOFError', [8, 3], { bytesReq: 8, bytesAvail: 3 }],
      ['UnexpectedDataError', [bytes(1), bytes(2)], { expected: bytes(1), actual: bytes(2) }],
      ['UndecidedEndiannessError', [], {}],
      ['ValidationNotEqualError', [7, 8, io, '/seq/0'], { expected: 7, actual: 8 }],
      ['ValidationLessThanError', [7, 6, io, '/seq/0'], { min: 7, actual: 6 }],
      ['ValidationGreaterThanError', [7, 8, io, '/seq/0'], { max: 7, actual: 8 }],
      ['ValidationNotAnyOfError', [8, io, '/seq/0'], { actual: 8 }],
      ['ValidationNotInEnumError', [8, io, '/seq/0'], { actual: 8 }],
      ['ValidationExprError', [8, io, '/seq/0'], { actual: 8 }],
    ];
    assert.deepEqual(
      made.map(([name]) => name).sort(),
      publicNames(KaitaiStream)
        .filter((name) => name.endsWith('Error'))
        .sort(),
    );
    for (const [name, args, members] of made) {
      const error = new Ours[name](...args);
      for (const base of [Ours[name], KaitaiStream[name], FormatError, VirtDfError, Error]) {
        assert.ok(error instanceof base, `${name} is a ${base.name}`);
      }
      assert.equal(error.name, name);
      const other = new KaitaiStream[name](...args);
      for (const [member, value] of Object.entries(members)) {
        assert.deepEqual(error[member], value, `${name}.${member}`);
        assert.deepEqual(other[member], value, `${name}.${member}`);
      }
      assert.match(error.message, /./u);
      assert.ok(['TRUNCATED', 'BAD_MAGIC', 'INVALID'].includes(error.code), name);
      assert.match(String(error.stack), new RegExp(error.message.slice(0, 10), 'u'));
    }
    assert.ok(!(new FormatError('INVALID', 'x') instanceof KaitaiStream.EOFError));
  });

  it('throws EOFError where Kaitai’s does', () => {
    const calls: ((io: Loose) => Loose)[] = [
      (io) => io.readU4le(),
      (io) => io.readBytes(3),
      (io) => io.readBitsIntBe(17),
      (io) => io.ensureBytesLeft(3),
      (io) => io.ensureFixedContents([1, 2, 3]),
    ];
    for (const call of calls) {
      for (const io of [ours(bytes(1, 2)), theirs(bytes(1, 2))]) {
        assert.throws(() => call(io), KaitaiStream.EOFError, String(call));
      }
    }
    assert.throws(
      () => ours(bytes(1, 2)).ensureFixedContents([1, 3]),
      KaitaiStream.UnexpectedDataError,
    );
    assert.deepEqual([...ours(bytes(1, 2)).ensureFixedContents([1, 2])], [1, 2]);
    assert.throws(() => ours(bytes(1)).readBytesTerm(0, false, true, true), FormatError);
  });
});

describe('the stream under code that names no fields', () => {
  it('ends with its first failure', () => {
    const io = ours(bytes(1, 2, 3));
    assert.throws(() => io.readU4le(), KaitaiStream.EOFError);
    assert.throws(() => io.readU1(), /read after a failure/u);
    assert.throws(() => io.seek(io.pos), { code: 'OUT_OF_BOUNDS' });
    const checked = ours(bytes(1, 2, 3));
    checked.readU1();
    assert.match(
      new Ours.ValidationNotEqualError(2, 1, checked, '/seq/0').message,
      /^\/seq\/0 is 1, not 2 \(at byte 0 /u,
    );
    assert.throws(() => checked.readU1(), /read after a failure/u);
  });

  it('spends its budget with each read, seek and question that moves nothing', () => {
    const calls: ((io: Loose) => Loose)[] = [
      (io) => io.readBytes(0),
      (io) => io.seek(0),
      (io) => io.isEof(),
      (io) => new Ours(io.readBytes(0)).readBytes(0),
      (io) => new Ours(Ours.processXorOne(io.readBytes(0), 1)).isEof(),
    ];
    for (const call of calls) {
      const io = new Ours(bytes(1), 'le', { itemCount: 100, inflatedBytes: 0, depth: 1 });
      const run = () => {
        for (let turn = 0; turn < 102; turn++) call(io);
      };
      assert.throws(run, { code: 'LIMIT' }, String(call));
    }
  });

  it('inflates within one budget, however many parts there are', () => {
    const part = deflateSync(Buffer.alloc(1000));
    const io = new Ours(Buffer.concat([part, part, part]), 'le', {
      itemCount: 100,
      inflatedBytes: 2500,
      depth: 1,
    });
    for (let turn = 0; turn < 2; turn++) Ours.processZlib(io.readBytes(part.length));
    assert.throws(() => Ours.processZlib(io.readBytes(part.length)), { code: 'LIMIT' });
  });

  it('gives no bits that a seek has lost', () => {
    const io = ours(bytes(0xab, 0xcd, 0xef));
    assert.equal(io.readBitsIntBe(4), 0xa);
    const back = io.pos;
    io.seek(2);
    assert.equal(io.readBitsIntBe(4), 0xe, 'the byte that was sought begins anew');
    io.seek(back);
    assert.throws(() => io.readBitsIntBe(4), /has lost the bits before it/u);
    const aligned = ours(bytes(0xab, 0xcd));
    aligned.readBitsIntBe(4);
    aligned.seek(0);
    aligned.seek(1);
    aligned.alignToByte();
    assert.equal(aligned.readBitsIntBe(4), 0xc);
  });
});
