// Every shape of structure that the generator knows, on random bytes, against the unmodified compiler's JavaScript.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describe as describeText } from '../../scripts/generate/describe.js';
import { FormatError } from '../../src/errors.js';
import { random } from '../random.js';
import { type Comparison, compare } from './compare.js';
import { plainParser } from './plain-compiler.js';
import { fixture, generateText, type Loose, load, loadFixture } from './support.js';

const CASES = 3000;

/** Bytes that are mostly valid: the checked fields hold what they may, the rest is random. */
function shapes(next: (limit: number) => number): Uint8Array {
  const bytes = Buffer.from(Array.from({ length: 60 + next(60) }, () => next(256)));
  bytes.write('SHAPES');
  bytes[6] = next(20) === 0 ? next(256) : next(9);
  bytes[7] = next(4);
  bytes[8] = next(4);
  bytes[9] = next(200);
  bytes[26 + 6 + next(8)] = 0x2c;
  return bytes;
}

describe('a generated parser', () => {
  it('reads what the plain compiler’s reads, whatever the bytes are', async () => {
    const text = fixture('shapes');
    const [ours, theirs] = [await load(text, 'shapes'), await plainParser(text, null)];
    const computed = new Set(['sum', 'average', 'negative', 'least', 'list', 'length', 'choice']);
    const result: Comparison = { equal: 0, excused: 0 };
    const next = random('shapes');
    let count = 0;
    for (let i = 0; i < CASES; i++) {
      const bytes = shapes(next);
      let mine: Loose;
      try {
        mine = ours.parseShapes?.(bytes);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        assert.throws(
          () => theirs([], bytes),
          () => true,
          `case ${i}: ${error.message}`,
        );
        continue;
      }
      compare(mine, theirs([], bytes), computed, `case ${i}`, result);
      count += 1;
    }
    assert.ok(count > CASES / 10, `${count} of ${CASES} were valid`);
    assert.equal(result.excused, 0);
  });

  it('names the field and the offset of what is wrong', async () => {
    const { parseShapes } = await loadFixture('shapes');
    const bytes = Buffer.from('SHAPESxx');
    bytes[6] = 9;
    assert.throws(() => parseShapes?.(bytes), {
      code: 'INVALID',
      message: 'shapes: number of items is 9, more than 8 (at byte 6 of what is read)',
    });
    bytes[6] = 1;
    bytes[7] = 4;
    assert.throws(() => parseShapes?.(bytes), {
      code: 'INVALID',
      message: 'shapes: kind is 4, which is not known (at byte 7 of what is read)',
    });
    bytes[7] = 0;
    assert.throws(() => parseShapes?.(bytes), {
      code: 'TRUNCATED',
      message: 'shapes: one of needs 1 bytes, but only 0 are left (at byte 8 of what is read)',
    });
    assert.throws(() => parseShapes?.(Buffer.from('shapes')), {
      code: 'BAD_MAGIC',
      message:
        'shapes: magic is [73 68 61 70 65 73], which is not the signature (at byte 0 of what is read)',
    });
  });

  it('gives out the values of enums and nothing else of its classes', async () => {
    const typescript = await generateText(fixture('shapes'), 'shapes');
    const exported = [...typescript.matchAll(/^export (?:const|function|type|class) (\w+)/gmu)];
    assert.deepEqual(
      exported.map(([, name]) => name),
      ['GuestShapes', 'parseShapes', 'ShapesKind'],
    );
  });
});

describe('a generated format with both byte orders', () => {
  it('follows the order that it is given, where the specification has none of its own', async () => {
    const { parseOrders } = await loadFixture('orders');
    const bytes = Buffer.alloc(30);
    bytes.writeUInt16LE(2, 0);
    bytes.writeUInt32LE(1000, 2);
    bytes.writeUInt16BE(7, 6);
    bytes.writeUInt16LE(0xabc5, 8);
    const little = parseOrders?.(bytes, 'le');
    assert.deepEqual(
      [little.version, little.numBlocks, little.fixed, little.low, little.high],
      [2, 1000, 7, 5, 0xabc],
    );
    bytes.writeUInt16BE(2, 0);
    bytes.writeUInt32BE(1000, 2);
    bytes.writeUInt16BE(0x5abc, 8);
    const big = parseOrders?.(bytes, 'be');
    assert.deepEqual(
      [big.version, big.numBlocks, big.fixed, big.low, big.high],
      [2, 1000, 7, 5, 0xabc],
    );
  });

  it('says of itself what -virt-df says', async () => {
    const { read } = await loadFixture('orders');
    const bytes = Buffer.alloc(30);
    bytes.writeUInt16BE(2, 0);
    bytes.writeUInt32BE(1000, 2);
    bytes.write('ab', 10);
    const claims = read?.(bytes, 'be');
    assert.equal(claims.type, 'second');
    assert.equal(claims.blocks, 1000);
    assert.equal(claims.label, 'ab');
    assert.deepEqual(claims.inodesFree, { zeroBits: { at: 128, bits: 1000, perBit: 2, taken: 0 } });
    assert.deepEqual(claims.inodes, { zeroEntries: { at: 96, count: 5, width: 2 } });
    const table = Buffer.alloc(20);
    table.writeUInt32BE(5, 0);
    table.writeUInt32BE(6, 8);
    assert.equal(claims.free.sum.total(table, 8), 11n, 'two whole records and no part of one');
    assert.equal(claims.free.sum.base, 3);
    assert.throws(() => claims.free.sum.total(table, 2), { code: 'INVALID' });
    assert.equal(read?.(Buffer.alloc(30)).type, 'first', 'little endian unless said otherwise');
    const { probes, window } = describeText(fixture('orders'), 'orders.ksy', 'filesystem');
    assert.deepEqual(window, { offsetBytes: 0, sizeBytes: 32 });
    assert.deepEqual(probes[1], { all: [{ at: 0, magic: '\0\x01' }], order: 'be' });
  });
});

describe('a generated table', () => {
  it('has the fields of its record at every stride', async () => {
    const text = fixture('table');
    const { tableEntryRecords } = await load(text, 'table');
    const next = random('table');
    for (const stride of [39, 40, 64]) {
      const bytes = Buffer.from(Array.from({ length: stride * 5 + 7 }, () => next(256)));
      const records = tableEntryRecords?.(bytes, stride);
      assert.equal(records.length, 5);
      for (let i = 0; i < records.length; i++) {
        const at = i * stride;
        bytes[at + 6] = 0x7f;
        const record = records.at(i);
        assert.equal(record.byte, bytes[at]);
        assert.equal(record.signed, bytes.readInt16LE(at + 1));
        assert.equal(record.word, bytes.readUInt32LE(at + 3));
        assert.equal(record.bigEndian, bytes.readUInt32BE(at + 7));
        assert.equal(record.long, bytes.readBigUInt64LE(at + 11));
        assert.equal(record.high, bytes.readUInt8(at + 19) >> 4);
        assert.equal(record.low, bytes.readUInt16BE(at + 19) & 0xfff);
        assert.equal(record.wide, BigInt(bytes.readUIntBE(at + 21, 5)));
        assert.deepEqual(Buffer.from(record.raw), bytes.subarray(at + 26, at + 29));
        assert.equal(record.inner.a, bytes.readUInt16LE(at + 35));
        assert.equal(record.sum, BigInt(record.word) + record.long);
      }
    }
  });

  it('checks what is valid when it is read', async () => {
    const { tableEntryRecords } = await loadFixture('table');
    const bytes = Buffer.alloc(78);
    bytes[39 + 6] = 0x80;
    const records = tableEntryRecords?.(bytes);
    assert.equal(records.at(0).word, 0);
    assert.throws(() => records.at(1).word, {
      code: 'INVALID',
      message: 'table entry: word is 2147483648, more than 2147483647 (at byte 39 of what is read)',
    });
  });

  it('does not take a stride shorter than its record', async () => {
    const { tableEntryRecords } = await loadFixture('table');
    for (const stride of [0, -1, 38, 1.5, Number.NaN]) {
      assert.throws(() => tableEntryRecords?.(Buffer.alloc(80), stride), { code: 'INVALID' });
    }
  });

  it('is refused when its records have no fixed size', async () => {
    const sample = (field: string) => `meta:
  id: sample
  endian: le
seq:
  - id: a
    type: u1
types:
  entry:
    -export: records
    seq:
      - id: n
        type: u1
      - id: b
${field}
`;
    const fields = [
      'size: n',
      'type: u1\n        if: n == 1',
      'type: u1\n        repeat: expr\n        repeat-expr: 2',
      'size-eos: true',
    ];
    for (const field of fields) {
      await assert.rejects(
        generateText(sample(`        ${field}`), 'sample'),
        /^GenerateError: sample\.ksy:9:5: .*a record has only fields of fixed size/u,
      );
    }
  });
});
