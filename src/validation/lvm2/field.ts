// Fields of LVM2's metadata text, each with the type and the bounds that it must have.
// References: lvm2 lib/format_text/import_vsn1.c.
import { FormatError } from '../../errors.js';
import { printable } from '../guest.js';
import type { Scalar, Section, Value } from './text.js';

/** @param where names the section in messages, printable. */
export function sectionField(section: Section, key: string, where: string): Section {
  const value = section.get(key);
  if (!isSection(value)) throw wrong(where, key, 'a section');
  return value;
}

export function isSection(value: Value | undefined): value is Section {
  return value instanceof Map;
}

/** The sections within a section, by name. */
export function subsections(section: Section): readonly (readonly [string, Section])[] {
  return [...section].flatMap(([name, value]) =>
    isSection(value) ? [[name, value] as const] : [],
  );
}

export function intField(
  section: Section,
  key: string,
  where: string,
  min: number,
  max: number,
): number {
  const value = section.get(key);
  if (typeof value !== 'bigint') throw wrong(where, key, 'a number');
  if (value < BigInt(min) || value > BigInt(max)) {
    const message = `lvm2: ${where}: ${key} is ${value}, not in ${min}..${max}`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { value: `${value}` } });
  }
  return Number(value);
}

/** A string as it is written: good as a key to look up, but to be made printable before it is shown. */
export function textField(section: Section, key: string, where: string): string {
  const value = section.get(key);
  if (typeof value !== 'string') throw wrong(where, key, 'a string');
  return value;
}

export function optionalTextField(section: Section, key: string): string | null {
  const value = section.get(key);
  return typeof value === 'string' ? value : null;
}

/** An array; LVM2 itself reads a single value as an array of one. */
export function listField(section: Section, key: string, where: string): readonly Scalar[] {
  const value = section.get(key);
  if (typeof value === 'bigint' || typeof value === 'string') return [value];
  if (value === undefined || isSection(value)) throw wrong(where, key, 'an array');
  return value;
}

/** The flags in an array or in a single value; none if there is neither. */
export function flagsOf(value: Value | undefined): readonly Scalar[] {
  if (value === undefined || isSection(value)) return [];
  return typeof value === 'object' ? value : [value];
}

/** A name or a UUID for a message or a row: short, and of the characters that lvm2 lets a name have. */
export function shown(name: string): string {
  if (PLAIN.test(name)) return name;
  // A blank would make columns in a row, a slash another path.
  return printable(name, MAX_NAME_LENGTH).replace(/\\u\{[0-9a-f]+\}|[^A-Za-z0-9+_.-]/gu, '\ufffd');
}

/** NAME_LEN of lvm2. */
const MAX_NAME_LENGTH = 128;
/** Nearly every name: a group may have ten thousand. */
const PLAIN = /^[A-Za-z0-9+_.-]{1,128}$/u;

function wrong(where: string, key: string, kind: string): FormatError {
  return new FormatError('INVALID', `lvm2: ${where}: ${key} is not ${kind}`);
}
