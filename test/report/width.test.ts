// The widths of letters against the C library's, and of what is more than one character.
// Reference: wcwidth(3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import koffi from 'koffi';
import { displayWidth, letters, letterWidth } from '../../src/report/width.js';

/** `clean` leaves no control characters, and spells what nobody sees. Where the two differ else: Unicode 16 made the first wide, and of parts of Korean syllables the C library counts none. */
const OTHERS: readonly (readonly [number, number])[] = [
  [0x2630, 0x2637],
  [0x268a, 0x268f],
  [0x1d300, 0x1d376],
  [0x3248, 0x324f],
  [0x1160, 0x11ff],
  [0xd7b0, 0xd7fb],
  [0x1171e, 0x1171e],
];
const LC_ALL = 6;

interface CLibrary {
  setlocale(category: number, locale: string): string | null;
  wcwidth(code: number): number;
}

function cLibrary(): CLibrary | null {
  try {
    const library = koffi.load('libc.so.6');
    const setlocale = library.func('const char *setlocale(int, const char *)');
    const wcwidth = library.func('int wcwidth(int)');
    return setlocale(LC_ALL, 'C.UTF-8') === null ? null : { setlocale, wcwidth };
  } catch {
    return null;
  }
}

const c = cLibrary();

test('each letter is as wide as the C library says', { skip: c === null && 'needs glibc' }, () => {
  const wrong: string[] = [];
  let count = 0;
  for (let code = 0x20; code < 0x110000; code += 1) {
    const letter = String.fromCodePoint(code);
    const expected = c?.wcwidth(code) ?? 0;
    const isOther = OTHERS.some(([from, to]) => code >= from && code <= to);
    if (isOther || expected < 0 || /[\p{C}\p{DI}]/u.test(letter)) continue;
    count += 1;
    if (letterWidth(letter) !== expected) wrong.push(`U+${code.toString(16)}: ${expected}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 100_000);
  c?.setlocale(LC_ALL, 'C');
});

test('a flag, a person with a skin, a letter with marks and a Korean syllable are one letter each', () => {
  const widths: readonly (readonly [string, number])[] = [
    ['⭐', 2],
    ['\u{1f1e9}\u{1f1ea}', 2],
    ['\u{1f44d}\u{1f3fd}', 2],
    ['cafe\u0301', 4],
    ['\u1112\u1161\u11ab', 2],
    ['한글', 4],
    ['数据库', 6],
    ['ﾃﾞｰﾀ', 4],
  ];
  for (const [text, width] of widths) assert.equal(displayWidth(text), width, text);
  assert.deepEqual(letters('a\u{1f1e9}\u{1f1ea}e\u0301'), ['a', '\u{1f1e9}\u{1f1ea}', 'e\u0301']);
});
