// Text for a terminal of so many columns: cleaned, cut, wrapped, and kept in the order in which it is written.
// Reference: Unicode Standard Annex 9 (bidirectional text, isolates).
import { printable } from '../validation/guest.js';
import { displayWidth, isAscii, letters, letterWidth } from './width.js';

/** Names and messages longer than this are cut before they reach an output. */
const MAX_LENGTH = 4096;

/** A string of a guest, a host or an error made safe for a terminal, a CSV file and a JSON text; null stays null. */
export function clean(value: string): string;
export function clean(value: string | null): string | null;
export function clean(value: string | null): string | null {
  // Text from queries/ is clean already; this layer does not rely on it.
  return value === null ? null : printable(value, MAX_LENGTH);
}

/** The blocks of letters and digits that run from right to left. */
const RIGHT_TO_LEFT =
  '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefe\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
const HAS_RIGHT_TO_LEFT = new RegExp(`[${RIGHT_TO_LEFT}]`, 'u');

/** Words side by side are one stretch, with the digits that end them. A start would compute the classes of a constant. */
function stretches(): RegExp {
  return new RegExp(
    `[${RIGHT_TO_LEFT}](?:[${RIGHT_TO_LEFT}\\p{M}\\p{N}]| (?=[${RIGHT_TO_LEFT}]))*`,
    'gu',
  );
}

/**
 * A text for people, in which letters from right to left cannot move what stands beside them: on a terminal that knows
 * such letters, a Hebrew label changed the places of the sizes after it. Each stretch of them is isolated (FSI, PDI), so
 * that a path keeps the order of its folders too. For a text that is cut already, and never for machines.
 */
export function isolated(text: string): string {
  return HAS_RIGHT_TO_LEFT.test(text) ? text.replace(stretches(), '\u2068$&\u2069') : text;
}

/** Blanks up to `width`; a longer text stays as it is. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

const ELLIPSIS = '…';

/** What stands for what was cut out of a name. */
export function ellipsisFor(hasUnicode: boolean): string {
  return hasUnicode ? ELLIPSIS : '..';
}

/** The text cut to `width` columns with `…` at its end. */
export function cutEnd(text: string, width: number, ellipsis = ELLIPSIS): string {
  if (displayWidth(text) <= width) return text;
  return `${head(text, width - displayWidth(ellipsis))}${ellipsis}`;
}

/** The text cut to `width` columns with `…` in its middle: both ends of a path or a name tell it apart. */
export function cutMiddle(text: string, width: number, ellipsis = ELLIPSIS): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - displayWidth(ellipsis));
  const end = tail(text, Math.floor(room / 2));
  return `${head(text, room - displayWidth(end))}${ellipsis}${end}`;
}

/** As many leading letters as fit into `width` columns. */
export function head(text: string, width: number): string {
  return isAscii(text) ? text.slice(0, Math.max(0, width)) : fitting(letters(text), width).join('');
}

/** As many last letters as fit into `width` columns. */
export function tail(text: string, width: number): string {
  if (isAscii(text)) return width <= 0 ? '' : text.slice(-width);
  return fitting([...letters(text)].reverse(), width)
    .reverse()
    .join('');
}

function fitting(letters: readonly string[], width: number): string[] {
  let room = width;
  const count = letters.findIndex((letter) => {
    room -= letterWidth(letter);
    return room < 0;
  });
  return letters.slice(0, count === -1 ? letters.length : count);
}

/** The text for a terminal of ASCII: other letters are spelled, `caf\u{e9}`. */
export function inAscii(text: string): string {
  if (isAscii(text)) return text;
  return text
    .replaceAll(ELLIPSIS, '...')
    .replace(/[^\0-\x7e]/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}

/** The text in lines of at most `width` columns, parted at blanks where there are any. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const part = head(line, width) || (letters(line)[0] ?? '');
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}
