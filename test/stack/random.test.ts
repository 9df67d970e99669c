// Random data are told from data that are not.
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { looksRandom } from '../../src/stack/random.js';
import { memorySource } from '../memory-source.js';
import { dfOfSources } from '../queries/sources.js';

const KIB = 1024;
const HEAD_BYTES = 128 * KIB;

/** A stream of AES, the same in every run. */
function cipherBytes(length: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(
    Buffer.alloc(length),
  );
}

test('what is encrypted looks random, of every size that is looked at', () => {
  for (let seed = 0; seed < 50; seed++) {
    assert.ok(looksRandom(cipherBytes(HEAD_BYTES, seed)), String(seed));
    assert.ok(looksRandom(cipherBytes(16 * KIB, seed)), String(seed));
  }
});

test('numbers, text and what deflate made of it do not', () => {
  const text = readFileSync('package-lock.json');
  const counted = Buffer.alloc(HEAD_BYTES, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
  const packed = deflateRawSync(Buffer.concat([text, readFileSync('CHANGELOG.md')]));
  assert.ok(packed.length >= 16 * KIB);
  for (const bytes of [text, counted, packed, Buffer.alloc(HEAD_BYTES), cipherBytes(8 * KIB, 1)]) {
    assert.equal(looksRandom(bytes), false);
  }
});

test('a volume of random data says so', async () => {
  const { filesystems } = await dfOfSources([memorySource(cipherBytes(1024 * KIB, 7))]);
  const [row] = filesystems;
  assert.equal(row?.problem?.code, 'UNKNOWN_FILESYSTEM');
  assert.match(row?.problem?.message ?? '', /begin with random data: encrypted or erased/u);
});
