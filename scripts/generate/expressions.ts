// Step 5b: expressions. Each is recognised, given a kind and written anew; integers become exact. What is not
// recognised is an error: nothing of the compiler's text is copied through.
import { ts } from 'ts-morph';
import { call } from './calls.js';
import { BIG, BOOL, BYTES, FLOAT, INT, isInteger, type Kind, STREAM, STRING } from './kinds.js';
import { unionOf } from './members.js';
import { keep, keeps, parentsOf, use } from './module.js';
import {
  atom,
  type Binding,
  type Code,
  compound,
  leftOperand,
  operand,
  quoted,
  type Scope,
  unknownIn,
  whereText,
} from './scope.js';
import { type ClassShape, resolveClass } from './shape.js';
import { bare } from './syntax.js';

const K = ts.SyntaxKind;

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
  if (ts.isBinaryExpression(node)) return binary(scope, node);
  if (ts.isPropertyAccessExpression(node)) return property(scope, node);
  if (ts.isElementAccessExpression(node)) return element(scope, node);
  if (ts.isNewExpression(node)) return construction(scope, node);
  if (ts.isCallExpression(node)) return call(scope, node, { expression, bigCode });
  throw unknown(scope, node);
}

/** An integer expression as a bigint. */
export function bigCode(scope: Scope, wrapped: ts.Expression): Code {
  const node = bare(wrapped);
  if (ts.isNumericLiteral(node) && !node.getText().includes('.')) {
    return atom(`${BigInt(node.getText())}n`, BIG);
  }
  if (isNegativeLiteral(node)) return compound(`-${BigInt(node.operand.getText())}n`, BIG, 'unary');
  const code = expression(scope, node);
  if (code.kind.t === 'big') return code;
  if (code.kind.t === 'int') return atom(`${use(scope.module, 'big')}(${code.text})`, BIG);
  throw unknown(scope, node, 'integer');
}

function unknown(scope: Scope, node: ts.Node, what = 'expression') {
  return unknownIn(scope, node, what);
}

function number(text: string): Code {
  if (/[.eE]/u.test(text) && !text.startsWith('0x')) return atom(text, FLOAT);
  const value = BigInt(text);
  return value > BigInt(Number.MAX_SAFE_INTEGER)
    ? atom(`${value}n`, BIG)
    : atom(String(value), INT);
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
  const texts = node.elements.map((inner, i) =>
    isWide ? bigCode(scope, inner).text : (codes[i]?.text ?? ''),
  );
  return atom(`[${texts.join(', ')}]`, { t: 'list', of: isWide ? BIG : (codes[0]?.kind ?? INT) });
}

function unary(scope: Scope, node: ts.PrefixUnaryExpression): Code {
  switch (node.operator) {
    case K.ExclamationToken:
      return negation(scope, node.operand);
    case K.MinusToken: {
      const inner = expression(scope, node.operand);
      if (isNegativeLiteral(node)) return compound(`-${inner.text}`, inner.kind, 'unary');
      const code = inner.kind.t === 'float' ? inner : bigCode(scope, node.operand);
      return compound(`-${operand(code, 'unary')}`, code.kind, 'unary');
    }
    case K.TildeToken:
      return compound(`~${operand(bigCode(scope, node.operand), 'unary')}`, BIG, 'unary');
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
  if (ts.isBinaryExpression(node)) {
    const sign = INVERSE.get(COMPARISONS.get(node.operatorToken.kind) ?? '');
    const [l, r] = [expression(scope, node.left), expression(scope, node.right)];
    if (sign !== undefined && l.kind.t !== 'float' && r.kind.t !== 'float') {
      return compare(scope, node, sign, l, r);
    }
  }
  return compound(`!${operand(expression(scope, node), 'unary')}`, BOOL, 'unary');
}

function conditional(scope: Scope, node: ts.ConditionalExpression): Code {
  const condition = operand(expression(scope, node.condition), 'choice');
  let [yes, no] = [expression(scope, node.whenTrue), expression(scope, node.whenFalse)];
  if (isInteger(yes.kind) && isInteger(no.kind) && yes.kind.t !== no.kind.t) {
    [yes, no] = [bigCode(scope, node.whenTrue), bigCode(scope, node.whenFalse)];
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

function binary(scope: Scope, node: ts.BinaryExpression): Code {
  const { left, right } = node;
  const operator = node.operatorToken.kind;
  const [l, r] = [expression(scope, left), expression(scope, right)];
  if (operator === K.AmpersandAmpersandToken) return joined(l, '&&', r, BOOL, 'and');
  if (operator === K.BarBarToken) return joined(l, '||', r, BOOL, 'or');
  const comparison = COMPARISONS.get(operator);
  if (comparison !== undefined) return compare(scope, node, comparison, l, r);
  const shift = SHIFTS.get(operator);
  if (shift !== undefined) {
    const args = [bigCode(scope, left).text, bigCode(scope, right).text, whereText(scope)];
    return atom(`${use(scope.module, shift)}(${args.join(', ')})`, BIG);
  }
  return arithmetic(scope, node, l, r);
}

function arithmetic(scope: Scope, node: ts.BinaryExpression, l: Code, r: Code): Code {
  const [sign, binding] = ARITHMETIC.get(node.operatorToken.kind) ?? [];
  if (sign === undefined || binding === undefined) throw unknown(scope, node, 'operator');
  // The compiler's way to make an integer of a flag.
  if (l.kind.t === 'bool' && sign === '|') return atom(`Number(${l.text})`, INT);
  if (sign === '+' && l.kind.t === 'string' && r.kind.t === 'string') {
    return joined(l, sign, r, STRING, binding);
  }
  if (l.kind.t === 'float' || r.kind.t === 'float') {
    return joined(asFloat(l), sign, asFloat(r), FLOAT, binding);
  }
  // Integers divide by `Math.floor(a / b)` only.
  if (sign === '/') throw unknown(scope, node, 'operator');
  return joined(bigCode(scope, node.left), sign, bigCode(scope, node.right), BIG, binding);
}

function joined(l: Code, sign: string, r: Code, kind: Kind, binding: Binding): Code {
  return compound(`${leftOperand(l, binding)} ${sign} ${operand(r, binding)}`, kind, binding);
}

function compare(scope: Scope, node: ts.BinaryExpression, sign: string, l: Code, r: Code): Code {
  if (isInteger(l.kind) && isInteger(r.kind) && l.kind.t !== r.kind.t) {
    return joined(bigCode(scope, node.left), sign, bigCode(scope, node.right), BOOL, 'compare');
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

function property(scope: Scope, node: ts.PropertyAccessExpression): Code {
  const text = node.getText();
  if (text === 'this._io') return atom(scope.ownStream, STREAM);
  const label = enumLabel(scope, text);
  if (label !== null) return label;
  const on = expression(scope, node.expression);
  const name = node.name.text;
  if (on.kind.t === 'stream' && name === 'size') return atom(`${on.text}.sizeBytes`, INT);
  if (on.kind.t === 'stream' && name === 'pos') return atom(`${on.text}.pos`, INT);
  if (name === 'length' && ['list', 'string', 'bytes'].includes(on.kind.t)) {
    return atom(`${operand(on, 'atom')}.length`, INT);
  }
  if (on.kind.t !== 'object') throw unknown(scope, node, `member of ${on.kind.t}`);
  return memberAccess(scope, node, on, on.kind.classes, name);
}

function memberAccess(
  scope: Scope,
  node: ts.Node,
  on: Code,
  classes: readonly ClassShape[],
  name: string,
): Code {
  const { module } = scope;
  if (name === '_io') return atom(`${operand(on, 'atom')}._io`, STREAM);
  if (name === '_root' && classes.every((shape) => shape === module.top)) return on;
  if (name === '_root' || name === '_parent') {
    for (const shape of classes) keep(module, shape, name);
    const to =
      name === '_root'
        ? [module.top]
        : [...new Set(classes.flatMap((shape) => parentsOf(module, shape)))];
    if (to.length === 0) throw unknown(scope, node, 'parent');
    return atom(`${operand(on, 'atom')}.${name}`, { t: 'object', classes: to });
  }
  const members = classes.map((shape) => module.member(shape, name));
  const [first] = members;
  if (first === undefined || members.some(({ kind }) => kind.t !== first.kind.t)) {
    throw unknown(scope, node, 'member of several types');
  }
  const kind = unionOf(members.map((member) => member.kind));
  const access = `${operand(on, 'atom')}.${name}`;
  if (!members.some(({ isOptional }) => isOptional)) return atom(access, kind);
  return atom(`${use(module, 'present')}(${access}, ${whereText(scope)})`, kind);
}

/** `Xfs.State.CLEAN` or `Xfs.State`. */
function enumLabel(scope: Scope, text: string): Code | null {
  const parts = text.split('.');
  const [label = '', name = ''] = [parts.pop(), parts.pop()];
  const shape = resolveClass(scope.shape, parts);
  const found = parts.length > 0 ? shape?.enums.get(name) : undefined;
  return found?.members.some((member) => member.label === label) === true
    ? atom(`${found.name}.${label}`, INT)
    : null;
}

function element(scope: Scope, node: ts.ElementAccessExpression): Code {
  const on = expression(scope, node.expression);
  const index = expression(scope, node.argumentExpression);
  const kind = on.kind.t === 'bytes' ? INT : on.kind.t === 'list' ? on.kind.of : null;
  if (kind === null || !isInteger(index.kind)) throw unknown(scope, node);
  return atom(`${use(scope.module, 'item')}(${on.text}, ${index.text}, ${whereText(scope)})`, kind);
}

function construction(scope: Scope, node: ts.NewExpression): Code {
  const { module } = scope;
  const name = node.expression.getText();
  const [first, parent, , ...params] = node.arguments ?? [];
  if (name === 'Uint8Array' && first !== undefined && ts.isArrayLiteralExpression(first)) {
    return atom(
      `Uint8Array.of(${first.elements.map((inner) => expression(scope, inner).text).join(', ')})`,
      BYTES,
    );
  }
  if (first === undefined) throw unknown(scope, node);
  const source = expression(scope, first);
  if (name === 'KaitaiStream') return atom(`${scope.stream}.substream(${source.text})`, STREAM);
  const made = resolveClass(scope.shape, name.split('.'));
  if (made === null || source.kind.t !== 'stream') throw unknown(scope, node, 'class');
  module.made.add(made);
  const args = [source.text];
  if (keeps(module, made, '_parent')) {
    if (parent?.getText() !== 'this') throw unknown(scope, node, 'parent');
    args.push(scope.self);
  }
  if (keeps(module, made, '_root') && made !== module.top) args.push(rootText(scope));
  for (const [i, argument] of params.entries()) args.push(argumentText(scope, made, i, argument));
  return atom(`new ${made.name}(${args.join(', ')})`, { t: 'object', classes: [made] });
}

function rootText(scope: Scope): string {
  if (scope.shape === scope.module.top) return scope.self;
  keep(scope.module, scope.shape, '_root');
  return `${scope.self}._root`;
}

function argumentText(scope: Scope, made: ClassShape, index: number, node: ts.Expression): string {
  const { kind } = scope.module.member(made, made.params[index] ?? '');
  return kind.t === 'big' ? bigCode(scope, node).text : expression(scope, node).text;
}

/** The kind of a value instance, from what its getter assigns. */
export function kindOfExpression(scope: Scope, node: ts.Expression): Kind {
  return expression(scope, node).kind;
}
