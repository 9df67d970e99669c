// Bytes of a guest as text, and the trimming that comes before it. The text is cleaned later, by src/validation.
// References: https://doc.kaitai.io/user_guide.html 4.3 (terminator, pad-right); WHATWG Encoding.
import { MAX_PARSE_TEXT_BYTES, MAX_PARSE_TEXT_LENGTH } from '../limits.js';
import { narrow } from './arithmetic.js';
import { escapedAscii, escapedText } from './escaped-text.js';
import { beyond, impossible } from './failure.js';

/** The encodings that a .ksy may name, as Kaitai writes them. */
export const ENCODINGS = ['ASCII', 'UTF-8', 'UTF-16LE', 'UTF-16BE', 'ISO-8859-1'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The encoding of a name in any case. @throws FormatError when it is none of these. */
export function encodingOf(name: string): Encoding {
  const found = ENCODINGS.find((one) => one === name.toUpperCase());
  if (found !== undefined) return found;
  throw impossible('the stream', 'a text in an unknown encoding');
}

/**
 * The text of bytes. A byte that is not valid in the encoding becomes half of a surrogate pair: `encode`
 * (escaped-text.ts) gives it back, and `text` of src/validation shows U+FFFD.
 */
export function decode(
  bytes: Uint8Array,
  encoding: Encoding,
  maxBytes: number = MAX_PARSE_TEXT_BYTES,
): string {
  if (bytes.length > maxBytes) {
    throw beyond('a text', `has ${bytes.length} bytes, more than ${maxBytes}`);
  }
  switch (encoding) {
    case 'UTF-8':
      return utf8Text(bytes);
    case 'UTF-16LE':
      return buffer(bytes).toString('utf16le');
    case 'UTF-16BE':
      return buffer(swapped(bytes)).toString('utf16le');
    case 'ISO-8859-1':
      return buffer(bytes).toString('latin1');
    case 'ASCII':
      return asciiText(bytes);
  }
}

function asciiText(bytes: Uint8Array): string {
  const text = buffer(bytes).toString('latin1');
  return /[\x80-\xff]/u.test(text) ? escapedAscii(bytes) : text;
}

function utf8Text(bytes: Uint8Array): string {
  const text = buffer(bytes).toString('utf8');
  return text.includes('\ufffd') ? escapedText(bytes) : text;
}

/** The bytes before a terminator, or all if there is none; a wide terminator lies at whole units. */
export function terminate(
  bytes: Uint8Array,
  terminator: ArrayLike<number>,
  include: boolean,
): Uint8Array {
  const end = indexOfUnit(bytes, terminator, 0);
  return end < 0 ? bytes : bytes.subarray(0, include ? end + terminator.length : end);
}

/** Where a terminator of `unit.length` bytes begins, at a multiple of its length from `start`; -1 if nowhere. */
export function indexOfUnit(bytes: Uint8Array, unit: ArrayLike<number>, start: number): number {
  const first = unit[0];
  if (first === undefined) return -1;
  if (unit.length === 1) return bytes.indexOf(first, start);
  for (let at = start; at + unit.length <= bytes.length; at += unit.length) {
    let same = 0;
    while (same < unit.length && bytes[at + same] === unit[same]) same += 1;
    if (same === unit.length) return at;
  }
  return -1;
}

/** The bytes without the padding at their end. */
export function stripRight(bytes: Uint8Array, pad: number): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === pad) end -= 1;
  return bytes.subarray(0, end);
}

/** Negative, zero or positive, as bytes compare. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** The texts joined into one. */
export function concat(where: string, ...texts: readonly string[]): string {
  let length = 0;
  for (const text of texts) length += text.length;
  if (length <= MAX_PARSE_TEXT_LENGTH) return texts.join('');
  throw beyond(where, `has ${length} characters, more than ${MAX_PARSE_TEXT_LENGTH}`);
}

const MAX_DIGITS = 64;

/** The integer that the whole text spells: `12` is one, `12a` is refused. */
export function toInteger(text: string, radix: number, where: string): bigint {
  const digits = /^(-?)([0-9a-z]+)$/iu.exec(text);
  const [, sign = '', body = ''] = digits ?? [];
  const values = Array.from(body, (digit) => Number.parseInt(digit, 36));
  if (body === '' || body.length > MAX_DIGITS || values.some((value) => value >= radix)) {
    throw impossible(where, 'a text that is not a number');
  }
  const absolute = values.reduce((sum, value) => sum * BigInt(radix) + BigInt(value), 0n);
  return narrow(sign === '-' ? -absolute : absolute, where);
}

/** The same bytes with the methods of Node's Buffer. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function swapped(bytes: Uint8Array): Uint8Array {
  const whole = bytes.length - (bytes.length % 2);
  return Buffer.from(bytes.subarray(0, whole)).swap16();
}
