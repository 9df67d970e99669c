// Ranges as they are typed, listed, and written by GNU ddrescue.
// References: https://www.gnu.org/software/ddrescue/manual/ddrescue_manual.html, "Mapfile structure".
import type { ByteRange } from '../../bytes/source.js';
import { UsageError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { parseBlockSize } from '../../report/block-size.js';
import { givenText, STDIN } from '../given-file.js';

/** Of a line that is none, in the message. */
const MAX_SHOWN = 80;
/** Not trimmed, not scraped, bad. */
const BAD = ['*', '/', '-'];
const STATUS = /^[?*/\-+]$/u;
/** Far more than a disk has bad places. */
const MAX_LIST_BYTES = 64 * MIB;

/**
 * `N` or `N,LEN` of units of so many bytes; one unit without a length.
 * @throws UsageError USAGE
 */
export function rangesOf(
  values: readonly string[],
  flag: string,
  unitBytes: number,
): readonly ByteRange[] {
  return values
    .flatMap((value) => (value === '-' ? listed(flag) : [value]))
    .map((text) => {
      const [first = '', length, ...others] = text.trim().split(/\s*,\s*|\s+/u);
      if (others.length > 0) throw unusable(text, flag);
      const count = length === undefined ? 1 : numberOf(length, text, flag);
      if (count === 0) throw unusable(text, flag);
      return checked(numberOf(first, text, flag) * unitBytes, count * unitBytes, text, flag);
    });
}

function listed(flag: string): readonly string[] {
  return linesOf(STDIN, flag);
}

/** Without empty lines and comments. @throws UsageError USAGE */
function linesOf(file: string | typeof STDIN, flag: string): readonly string[] {
  return givenText(file, flag, MAX_LIST_BYTES)
    .split('\n')
    .map((line) => line.replace(/#.*$/u, '').trim())
    .filter((line) => line !== '');
}

function numberOf(word: string, text: string, flag: string): number {
  if (/^(?:0|0x[0-9a-f]+)$/iu.test(word)) return Number(word);
  try {
    const { blockSizeBytes, autoscale } = parseBlockSize(word, flag);
    if (!autoscale) return blockSizeBytes;
  } catch {
    // Told with all of the text.
  }
  throw unusable(text, flag);
}

function checked(offsetBytes: number, lengthBytes: number, text: string, flag: string): ByteRange {
  if (!Number.isSafeInteger(offsetBytes + lengthBytes)) throw unusable(text, flag);
  return { offsetBytes, lengthBytes };
}

function unusable(text: string, flag: string): UsageError {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return new UsageError('USAGE', `invalid ${flag} argument '${shown}'`, { data: { flag } });
}

/** The bad ranges of a map file: behind a line with where ddrescue stood, `position size status`. @throws UsageError USAGE */
export function ddrescueRanges(path: string): readonly ByteRange[] {
  const [, ...lines] = linesOf(path, '--ddrescue');
  return lines.flatMap((line) => {
    const [position = '', size = '', status = '', ...others] = line.split(/\s+/u);
    if (others.length > 0 || !STATUS.test(status)) throw unusable(line, '--ddrescue');
    const at = integer(position, line);
    const length = integer(size, line);
    if (!BAD.includes(status) || length === 0) return [];
    return [checked(at, length, line, '--ddrescue')];
  });
}

/** As C writes integers: hexadecimal, octal, decimal. */
function integer(word: string, line: string): number {
  if (/^(?:0x[0-9a-f]+|0|[1-9]\d*)$/iu.test(word)) return Number(word);
  if (/^0[0-7]+$/u.test(word)) return Number.parseInt(word, 8);
  throw unusable(line, '--ddrescue');
}
