// Text for a terminal of so many columns: cleaned, measured, cut, and kept in the order in which it is written.
// References: Unicode Standard Annex 11 (East Asian Width), Annex 9 (bidirectional text, isolates); wcwidth(3).
import { printable } from '../validation/guest.js';

/** Names and messages longer than this are cut before they reach an output. */
const MAX_LENGTH = 4096;

/** A string of a guest, a host or an error made safe for a terminal, a CSV file and a JSON text; null stays null. */
export function clean(value: string): string;
export function clean(value: string | null): string | null;
export function clean(value: string | null): string | null {
  // Text from queries/ is clean already; this layer does not rely on it.
  return value === null ? null : printable(value, MAX_LENGTH);
}

const ASCII = /^[\x20-\x7e]*$/u;
/** Marks on other letters, and the isolates that `isolated` sets. */
const ZERO_WIDTH = /[\p{M}\u2068\u2069]/u;
/** Ranges of characters that terminals show two columns wide: CJK, Hangul, full-width forms, emoji. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23f3],
  [0x2614, 0x2615],
  [0x26a1, 0x26ce],
  [0x2705, 0x2728],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x1f000, 0x1faff],
  [0x20000, 0x3fffd],
];

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** The blocks of letters and digits that run from right to left. */
const RIGHT_TO_LEFT =
  '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefe\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
const HAS_RIGHT_TO_LEFT = new RegExp(`[${RIGHT_TO_LEFT}]`, 'u');
/** Words side by side are one stretch, with the digits that end them. */
const STRETCH = new RegExp(
  `[${RIGHT_TO_LEFT}](?:[${RIGHT_TO_LEFT}\\p{M}\\p{N}]| (?=[${RIGHT_TO_LEFT}]))*`,
  'gu',
);

/**
 * A text for people, in which letters from right to left cannot move what stands beside them: on a terminal that knows
 * such letters, a Hebrew label changed the places of the sizes after it. Each stretch of them is isolated (FSI, PDI), so
 * that a path keeps the order of its folders too. For a text that is cut already, and never for machines.
 */
export function isolated(text: string): string {
  return HAS_RIGHT_TO_LEFT.test(text) ? text.replace(STRETCH, '\u2068$&\u2069') : text;
}

/** The columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Blanks up to `width`; a longer text stays as it is. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** The text cut to `width` columns with `…` at its end. */
export function cutEnd(text: string, width: number): string {
  return displayWidth(text) <= width ? text : `${head(text, width - 1)}…`;
}

/** The text cut to `width` columns with `…` in its middle: both ends of a path or a name tell it apart. */
export function cutMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const tailWidth = Math.floor((width - 1) / 2);
  const tail = [...head([...text].reverse().join(''), tailWidth)].reverse().join('');
  return `${head(text, width - 1 - displayWidth(tail))}…${tail}`;
}

/** As many leading characters as fit into `width` columns. */
function head(text: string, width: number): string {
  let result = '';
  let room = width;
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    result += character;
  }
  return result;
}
