// Step 5f: the checks of `valid` and `contents`, with errors that say field, value and rule.
import { type CodeBlockWriter, ts } from 'ts-morph';
import { expression, negation } from './expressions.js';
import { attributeOf } from './members.js';
import { use } from './module.js';
import { lowerCamel } from './names.js';
import { quoted, type Scope, unknownIn, whereText } from './scope.js';
import type { ClassShape } from './shape.js';

/** Kaitai's errors of `valid`; those with a bound have it as their first argument. */
const CHECKS: Readonly<Record<string, boolean>> = {
  ValidationNotEqualError: true,
  ValidationLessThanError: true,
  ValidationGreaterThanError: true,
  ValidationNotAnyOfError: false,
  ValidationNotInEnumError: false,
  ValidationExprError: false,
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
  const name = error.expression.getText().replace('KaitaiStream.', '');
  const hasBound = CHECKS[name];
  const args = error.arguments ?? [];
  const path = args.at(-1);
  const member =
    path !== undefined && ts.isStringLiteral(path) ? memberAt(outer.shape, path.text) : null;
  if (member === null) throw unknownIn(outer, thrown, 'check');
  const scope = { ...outer, where: `${outer.shape.name}.${member}` };
  const actual = args.at(-3);
  const bound = args.length === 4 ? args[0] : undefined;
  if (hasBound !== (bound !== undefined) || actual === undefined)
    throw unknownIn(scope, thrown, 'check');
  const wrong = isNegation ? negation(scope, condition.operand) : expression(scope, condition);
  const value = expression(scope, actual).text;
  const where = whereText(scope);
  const { module, shape } = scope;
  const bounds = bound === undefined ? [] : [expression(scope, bound).text];
  const isMagic = attributeOf(shape, member)?.contents !== undefined;
  const code = isMagic ? [quoted('BAD_MAGIC')] : [];
  const call = [...bounds, value, scope.stream, where, ...code].join(', ');
  writer.write(`if (${wrong.text}) `).inlineBlock(() => {
    writer.writeLine(`throw new ${use(module, name)}(${call});`);
  });
  writer.newLine();
}

/** The member that a path of the compiler's means: `/types/inode/seq/3`, `/instances/magic`. */
function memberAt(shape: ClassShape, path: string): string | null {
  const [, index, instance] = /\/(?:seq\/(\d+)|instances\/(\w+))$/u.exec(path) ?? [];
  const id = instance ?? shape.spec.seq?.[Number(index)]?.id;
  return id === undefined ? null : lowerCamel(id);
}
