// Step 4: the shape of the emitted module: its classes, their enums, reads and getters. An unknown statement is an error.
// References: the javascript target of kaitai-struct-compiler 0.11.0.
import { ts } from 'ts-morph';
import { GenerateError } from './errors.js';
import { upperCamel } from './names.js';
import type { Specification, TypeSpec } from './specification.js';
import type { Path } from './structure.js';
import { assignment, callStatement, descendants, parseJavaScript, unknownCode } from './syntax.js';

/** An enum: labels in upper case, and their numbers as text. */
export interface EnumShape {
  /** Joined path: `XfsState`. */
  readonly name: string;
  readonly members: readonly { readonly label: string; readonly value: string }[];
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One class of the emitted module. */
export interface ClassShape {
  /** Joined path: `XfsAgf`. */
  readonly name: string;
  /** The compiler's own name: `Agf`. */
  readonly ownName: string;
  readonly spec: TypeSpec;
  readonly path: Path;
  readonly outer: ClassShape | null;
  readonly nested: Map<string, ClassShape>;
  readonly enums: Map<string, EnumShape>;
  readonly params: readonly string[];
  readonly reads: readonly ts.Statement[];
  readonly getters: Map<string, readonly ts.Statement[]>;
  /** Classes that construct this one with themselves as the parent. */
  readonly parents: Set<ClassShape>;
}

/** Reads the compiler's module; gives the class of the top type, with all others below it. */
export function readShape(javascript: string, specification: Specification): ClassShape {
  const { file, root } = specification;
  const factory = factoryOf(parseJavaScript(javascript), file);
  let top: ClassShape | null = null;
  for (const statement of factory) {
    if (ts.isVariableStatement(statement)) top = readClass(statement, root, [], null, file);
    else if (assignment(statement) === null) throw unknownCode(file, statement, 'module statement');
  }
  if (top === null) throw new GenerateError(file, 'the compiler wrote no class');
  linkParents(top);
  return top;
}

/** A class and all below it, outer ones first, in the order of the specification. */
export function allClasses(top: ClassShape): readonly ClassShape[] {
  const order = Object.keys(top.spec.types ?? {}).map(upperCamel);
  const nested = [...top.nested.values()].sort(
    (a, b) => order.indexOf(a.ownName) - order.indexOf(b.ownName),
  );
  return [top, ...nested.flatMap(allClasses)];
}

/** The class that a reference in `from` names: `Agf`, `Xfs.Agf`. */
export function resolveClass(from: ClassShape, names: readonly string[]): ClassShape | null {
  const [first = '', ...rest] = names;
  for (let scope: ClassShape | null = from; scope !== null; scope = scope.outer) {
    const found = scope.nested.get(first) ?? (scope.ownName === first ? scope : undefined);
    if (found === undefined) continue;
    let inner: ClassShape | undefined = found;
    for (const name of rest) inner = inner?.nested.get(name);
    if (inner !== undefined) return inner;
  }
  return null;
}

/** The statements inside of the UMD wrapper's second function. */
function factoryOf(module: ts.SourceFile, file: string): readonly ts.Statement[] {
  const last = module.statements.at(-1);
  if (
    last !== undefined &&
    ts.isExpressionStatement(last) &&
    ts.isCallExpression(last.expression)
  ) {
    const factory = last.expression.arguments[1];
    if (factory !== undefined && ts.isFunctionExpression(factory)) return factory.body.statements;
  }
  throw new GenerateError(file, 'the compiler wrote an unknown module');
}

function readClass(
  statement: ts.VariableStatement,
  spec: TypeSpec,
  path: Path,
  outer: ClassShape | null,
  file: string,
): ClassShape {
  const [declaration] = statement.declarationList.declarations;
  const body =
    declaration?.initializer === undefined ? null : functionBody(declaration.initializer);
  if (declaration === undefined || body === null) throw unknownCode(file, statement, 'class');
  const ownName = declaration.name.getText();
  const shape: Mutable<ClassShape> = {
    name: (outer?.name ?? '') + ownName,
    ownName,
    spec,
    path,
    outer,
    nested: new Map(),
    enums: new Map(),
    params: [],
    reads: [],
    getters: new Map(),
    parents: new Set(),
  };
  for (const inner of body) readMember(shape, inner, file);
  return shape;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `(function() {...})()`, also behind `Outer.Inner = `. */
function functionBody(initializer: ts.Expression): readonly ts.Statement[] | null {
  let node = initializer;
  while (ts.isBinaryExpression(node)) node = node.right;
  if (!ts.isCallExpression(node)) return null;
  let callee: ts.Expression = node.expression;
  while (ts.isParenthesizedExpression(callee)) callee = callee.expression;
  return ts.isFunctionExpression(callee) ? callee.body.statements : null;
}

function readMember(shape: Mutable<ClassShape>, statement: ts.Statement, file: string): void {
  if (ts.isReturnStatement(statement)) return;
  if (ts.isFunctionDeclaration(statement)) {
    shape.params = statement.parameters.slice(3).map((parameter) => parameter.name.getText());
    return;
  }
  if (ts.isVariableStatement(statement)) {
    readNested(shape, statement, file);
    return;
  }
  const set = assignment(statement);
  if (set !== null && ts.isPropertyAccessExpression(set.left)) {
    const name = set.left.name.text;
    if (ts.isCallExpression(set.right)) {
      readEnum(shape, name, set.right, file);
      return;
    }
    if (ts.isFunctionExpression(set.right)) {
      if (name === '_read') shape.reads = set.right.body.statements;
      // toString is for debuggers: nothing of a guest's structure is ever turned into text.
      if (name === '_read' || name === 'toString') return;
    }
  }
  if (callStatement(statement)?.method !== 'defineProperty') {
    throw unknownCode(file, statement, 'statement in a class');
  }
  readGetter(shape, statement, file);
}

function readNested(
  shape: Mutable<ClassShape>,
  statement: ts.VariableStatement,
  file: string,
): void {
  const name = statement.declarationList.declarations[0]?.name.getText() ?? '';
  const [id, spec] =
    Object.entries(shape.spec.types ?? {}).find(([key]) => upperCamel(key) === name) ?? [];
  if (id === undefined || spec === undefined) throw unknownCode(file, statement, 'type');
  shape.nested.set(name, readClass(statement, spec, [...shape.path, 'types', id], shape, file));
}

/** `Xfs.State = Object.freeze({ CLEAN: 1, 1: "CLEAN" })`; the labels are read, their way back is not needed. */
function readEnum(shape: ClassShape, name: string, frozen: ts.CallExpression, file: string): void {
  const [object] = frozen.arguments;
  const spec = Object.entries(shape.spec.enums ?? {}).find(
    ([key]) => upperCamel(key) === name,
  )?.[1];
  if (object === undefined || !ts.isObjectLiteralExpression(object) || spec === undefined) {
    throw unknownCode(file, frozen, 'enum');
  }
  const members = object.properties.flatMap((property) => {
    if (!ts.isPropertyAssignment(property)) throw unknownCode(file, property, 'enum value');
    if (!ts.isIdentifier(property.name)) return [];
    const [label, value] = [property.name.text, property.initializer.getText()];
    if (!/^[A-Z][A-Z0-9_]*$/u.test(label) || !/^-?\d+$/u.test(value)) {
      throw unknownCode(file, property, 'enum value');
    }
    return [{ label, value }];
  });
  shape.enums.set(name, { name: shape.name + name, members, spec });
}

/** `Object.defineProperty(X.prototype, 'name', { get: function() {...} })`. */
function readGetter(shape: ClassShape, statement: ts.Statement, file: string): void {
  const [, name, descriptor] = callStatement(statement)?.args ?? [];
  if (
    name !== undefined &&
    ts.isStringLiteral(name) &&
    descriptor !== undefined &&
    ts.isObjectLiteralExpression(descriptor)
  ) {
    const [get] = descriptor.properties;
    if (
      get !== undefined &&
      ts.isPropertyAssignment(get) &&
      ts.isFunctionExpression(get.initializer)
    ) {
      shape.getters.set(name.text, get.initializer.body.statements);
      return;
    }
  }
  throw unknownCode(file, statement, 'getter');
}

/** Finds every `new X(io, this, root)`: the structure whose code that is becomes a parent of X. */
function linkParents(top: ClassShape): void {
  for (const shape of allClasses(top)) {
    for (const statement of [...shape.reads, ...[...shape.getters.values()].flat()]) {
      for (const node of descendants(statement)) {
        if (!ts.isNewExpression(node) || node.arguments?.[1]?.getText() !== 'this') continue;
        resolveClass(shape, node.expression.getText().split('.'))?.parents.add(shape);
      }
    }
  }
}
