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

test('a megabyte of blanks takes no time', () => {
  const spentMs = cpuTime();
  assert.equal(printable(`x${' '.repeat(2 ** 20)}x`, 3), 'x  ');
  assert.ok(spentMs() < 1000, 'took too long');
});
