// Step 5e: statements: reads, checks and loops. Each is recognised and written anew.
import { type CodeBlockWriter, ts } from 'ts-morph';
import { writeCheck } from './checks.js';
import { expression } from './expressions.js';
import { BYTES, INT, type Kind, typeText } from './kinds.js';
import { attributeOf } from './members.js';
import { use } from './module.js';
import { upperCamel } from './names.js';
import { atom, type Code, compound, type Scope, unknownIn, whereText, within } from './scope.js';
import { minItemBytes } from './sizes.js';
import { assignment, callStatement, descendants, statementsOf, variable } from './syntax.js';

/** Writes the statements of a block; the names that they declare stay in it. */
export function writeStatements(
  writer: CodeBlockWriter,
  outer: Scope,
  statements: readonly ts.Statement[],
): void {
  const scope = within(outer);
  for (const statement of statements) writeStatement(writer, atField(scope, statement), statement);
}

/** The scope of a statement: errors in it name the field that it sets. */
function atField(scope: Scope, statement: ts.Statement): Scope {
  const member = memberSet(statement);
  return member === null ? scope : { ...scope, where: `${scope.shape.name}.${member}` };
}

/** The field that a statement sets, somewhere in it. */
function memberSet(statement: ts.Statement): string | null {
  return /\bthis\.(?:_raw_|_m_)*(\w+)(?: = |\.push\()/u.exec(statement.getText())?.[1] ?? null;
}

function writeStatement(writer: CodeBlockWriter, scope: Scope, statement: ts.Statement): void {
  if (ts.isBlock(statement)) {
    writer.inlineBlock(() => writeStatements(writer, scope, statement.statements)).newLine();
    return;
  }
  if (ts.isVariableStatement(statement)) writeVariable(writer, scope, statement);
  else if (ts.isIfStatement(statement)) writeIf(writer, scope, statement);
  else if (ts.isSwitchStatement(statement)) writeSwitch(writer, scope, statement);
  else if (ts.isForStatement(statement)) writeCountedLoop(writer, scope, statement);
  else if (ts.isWhileStatement(statement) || ts.isDoStatement(statement)) {
    writeOpenLoop(writer, scope, statement);
  } else if (!writeAssignment(writer, scope, statement) && !writeCall(writer, scope, statement)) {
    throw unknown(scope, statement);
  }
}

function unknown(scope: Scope, node: ts.Node) {
  return unknownIn(scope, node, 'statement');
}

/** The name of a local: `_io__raw_body` -> `ioRawBody`. */
function localName(name: string): string {
  if (name === '_') return 'it';
  const camel = upperCamel(name);
  return camel.slice(0, 1).toLowerCase() + camel.slice(1);
}

function writeVariable(
  writer: CodeBlockWriter,
  scope: Scope,
  statement: ts.VariableStatement,
): void {
  const declared = variable(statement);
  if (declared === null) throw unknown(scope, statement);
  // The compiler's loop counter: ours belongs to its loop.
  if (declared.name === 'i') return;
  const code = expression(scope, declared.value);
  // `valid: expr` calls the field `_`.
  if (ts.isPropertyAccessExpression(declared.value)) {
    scope.names.set(declared.name, code);
    return;
  }
  declareLocal(writer, scope, declared.name, localName(declared.name), code);
}

function declareLocal(
  writer: CodeBlockWriter,
  scope: Scope,
  key: string,
  name: string,
  code: Code,
) {
  writer.writeLine(`const ${name} = ${code.text};`);
  scope.names.set(key, atom(name, code.kind));
}

/** `this.x = E`, `this._raw_x = E`, `this._m_x = E`. */
function writeAssignment(writer: CodeBlockWriter, scope: Scope, statement: ts.Statement): boolean {
  const set = assignment(statement);
  if (set === null || !ts.isPropertyAccessExpression(set.left)) return false;
  if (set.left.expression.kind !== ts.SyntaxKind.ThisKeyword) return false;
  const [target, name] = [set.left.getText(), set.left.name.text];
  const isEmptyList = ts.isArrayLiteralExpression(set.right) && set.right.elements.length === 0;
  if (name.startsWith('_raw_')) {
    if (!isEmptyList)
      declareLocal(writer, scope, target, localName(name), expression(scope, set.right));
    return true;
  }
  const member = name.replace(/^_m_/u, '');
  const { kind } = scope.module.member(scope.shape, member);
  const value = isEmptyList ? '[]' : expression(scope, set.right).text;
  writeTarget(writer, scope, target, member, value, kind);
  return true;
}

/** In a constructor the target is the field; in a getter it is the local `value`. */
function writeTarget(
  writer: CodeBlockWriter,
  scope: Scope,
  target: string,
  member: string,
  value: string,
  kind: Kind,
): void {
  if (scope.result === undefined) {
    writer.writeLine(`this.${member} = ${value};`);
    scope.names.set(target, atom(`this.${member}`, kind));
    return;
  }
  const head =
    scope.result === 'declared'
      ? 'value'
      : `const value${value === '[]' ? `: ${typeText(kind)}` : ''}`;
  writer.writeLine(`${head} = ${value};`);
  scope.names.set(target, atom('value', kind));
}

function writeCall(writer: CodeBlockWriter, scope: Scope, statement: ts.Statement): boolean {
  const found = callStatement(statement);
  if (found === null) return false;
  const { on, method, args } = found;
  const [argument] = args;
  if (method === 'alignToByte') {
    writer.writeLine(`${expression(scope, on).text}.alignToByte();`);
    return true;
  }
  if (method !== 'push' || argument === undefined) return false;
  const list = on.getText();
  const raw = /^this\.(_raw_\w+)$/u.exec(list)?.[1];
  const code = expression(scope, argument);
  if (raw === undefined) writer.writeLine(`${expression(scope, on).text}.push(${code.text});`);
  else declareLocal(writer, scope, `${list}[i]`, localName(raw), atom(code.text, BYTES));
  return true;
}

function writeIf(writer: CodeBlockWriter, scope: Scope, statement: ts.IfStatement): void {
  const [first] = statementsOf(statement.thenStatement);
  if (first !== undefined && ts.isThrowStatement(first)) {
    writeCheck(writer, scope, statement.expression, first);
    return;
  }
  writer.write(`if (${expression(scope, statement.expression).text}) `);
  writer.inlineBlock(() => writeStatements(writer, scope, statementsOf(statement.thenStatement)));
  const otherwise = statement.elseStatement;
  if (otherwise !== undefined) {
    writer
      .write(' else ')
      .inlineBlock(() => writeStatements(writer, scope, statementsOf(otherwise)));
  }
  writer.newLine();
}

function writeSwitch(writer: CodeBlockWriter, scope: Scope, statement: ts.SwitchStatement): void {
  const on = expression(scope, statement.expression);
  writer.write(`switch (${on.text}) `).inlineBlock(() => {
    for (const clause of statement.caseBlock.clauses) {
      const head = ts.isCaseClause(clause)
        ? `case ${caseText(scope, on, clause.expression)}`
        : 'default';
      writer.write(`${head}: `).inlineBlock(() => {
        const body = clause.statements.filter((inner) => !ts.isBreakStatement(inner));
        writeStatements(writer, scope, body);
        writer.writeLine('break;');
      });
      writer.newLine();
    }
  });
  writer.newLine();
}

/** A case of a bigint must be one: `===` between the two kinds never holds. */
function caseText(scope: Scope, on: Code, node: ts.Expression): string {
  const { text, kind } = expression(scope, node);
  if (on.kind.t !== 'big' || kind.t === 'big') return text;
  return /^-?\d+$/u.test(text) ? `${text}n` : `${use(scope.module, 'big')}(${text})`;
}

/** `repeat: expr`: the count is checked before the loop, and taken once. */
function writeCountedLoop(writer: CodeBlockWriter, scope: Scope, statement: ts.ForStatement): void {
  const { condition } = statement;
  if (condition === undefined || !ts.isBinaryExpression(condition)) throw unknown(scope, statement);
  const limit = expression(scope, condition.right);
  const attribute = attributeOf(scope.shape, memberSet(statement) ?? '');
  if (attribute === null) throw unknown(scope, statement);
  const { root } = scope.module.specification;
  const count = `${scope.stream}.count(${limit.text}, ${minItemBytes(root, scope.shape.path, attribute)}, ${whereText(scope)})`;
  writer.write(`for (let i = 0, n = ${count}; i < n; i++) `);
  writer.inlineBlock(() =>
    writeStatements(writer, withCounter(scope), statementsOf(statement.statement)),
  );
  writer.newLine();
}

function withCounter(scope: Scope): Scope {
  const inner = within(scope);
  inner.names.set('i', atom('i', INT));
  return inner;
}

/** `repeat: eos` and `repeat: until`: each turn must move the stream. */
function writeOpenLoop(
  writer: CodeBlockWriter,
  scope: Scope,
  statement: ts.WhileStatement | ts.DoStatement,
): void {
  const body = statementsOf(statement.statement).filter((inner) => inner.getText() !== 'i++;');
  const isUntil = ts.isDoStatement(statement);
  const condition = isUntil ? '' : expression(scope, statement.expression).text;
  if (!isUntil && !/^!.*\.isEof\(\)$/u.test(condition)) throw unknown(scope, statement);
  const nodes: readonly ts.Node[] = isUntil ? [...body, statement.expression] : body;
  if (nodes.some(countsTurns)) writer.write(`for (let i = 0; ${condition}; i++) `);
  else writer.write(isUntil ? 'for (;;) ' : `while (${condition}) `);
  const inner = withCounter(scope);
  writer.inlineBlock(() => {
    writer.writeLine(`const start = ${scope.stream}.progress;`);
    // Not writeStatements: the condition of `until` sees the names of the body.
    for (const turn of body) writeStatement(writer, atField(inner, turn), turn);
    writer.writeLine(`${scope.stream}.step(start, ${whereText(scope)});`);
    if (!isUntil) return;
    const until = statement.expression;
    if (!ts.isPrefixUnaryExpression(until)) throw unknown(scope, statement);
    // The compiler has counted the turn already when it looks at the condition.
    inner.names.set('i', compound('i + 1', INT, 'sum'));
    writer.writeLine(`if (${expression(inner, until.operand).text}) break;`);
  });
  writer.newLine();
}

/** Whether the turn's number is used, other than to find the raw bytes that belong to it. */
function countsTurns(body: ts.Node): boolean {
  return [body, ...descendants(body)].some(
    (node) =>
      ts.isIdentifier(node) &&
      node.text === 'i' &&
      !/^this\._raw_\w+\[i\]$/u.test(node.parent.getText()),
  );
}
