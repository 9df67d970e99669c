// How many bytes a field takes: the fewest of one item of a repetition, which lets a hostile count be refused before the
// loop, and all of them where that is known before anything is read.
import { type Attribute, findTypeSpec, type TypeSpec } from './specification.js';
import type { Path } from './structure.js';

const MAX_DEPTH = 8;
/** Types of the language; a `str` has a size or an end and none of its own. */
const BUILT_IN = /^(?:[usf][1248](?:le|be)?|b\d+(?:le|be)?|strz?)$/u;
/** Types in types can be eight levels of hundreds of fields each: after so many fields the others count as nothing. */
const MAX_FIELDS = 1000;

interface Visit {
  readonly root: TypeSpec;
  fieldsLeft: number;
}

/** Whole bytes of one item of a field of the type at `path`, repeated or not; 0 when that is not known. */
export function minItemBytes(root: TypeSpec, path: Path, attribute: Attribute): number {
  return Math.floor(minBits({ root, fieldsLeft: MAX_FIELDS }, path, attribute, 0) / 8);
}

function minBits(visit: Visit, path: Path, attribute: Attribute, depth: number): number {
  const { contents, size, type, process } = attribute;
  if (depth > MAX_DEPTH || visit.fieldsLeft-- <= 0 || process !== undefined) return 0;
  if (contents !== undefined) return 8 * contentsBytes(contents);
  if (typeof size === 'number') return 8 * size;
  if (size !== undefined || attribute['size-eos'] === true || typeof type !== 'string') return 0;
  const number = /^[usf]([1248])(?:le|be)?$/u.exec(type)?.[1];
  if (number !== undefined) return 8 * Number(number);
  const bits = /^b(\d+)(?:le|be)?$/u.exec(type)?.[1];
  if (bits !== undefined) return Number(bits);
  const found = findTypeSpec(visit.root, path, type);
  if (found === null) return 0;
  return (found.type.seq ?? []).reduce(
    (sum, field) => sum + fieldBits(visit, found.path, field, depth + 1),
    0,
  );
}

/** A list has bytes and texts by turns: `[0x20, LVM2]` are five. */
function contentsBytes(contents: unknown): number {
  const parts: readonly unknown[] = Array.isArray(contents) ? contents : [String(contents)];
  return parts.reduce<number>(
    (sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : 1),
    0,
  );
}

/** Of a field as a part: none if it may be left out. */
function fieldBits(visit: Visit, path: Path, attribute: Attribute, depth: number): number {
  if (attribute.if !== undefined) return 0;
  const one = minBits(visit, path, attribute, depth);
  if (attribute.repeat === undefined || attribute.repeat === 'until') return one;
  const count = attribute['repeat-expr'];
  return attribute.repeat === 'expr' && typeof count === 'number' ? one * count : 0;
}

/** The bits of a field, repetition included; null where they depend on a value of the guest. */
export function fixedBits(root: TypeSpec, path: Path, attribute: Attribute): number | null {
  return exactBits({ root, fieldsLeft: MAX_FIELDS }, path, attribute, 0);
}

function exactBits(visit: Visit, path: Path, attribute: Attribute, depth: number): number | null {
  const { repeat, 'repeat-expr': count } = attribute;
  if (attribute.if !== undefined) return null;
  const one = exactItemBits(visit, path, attribute, depth);
  if (repeat === undefined || one === null) return one;
  return repeat === 'expr' && typeof count === 'number' ? one * count : null;
}

function exactItemBits(
  visit: Visit,
  path: Path,
  attribute: Attribute,
  depth: number,
): number | null {
  const { contents, size, type } = attribute;
  if (size !== undefined) return typeof size === 'number' ? 8 * size : null;
  if (contents !== undefined || typeof type !== 'string' || BUILT_IN.test(type)) {
    // A type without a length of its own (strz) gives 0.
    return minBits(visit, path, attribute, depth) || null;
  }
  const found = findTypeSpec(visit.root, path, type);
  if (found === null || depth > MAX_DEPTH) return null;
  let sum = 0;
  for (const field of found.type.seq ?? []) {
    const bits = exactBits(visit, found.path, field, depth + 1);
    if (bits === null) return null;
    if (!/^b\d/u.test(String(field.type))) sum = Math.ceil(sum / 8) * 8;
    sum += bits;
  }
  return Math.ceil(sum / 8) * 8;
}
