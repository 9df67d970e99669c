// The fields of a JSON text, each checked as it is taken. The text was written by whoever made the image.
// References: RFC 8259; for bigField and bytesField LUKS2 On-Disk Format Specification 1.1.1, 3, and cryptsetup
// lib/luks2/luks2_json_metadata.c (json_contains, json_str_to_uint64, hdr_validate_*): numbers of 64 bits are decimal strings.
import { FormatError } from '../errors.js';
import { printable } from './guest.js';

/** json-c's limit, which cryptsetup keeps. */
const MAX_DEPTH = 32;
const MAX_TEXT_LENGTH = 255;
const MAX_DIGITS = 16;

/** An object of the text; `what` names it in messages. */
export interface JsonObject {
  readonly what: string;
  readonly fields: ReadonlyMap<string, unknown>;
}

/**
 * The object that a text is.
 * @throws FormatError INVALID; LIMIT for one that is nested too deep.
 */
export function parseObject(text: string, what: string): JsonObject {
  return asObject(parseJson(text, what), what);
}

/** Whatever a text says. @throws FormatError INVALID; LIMIT for one that is nested too deep. */
export function parseJson(text: string, what: string): unknown {
  checkDepth(text, what);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError('INVALID', `${what} is not JSON`, { cause: error });
  }
}

/** Counts brackets outside of strings: a parser that recurses would have to be trusted with a million of them. */
function checkDepth(text: string, what: string): void {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isInString) {
      if (character === '\\') i++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAX_DEPTH) {
      throw new FormatError('LIMIT', `${what} is nested more than ${MAX_DEPTH} deep`);
    }
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return { what, fields: new Map(Object.entries(value)) };
  throw new FormatError('INVALID', `${what} is not an object`);
}

export function objectField(parent: JsonObject, name: string): JsonObject {
  return asObject(parent.fields.get(name), `${parent.what}.${name}`);
}

/** The objects in the object `name`, by their names, of which there may be `max`. */
export function objectsField(
  parent: JsonObject,
  name: string,
  max: number,
): readonly (readonly [name: string, value: JsonObject])[] {
  const { what, fields } = objectField(parent, name);
  if (fields.size > max) {
    throw new FormatError('LIMIT', `${what} has ${fields.size} members; the limit is ${max}`);
  }
  return [...fields].map(([key, value]) => [key, asObject(value, `${what}.${printable(key)}`)]);
}

export function textField({ what, fields }: JsonObject, name: string): string {
  const value = fields.get(name);
  if (typeof value === 'string' && value.length <= MAX_TEXT_LENGTH) return value;
  throw new FormatError('INVALID', `${what}.${name} is not a text of up to ${MAX_TEXT_LENGTH}`);
}

/** A JSON number. */
export function intField(object: JsonObject, name: string, min: number, max: number): number {
  return within(object.fields.get(name), `${object.what}.${name}`, min, max);
}

/** A number of 64 bits, which is a decimal string. */
export function bigField(object: JsonObject, name: string, min: number, max: number): number {
  const value = object.fields.get(name);
  const isDecimal = typeof value === 'string' && /^\d+$/u.test(value) && value.length <= MAX_DIGITS;
  // A JSON number loses digits, so it is none here.
  const read = isDecimal ? Number(value) : `${JSON.stringify(value) ?? 'missing'}`;
  return within(read, `${object.what}.${name}`, min, max);
}

function within(value: unknown, what: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  const shown = typeof value === 'string' || typeof value === 'number' ? `${value}` : typeof value;
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `${what} is ${printable(shown)}, which is not in ${min}..${max}`,
    { data: { what, value: printable(shown), min, max } },
  );
}

export function bytesField(object: JsonObject, name: string, maxBytes: number): Uint8Array {
  const value = object.fields.get(name);
  const bytes =
    typeof value === 'string' && /^[A-Za-z0-9+/]{1,1024}={0,2}$/u.test(value)
      ? new Uint8Array(Buffer.from(value, 'base64'))
      : new Uint8Array(0);
  if (bytes.length > 0 && bytes.length <= maxBytes) return bytes;
  throw new FormatError(
    'INVALID',
    `${object.what}.${name} is not base64 of 1 to ${maxBytes} bytes`,
  );
}

/** A list of texts; [] if there is none. */
export function textsField({ what, fields }: JsonObject, name: string): readonly string[] {
  const value = fields.get(name) ?? [];
  const isList = Array.isArray(value) && value.length <= MAX_TEXT_LENGTH;
  if (isList && value.every((one) => typeof one === 'string')) return value;
  throw new FormatError('INVALID', `${what}.${name} is not a list of texts`);
}
