// Step 1: read a .ksy. Integers keep every digit, nothing can explode, and every path leads back to a line.
// References: https://doc.kaitai.io/user_guide.html; YAML 1.2 core schema.
import { basename } from 'node:path';
import { isMap, isScalar, LineCounter, type ParsedNode, parseDocument, visit } from 'yaml';
import { MAX_FORMAT_FILE_BYTES, MAX_FORMAT_ITEMS } from '../../src/limits.js';
import { GenerateError, type Position } from './errors.js';
import { type Path, structureProblem } from './structure.js';

/** The type of a field that depends on a value. */
export interface SwitchType {
  readonly 'switch-on': string;
  readonly cases: Readonly<Record<string, string>>;
}

/** A field (in `seq`), an instance or a parameter. The compiler checks the types of its keys; they are not checked here. */
export interface Attribute {
  readonly id?: string;
  readonly '-orig-id'?: unknown;
  readonly type?: string | SwitchType;
  readonly size?: string | number;
  readonly 'size-eos'?: boolean;
  readonly contents?: unknown;
  readonly encoding?: string;
  readonly enum?: string;
  readonly valid?: unknown;
  readonly process?: unknown;
  readonly repeat?: 'expr' | 'eos' | 'until';
  readonly 'repeat-expr'?: string | number;
  readonly 'repeat-until'?: string;
  readonly if?: string;
  readonly io?: string;
  readonly pos?: string | number;
  readonly value?: string | number;
  readonly doc?: unknown;
  readonly 'doc-ref'?: unknown;
}

/** A type: the top one or one of `types`. */
export interface TypeSpec {
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly doc?: unknown;
  readonly 'doc-ref'?: unknown;
  readonly '-export'?: unknown;
  readonly 'to-string'?: string;
  readonly params?: readonly Attribute[];
  readonly seq?: readonly Attribute[];
  readonly instances?: Readonly<Record<string, Attribute>>;
  readonly types?: Readonly<Record<string, TypeSpec>>;
  readonly enums?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A .ksy as it was written. */
export interface Specification {
  /** The path for messages. */
  readonly file: string;
  /** The word of the format: `meta/id`. */
  readonly id: string;
  readonly text: string;
  readonly root: TypeSpec;
  /** Where the value at a path stands; the nearest one that is there. */
  locate(path: Path): Position | null;
  /** Throws a GenerateError that points at a path. */
  fail(path: Path, problem: string): never;
}

const MAX_DEPTH = 64;

/** @throws GenerateError for a text that is not a .ksy, is too large, or uses YAML's aliases and tags. */
export function readSpecification(text: string, file: string): Specification {
  if (Buffer.byteLength(text) > MAX_FORMAT_FILE_BYTES) {
    throw new GenerateError(
      file,
      `the specification is larger than ${MAX_FORMAT_FILE_BYTES} bytes`,
    );
  }
  checkNesting(text, file);
  checkItems(text, file);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    intAsBigInt: true,
    schema: 'core',
    // Checked below: the parser compares every key of a map with every other one, which takes minutes for 1 MiB.
    uniqueKeys: false,
    prettyErrors: false,
  });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined)
    throw new GenerateError(file, problem.message, positionAt(problem.pos[0]));
  refuseYaml(document.contents, file, positionAt);

  const root = plain(document.toJS({ maxAliasCount: 0 }));
  if (!isTypeSpec(root))
    throw new GenerateError(file, 'the specification is not a map with `meta`');
  const locate = (path: Path): Position | null => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(yamlPath(path.slice(0, length)), true) as ParsedNode | undefined;
      if (node?.range !== undefined) return positionAt(node.range[0]);
    }
    return null;
  };
  const fail = (path: Path, message: string): never => {
    throw new GenerateError(file, `/${path.join('/')}: ${message}`, locate(path));
  };
  const misfit = structureProblem(root);
  if (misfit !== null) fail(misfit.path, misfit.problem);
  const id = root.meta?.id;
  if (typeof id !== 'string' || id !== basename(file, '.ksy')) {
    fail(['meta', 'id'], `meta/id must be the name of the file, ${basename(file, '.ksy')}`);
  }
  return { file, id: String(id), text, root, locate, fail };
}

/** The YAML parser recurses into nested brackets; a text that is nested too deeply is refused before it runs. */
function checkNesting(text: string, file: string): void {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > MAX_DEPTH) throw new GenerateError(file, 'the specification is nested too deeply');
  }
  const deepest = text
    .split('\n')
    .find((line) => /^ {256}/u.test(line) || /^(?: *- ){32}/u.test(line));
  if (deepest !== undefined)
    throw new GenerateError(file, 'the specification is nested too deeply');
}

/** Bounds the time of the YAML parser: keys, entries of lists and commas are counted before it runs, in comments too. */
function checkItems(text: string, file: string): void {
  const count = text.match(/:(?=\s|$)|,|(?<=^ *)- /gmu)?.length ?? 0;
  if (count > MAX_FORMAT_ITEMS) {
    const problem = `the specification has ${count} keys, entries of lists and commas, more than ${MAX_FORMAT_ITEMS}`;
    throw new GenerateError(file, problem);
  }
}

/** Aliases, anchors and tags have no use in a .ksy; `__proto__` none anywhere. */
function refuseYaml(
  contents: Parameters<typeof visit>[0] | null,
  file: string,
  positionAt: (offset: number) => Position,
): void {
  if (contents === null) return;
  const refuse = (node: { range?: readonly number[] | null | undefined }, problem: string) => {
    throw new GenerateError(file, problem, positionAt(node.range?.[0] ?? 0));
  };
  visit(contents, {
    Alias: (_, node) => refuse(node, 'YAML aliases are not allowed'),
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined)
        refuse(node, 'YAML anchors are not allowed');
      if (node.tag !== undefined) refuse(node, 'YAML tags are not allowed');
      if (!isMap(node)) return;
      const keys = new Set<string>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        const text = String(key.value);
        if (text === '__proto__') refuse(key, '`__proto__` is not allowed');
        if (keys.has(text)) refuse(key, `the key ${text.slice(0, 80)} stands here twice`);
        keys.add(text);
      }
    },
  });
}

/** Integers that a double holds become numbers; others become text, which the compiler takes with all digits. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const isExact = value === BigInt(Number(value)) && Number.isSafeInteger(Number(value));
    return isExact ? Number(value) : String(value);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function isTypeSpec(value: unknown): value is TypeSpec {
  return (
    typeof value === 'object' &&
    value !== null &&
    'meta' in value &&
    typeof value.meta === 'object' &&
    value.meta !== null
  );
}

/** Keys of a YAML map may be integers: `enums/version/1`. */
function yamlPath(path: Path): unknown[] {
  return path.map((key) => (typeof key === 'string' && /^\d+$/u.test(key) ? BigInt(key) : key));
}

/** The specification's own types with their paths, outer ones first. */
export function* eachType(root: TypeSpec, path: Path = []): Generator<[TypeSpec, Path]> {
  yield [root, path];
  for (const [name, type] of Object.entries(root.types ?? {})) {
    yield* eachType(type, [...path, 'types', name]);
  }
}

/** The fields and instances of one type with their ids and paths. */
export function* eachAttribute(
  type: TypeSpec,
  path: Path,
): Generator<{ id: string; attribute: Attribute; path: Path; isInstance: boolean }> {
  for (const [index, attribute] of (type.seq ?? []).entries()) {
    const id = attribute.id ?? `_unnamed${index}`;
    yield { id, attribute, path: [...path, 'seq', index], isInstance: false };
  }
  for (const [id, attribute] of Object.entries(type.instances ?? {})) {
    yield { id, attribute, path: [...path, 'instances', id], isInstance: true };
  }
}

/** A type and where it stands. */
export interface FoundType {
  readonly type: TypeSpec;
  readonly path: Path;
}

/** The type of a path: `types/a/types/b`. */
function typeAt(root: TypeSpec, path: Path): TypeSpec {
  let type = root;
  for (const name of path.filter((_, i) => i % 2 === 1)) type = type.types?.[name] ?? type;
  return type;
}

/** The type that a field's `type` means in the type at `path`: `agf`, `sub(1)`, `outer::inner`; null if there is none. */
export function findTypeSpec(root: TypeSpec, path: Path, name: string): FoundType | null {
  const [first = '', ...rest] = name.replace(/\(.*$/su, '').split('::');
  for (let scope = path; ; scope = scope.slice(0, -2)) {
    let found: FoundType | null = childType({ type: typeAt(root, scope), path: scope }, first);
    if (found === null && (scope.at(-1) ?? root.meta?.id) === first)
      found = { type: typeAt(root, scope), path: scope };
    for (const inner of rest) found = found === null ? null : childType(found, inner);
    if (found !== null || scope.length === 0) return found;
  }
}

function childType({ type, path }: FoundType, name: string): FoundType | null {
  const child = Object.hasOwn(type.types ?? {}, name) ? type.types?.[name] : undefined;
  return child === undefined ? null : { type: child, path: [...path, 'types', name] };
}
