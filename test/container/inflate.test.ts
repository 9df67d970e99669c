// Blocks are inflated by one object after another block, whole or damaged, was: each comes to what zlib's own function makes of it.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { constants, deflateRawSync, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { inflate } from '../../src/container/compression/inflate.js';
import { FormatError } from '../../src/errors.js';

const SIZES = [1, 512, 1024, 4096, 65_536, 300_000];

/** Zeros, text that repeats, or noise. */
function content(sizeBytes: number): Buffer {
  const kind = randomInt(3);
  if (kind === 0) return Buffer.alloc(sizeBytes);
  return kind === 1 ? Buffer.alloc(sizeBytes, 'a block of a guest, ') : randomBytes(sizeBytes);
}

/** As it is, cut, with a wrong bit, or with bytes behind it. */
function damaged(stream: Buffer): Buffer {
  const kind = randomInt(4);
  if (kind === 1) return stream.subarray(0, randomInt(stream.length));
  if (kind === 2) {
    const copy = Buffer.from(stream);
    const at = randomInt(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << randomInt(8));
    return copy;
  }
  return kind === 3 ? Buffer.concat([stream, randomBytes(700)]) : stream;
}

type Outcome = Buffer | string;

/** What Node's function for one stream makes of it. */
function expected(stream: Buffer, maxBytes: number, isRaw: boolean): Outcome {
  const options = { chunkSize: maxBytes + 64, maxOutputLength: maxBytes };
  try {
    return isRaw
      ? inflateRawSync(stream, { ...options, finishFlush: constants.Z_SYNC_FLUSH })
      : inflateSync(stream, options);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

function found(stream: Buffer, maxBytes: number, isRaw: boolean): Outcome {
  try {
    return Buffer.from(inflate(stream, maxBytes, isRaw ? 'deflate' : 'zlib', 'test'));
  } catch (error) {
    assert.ok(error instanceof FormatError && error.cause instanceof Error);
    return error.cause.message;
  }
}

test('a block comes to the same after any other', () => {
  const seen = { bytes: 0, errors: 0 };
  let maxBytes = 1;
  let isRaw = true;
  for (let round = 0; round < 1500; round++) {
    // Often of the size before, as the clusters of an image are.
    if (randomInt(4) === 0) maxBytes = SIZES[randomInt(SIZES.length)] ?? 1;
    if (randomInt(8) === 0) isRaw = !isRaw;
    const plain = content(randomInt(8) === 0 ? maxBytes + 1 : maxBytes);
    const stream = damaged(isRaw ? deflateRawSync(plain) : deflateSync(plain));
    const outcome = found(stream, maxBytes, isRaw);
    assert.deepEqual(outcome, expected(stream, maxBytes, isRaw), `${maxBytes} ${isRaw}`);
    seen[typeof outcome === 'string' ? 'errors' : 'bytes']++;
  }
  assert.ok(seen.bytes > 300 && seen.errors > 100, JSON.stringify(seen));
});

test('what was given stays as it is when the next block is inflated', () => {
  const [first, second] = [Buffer.alloc(1024, 1), Buffer.alloc(1024, 2)];
  const given = inflate(deflateRawSync(first), 1024, 'deflate', 'test');
  inflate(deflateRawSync(second), 1024, 'deflate', 'test');
  assert.deepEqual(Buffer.from(given), first);
});
