// The checksums against the check values of their catalogues, and whole against piecewise.
// References: RFC 3720 appendix B.4; https://reveng.sourceforge.io/crc-catalogue/ (CRC-16/ARC, CRC-32/ISCSI,
// CRC-32/MPEG-2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc16 } from '../../src/bytes/crc16.js';
import { CRC32BE_SEED, crc32be } from '../../src/bytes/crc32be.js';
import { CRC32C_SEED, crc32c, inverted } from '../../src/bytes/crc32c.js';

const CHECK = Buffer.from('123456789');

test('CRC-32C: the check value and the vectors of RFC 3720', () => {
  assert.equal(inverted(crc32c(CRC32C_SEED, CHECK)), 0xe3069283);
  assert.equal(inverted(crc32c(CRC32C_SEED, Buffer.alloc(32))), 0x8a9136aa);
  assert.equal(inverted(crc32c(CRC32C_SEED, Buffer.alloc(32, 0xff))), 0x62a8ab43);
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  assert.equal(inverted(crc32c(CRC32C_SEED, ascending)), 0x46dd794e);
  assert.equal(inverted(crc32c(CRC32C_SEED, ascending.reverse())), 0x113fdb5c);
});

test('CRC-32C: in pieces as at once, at any offset and length', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) % 256);
  for (let from = 0; from < 20; from++) {
    for (let to = from; to <= bytes.length; to += 7) {
      const whole = crc32c(CRC32C_SEED, bytes, from, to);
      const middle = Math.floor((from + to) / 2);
      const pieces = crc32c(crc32c(CRC32C_SEED, bytes, from, middle), bytes, middle, to);
      assert.equal(pieces, whole);
      assert.equal(crc32c(CRC32C_SEED, bytes.subarray(from, to)), whole);
    }
  }
});

test('CRC-32C: of many bytes at once as of few', () => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i * 37) % 256);
  for (const [from, to] of [
    [0, 10_000],
    [1, 9_999],
    [3, 4_099],
    [7, 8_202],
  ] as const) {
    let pieces = CRC32C_SEED;
    for (let at = from; at < to; at += 100) {
      pieces = crc32c(pieces, bytes, at, Math.min(at + 100, to));
    }
    assert.equal(crc32c(CRC32C_SEED, bytes, from, to), pieces);
  }
});

test('CRC-16: the check value', () => {
  assert.equal(crc16(0, CHECK), 0xbb3d);
});

/** Bit by bit, as the polynomial is divided. */
function slowCrc32be(seed: number, bytes: Uint8Array): number {
  let crc = BigInt(seed);
  for (const byte of bytes) {
    crc ^= BigInt(byte) << 24n;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc << 1n) ^ (crc >= 0x80000000n ? 0x104c11db7n : 0n);
    }
  }
  return Number(crc);
}

test('CRC-32 with the most significant bit first: the check value, and bit by bit at any offset, length and seed', () => {
  assert.equal(crc32be(CRC32BE_SEED, CHECK), 0x0376e6e7);
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state;
  };
  const bytes = Uint8Array.from({ length: 200 }, () => random() >>> 24);
  for (let length = 0; length <= 60; length++) {
    const [from, seed] = [(random() >>> 16) % 100, random()];
    const part = bytes.subarray(from, from + length);
    assert.equal(crc32be(seed, part), slowCrc32be(seed, part), `${from} ${length}`);
  }
});
