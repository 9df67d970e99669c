// Step 5c: calls, as the compiler writes them: reads of the stream, conversions, and helpers of Kaitai's run time.
import { ts } from 'ts-morph';
import { ENCODINGS } from '../../src/kaitai/index.js';
import { BIG, BOOL, BYTES, big, bitsOf, FLOAT, INT, type Kind, MAX_BITS, STRING } from './kinds.js';
import { use } from './module.js';
import {
  atom,
  type Code,
  operand,
  type Recursion,
  type Scope,
  type StreamCall,
  unknownIn,
  whereText,
} from './scope.js';
import { resolveClass } from './shape.js';
import { bare, methodCall } from './syntax.js';

export function call(scope: Scope, node: ts.CallExpression, recursion: Recursion): Code {
  const found = helperCall(scope, node, recursion) ?? methodCallCode(scope, node, recursion);
  if (found === null) throw unknownIn(scope, node, 'call');
  return found;
}

/** Calls of a function with a fixed name. */
function helperCall(
  scope: Scope,
  node: ts.CallExpression,
  { expression, bigCode }: Recursion,
): Code | null {
  const { module } = scope;
  const [a, b, c] = node.arguments;
  if (a === undefined) return null;
  const where = whereText(scope);
  const first = () => expression(scope, a).text;
  switch (node.expression.getText()) {
    case 'Math.floor': {
      // The compiler's integer division.
      const division = bare(a);
      if (
        !ts.isBinaryExpression(division) ||
        division.operatorToken.kind !== ts.SyntaxKind.SlashToken
      )
        return null;
      const [dividend, divisor] = [bigCode(scope, division.left), bigCode(scope, division.right)];
      return atom(
        `${use(module, 'div')}(${dividend.text}, ${divisor.text}, ${where})`,
        big(bitsOf(dividend.kind) + 1),
      );
    }
    case 'KaitaiStream.mod': {
      if (b === undefined) return null;
      const [dividend, divisor] = [bigCode(scope, a), bigCode(scope, b)];
      return atom(
        `${use(module, 'mod')}(${dividend.text}, ${divisor.text}, ${where})`,
        divisor.kind,
      );
    }
    case 'KaitaiStream.byteArrayCompare':
      if (b === undefined) return null;
      return atom(`${use(module, 'compareBytes')}(${first()}, ${expression(scope, b).text})`, INT);
    case 'KaitaiStream.bytesToStr':
      return b !== undefined && ts.isStringLiteral(b) ? decoded(scope, first(), b.text) : null;
    case 'KaitaiStream.bytesTerminate':
    case 'KaitaiStream.bytesTerminateMulti':
      if (b === undefined || c === undefined) return null;
      return atom(`${use(module, 'terminate')}(${first()}, [${unit(b)}], ${flag(c)})`, BYTES);
    case 'KaitaiStream.bytesStripRight':
      if (b === undefined) return null;
      return atom(`${use(module, 'stripRight')}(${first()}, ${expression(scope, b).text})`, BYTES);
    case 'KaitaiStream.processZlib':
      return atom(`${scope.stream}.inflate(${first()}, ${where})`, BYTES);
    case 'KaitaiStream.processXorOne':
      if (b === undefined) return null;
      return atom(`${scope.stream}.xor(${first()}, ${expression(scope, b).text}, ${where})`, BYTES);
    case 'KaitaiStream.arrayMax':
    case 'KaitaiStream.arrayMin':
      return extreme(scope, expression(scope, a), node.expression.getText().endsWith('Max'));
    case 'Number.parseInt':
      if (b === undefined) return null;
      return atom(
        `${use(module, 'toInteger')}(${first()}, ${expression(scope, b).text}, ${where})`,
        big(MAX_BITS),
      );
    case 'Object.prototype.hasOwnProperty.call':
      return b === undefined ? null : enumMember(scope, a, expression(scope, b));
    default:
      return null;
  }
}

function decoded(scope: Scope, bytes: string, encoding: string): Code | null {
  if (!ENCODINGS.some((known) => known === encoding)) return null;
  return atom(`${use(scope.module, 'decode')}(${bytes}, '${encoding}')`, STRING);
}

/** The bytes of a terminator: `0` or `new Uint8Array([0, 0])`. */
function unit(node: ts.Expression): string {
  const list = ts.isNewExpression(node) ? node.arguments?.[0] : undefined;
  if (list === undefined || !ts.isArrayLiteralExpression(list))
    return String(Number(node.getText()));
  return list.elements.map((byte) => Number(byte.getText())).join(', ');
}

function flag(node: ts.Expression): boolean {
  return node.kind === ts.SyntaxKind.TrueKeyword;
}

function extreme(scope: Scope, list: Code, isMax: boolean): Code | null {
  if (list.kind.t !== 'list' || !['int', 'big'].includes(list.kind.of.t)) return null;
  const name = use(scope.module, isMax ? 'largest' : 'smallest');
  return atom(`${name}(${list.text}, ${whereText(scope)})`, list.kind.of);
}

function enumMember(scope: Scope, node: ts.Expression, value: Code): Code | null {
  const parts = node.getText().split('.');
  const name = parts.pop() ?? '';
  const found = resolveClass(scope.shape, parts)?.enums.get(name);
  if (found === undefined) return null;
  return atom(`${use(scope.module, 'isMember')}(${found.name}, ${value.text})`, BOOL);
}

function methodCallCode(
  scope: Scope,
  node: ts.CallExpression,
  { expression }: Recursion,
): Code | null {
  const found = methodCall(node);
  if (found === null) return null;
  const { method, args } = found;
  const on = expression(scope, found.on);
  if (on.kind.t === 'stream') {
    const read = { stream: on, method, args };
    return scope.read === undefined ? streamCall(scope, read, expression) : scope.read(scope, read);
  }
  if (method === 'toString' && ['int', 'big', 'float'].includes(on.kind.t)) {
    return atom(`${operand(on, 'atom')}.toString()`, STRING);
  }
  if (method === 'substring' && on.kind.t === 'string' && args.length === 2) {
    const range = args.map((argument) => indexText(expression(scope, argument)));
    return atom(`${operand(on, 'atom')}.substring(${range.join(', ')})`, STRING);
  }
  return null;
}

function indexText({ text, kind }: Code): string {
  return kind.t === 'int' ? text : `Number(${text})`;
}

function streamCall(
  scope: Scope,
  { stream, method, args }: StreamCall,
  expression: Recursion['expression'],
): Code | null {
  const where = whereText(scope);
  const [a, b, c, d] = args;
  const number = numberRead(method, scope.module.followsOrder);
  if (number !== null) return atom(`${stream.text}.${number.method}(${where})`, number.kind);
  const bits = a === undefined ? null : bitsRead(method, a, scope.module.followsOrder);
  if (bits !== null)
    return atom(`${stream.text}.${bits.method}(${bits.width}, ${where})`, bits.kind);
  if (method === 'isEof') return atom(`${stream.text}.isEof()`, BOOL);
  if (method === 'readBytesFull') return atom(`${stream.text}.readBytesFull(${where})`, BYTES);
  if (a === undefined) return null;
  if (method === 'readBytes') {
    const read = ts.isNumericLiteral(a) ? 'take' : 'readBytes';
    return atom(`${stream.text}.${read}(${expression(scope, a).text}, ${where})`, BYTES);
  }
  const isTerminated = method === 'readBytesTerm' || method === 'readBytesTermMulti';
  if (!isTerminated || b === undefined || c === undefined || d === undefined) return null;
  const flags = [b, c, d].map(flag).join(', ');
  return atom(`${stream.text}.readBytesTerm([${unit(a)}], ${flags}, ${where})`, BYTES);
}

/** `readU4le` -> the stream's method; without an order where the file's own order is the stream's. */
export function numberRead(
  method: string,
  followsOrder: boolean,
): { method: string; kind: Kind } | null {
  const [, letter, width, order = ''] = /^read([USF])([1248])(le|be)?$/u.exec(method) ?? [];
  if (letter === undefined) return null;
  const kind = letter === 'F' ? FLOAT : width === '8' ? BIG : INT;
  return { method: followsOrder && order === 'le' ? method.slice(0, -2) : method, kind };
}

export function bitsRead(
  method: string,
  widthNode: ts.Expression,
  followsOrder: boolean,
): { method: string; width: number; kind: Kind } | null {
  const order = /^readBitsInt(Be|Le)$/u.exec(method)?.[1];
  const width = Number(widthNode.getText());
  if (order === undefined || !(width >= 1 && width <= 64)) return null;
  const suffix = followsOrder && order === 'Le' ? '' : order;
  const isWide = width > 32;
  return { method: `read${isWide ? 'Wide' : ''}Bits${suffix}`, width, kind: isWide ? BIG : INT };
}
