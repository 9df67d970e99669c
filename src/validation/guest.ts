// The only place where a guest's value becomes one that the program uses: with a bound, or cleaned.
import { FormatError } from '../errors.js';
import { encode } from '../kaitai/escaped-text.js';
import type { GuestInteger, Primitive, Untrusted } from '../kaitai/untrusted.js';

/** The only cast from a guest's value in the program. Not exported. */
function open<T extends Primitive>(value: Untrusted<T>): T {
  return value as unknown as T;
}

function openInteger(value: GuestInteger): number | bigint {
  return open(value as Untrusted<number | bigint>);
}

/**
 * A guest's integer as a number within `min`..`max` (inclusive); `what` names it in the error.
 * @throws FormatError OUT_OF_BOUNDS with the value and the bounds.
 */
export function int(value: GuestInteger, what: string, min: number, max: number): number {
  const n = openInteger(value);
  // Apart, because V8 compares slowly where numbers and bigints meet, and this is asked millions of times.
  if (typeof n === 'number') {
    if (n >= min && n <= max) return n;
  } else if (n >= min && n <= max) return Number(n);
  throw outOfBounds(what, n, min, max);
}

/** A guest's integer as an exact bigint within `min`..`max` (inclusive). */
export function big(value: GuestInteger, what: string, min: bigint, max: bigint): bigint {
  const n = BigInt(openInteger(value));
  if (n < min || n > max) throw outOfBounds(what, n, min, max);
  return n;
}

// An opening whose bound is the field's own width cannot fail: it says that every value of the field is taken. What the
// number may be is then checked where it is used. A wider field is refused, so that the name stays true.

/** A field of 8 bits, of which every value is taken. */
export function u8(value: GuestInteger): number {
  return int(value, 'a field of 8 bits', 0, 0xff);
}

/** A field of 16 bits, of which every value is taken. */
export function u16(value: GuestInteger): number {
  return int(value, 'a field of 16 bits', 0, 0xffff);
}

/** A field of 32 bits, of which every value is taken. */
export function u32(value: GuestInteger): number {
  const n = openInteger(value);
  // Entries of tables are opened here by the million.
  if (typeof n === 'number' && n >= 0 && n <= 0xffff_ffff) return n;
  return int(value, 'a field of 32 bits', 0, 0xffff_ffff);
}

/** A field of 64 bits, of which every value is taken. */
export function u64(value: GuestInteger): bigint {
  return big(value, 'a field of 64 bits', 0n, 0xffff_ffff_ffff_ffffn);
}

/**
 * Whether any bit of `mask` is set in a guest's flag word: a question, so no bound is needed. A mask of up to 32 bits is a number
 * where it is asked of each file: a bigint for each answer takes longer than the rest of reading one.
 */
export function hasFlag(value: GuestInteger, mask: bigint | number): boolean {
  const n = openInteger(value);
  if (typeof mask === 'number' && typeof n === 'number' && n <= 0xffff_ffff) {
    return (n & mask) !== 0;
  }
  return (BigInt(n) & BigInt(mask)) !== 0n;
}

/** The bits of a guest's flag word that are outside of `known`, as hexadecimal for a message, or null if none. */
export function unknownFlags(value: GuestInteger, known: bigint): string | null {
  const rest = BigInt(openInteger(value)) & ~known;
  return rest === 0n ? null : `0x${rest.toString(16)}`;
}

/** Whether a guest's value equals one of ours (an enum value, a signature, a checksum). */
export function equals(value: Untrusted<Primitive>, expected: number | bigint | string): boolean {
  const v = open(value);
  if (typeof v === typeof expected || typeof v === 'string' || typeof expected === 'string') {
    return v === expected;
  }
  return BigInt(v) === BigInt(expected);
}

/** A power of two within `min`..`max`. */
export function powerOfTwo(value: GuestInteger, what: string, min: number, max: number): number {
  const n = int(value, what, min, max);
  if (n <= 0 || (BigInt(n) & (BigInt(n) - 1n)) !== 0n) {
    throw new FormatError('INVALID', `${what} ${n} is not a power of two`, { data: { value: n } });
  }
  return n;
}

const MAX_TEXT_LENGTH = 255;

/**
 * A guest's string made printable: control, format, surrogate, private-use and unassigned characters and line
 * separators become U+FFFD, letters that nobody sees are spelled (`\u{200b}`), trailing NULs and blanks go, at most 255
 * characters stay. '' stays ''.
 */
export function text(value: Untrusted<string> | string): string {
  return printable(typeof value === 'string' ? value : open(value));
}

/** Of no format's label are there more. */
const MAX_LABEL_LENGTH = 4096;

/** The label of a volume. */
export interface Label {
  /** As `text` gives it; null if there is none. */
  readonly label: string | null;
  /** The label itself where it is another: in UTF-8, and bytes that were no characters as they stand on the disk. */
  readonly labelBytes?: Uint8Array;
}

export const NO_LABEL: Label = { label: null };

/** The label of something that has one, and nothing else of it. */
export function theLabel({ label, labelBytes }: Label): Label {
  return labelBytes === undefined ? { label } : { label, labelBytes };
}

export function labelOf(value: Untrusted<string> | string): Label {
  const given = typeof value === 'string' ? value : open(value);
  const own = given.slice(0, trimmedLength(given, MAX_LABEL_LENGTH));
  const label = printable(own);
  if (label === own) return { label: label || null };
  return { label: label || null, labelBytes: encode(own) };
}

/** A text as `text` gives it; of an integer its 16 hexadecimal digits, and nothing of 0. */
export function textOrDigits(value: Untrusted<Primitive>): string {
  const v = open(value);
  if (typeof v === 'string') return printable(v);
  const digits = BigInt.asUintN(64, BigInt(v)).toString(16);
  return digits === '0' ? '' : digits.padStart(16, '0');
}

/** Any string of unknown origin (a path, a name from XML) made printable; see `text`. */
export function printable(value: string, maxLength: number = MAX_TEXT_LENGTH): string {
  // Nearly every value is plain ASCII; the early return also spares a short run the compiling of the Unicode classes below.
  if (/^[\x21-\x7e]*$/u.test(value)) return value.slice(0, maxLength);
  return value
    .slice(0, trimmedLength(value, maxLength)) // Before the cleaning, because it may leave half of a surrogate pair.
    .replace(/(?! )[\p{C}\p{Z}\p{DI}\u2800]/gu, shownCharacter);
}

// The classes of Unicode stand where they are used, since a start would compute those of constants.

/** Takes no room, or looks like a blank: zero width, fillers, selectors, tags, the blank of braille. */
function isUnseen(character: string): boolean {
  return /[\p{DI}\p{Zs}\u2800]/u.test(character);
}

/** What changes the direction of text is of no name, so it is not spelled: U+FFFD is shorter. */
function isBidiControl(character: string): boolean {
  return /\p{Bidi_C}/u.test(character);
}

/** Two names that differ only in what nobody sees would look the same, so that is spelled. */
function shownCharacter(character: string): string {
  if (isBidiControl(character) || !isUnseen(character)) return '\ufffd';
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** The length without trailing NULs and blanks. Not by a regular expression: one takes quadratic time on blanks. */
function trimmedLength(value: string, maxLength: number): number {
  let length = value.length;
  while (length > 0 && (value[length - 1] === ' ' || value[length - 1] === '\0')) length--;
  return Math.min(length, maxLength);
}

/** The bare text of a guest's string, for a parser that checks every character of it itself (LVM2's text). */
export function rawText(value: Untrusted<string>, maxLength: number): string {
  const s = open(value);
  if (s.length > maxLength) throw outOfBounds('text length', s.length, 0, maxLength);
  return s;
}

/** A UUID in its usual spelling; null if all bytes are zero. `mixedEndian` is the Microsoft order (GPT, FAT). */
export function uuidText(bytes: Uint8Array, mixedEndian = false): string | null {
  if (bytes.length !== 16 || bytes.every((b) => b === 0)) return null;
  const hex = Buffer.from(bytes);
  if (mixedEndian) {
    hex.subarray(0, 4).reverse();
    hex.subarray(4, 6).reverse();
    hex.subarray(6, 8).reverse();
  }
  return hex.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
}

function outOfBounds(
  what: string,
  value: number | bigint,
  min: number | bigint,
  max: number | bigint,
): FormatError {
  const data = { what, value: String(value), min: String(min), max: String(max) };
  return new FormatError('OUT_OF_BOUNDS', `${what} ${problemOf(value, min, max)}`, { data });
}

function problemOf(value: number | bigint, min: number | bigint, max: number | bigint): string {
  if (value < 0 && min >= 0) return 'comes to less than nothing';
  if (max < min) return `is ${value}, and there is room for nothing`;
  if (max >= Number.MAX_SAFE_INTEGER && value > max) return `is ${value}, which is too large`;
  return `is ${value}, which is not in ${min}..${max}`;
}
