// Arithmetic, texts and messages of generated parsers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encode } from '../../src/kaitai/escaped-text.js';
import {
  compareBytes,
  decode,
  div,
  isMember,
  item,
  largest,
  mod,
  present,
  shl,
  shr,
  smallest,
  stripRight,
  terminate,
  toInteger,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

const WHERE = 'Test.field';
const AT = { _lastOffset: 12 };
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('arithmetic', () => {
  it('divides down, and the remainder is never negative', () => {
    for (let a = -9n; a <= 9n; a++) {
      for (const b of [1n, 2n, 3n, 7n]) {
        assert.equal(div(a, b, WHERE) * b + mod(a, b, WHERE), a);
        assert.ok(mod(a, b, WHERE) >= 0n && mod(a, b, WHERE) < b);
      }
    }
    assert.equal(div(7n, -2n, WHERE), -4n);
    for (const run of [
      () => div(1n, 0n, WHERE),
      () => mod(1n, 0n, WHERE),
      () => mod(1n, -1n, WHERE),
    ]) {
      assert.throws(run, { code: 'INVALID' });
    }
  });

  it('shifts by 0 to 63', () => {
    assert.equal(shl(1n, 63n, WHERE), 2n ** 63n);
    assert.equal(shr(-1n, 63n, WHERE), -1n);
    for (const by of [-1n, 64n, 2n ** 40n]) {
      assert.throws(() => shl(1n, by, WHERE), { code: 'INVALID' });
      assert.throws(() => shr(1n, by, WHERE), { code: 'INVALID' });
    }
  });

  it('gives what is there and nothing else', () => {
    assert.equal(item([1, 2], 1n, WHERE), 2);
    assert.equal(item(bytes(5), 0, WHERE), 5);
    for (const index of [2, -1, 0.5, 2n ** 64n]) {
      assert.throws(() => item([1, 2], index, WHERE), { code: 'INVALID' });
    }
    assert.throws(() => present(undefined, WHERE), { code: 'INVALID' });
    assert.equal(present(0, WHERE), 0);
    assert.deepEqual([largest([3n, 9n, 1n], WHERE), smallest([3, 9, 1], WHERE)], [9n, 1]);
    assert.throws(() => largest([], WHERE), { code: 'INVALID' });
    assert.equal(isMember({ A: 1, B: 4 }, 4n), true);
    assert.equal(isMember({ A: 1, B: 4 }, 2), false);
  });
});

describe('texts', () => {
  it('are decoded as their encoding says', () => {
    assert.equal(decode(bytes(0x41, 0xe4), 'ASCII'), 'A\udce4');
    assert.equal(decode(bytes(0x41, 0xe4), 'ISO-8859-1'), 'A\u00e4');
    assert.equal(decode(bytes(0xef, 0xbb, 0xbf, 0x41), 'UTF-8'), '\ufeffA');
    assert.equal(decode(bytes(0x41, 0, 0xe4, 0), 'UTF-16LE'), 'A\u00e4');
    assert.equal(decode(bytes(0, 0x41, 0, 0xe4, 9), 'UTF-16BE'), 'A\u00e4');
  });

  it('keep each byte that is no character', () => {
    for (const encoding of ['UTF-8', 'ASCII'] as const) {
      for (const hex of [
        'c3a9e282acf09f9880',
        'c080c1bfe08080eda080',
        'f0808080f4908080f5',
        'e2824180ef41c3',
      ]) {
        const given = Buffer.from(`41${hex}`, 'hex');
        assert.deepEqual(Buffer.from(encode(decode(given, encoding))), given, `${encoding} ${hex}`);
      }
    }
    assert.equal(
      decode(Buffer.from('é€😀\ufffd\xff', 'utf8').subarray(0, -1), 'UTF-8'),
      'é€😀\ufffd\udcc3',
    );
    assert.equal(decode(bytes(0xed, 0xa0, 0x80), 'UTF-8'), '\udced\udca0\udc80');
  });

  it('end at their terminator and lose their padding', () => {
    assert.deepEqual([...terminate(bytes(1, 0, 2), [0], false)], [1]);
    assert.deepEqual([...terminate(bytes(1, 0, 2), [0], true)], [1, 0]);
    assert.deepEqual([...terminate(bytes(1, 2), [0], false)], [1, 2]);
    assert.deepEqual([...terminate(bytes(1, 0, 0, 2, 0, 0), [0, 0], false)], [1, 0, 0, 2]);
    assert.deepEqual([...stripRight(bytes(1, 32, 32), 32)], [1]);
    assert.deepEqual([...stripRight(bytes(32, 32), 32)], []);
    assert.ok(compareBytes(bytes(1, 2), bytes(1, 3)) < 0);
  });

  it('are numbers only as a whole', () => {
    assert.equal(toInteger('18446744073709551615', 10, WHERE), 2n ** 64n - 1n);
    assert.equal(toInteger('-7f', 16, WHERE), -127n);
    for (const text of ['', '-', '12a', ' 1', '1 ', '0x1', '1'.repeat(65)]) {
      assert.throws(() => toInteger(text, 10, WHERE), { code: 'INVALID' });
    }
  });
});

describe('messages', () => {
  it('show a value short and harmless', () => {
    const message = (value: string | number | bigint | Uint8Array) =>
      new ValidationNotEqualError(7, value, AT, WHERE).message;
    assert.equal(message(5n), 'test: field is 5, not 7 (at byte 12 of what is read)');
    assert.equal(
      message('a\u001b[31m\u202eb'),
      'test: field is "a.[31m.b", not 7 (at byte 12 of what is read)',
    );
    assert.ok(message('x'.repeat(1000)).length < 100);
    assert.ok(message(new Uint8Array(1000)).length < 120);
    assert.deepEqual(
      new ValidationNotEqualError(bytes(2), bytes(1), AT, WHERE, 'BAD_MAGIC').toJSON(),
      {
        code: 'BAD_MAGIC',
        message: 'test: field is [01], which is not the signature (at byte 12 of what is read)',
        data: { field: WHERE, offsetBytes: 12 },
      },
    );
  });
});
