// The fewest bytes that one item of a repetition takes: what lets a hostile count be refused before the loop.
import { findType } from './members.js';
import type { ClassShape } from './shape.js';
import type { Attribute } from './specification.js';

const MAX_DEPTH = 8;

/** Whole bytes of one item of `attribute`, repeated or not; 0 when that is not known. */
export function minItemBytes(shape: ClassShape, attribute: Attribute): number {
  return Math.floor(minBits(shape, attribute, 0) / 8);
}

function minBits(shape: ClassShape, attribute: Attribute, depth: number): number {
  const { contents, size, type, process } = attribute;
  if (depth > MAX_DEPTH || process !== undefined) return 0;
  if (contents !== undefined) {
    return 8 * (Array.isArray(contents) ? contents.length : Buffer.byteLength(String(contents)));
  }
  if (typeof size === 'number') return 8 * size;
  if (size !== undefined || attribute['size-eos'] === true || typeof type !== 'string') return 0;
  const number = /^[usf]([1248])(?:le|be)?$/u.exec(type)?.[1];
  if (number !== undefined) return 8 * Number(number);
  const bits = /^b(\d+)(?:le|be)?$/u.exec(type)?.[1];
  if (bits !== undefined) return Number(bits);
  if (type === 'str' || type === 'strz') return 0;
  const found = findType(shape, type);
  return (found?.spec.seq ?? []).reduce(
    (sum, field) => sum + (found === null ? 0 : fieldBits(found, field, depth + 1)),
    0,
  );
}

/** Of a field as a part: none if it may be left out. */
function fieldBits(shape: ClassShape, attribute: Attribute, depth: number): number {
  if (attribute.if !== undefined) return 0;
  const one = minBits(shape, attribute, depth);
  if (attribute.repeat === undefined) return one;
  const count = attribute['repeat-expr'];
  if (attribute.repeat === 'until') return one;
  return attribute.repeat === 'expr' && typeof count === 'number' ? one * count : 0;
}
