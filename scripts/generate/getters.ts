// Step 6b: instances as getters. Each is read once and kept; one that fails keeps nothing, and fails again when asked again.
import { type CodeBlockWriter, ts } from 'ts-morph';
import { writeDocumentation } from './documentation.js';
import { expression, negation } from './expressions.js';
import { type Kind, STREAM, typeText } from './kinds.js';
import type { Value } from './members.js';
import type { Module } from './module.js';
import { atom, type Scope, unknownIn, whereText, within } from './scope.js';
import type { ClassShape } from './shape.js';
import type { Attribute } from './specification.js';
import { writeStatements } from './statements.js';
import { assignment, callStatement, statementsOf, variable } from './syntax.js';

/** The parts of a getter of the compiler's, without its bookkeeping. */
interface GetterParts {
  /** `if` of the instance. */
  readonly condition: ts.Expression | null;
  /** `io` of the instance. */
  readonly stream: ts.Expression | null;
  readonly position: ts.Expression | null;
  readonly body: readonly ts.Statement[];
}

function scopeOf(module: Module, shape: ClassShape, name: string): Scope {
  return {
    module,
    shape,
    self: 'this',
    ownStream: 'this._io',
    stream: 'this._io',
    where: `${shape.name}.${name}`,
    names: new Map(),
    result: 'const',
  };
}

/** The expression of a value instance. */
export function valueExpression(module: Module, shape: ClassShape, name: string): ts.Expression {
  const { body } = partsOf(module, shape, name);
  const set = body[0] === undefined ? null : assignment(body[0]);
  if (set === null) return module.specification.fail(shape.path, `'${name}' has no value`);
  return set.right;
}

/** The kind of a value instance, and the number of evaluations that it takes. */
export function findValue(module: Module, shape: ClassShape, name: string): Value {
  const cost = { evaluations: 1 };
  const scope = { ...scopeOf(module, shape, name), cost };
  const { condition } = partsOf(module, shape, name);
  if (condition !== null) expression(scope, condition);
  const { kind } = expression(scope, valueExpression(module, shape, name));
  return { kind, evaluations: Math.min(cost.evaluations, Number.MAX_SAFE_INTEGER) };
}

/**
 * Evaluations that a value may cost before it is kept. Of sixty flags, each of which the next asks for twice
 * (`b1: b0 and b0`), the last would otherwise run 2^60 times.
 */
export const MAX_EVALUATIONS = 64;

function partsOf(module: Module, shape: ClassShape, name: string): GetterParts {
  const statements = shape.getters.get(name);
  if (statements === undefined)
    return module.specification.fail(shape.path, `there is no '${name}'`);
  // First `if (this._m_x !== undefined) return`, last `return this._m_x`.
  let body = statements.slice(1, -1);
  let condition: ts.Expression | null = null;
  const [only] = body;
  if (body.length === 1 && only !== undefined && ts.isIfStatement(only) && !isCheck(only)) {
    condition = only.expression;
    body = [...statementsOf(only.thenStatement)];
  }
  let stream: ts.Expression | null = null;
  let position: ts.Expression | null = null;
  const rest = body.filter((statement) => {
    const declared = variable(statement);
    if (declared?.name === 'io') stream = declared.value;
    const call = callStatement(statement);
    const [argument] = call?.args ?? [];
    if (call?.method === 'seek' && argument !== undefined && argument.getText() !== '_pos')
      position = argument;
    return declared?.name !== 'io' && declared?.name !== '_pos' && call?.method !== 'seek';
  });
  return { condition, stream, position, body: rest };
}

function isCheck(statement: ts.IfStatement): boolean {
  return statementsOf(statement.thenStatement).some(ts.isThrowStatement);
}

/** Kinds that cost something to compute: kept once they are. */
function isWorthKeeping(kind: Kind): boolean {
  return !['int', 'bool', 'object'].includes(kind.t);
}

/** Writes the instance `name` and the private field that keeps it. */
export function writeGetter(
  writer: CodeBlockWriter,
  module: Module,
  shape: ClassShape,
  name: string,
  attribute: Attribute,
): void {
  const { kind, isOptional, evaluations } = module.member(shape, name);
  const type = typeText(kind) + (isOptional ? ' | undefined' : '');
  const parts = partsOf(module, shape, name);
  const isPlain = attribute.value !== undefined && parts.body.length === 1;
  const isKept = !isPlain || isWorthKeeping(kind) || evaluations > MAX_EVALUATIONS;
  if (isKept) writer.writeLine(`#${name}: ${typeText(kind)} | undefined;`);
  writeDocumentation(writer, attribute);
  writer.write(`get ${name}(): ${type} `).inlineBlock(() => {
    const scope = scopeOf(module, shape, name);
    if (isPlain) writePlainValue(writer, scope, parts, name, isKept);
    else writeKept(writer, scope, parts, name, type);
  });
  writer.newLine();
}

function writePlainValue(
  writer: CodeBlockWriter,
  scope: Scope,
  { condition, body }: GetterParts,
  name: string,
  isKept: boolean,
): void {
  const set = body[0] === undefined ? null : assignment(body[0]);
  if (set === null)
    throw unknownIn(scope, body[0] ?? valueExpression(scope.module, scope.shape, name), 'value');
  if (condition !== null) {
    // The condition too may ask for much.
    if (isKept) writer.writeLine(`if (this.#${name} !== undefined) return this.#${name};`);
    writer.writeLine(`if (${negation(scope, condition).text}) return undefined;`);
  }
  const { text } = expression(scope, set.right);
  writer.writeLine(isKept ? `return (this.#${name} ??= ${text});` : `return ${text};`);
}

function writeKept(
  writer: CodeBlockWriter,
  scope: Scope,
  parts: GetterParts,
  name: string,
  type: string,
): void {
  const { condition, stream, position, body } = parts;
  writer.writeLine(`if (this.#${name} !== undefined) return this.#${name};`);
  if (condition !== null)
    writer.writeLine(`if (${negation(scope, condition).text}) return undefined;`);
  const branches = body.some(
    (statement) => ts.isSwitchStatement(statement) || ts.isBlock(statement),
  );
  const writeBody = (inner: Scope) => {
    if (branches) writer.writeLine(`let value: ${type};`);
    writeStatements(writer, { ...inner, result: branches ? 'declared' : 'const' }, body);
  };
  if (position === null) {
    writeBody(scope);
    writer.writeLine(`return (this.#${name} = value);`);
    return;
  }
  const on = stream === null ? scope.ownStream : expression(scope, stream).text;
  // With an `io` of its own the instance reads that; expressions still mean the structure's.
  const inner = within(scope, {
    stream: 'io',
    ownStream: stream === null ? 'io' : scope.ownStream,
  });
  inner.names.set('io', atom('io', STREAM));
  writer.write(
    `return (this.#${name} = ${on}.at(${expression(scope, position).text}, ${whereText(scope)}, (io) => `,
  );
  const single = singleValue(body);
  if (single !== null) {
    writer.write(expression(inner, single).text);
  } else {
    writer.inlineBlock(() => {
      writeBody(inner);
      writer.writeLine('return value;');
    });
  }
  writer.write('));').newLine();
}

/** The value when the body is nothing but it. */
function singleValue(body: readonly ts.Statement[]): ts.Expression | null {
  const [only, ...others] = body;
  const set = only === undefined || others.length > 0 ? null : assignment(only);
  return set === null || ts.isArrayLiteralExpression(set.right) ? null : set.right;
}
