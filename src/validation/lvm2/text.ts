// LVM2's metadata text: sections, integers, strings and arrays. Strict, linear in time, with limits on depth and count.
// References: lvm2 libdm/libdm-config.c (_section, _value, _get_token), lib/format_text/export.c (the writer).
import { FormatError } from '../../errors.js';

export type Scalar = bigint | string;
export type Value = Scalar | readonly Scalar[] | Section;
/** A Map, since the keys are the guest's: `__proto__` is a name like every other. */
export type Section = ReadonlyMap<string, Value>;

/** How many values several texts may have together; reading one takes from it. */
export interface TextBudget {
  values: number;
}

/** A logical volume takes about 25 values: this is for some ten thousand of them. */
export const MAX_VALUES = 400_000;
/** LVM2 itself writes five levels. */
const MAX_DEPTH = 16;
const MAX_KEY_LENGTH = 255;
const MAX_DIGITS = 19;
/** The longest string that lvm2 writes is the command line of the last change. */
const MAX_STRING_LENGTH = 1024 * 1024;

/** The position in a text that is being read. */
interface Reader {
  readonly text: string;
  readonly budget: TextBudget;
  position: number;
}

/** @throws FormatError INVALID with the offset of the fault; LIMIT. */
export function parseText(text: string, budget: TextBudget): Section {
  const reader: Reader = { text, budget, position: 0 };
  const root = readEntries(reader, 0);
  if (peek(reader) !== '') throw invalidText(reader, 'a closing brace without a section');
  return root;
}

/** Entries up to the closing brace or the end, neither of which is taken. */
function readEntries(reader: Reader, depth: number): Section {
  if (depth > MAX_DEPTH) throw longText(reader, `more than ${MAX_DEPTH} levels of sections`);
  const section = new Map<string, Value>();
  for (;;) {
    const next = peek(reader);
    if (next === '' || next === '}') return section;
    const key = next === '"' ? readString(reader) : readWord(reader);
    if (key === '') throw invalidText(reader, 'no name where one should be');
    if (key.length > MAX_KEY_LENGTH) {
      throw invalidText(reader, `a name of more than ${MAX_KEY_LENGTH} characters`);
    }
    if (section.has(key)) throw invalidText(reader, 'a name for the second time in its section');
    spend(reader);
    section.set(key, readEntry(reader, depth));
  }
}

/** Reads the entry behind a name: a section in braces, or `=` and a value. */
function readEntry(reader: Reader, depth: number): Value {
  switch (peek(reader)) {
    case '{': {
      reader.position++;
      const section = readEntries(reader, depth + 1);
      if (peek(reader) !== '}') throw invalidText(reader, 'a section that is not closed');
      reader.position++;
      return section;
    }
    case '=':
      reader.position++;
      return peek(reader) === '[' ? readArray(reader) : readScalar(reader);
    default:
      throw invalidText(reader, 'a name without a value');
  }
}

function readArray(reader: Reader): readonly Scalar[] {
  reader.position++;
  const values: Scalar[] = [];
  while (peek(reader) !== ']') {
    if (values.length > 0) {
      if (peek(reader) !== ',')
        throw invalidText(reader, 'an array whose values have no comma between them');
      reader.position++;
      // LVM2 takes a comma before the closing bracket.
      if (peek(reader) === ']') break;
    }
    spend(reader);
    values.push(readScalar(reader));
  }
  reader.position++;
  return values;
}

function readScalar(reader: Reader): Scalar {
  if (peek(reader) === '"') return readString(reader);
  const word = readWord(reader);
  if (word === '') throw invalidText(reader, 'no value where one should be');
  return isDecimal(word) ? BigInt(word) : word;
}

/** Decimal, without leading zeros, which LVM2 would read as octal and never writes. */
function isDecimal(word: string): boolean {
  const digits = word.startsWith('-') ? word.slice(1) : word;
  return digits.length <= MAX_DIGITS && /^(?:0|[1-9][0-9]*)$/u.test(digits);
}

/** A string in double quotes, in which a backslash stands before a quote or a backslash. */
function readString(reader: Reader): string {
  const { text } = reader;
  const parts: string[] = [];
  let start = reader.position + 1;
  const end = Math.min(text.length, start + MAX_STRING_LENGTH);
  for (let at = start; at < end; at++) {
    const char = text[at];
    if (char === '"') {
      parts.push(text.slice(start, at));
      reader.position = at + 1;
      return parts.join('');
    }
    if (char === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) {
      parts.push(text.slice(start, at));
      start = at + 1;
      at++;
    }
  }
  if (end < text.length) throw longText(reader, `a string of more than ${MAX_STRING_LENGTH} bytes`);
  throw invalidText(reader, 'a string that does not end');
}

/** Reads characters up to a space or punctuation; '' if there are none. */
function readWord(reader: Reader): string {
  const { text, position: start } = reader;
  let end = start;
  while (end < text.length && !isDelimiter(text.charCodeAt(end))) end++;
  reader.position = end;
  return text.slice(start, end);
}

const DELIMITERS: ReadonlySet<number> = new Set(Array.from('#={}[],"', (c) => c.charCodeAt(0)));
const SPACE = 0x20;

function isDelimiter(code: number): boolean {
  return code <= SPACE || DELIMITERS.has(code);
}

const HASH = 0x23;

/** The next character after spaces and comments, which are skipped; '' at the end of the text, which a NUL is too. */
function peek(reader: Reader): string {
  const { text } = reader;
  let { position } = reader;
  for (; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === HASH) {
      const end = text.indexOf('\n', position);
      position = end < 0 ? text.length : end;
    } else if (code > SPACE || code === 0) {
      break;
    } else if (code !== SPACE && (code < 0x09 || code > 0x0d)) {
      break;
    }
  }
  reader.position = position;
  const char = text[position];
  return char === undefined || char === '\0' ? '' : char;
}

function spend(reader: Reader): void {
  reader.budget.values--;
  if (reader.budget.values < 0) throw longText(reader, `more than ${MAX_VALUES} values`);
}

function invalidText({ position }: Reader, problem: string): FormatError {
  return new FormatError('INVALID', `lvm2: the metadata text has ${problem} at ${position}`, {
    data: { position },
  });
}

function longText({ position }: Reader, problem: string): FormatError {
  return new FormatError('LIMIT', `lvm2: the metadata text has ${problem} at ${position}`, {
    data: { position },
  });
}
