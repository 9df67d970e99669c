// Strings of guests made printable: what goes, what stays, and that no string takes long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from '../../src/validation/guest.js';
import { cpuTime } from '../cpu-time.js';

test('trailing NULs and blanks go, inner ones stay, and the length is bounded', () => {
  assert.equal(printable('a b \0 \0'), 'a b');
  assert.equal(printable(' \0 '), '');
  assert.equal(printable('a\0b'), 'a\ufffdb');
  assert.equal(printable('abc   ', 2), 'ab');
  assert.equal(printable('\u001b[2J\u202e'), '\ufffd[2J\ufffd');
});

test('what nobody sees is spelled, and what anybody sees stays', () => {
  const unseen = [0xad, 0xa0, 0x34f, 0x115f, 0x200b, 0x200d, 0x2060, 0x2800, 0x3000, 0x3164];
  for (const code of [...unseen, 0xfe0f, 0xfeff, 0xffa0, 0xe0041, 0xe0100]) {
    const name = `a${String.fromCodePoint(code)}b`;
    assert.equal(printable(name), `a\\u{${code.toString(16)}}b`);
    assert.equal(printable(printable(name)), printable(name), 'cleaned twice it stays');
  }
  // What the Unicode standard calls ignorable, and no more than blanks beside it.
  for (let code = 0x21; code < 0x110000; code++) {
    const character = String.fromCodePoint(code);
    const isSeen = !/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u.test(character);
    assert.equal(printable(character) === character, isSeen, code.toString(16));
  }
  assert.equal(printable('Größe 漢字 שלום e\u0301 😀'), 'Größe 漢字 שלום e\u0301 😀');
});

test('a megabyte of blanks takes no time', () => {
  const spentMs = cpuTime();
  assert.equal(printable(`x${' '.repeat(2 ** 20)}x`, 3), 'x  ');
  assert.ok(spentMs() < 1000, 'took too long');
});
