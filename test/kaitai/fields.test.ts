// What is written at the places that `-export: fields` gives is what the generated parser reads there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FormatError } from '../../src/errors.js';
import { type Field, setField } from '../../src/kaitai/index.js';
import { type Loose, load } from '../generate/support.js';
import { random } from '../random.js';

const TEXT = `meta:
  id: places
  endian: be
-export: fields
seq:
  - id: magic
    contents: [1, xy]
  - id: flag
    type: b1
  - id: few
    type: b3
  - id: one
    type: s1
  - id: two
    type: u2le
  - id: inner
    type: pair
  - id: list
    type: u4
    repeat: expr
    repeat-expr: 3
  - id: four
    type: s4
  - id: eight
    type: u8
  - id: deep
    type: s8le
  - id: text
    type: str
    encoding: ASCII
    size: 5
  - id: two_more
    type: u2
  - id: rest
    size: two_more
  - id: behind
    type: u1
types:
  pair:
    -export: [structure, fields]
    meta:
      endian: le
    seq:
      - id: a
        type: u2
      - id: bits
        type: b4
      - id: b
        type: u4
`;

function randomValue({ type }: Field, next: (limit: number) => number): number | bigint {
  const bits = 8 * Number(type[1]);
  let value = 0n;
  for (let i = 0; i < bits; i += 8) value = value * 256n + BigInt(next(256));
  const exact = type.startsWith('s') ? BigInt.asIntN(bits, value) : value;
  return bits === 64 ? exact : Number(exact);
}

describe('the places of a structure’s fields', () => {
  it('are where its parser reads them', async () => {
    const module: Loose = await load(TEXT, 'places');
    const { PlacesFields: places, PlacesPairFields: pair } = module;
    const next = random('fields');
    const known = ['one', 'two', 'four', 'eight', 'deep'];
    for (let round = 0; round < 100; round++) {
      const bytes = new Uint8Array(100);
      bytes.set([1, 0x78, 0x79]);
      const values = known.map((name) => randomValue(places[name], next));
      for (const [i, name] of known.entries()) setField(bytes, places[name], values[i] ?? 0);
      const inner = { a: randomValue(pair.a, next), b: randomValue(pair.b, next) };
      setField(bytes, pair.a, inner.a, places.inner.at);
      setField(bytes, pair.b, inner.b, places.inner.at);
      bytes.set(Buffer.from('hello'), places.text.at);
      setField(bytes, places.twoMore, 2);
      const read = module.parsePlaces(bytes);
      assert.deepEqual(
        known.map((name) => read[name]),
        values,
      );
      assert.deepEqual({ a: read.inner.a, b: read.inner.b }, inner);
      assert.equal(read.text, 'hello');
    }
    assert.equal(places.list.at + places.list.sizeBytes, places.four.at);
    assert.equal(places.text.sizeBytes, 5);
  });

  it('end with the first field whose length is read', async () => {
    const module: Loose = await load(TEXT, 'places');
    assert.deepEqual(Object.keys(module.PlacesFields).slice(-2), ['twoMore', 'rest']);
    assert.deepEqual(Object.keys(module.PlacesFields.rest), ['at']);
    assert.deepEqual(Object.keys(module.PlacesPairFields), ['a', 'b']);
  });

  it('have a byte order of their own', async () => {
    const orders = '  endian: le\n  -virt-df: {byte-orders: [le, be]}\n';
    const text = TEXT.replace('  endian: be\n', orders);
    await assert.rejects(load(text, 'places'), /^GenerateError: places\.ksy:\d+.*byte order/u);
  });
});

describe('setField', () => {
  const cases: readonly (readonly [Field['type'], number | bigint])[] = [
    ['u1', 256],
    ['u2le', -1],
    ['u4be', 2 ** 32],
    ['s1', 128],
    ['s4le', -(2 ** 31) - 1],
    ['u8be', 2n ** 64n],
  ];
  for (const [type, value] of cases) {
    it(`refuses ${value} as ${type}`, () => {
      const bytes = new Uint8Array(16);
      assert.throws(
        () => setField(bytes, { at: 0, type }, value),
        (error) => error instanceof FormatError && error.code === 'OUT_OF_BOUNDS',
      );
      assert.ok(bytes.every((byte) => byte === 0));
    });
  }

  it('writes nothing beyond the end', () => {
    const bytes = new Uint8Array(4);
    assert.throws(() => setField(bytes, { at: 1, type: 'u4le' }, 1), FormatError);
    assert.ok(bytes.every((byte) => byte === 0));
  });
});
