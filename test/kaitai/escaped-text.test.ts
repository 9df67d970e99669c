// Texts of bytes that are no UTF-8, by the decoder that WHATWG describes, and back again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../../src/kaitai/escaped-text.js';
import { decode } from '../../src/kaitai/text.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';

const theirs = new TextDecoder('utf-8', { ignoreBOM: true });
const whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes that begin, go on, and end characters of every length, and some that are in none. */
const BYTES = [
  0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff,
];

test('what is UTF-8 is that text, and of the rest each byte comes back', () => {
  const next = random('escaped text');
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from({ length: next(12) }, () => BYTES[next(BYTES.length)] ?? 0);
    const text = decode(bytes, 'UTF-8');
    assert.deepEqual(Buffer.from(encode(text)), Buffer.from(bytes));
    const shown = theirs.decode(bytes);
    if (shown.includes('\ufffd')) assert.throws(() => whole.decode(bytes), text);
    else assert.equal(text, shown);
  }
});

test('characters of four bytes, the mark, and U+FFFD itself are as they are', () => {
  const text = '\ufeffa\u{1f600}\ufffdé\uffff\u{10ffff}';
  const bytes = Buffer.from(`${text}`);
  assert.equal(decode(bytes, 'UTF-8'), text);
  assert.equal(decode(Buffer.concat([bytes, Buffer.of(0xff)]), 'UTF-8'), `${text}\udcff`);
  assert.deepEqual(Buffer.from(encode(text)), bytes);
  assert.deepEqual([...encode('\ud800a')], [0xed, 0xa0, 0x80, 0x61]);
});

test('the largest text is decoded in a second, whatever is in it', () => {
  const bytes = new Uint8Array(16 * 1024 * 1024).fill(0xff);
  for (const encoding of ['UTF-8', 'ASCII'] as const) {
    const spentMs = cpuTime();
    const text = decode(bytes, encoding);
    assert.equal(text.length, bytes.length);
    assert.equal(encode(text.slice(0, 4096)).length, 4096);
    assert.ok(spentMs() < 1000, `${encoding}: ${spentMs()} ms`);
  }
});
