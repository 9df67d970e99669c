// Safety rules: a hostile image can make a parser loop or allocate, though its specification is right (a count without a
// bound). The run time stops each case; a specification that keeps the rules refuses earlier, and with a clearer message.
import type { RawFinding } from './finding.js';
import { minItemBytes } from './sizes.js';
import {
  type Attribute,
  eachAttribute,
  eachType,
  findTypeSpec,
  type Specification,
  type TypeSpec,
} from './specification.js';
import type { Path } from './structure.js';

interface Field {
  readonly specification: Specification;
  readonly type: TypeSpec;
  readonly typePath: Path;
  readonly attribute: Attribute;
  readonly path: Path;
  readonly isInstance: boolean;
}

type Rule = (field: Field) => readonly RawFinding[];

const RULES: readonly Rule[] = [textRule, repeatRule, countRule, shiftRule, lazyCheckRule];

export function safetyFindings(specification: Specification): readonly RawFinding[] {
  const { root } = specification;
  const fields = [...eachType(root)].flatMap(([type, typePath]) =>
    [...eachAttribute(type, typePath)].map(({ attribute, path, isInstance }) => ({
      specification,
      type,
      typePath,
      attribute,
      path,
      isInstance,
    })),
  );
  return [
    ...fields.flatMap((field) => RULES.flatMap((rule) => rule(field))),
    ...unusedTypes(specification),
  ];
}

/** Texts have an encoding and an end. */
function textRule({ specification, typePath, attribute, path }: Field): readonly RawFinding[] {
  const { type, encoding, size } = attribute;
  if (type !== 'str' && type !== 'strz') return [];
  const findings: RawFinding[] = [];
  if (encoding === undefined && inherited(specification.root, typePath, 'encoding') === undefined) {
    findings.push({ path, message: 'a text needs an encoding, here or in meta' });
  }
  if (type === 'strz' && size === undefined && attribute['size-eos'] !== true) {
    findings.push({
      path,
      message: 'a strz without size is looked for to the end of the data: give it a size',
    });
  }
  return findings;
}

/** `meta` of a type holds for the types in it. */
function inherited(root: TypeSpec, path: Path, key: string): unknown {
  let type = root;
  let value = type.meta?.[key];
  for (const name of path.filter((_, i) => i % 2 === 1)) {
    type = type.types?.[name] ?? type;
    value = type.meta?.[key] ?? value;
  }
  return value;
}

/** A repeated item takes at least one byte, so that the number of items is bounded by the bytes that there are. */
function repeatRule({ specification, typePath, attribute, path }: Field): readonly RawFinding[] {
  const { repeat, size, type } = attribute;
  if (repeat === undefined || size !== undefined || typeof type === 'object') return [];
  if (
    minItemBytes(specification.root, typePath, { ...attribute, process: undefined } as Attribute) >
    0
  )
    return [];
  const isBits = typeof type === 'string' && /^b\d+/u.test(type);
  return isBits ? [] : [{ path, message: 'repeats something that may have no size' }];
}

/** A count from the file has a bound, unless it is too narrow to do harm. */
function countRule({ type, attribute, path }: Field): readonly RawFinding[] {
  const count = attribute['repeat-expr'];
  const field = typeof count === 'string' ? unbounded(type, count) : null;
  if (field === null || field === '') return [];
  return [
    { path: [...path, 'repeat-expr'], message: `the count '${field}' has no valid with a max` },
  ];
}

/** The distance of a shift has a bound. */
function shiftRule({ type, attribute, path }: Field): readonly RawFinding[] {
  return (['value', 'pos', 'size', 'if', 'repeat-expr'] as const).flatMap((key) => {
    const expression = attribute[key];
    if (typeof expression !== 'string') return [];
    const amounts = [...expression.matchAll(/(?:<<|>>)\s*([a-z][a-z0-9_]*)/gu)].map(
      ([, amount = '']) => amount,
    );
    return amounts
      .filter((amount) => unbounded(type, amount, /^b[1-6]$/u) !== null)
      .map((amount) => ({
        path: [...path, key],
        message: `the shift by '${amount}' has no valid with a max`,
      }));
  });
}

/** The name, if it is a field of the type that may hold any large number; null if not. */
function unbounded(
  type: TypeSpec,
  name: string,
  harmless = /^(?:[us][12](?:le|be)?|b\d|b1[0-6])$/u,
): string | null {
  const field = (type.seq ?? []).find(({ id }) => id === name);
  if (field === undefined || field.valid !== undefined || typeof field.type !== 'string')
    return null;
  return harmless.test(field.type) ? null : name;
}

/** A check that runs only when somebody looks, and nobody in this file does. */
function lazyCheckRule({
  specification,
  attribute,
  path,
  isInstance,
}: Field): readonly RawFinding[] {
  const isChecked = attribute.contents !== undefined || attribute.valid !== undefined;
  if (!isInstance || !isChecked || attribute.value !== undefined) return [];
  const uses = specification.text.match(new RegExp(`\\b${String(path.at(-1))}\\b`, 'gu')) ?? [];
  if (uses.length > 1) return [];
  const message =
    'an instance is checked only when it is read: put the check into seq, or into -virt-df/probe';
  return [{ path, message }];
}

/** Types that nothing uses are left out of the generated module without a word. */
function unusedTypes(specification: Specification): readonly RawFinding[] {
  const { root, text } = specification;
  const used = new Set<TypeSpec>();
  for (const [type, path] of eachType(root)) {
    for (const { attribute } of eachAttribute(type, path)) {
      const { type: name } = attribute;
      const names =
        typeof name === 'object' ? Object.values(name.cases) : name === undefined ? [] : [name];
      for (const one of names) {
        const found = findTypeSpec(root, path, one);
        if (found !== null) used.add(found.type);
      }
    }
  }
  return [...eachType(root)]
    .filter(([type, path]) => path.length > 0 && type['-export'] === undefined && !used.has(type))
    .filter(([, path]) => !new RegExp(`\\btype: ${String(path.at(-1))}\\b`, 'u').test(text))
    .map(([, path]) => ({ path, message: 'nothing uses this type: export it or leave it out' }));
}
