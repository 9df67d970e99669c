// Step 5b: expressions. Each is recognised, given a kind and written anew; integers become exact. An expression of an unknown
// form is an error: nothing of the compiler's text is copied through.
import { ts } from 'ts-morph';
import { construction, element, property } from './accesses.js';
import { call } from './calls.js';
import {
  BOOL,
  big,
  bitsOf,
  FLOAT,
  INT,
  isInteger,
  type Kind,
  MAX_BITS,
  resultBits,
  STRING,
} from './kinds.js';
import { unionOf } from './members.js';
import { use } from './module.js';
import {
  atom,
  type Binding,
  type Code,
  compound,
  leftOperand,
  operand,
  quoted,
  type Recursion,
  type Scope,
  unknownIn,
  whereText,
} from './scope.js';
import { bare } from './syntax.js';

const K = ts.SyntaxKind;
/** The farthest that the run time shifts. */
const MAX_SHIFT = 63;

/** Calls and accesses have expressions in them. */
const RECURSION: Recursion = { expression, bigCode };

/** The code of an expression. */
export function expression(scope: Scope, wrapped: ts.Expression): Code {
  const node = bare(wrapped);
  const named = scope.names.get(node.getText());
  if (named !== undefined) return named;
  if (ts.isNumericLiteral(node)) return number(node.getText());
  if (ts.isStringLiteral(node)) return atom(quoted(node.text), STRING);
  if (node.kind === K.TrueKeyword) return atom('true', BOOL);
  if (node.kind === K.FalseKeyword) return atom('false', BOOL);
  if (node.kind === K.ThisKeyword) return atom(scope.self, { t: 'object', classes: [scope.shape] });
  if (ts.isArrayLiteralExpression(node)) return list(scope, node);
  if (ts.isPrefixUnaryExpression(node)) return unary(scope, node);
  if (ts.isConditionalExpression(node)) return conditional(scope, node);
  if (ts.isBinaryExpression(node)) {
    return binary(scope, node, expression(scope, node.left), expression(scope, node.right));
  }
  if (ts.isPropertyAccessExpression(node)) return property(scope, node, RECURSION);
  if (ts.isElementAccessExpression(node)) return element(scope, node, RECURSION);
  if (ts.isNewExpression(node)) return construction(scope, node, RECURSION);
  if (ts.isCallExpression(node)) return call(scope, node, RECURSION);
  throw unknown(scope, node);
}

/** An integer expression as a bigint. */
export function bigCode(scope: Scope, node: ts.Expression): Code {
  return asBig(scope, node, expression(scope, node));
}

/**
 * The code of an integer expression as a bigint. It takes the code that is there already: were each operand written a
 * second time for its wider kind, a sum of n terms would take 2^n visits.
 */
function asBig(scope: Scope, wrapped: ts.Expression, code: Code): Code {
  const node = bare(wrapped);
  if (ts.isNumericLiteral(node) && !node.getText().includes('.')) return bigLiteral(node.getText());
  if (isNegativeLiteral(node)) {
    const { text, kind } = bigLiteral(node.operand.getText());
    return compound(`-${text}`, kind, 'unary');
  }
  if (code.kind.t === 'big') return code;
  if (code.kind.t === 'int') {
    return atom(`${use(scope.module, 'big')}(${code.text})`, big(bitsOf(code.kind)));
  }
  throw unknown(scope, node, 'integer');
}

function unknown(scope: Scope, node: ts.Node, what = 'expression') {
  return unknownIn(scope, node, what);
}

function bigLiteral(text: string): Code {
  const value = BigInt(text);
  return atom(`${value}n`, big(value.toString(2).length));
}

function number(text: string): Code {
  if (/[.eE]/u.test(text) && !text.startsWith('0x')) return atom(text, FLOAT);
  const value = BigInt(text);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? bigLiteral(text) : atom(String(value), INT);
}

function isNegativeLiteral(
  node: ts.Expression,
): node is ts.PrefixUnaryExpression & { readonly operand: ts.NumericLiteral } {
  return (
    ts.isPrefixUnaryExpression(node) &&
    node.operator === K.MinusToken &&
    ts.isNumericLiteral(node.operand) &&
    !node.operand.getText().includes('.')
  );
}

function list(scope: Scope, node: ts.ArrayLiteralExpression): Code {
  const codes = node.elements.map((inner) => expression(scope, inner));
  const isWide = codes.some(({ kind }) => kind.t === 'big');
  const texts = node.elements.map((inner, i) => {
    const code = codes[i] ?? expression(scope, inner);
    return (isWide ? asBig(scope, inner, code) : code).text;
  });
  const of = isWide ? big(Math.max(...codes.map(({ kind }) => bitsOf(kind)))) : codes[0]?.kind;
  return atom(`[${texts.join(', ')}]`, { t: 'list', of: of ?? INT });
}

function unary(scope: Scope, node: ts.PrefixUnaryExpression): Code {
  switch (node.operator) {
    case K.ExclamationToken:
      return negation(scope, node.operand);
    case K.MinusToken: {
      const inner = expression(scope, node.operand);
      if (isNegativeLiteral(node)) return compound(`-${inner.text}`, inner.kind, 'unary');
      const code = inner.kind.t === 'float' ? inner : asBig(scope, node.operand, inner);
      return compound(`-${operand(code, 'unary')}`, code.kind, 'unary');
    }
    case K.TildeToken:
      return inverted(scope, bigCode(scope, node.operand));
    default:
      throw unknown(scope, node, 'operator');
  }
}

const INVERSE = new Map([
  ['<', '>='],
  ['<=', '>'],
  ['>', '<='],
  ['>=', '<'],
  ['===', '!=='],
  ['!==', '==='],
]);

/** `!(a <= b)` as `a > b`: for floats, which may be NaN, that would be something else. */
export function negation(scope: Scope, wrapped: ts.Expression): Code {
  const node = bare(wrapped);
  if (!ts.isBinaryExpression(node)) return not(expression(scope, node));
  const [l, r] = [expression(scope, node.left), expression(scope, node.right)];
  const sign = INVERSE.get(COMPARISONS.get(node.operatorToken.kind) ?? '');
  const isInverted = sign !== undefined && l.kind.t !== 'float' && r.kind.t !== 'float';
  return isInverted ? compare(scope, node, sign, l, r) : not(binary(scope, node, l, r));
}

function not(code: Code): Code {
  return compound(`!${operand(code, 'unary')}`, BOOL, 'unary');
}

function conditional(scope: Scope, node: ts.ConditionalExpression): Code {
  const condition = operand(expression(scope, node.condition), 'choice');
  let [yes, no] = [expression(scope, node.whenTrue), expression(scope, node.whenFalse)];
  if (isInteger(yes.kind) && isInteger(no.kind) && yes.kind.t !== no.kind.t) {
    [yes, no] = [asBig(scope, node.whenTrue, yes), asBig(scope, node.whenFalse, no)];
  }
  // `a ? b : c ? d : e` reads as a list of cases.
  const otherwise = no.binding === 'choice' ? no.text : operand(no, 'choice');
  const text = `${condition} ? ${operand(yes, 'choice')} : ${otherwise}`;
  return compound(text, unionOf([yes.kind, no.kind]), 'choice');
}

const COMPARISONS = new Map<ts.SyntaxKind, string>([
  [K.LessThanToken, '<'],
  [K.LessThanEqualsToken, '<='],
  [K.GreaterThanToken, '>'],
  [K.GreaterThanEqualsToken, '>='],
  [K.EqualsEqualsToken, '==='],
  [K.ExclamationEqualsToken, '!=='],
]);

const ARITHMETIC = new Map<ts.SyntaxKind, readonly [sign: string, binding: Binding]>([
  [K.PlusToken, ['+', 'sum']],
  [K.MinusToken, ['-', 'sum']],
  [K.AsteriskToken, ['*', 'product']],
  [K.SlashToken, ['/', 'product']],
  [K.AmpersandToken, ['&', 'bits']],
  [K.BarToken, ['|', 'bits']],
  [K.CaretToken, ['^', 'bits']],
]);

const SHIFTS = new Map<ts.SyntaxKind, string>([
  [K.LessThanLessThanToken, 'shl'],
  [K.GreaterThanGreaterThanToken, 'shr'],
  [K.GreaterThanGreaterThanGreaterThanToken, 'shr'],
]);

function binary(scope: Scope, node: ts.BinaryExpression, l: Code, r: Code): Code {
  const operator = node.operatorToken.kind;
  if (operator === K.AmpersandAmpersandToken) return joined(l, '&&', r, BOOL, 'and');
  if (operator === K.BarBarToken) return joined(l, '||', r, BOOL, 'or');
  const comparison = COMPARISONS.get(operator);
  if (comparison !== undefined) return compare(scope, node, comparison, l, r);
  const shift = SHIFTS.get(operator);
  if (shift !== undefined) {
    const [value, distance] = bigOperands(scope, node, l, r);
    const args = [value.text, distance.text, whereText(scope)];
    // The run time checks value and distance.
    return atom(
      `${use(scope.module, shift)}(${args.join(', ')})`,
      shiftedKind(shift, value, node.right),
    );
  }
  return arithmetic(scope, node, l, r);
}

function arithmetic(scope: Scope, node: ts.BinaryExpression, l: Code, r: Code): Code {
  const [sign, binding] = ARITHMETIC.get(node.operatorToken.kind) ?? [];
  if (sign === undefined || binding === undefined) throw unknown(scope, node, 'operator');
  // The compiler's way to make an integer of a flag.
  if (l.kind.t === 'bool' && sign === '|') return atom(`Number(${l.text})`, INT);
  if (sign === '+' && l.kind.t === 'string' && r.kind.t === 'string') {
    const parts = [...(l.parts ?? [l.text]), ...(r.parts ?? [r.text])];
    const text = `${use(scope.module, 'concat')}(${[whereText(scope), ...parts].join(', ')})`;
    return { ...atom(text, STRING), parts };
  }
  if (l.kind.t === 'float' || r.kind.t === 'float') {
    return joined(asFloat(l), sign, asFloat(r), FLOAT, binding);
  }
  // Integers divide by `Math.floor(a / b)` only.
  if (sign === '/') throw unknown(scope, node, 'operator');
  const [left, right] = bigOperands(scope, node, l, r);
  const bits = resultBits(sign, bitsOf(left.kind), bitsOf(right.kind));
  return narrowed(scope, joined(left, sign, right, big(bits), binding), bits);
}

/** A result that may be wider than any value is checked; no field and no sum of some fields is. */
function narrowed(scope: Scope, code: Code, bits: number): Code {
  if (bits <= MAX_BITS) return code;
  return atom(`${use(scope.module, 'narrow')}(${code.text}, ${whereText(scope)})`, code.kind);
}

function inverted(scope: Scope, code: Code): Code {
  const bits = bitsOf(code.kind) + 1;
  return narrowed(scope, compound(`~${operand(code, 'unary')}`, big(bits), 'unary'), bits);
}

function shiftedKind(shift: string, value: Code, distance: ts.Expression): Kind {
  const bits = bitsOf(value.kind);
  if (shift === 'shr') return value.kind;
  const node = bare(distance);
  return big(bits + (ts.isNumericLiteral(node) ? Number(node.getText()) : MAX_SHIFT));
}

function bigOperands(
  scope: Scope,
  { left, right }: ts.BinaryExpression,
  l: Code,
  r: Code,
): readonly [Code, Code] {
  return [asBig(scope, left, l), asBig(scope, right, r)];
}

function joined(l: Code, sign: string, r: Code, kind: Kind, binding: Binding): Code {
  return compound(`${leftOperand(l, binding)} ${sign} ${operand(r, binding)}`, kind, binding);
}

function compare(scope: Scope, node: ts.BinaryExpression, sign: string, l: Code, r: Code): Code {
  if (isInteger(l.kind) && isInteger(r.kind) && l.kind.t !== r.kind.t) {
    const [left, right] = bigOperands(scope, node, l, r);
    return joined(left, sign, right, BOOL, 'compare');
  }
  if (l.kind.t === 'float' || r.kind.t === 'float') {
    return joined(asFloat(l), sign, asFloat(r), BOOL, 'compare');
  }
  if (l.kind.t !== r.kind.t || !['int', 'big', 'bool', 'string'].includes(l.kind.t)) {
    throw unknown(scope, node, `comparison of ${l.kind.t} and ${r.kind.t}`);
  }
  return joined(l, sign, r, BOOL, 'compare');
}

function asFloat(code: Code): Code {
  return code.kind.t === 'float' ? code : atom(`Number(${code.text})`, FLOAT);
}
