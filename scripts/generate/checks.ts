// Step 5f: the checks of `valid` and `contents`, with errors that say field, value and rule.
import { type CodeBlockWriter, ts } from 'ts-morph';
import { expression, negation } from './expressions.js';
import { attributeOf } from './members.js';
import { use } from './module.js';
import { lowerCamel } from './names.js';
import { quoted, type Scope, unknownIn, whereText } from './scope.js';
import type { ClassShape } from './shape.js';

/** The rule that did not hold, to be read after the value: with the bound if it is a literal, and without. */
const RULES: Readonly<Record<string, readonly [literal: string, computed: string]>> = {
  ValidationNotEqualError: ['is not', 'is not the expected value'],
  ValidationLessThanError: ['is less than', 'is too small'],
  ValidationGreaterThanError: ['is greater than', 'is too large'],
  ValidationNotAnyOfError: ['', 'is not an allowed value'],
  ValidationNotInEnumError: ['', 'is not a known value'],
  ValidationExprError: ['', 'is not valid'],
};

/** `valid` and `contents`: `if (!(cond)) { throw new KaitaiStream.XError(expected?, actual, io, path) }`. */
export function writeCheck(
  writer: CodeBlockWriter,
  outer: Scope,
  condition: ts.Expression,
  thrown: ts.ThrowStatement,
): void {
  const error = thrown.expression;
  const isNegation =
    ts.isPrefixUnaryExpression(condition) && condition.operator === ts.SyntaxKind.ExclamationToken;
  if (error === undefined || !ts.isNewExpression(error)) throw unknownIn(outer, thrown, 'check');
  const rule = RULES[error.expression.getText().replace('KaitaiStream.', '')];
  const args = error.arguments ?? [];
  const path = args.at(-1);
  const member =
    path !== undefined && ts.isStringLiteral(path) ? memberAt(outer.shape, path.text) : null;
  if (member === null) throw unknownIn(outer, thrown, 'check');
  const scope = { ...outer, where: `${outer.shape.name}.${member}` };
  const actual = args.at(-3);
  if (rule === undefined || actual === undefined) throw unknownIn(scope, thrown, 'check');
  const wrong = isNegation ? negation(scope, condition.operand) : expression(scope, condition);
  const value = expression(scope, actual).text;
  const where = whereText(scope);
  const { module, shape } = scope;
  const isMagic = attributeOf(shape, member)?.contents !== undefined;
  const call = isMagic
    ? `${use(module, 'badMagic')}(${where}, ${value}, ${scope.stream})`
    : `${use(module, 'invalid')}(${where}, ${value}, ${ruleText(scope, rule, args)}, ${scope.stream})`;
  writer.write(`if (${wrong.text}) `).inlineBlock(() => {
    writer.writeLine(`throw ${call};`);
  });
  writer.newLine();
}

/** The member that a path of the compiler's means: `/types/inode/seq/3`, `/instances/magic`. */
function memberAt(shape: ClassShape, path: string): string | null {
  const [, index, instance] = /\/(?:seq\/(\d+)|instances\/(\w+))$/u.exec(path) ?? [];
  const id = instance ?? shape.spec.seq?.[Number(index)]?.id;
  return id === undefined ? null : lowerCamel(id);
}

function ruleText(
  scope: Scope,
  [literal, computed]: readonly [string, string],
  args: readonly ts.Expression[],
): string {
  const expected = args.length === 4 ? args[0] : undefined;
  if (expected === undefined) return quoted(computed);
  const { text } = expression(scope, expected);
  return /^-?\d+n?$/u.test(text) ? quoted(`${literal} ${text.replace('n', '')}`) : quoted(computed);
}
