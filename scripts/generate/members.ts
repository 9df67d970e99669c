// Step 5a: the kind of every field, from the specification; of value instances, from their expression.
import {
  BIG,
  BOOL,
  BYTES,
  big,
  bitsOf,
  FLOAT,
  INT,
  isInteger,
  type Kind,
  MAX_BITS,
  STRING,
  typeText,
} from './kinds.js';
import type { Member } from './module.js';
import { lowerCamel, upperCamel } from './names.js';
import type { ClassShape } from './shape.js';
import { type Attribute, eachAttribute, type Specification } from './specification.js';

/** The kind of a value instance's expression, and the number of evaluations that it takes. */
export type Value = Pick<Member, 'kind' | 'evaluations'>;
export type FindValue = (shape: ClassShape, name: string) => Value;

/** The members of all structures, each found out once. */
export function createMembers(
  specification: Specification,
  findValue: FindValue,
): (shape: ClassShape, name: string) => Member {
  const known = new Map<ClassShape, Map<string, Member | null>>();
  return (shape, name) => {
    const members = known.get(shape) ?? new Map<string, Member | null>();
    known.set(shape, members);
    const before = members.get(name);
    if (before === null) return specification.fail(shape.path, `'${name}' depends on itself`);
    if (before !== undefined) return before;
    members.set(name, null);
    const member = findMember(specification, shape, name, findValue);
    members.set(name, member);
    return member;
  };
}

function findMember(
  specification: Specification,
  shape: ClassShape,
  name: string,
  findValue: FindValue,
): Member {
  const parameter = shape.params.indexOf(name);
  if (parameter >= 0) {
    const kind = attributeKind(specification, shape, shape.spec.params?.[parameter] ?? {});
    return { kind: isInteger(kind) ? big(MAX_BITS) : kind, isOptional: false, evaluations: 1 };
  }
  const attribute = attributeOf(shape, name);
  if (attribute === null) return { ...findValue(shape, name), isOptional: false };
  const isOptional = attribute.if !== undefined || mayMatchNothing(attribute);
  if (attribute.value !== undefined) return { ...findValue(shape, name), isOptional };
  return { kind: attributeKind(specification, shape, attribute), isOptional, evaluations: 1 };
}

/** The field or instance that became the member `name`. */
export function attributeOf(shape: ClassShape, name: string): Attribute | null {
  for (const { id, attribute } of eachAttribute(shape.spec, shape.path)) {
    if (lowerCamel(id) === name) return attribute;
  }
  return null;
}

function mayMatchNothing({ type, size, 'size-eos': sizeEos, repeat }: Attribute): boolean {
  const isSwitch = typeof type === 'object';
  return (
    isSwitch &&
    !('_' in type.cases) &&
    size === undefined &&
    sizeEos !== true &&
    repeat === undefined
  );
}

function attributeKind(
  specification: Specification,
  shape: ClassShape,
  attribute: Attribute,
): Kind {
  const single = singleKind(specification, shape, attribute);
  return attribute.repeat === undefined ? single : { t: 'list', of: single };
}

function singleKind(specification: Specification, shape: ClassShape, attribute: Attribute): Kind {
  const { type } = attribute;
  if (typeof type !== 'object') return typeKind(specification, shape, type);
  const kinds = Object.values(type.cases).map((name) => typeKind(specification, shape, name));
  const isSized = attribute.size !== undefined || attribute['size-eos'] === true;
  if (isSized && !('_' in type.cases)) kinds.push(BYTES);
  return unionOf(kinds);
}

/** One kind that holds any of these. */
export function unionOf(kinds: readonly Kind[]): Kind {
  const [first = BYTES] = kinds;
  const isSame = kinds.every((kind) => typeText(kind) === typeText(first));
  if (kinds.every((kind) => kind.t === 'object')) {
    const classes = kinds.flatMap((kind) => (kind.t === 'object' ? kind.classes : []));
    return { t: 'object', classes: [...new Set(classes)] };
  }
  if (kinds.every(({ t }) => t === 'big')) return big(Math.max(...kinds.map(bitsOf)));
  return isSame ? first : { t: 'union', of: kinds };
}

function typeKind(specification: Specification, shape: ClassShape, type: string | undefined): Kind {
  if (type === undefined) return BYTES;
  if (/^[us][124](?:le|be)?$/u.test(type)) return INT;
  if (/^[us]8(?:le|be)?$/u.test(type)) return BIG;
  if (/^f[48](?:le|be)?$/u.test(type)) return FLOAT;
  if (type === 'bool') return BOOL;
  if (type === 'str' || type === 'strz') return STRING;
  const bits = /^b(\d+)(?:le|be)?$/u.exec(type)?.[1];
  if (bits !== undefined) return bits === '1' ? BOOL : Number(bits) > 32 ? BIG : INT;
  const found = findType(shape, type);
  if (found === null)
    return specification.fail(shape.path, `the type '${type}' is not supported here`);
  return { t: 'object', classes: [found] };
}

/** The class of a type's name as a specification writes it: `agf`, `sub(1)`, `outer::inner`. */
function findType(shape: ClassShape, type: string): ClassShape | null {
  const names = type.replace(/\(.*$/su, '').split('::').map(upperCamel);
  for (let scope: ClassShape | null = shape; scope !== null; scope = scope.outer) {
    let inner: ClassShape | undefined = scope;
    for (const name of names) inner = inner?.nested.get(name);
    if (inner !== undefined) return inner;
    if (names.length === 1 && scope.ownName === names[0]) return scope;
  }
  return null;
}
