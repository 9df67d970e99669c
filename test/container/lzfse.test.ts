// LZFSE streams that are damaged, cut, or lie. What sound ones hold, 7-Zip says: test/container/matrix/dmg.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decompressLzfse } from '../../src/container/compression/lzfse.js';
import { FormatError } from '../../src/errors.js';
import { random } from '../random.js';
import { diskContent } from './block-images.js';
import { compressLzfse } from './lzfse-writer.js';

const CONTENT = diskContent(100_000, 'lzfse').subarray(0, 100_000);
const STREAM = compressLzfse(CONTENT, ['coded', 'lzvn', 'raw', 'coded']);

function codeOf(stream: Uint8Array, maxBytes = CONTENT.length): string {
  try {
    return Buffer.compare(decompressLzfse(stream, maxBytes), CONTENT) === 0 ? 'read' : 'other';
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
}

/** The stream with other bytes at a place. */
function changed(at: number, ...bytes: readonly number[]): Uint8Array {
  const stream = Buffer.from(STREAM);
  stream.set(bytes, at);
  return stream;
}

test('lzfse: blocks of all kinds behind each other', () => {
  assert.equal(codeOf(STREAM), 'read');
  assert.equal(codeOf(Buffer.concat([STREAM, Buffer.alloc(100, 7)])), 'read');
});

test('lzfse: what cannot be has a code', () => {
  for (const [stream, code] of [
    [changed(0, 0x41), 'INVALID'],
    [changed(3, 0x31), 'INVALID'],
    [changed(3, 0), 'INVALID'],
    [changed(4, 0xff, 0xff, 0xff, 0xff), 'LIMIT'],
    [changed(4, 1, 0, 0, 0), 'INVALID'],
    // More literals than a block may have, a head that ends before it begins, a stream that ends behind the file.
    [changed(8, 0xff, 0xff, 0x0f), 'OUT_OF_BOUNDS'],
    [changed(24, 0, 0, 0, 0), 'OUT_OF_BOUNDS'],
    [changed(24, 0xff, 0xff, 0xff, 0x7f), 'OUT_OF_BOUNDS'],
    // All symbols as often as can be.
    [changed(32, ...new Array<number>(40).fill(0xff)), 'INVALID'],
  ] as const) {
    assert.equal(codeOf(stream), code);
  }
  assert.equal(codeOf(STREAM, CONTENT.length - 1), 'LIMIT');
});

test('lzfse: cut anywhere', () => {
  for (let length = 0; length < STREAM.length; length += 97) {
    assert.equal(codeOf(STREAM.subarray(0, length)), 'TRUNCATED', `${length}`);
  }
});

test('lzfse: a thousand changes give content or codes', () => {
  const next = random('lzfse');
  for (let count = 0; count < 1000; count++) {
    // Half of them in what says how the first block is coded.
    const at = next(count % 2 === 0 ? STREAM.length : 300);
    codeOf(changed(at, next(256), next(256)));
  }
});
