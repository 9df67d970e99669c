// Checks that the YAML has the structure of a .ksy: maps where maps belong, lists where lists do. The compiler checks this
// too, but its message has no line, and the steps before it would throw errors of their own.
export type Path = readonly (string | number)[];

/** The first place with a value of the wrong type (`seq` that is no list), or null. */
export function structureProblem(
  root: unknown,
): { readonly path: Path; readonly problem: string } | null {
  try {
    checkType(root, []);
    return null;
  } catch (error) {
    if (error instanceof Misfit) return error;
    throw error;
  }
}

class Misfit extends Error {
  readonly path: Path;
  readonly problem: string;

  constructor(path: Path, problem: string) {
    super(problem);
    this.path = path;
    this.problem = problem;
  }
}

type Section = Readonly<Record<string, unknown>>;

function map(value: unknown, path: Path): Section {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Section;
  throw new Misfit(path, 'must be a map');
}

function entries(value: unknown, path: Path): readonly (readonly [unknown, Path])[] {
  if (value === undefined) return [];
  return Object.entries(map(value, path)).map(([key, inner]) => [inner, [...path, key]]);
}

function items(value: unknown, path: Path): readonly (readonly [unknown, Path])[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Misfit(path, 'must be a list');
  return value.map((inner, i) => [inner, [...path, i]]);
}

function scalar(value: unknown, path: Path): void {
  const isScalar = ['undefined', 'string', 'number', 'boolean'].includes(typeof value);
  if (!isScalar) throw new Misfit(path, 'must be a text, a number or a truth value');
}

function text(value: unknown, path: Path): void {
  if (value !== undefined && typeof value !== 'string') throw new Misfit(path, 'must be a text');
}

function checkType(value: unknown, path: Path): void {
  const type = map(value, path);
  if (type.meta !== undefined) map(type.meta, [...path, 'meta']);
  for (const [inner, at] of items(type.seq, [...path, 'seq'])) checkAttribute(inner, at);
  for (const [inner, at] of items(type.params, [...path, 'params'])) checkAttribute(inner, at);
  for (const [inner, at] of entries(type.instances, [...path, 'instances']))
    checkAttribute(inner, at);
  for (const [inner, at] of entries(type.types, [...path, 'types'])) checkType(inner, at);
  for (const [inner, at] of entries(type.enums, [...path, 'enums'])) checkEnum(inner, at);
}

const SCALARS = [
  'size',
  'size-eos',
  'enum',
  'pos',
  'value',
  'repeat-expr',
  'repeat-until',
  'if',
  'io',
  'terminator',
  'pad-right',
];
const REPEATS = [undefined, 'expr', 'eos', 'until'];

function checkAttribute(value: unknown, path: Path): void {
  const attribute = map(value, path);
  text(attribute.id, [...path, 'id']);
  text(attribute.encoding, [...path, 'encoding']);
  for (const key of SCALARS) scalar(attribute[key], [...path, key]);
  if (!REPEATS.some((word) => word === attribute.repeat)) {
    throw new Misfit([...path, 'repeat'], 'must be expr, eos or until');
  }
  checkValid(attribute.valid, [...path, 'valid']);
  const { type } = attribute;
  if (type === undefined || typeof type === 'string') return;
  const { cases } = map(type, [...path, 'type']);
  scalar(map(type, path)['switch-on'], [...path, 'type', 'switch-on']);
  for (const [name, at] of entries(map(cases, [...path, 'type', 'cases']), [
    ...path,
    'type',
    'cases',
  ])) {
    if (typeof name !== 'string') throw new Misfit(at, 'must be the name of a type');
  }
}

function checkValid(value: unknown, path: Path): void {
  if (typeof value !== 'object') return;
  const { 'any-of': anyOf, ...rules } = map(value, path);
  for (const [inner, at] of items(anyOf, [...path, 'any-of'])) scalar(inner, at);
  for (const [inner, at] of entries(rules, path)) scalar(inner, at);
}

function checkEnum(value: unknown, path: Path): void {
  for (const [label, at] of entries(value, path)) {
    if (typeof label !== 'object') scalar(label, at);
    else scalar(map(label, at).id, [...at, 'id']);
    // The compiler keeps them as doubles.
    const key = String(at.at(-1));
    if (!/^-?\d+$/u.test(key) || !Number.isSafeInteger(Number(key))) {
      throw new Misfit(at, 'the value of an enum must be an integer below 2^53');
    }
  }
}
