// The twenty holes of Kaitai's plain JavaScript for hostile data, each closed: shown on generated code with hostile bytes.
// References: docs/architecture.md; Kaitai's run time, KaitaiStream.js 0.11.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { type ErrorCode, FormatError } from '../../src/errors.js';
import { SafeStream } from '../../src/kaitai/index.js';
import { type Loose, loadFixture, type Parsers } from './support.js';

const FIXTURES = ['bits', 'integers', 'max', 'nested', 'packed', 'pointers', 'table', 'texts'];
let parsers: Record<string, Parsers>;

before(async () => {
  const loaded = await Promise.all(
    FIXTURES.map(async (name) => [name, await loadFixture(name)] as const),
  );
  parsers = Object.fromEntries(loaded);
});

function parse(fixture: string, name: string, bytes: Uint8Array): Loose {
  const parser = parsers[fixture]?.[name];
  assert.ok(parser, `${fixture} exports ${name}`);
  return parser(bytes);
}

/** What a hostile file gets: a FormatError with this code, soon. */
function refused(run: () => unknown, code: ErrorCode, message: RegExp): void {
  const start = process.cpuUsage();
  assert.throws(run, (error) => {
    assert.ok(error instanceof FormatError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < 1_000_000, 'it is refused within a second of work');
}

function integers(a: bigint, b: bigint, small: number, amount: number): Loose {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(a, 0);
  bytes.writeBigInt64LE(b, 8);
  bytes.writeUInt32LE(small, 16);
  bytes.writeUInt32LE(amount, 20);
  return parse('integers', 'parseIntegers', bytes);
}

/** `n`, then eight bytes that stay. */
function pointers(n: bigint, tail: readonly number[] = [10, 11, 12, 13, 14, 15, 16, 17]): Loose {
  const bytes = Buffer.alloc(8 + tail.length);
  bytes.writeBigInt64LE(n, 0);
  bytes.set(tail, 8);
  return parse('pointers', 'parsePointers', bytes);
}

const MAX = 2n ** 64n - 1n;

describe('generated parsers', () => {
  it('hole 1: 64-bit numbers keep every digit', () => {
    assert.equal(integers(2n ** 53n + 1n, 0n, 0, 0).a, 2n ** 53n + 1n);
    assert.equal(integers(MAX, -1n, 0, 0).a, MAX);
    assert.equal(integers(MAX, -1n, 0, 0).b, -1n);
    assert.equal(integers(MAX, 0n, 0, 0).isMax, true);
    assert.equal(integers(MAX - 1n, 0n, 0, 0).isMax, false);
    assert.equal(parse('max', 'parseMax', Buffer.alloc(8, 0xff)).value, MAX);
    const almost = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    refused(
      () => parse('max', 'parseMax', almost),
      'INVALID',
      /^max: value is 18446744073709551614, /u,
    );
  });

  it('hole 2: shifts and masks are not cut to 32 bits', () => {
    assert.equal(integers(0n, 0n, 1024, 21).shiftedLeft, 2n ** 31n);
    assert.equal(integers(0n, 0n, 1024, 22).shiftedLeft, 2n ** 32n);
    assert.equal(integers(0n, 0n, 1024, 32).shiftedLeft, 2n ** 42n);
    assert.equal(integers(MAX, 0n, 0, 10).shiftedRight, MAX >> 10n);
    assert.equal(integers(0n, 0n, 2 ** 31, 0).lowBits, 2n ** 31n);
    assert.equal(integers(MAX, 0n, 0, 0).masked, 2n ** 32n - 1n);
    assert.equal(integers(0n, 0n, 1, 2 ** 31).joined, 2n ** 32n + 2n ** 31n);
    assert.equal(integers(0n, 0n, 5, 0).inverted, -6n);
    refused(() => integers(0n, 0n, 1, 64).shiftedLeft, 'INVALID', /shift by 64 bits/u);
    refused(() => integers(0n, 0n, 1, 2 ** 30).shiftedLeft, 'INVALID', /shift by/u);
    refused(() => integers(1n, 0n, 1, 2 ** 30).shiftedRight, 'INVALID', /shift by/u);
  });

  it('hole 3: division and modulo are exact, and by zero an error', () => {
    assert.equal(integers(2n ** 53n + 1n, 4096n, 0, 0).remainder, 1n);
    assert.equal(integers(2n ** 53n + 1n, 2n, 0, 0).quotient, 2n ** 52n);
    assert.equal(integers(7n, -2n, 0, 0).quotient, -4n, 'it rounds down');
    assert.equal(integers(MAX, 0n, 4096, 0).product, MAX * 4096n);
    assert.equal(integers(0n, 0n, 1, 2).difference, -1n);
    refused(() => integers(1n, 0n, 0, 0).quotient, 'INVALID', /division by zero/u);
    refused(() => integers(1n, 0n, 0, 0).remainder, 'INVALID', /modulo 0/u);
    refused(() => pointers(0n).divided, 'INVALID', /pointers: divided: division by zero/u);
  });

  it('hole 4: bit fields wider than 32 bits are read, exactly', () => {
    const bytes = Buffer.from([0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89]);
    const big = parse('bits', 'parseBits', bytes);
    assert.deepEqual(
      [big.first, big.wide, big.flag, big.rest],
      [0xa, 0xbcdef01234567n, true, 0x09],
    );
    const little = parse('bits', 'parseBitsLittle', bytes);
    const all = bytes.readBigUInt64LE();
    assert.deepEqual(
      [little.first, little.wide, little.flag, little.rest],
      [
        Number(all & 15n),
        (all >> 4n) & (2n ** 52n - 1n),
        ((all >> 56n) & 1n) === 1n,
        Number(all >> 57n),
      ],
    );
  });

  it('hole 5: a size is not cut to 32 bits', () => {
    for (const n of [2n ** 32n, 2n ** 32n + 4n, 2n ** 32n - 1n, 2n ** 63n - 1n, 9n]) {
      refused(
        () => pointers(n).bytesOfN,
        'OUT_OF_BOUNDS',
        /^pointers: bytes of n length \d+ is not in 0\.\.8/u,
      );
    }
    refused(() => pointers(-1n).bytesOfN, 'OUT_OF_BOUNDS', /length below 0 is not in/u);
    assert.equal(pointers(8n).bytesOfN.length, 8);
  });

  it('hole 6: a position is not clamped', () => {
    for (const n of [-1n, 17n, 2n ** 40n, 2n ** 63n - 1n]) {
      refused(
        () => pointers(n).atN,
        'OUT_OF_BOUNDS',
        /^pointers: at n offset (?:below 0|\d+) is not in 0\.\.16/u,
      );
      refused(() => pointers(n).restAtN, 'OUT_OF_BOUNDS', /offset (?:below 0|\d+) is not in/u);
    }
    assert.equal(pointers(16n).restAtN.length, 0);
    refused(
      () => pointers(16n).atN,
      'TRUNCATED',
      /^pointers: at n needs 1 bytes, but only 0 are left \(at byte 16 /u,
    );
  });

  it('hole 7: an instance that fails leaves the stream where it was', () => {
    const pointed = pointers(100n);
    refused(() => pointed.atN, 'OUT_OF_BOUNDS', /offset/u);
    assert.equal(pointed._io.pos, 16);
    refused(() => pointed.checked, 'INVALID', /pointers: checked is 100, not 7/u);
    assert.equal(pointed._io.pos, 16);
    const walked = parse('pointers', 'parsePointersWalk', Buffer.from([2, 3, 0xff]));
    assert.equal(walked.after, 3, 'the next field follows the one before, not the instance');
  });

  it('hole 8: what is invalid stays invalid, however often it is asked for', () => {
    const pointed = pointers(1000n);
    for (let turn = 0; turn < 3; turn++) {
      refused(() => pointed.checked, 'INVALID', /^pointers: checked is 232, not 7 \(at byte 0 /u);
      refused(
        () => pointed.magic,
        'BAD_MAGIC',
        /^pointers: magic is \[e8 03 00 00\], which is not the signature/u,
      );
      refused(() => pointed.checkedList, 'INVALID', / not 7/u);
    }
    const good = pointers(7n);
    assert.equal(good.checked, 7);
    assert.equal(good.checked, 7);
  });

  it('hole 9: an instance of bits begins at its own position', () => {
    const bytes = Buffer.from([0xab, 0xcd, 0, 0, 0, 0, 0, 0]);
    assert.equal(parse('bits', 'parseBits', bytes).secondByte, 0xc);
    // The instance is read between two bit fields: the leftover bits are there again behind it.
    const mixed = parse('bits', 'parseBitsMixed', bytes);
    assert.deepEqual([mixed.first, mixed.peek, mixed.second], [0xa, 0xcd, 0xb]);
  });

  it('hole 10: a count is refused before the loop', () => {
    refused(
      () => pointers(2n ** 32n - 1n).bytesList,
      'OUT_OF_BOUNDS',
      /count 4294967295 is not in 0\.\.8/u,
    );
    refused(() => pointers(-1n).bytesList, 'OUT_OF_BOUNDS', /count below 0/u);
    refused(
      () => pointers(2n ** 32n - 1n).emptyList,
      'LIMIT',
      /^pointers: empty list repeats too many items/u,
    );
    assert.equal(pointers(4n).emptyList.length, 4);
  });

  it('hole 11: a repetition that does not move ends', () => {
    refused(() => pointers(0n).emptyForever, 'LIMIT', /repeats an item without size/u);
    refused(() => pointers(0n).emptyUntil, 'LIMIT', /repeats an item without size/u);
  });

  it('hole 12: recursion has a depth', () => {
    refused(
      () => parse('nested', 'parseNested', Buffer.alloc(1 << 20)),
      'LIMIT',
      /nested too deeply/u,
    );
    const shallow = Buffer.alloc(64);
    shallow[50] = 1;
    assert.equal(parse('nested', 'parseNested', shallow).inner.inner.kind, 0);
  });

  it('hole 13: a pointer walk costs its budget and no more', () => {
    // A structure that points to itself: each hop is a new structure, and the caller ends the walk with its visited set.
    let here = parse('nested', 'parseNestedChain', Buffer.from([0]));
    for (let hop = 0; hop < 1000; hop++) here = here.next;
    assert.equal(here.to, 0);
  });

  it('hole 14: compressed data cannot swell without end', () => {
    const bomb = deflateSync(Buffer.alloc(80 << 20));
    refused(
      () => parse('packed', 'parsePacked', bomb),
      'LIMIT',
      /^packed: body inflates to too many bytes/u,
    );
    refused(
      () => parse('packed', 'parsePacked', Buffer.from('nonsense')),
      'INVALID',
      /cannot be inflated/u,
    );
    const good = parse('packed', 'parsePacked', deflateSync(Buffer.from('hello')));
    assert.equal(Buffer.from(good.body).toString(), 'hello');
  });

  it('hole 15: a part of a pooled buffer is read as that part alone', () => {
    const pool = Buffer.alloc(4096, 0x77);
    const part = pool.subarray(100, 104);
    refused(
      () => parse('integers', 'parseIntegers', part),
      'TRUNCATED',
      /^integers: a needs 8 bytes, but only 4 are left/u,
    );
    refused(() => parse('texts', 'parseTextsEndless', part), 'TRUNCATED', /has no terminator/u);
  });

  it('hole 16: an index outside of a list is an error', () => {
    for (const n of [200n, -1n, 8n]) {
      refused(() => pointers(n).element, 'INVALID', /^pointers: element: no element -?\d+ of 8/u);
      refused(() => pointers(n).listElement, 'INVALID', /^pointers: list element: no element/u);
    }
    assert.equal(pointers(3n).element, 13);
    assert.equal(pointers(3n).listElement, 13);
  });

  it('hole 17: texts are decoded as they say', () => {
    const bytes = Buffer.concat([
      Buffer.from([0x41, 0x80, 0xff, 0x1b, 0, 0x42, 0x43, 0x44]),
      Buffer.from([0xef, 0xbb, 0xbf, 0xc3, 0xa4, 0xff, 0, 0x41]),
      Buffer.from([0x41, 0, 0x00, 0x01, 0, 0, 0x42, 0]),
      Buffer.from([0, 0x41, 1, 0, 0, 0x42, 0, 0x43]),
      Buffer.from('ab      '),
    ]);
    const texts = parse('texts', 'parseTexts', bytes);
    assert.equal(texts.ascii, 'A\udc80\udcff\x1b\0BCD', 'no Latin-1 in ASCII');
    assert.equal(texts.utf8, '\ufeff\u00e4\udcff', 'the mark stays, the rest is escaped');
    assert.equal(texts.utf16, 'A\u0100', 'the terminator lies at whole units');
    assert.equal(texts.utf16Be, 'A\u0100BC');
    assert.equal(texts.padded, 'ab');
  });

  it('hole 18: texts without size cost their budget', () => {
    const bytes = Buffer.alloc(2 << 20);
    refused(
      () => parse('texts', 'parseTextsEndlessList', bytes),
      'LIMIT',
      /repeats too many items/u,
    );
  });

  it('hole 19: every failure is a FormatError with field and offset', () => {
    for (let length = 0; length < 24; length++) {
      assert.throws(
        () => parse('integers', 'parseIntegers', new Uint8Array(length)),
        (error) => {
          assert.ok(error instanceof FormatError);
          assert.equal(error.code, 'TRUNCATED');
          assert.match(String(error.data.field), /^Integers\.(?:a|b|small|amount)$/u);
          assert.equal(typeof error.data.offsetBytes, 'number');
          return true;
        },
      );
    }
  });

  it('hole 19: a check that fails is Kaitai’s error of it, with the bound and the value', () => {
    const almost = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert.throws(
      () => parse('max', 'parseMax', almost),
      (error) => {
        assert.ok(error instanceof SafeStream.ValidationNotEqualError);
        assert.deepEqual([error.expected, error.actual], [MAX, MAX - 1n]);
        return true;
      },
    );
    const high = Buffer.alloc(40, 0xff);
    const table = parsers.table?.tableEntryRecords?.(high);
    assert.throws(
      () => table.at(0).word,
      (error) => {
        assert.ok(error instanceof SafeStream.ValidationGreaterThanError);
        assert.deepEqual([error.max, error.actual], [0x7fff_ffff, 0xffff_ffff]);
        return true;
      },
    );
    assert.throws(() => parse('max', 'parseMax', new Uint8Array(7)), SafeStream.EOFError);
  });

  it('hole 20: a table is one cursor, not an object an entry', () => {
    const stride = 40;
    const count = 100_000;
    const bytes = Buffer.alloc(stride * count);
    for (let i = 0; i < count; i++) bytes.writeUInt32LE(i, i * stride + 3);
    const table = parsers.table?.tableEntryRecords?.(bytes, stride);
    assert.equal(table.length, count);
    const cursor = table.at(0);
    const start = process.cpuUsage();
    let sum = 0;
    for (let i = 0; i < table.length; i++) sum += table.at(i).word;
    assert.equal(sum, (count * (count - 1)) / 2);
    assert.ok(process.cpuUsage(start).user < 300_000, 'about as fast as a DataView');
    assert.equal(table.at(7), cursor);
    for (const index of [-1, count, 1.5, Number.NaN]) {
      refused(() => table.at(index), 'OUT_OF_BOUNDS', /^TableEntry has no record/u);
    }
  });
});
