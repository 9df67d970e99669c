// The fewest bytes that one item of a repetition takes: what lets a hostile count be refused before the loop.
import { type Attribute, findTypeSpec, type Path, type TypeSpec } from './specification.js';

const MAX_DEPTH = 8;
/** Fields that are looked at; types in types can be eight levels of hundreds each. What comes after counts as nothing. */
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
  if (contents !== undefined) {
    return 8 * (Array.isArray(contents) ? contents.length : Buffer.byteLength(String(contents)));
  }
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

/** Of a field as a part: none if it may be left out. */
function fieldBits(visit: Visit, path: Path, attribute: Attribute, depth: number): number {
  if (attribute.if !== undefined) return 0;
  const one = minBits(visit, path, attribute, depth);
  if (attribute.repeat === undefined || attribute.repeat === 'until') return one;
  const count = attribute['repeat-expr'];
  return attribute.repeat === 'expr' && typeof count === 'number' ? one * count : 0;
}
