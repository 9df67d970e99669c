// The scope of an expression: the structure that it belongs to, the stream that it reads, and the local names.
import type { ts } from 'ts-morph';
import { GenerateError } from './errors.js';
import type { Kind } from './kinds.js';
import type { Module } from './module.js';
import { lowerCamel } from './names.js';
import type { ClassShape } from './shape.js';
import { eachAttribute } from './specification.js';
import { unknownCode } from './syntax.js';

/** The operator at the top of an expression, loosest first: `a + b * c` is a sum. */
export type Binding =
  | 'choice'
  | 'or'
  | 'and'
  | 'compare'
  | 'bits'
  | 'sum'
  | 'product'
  | 'unary'
  | 'atom';

/** TypeScript for an expression. */
export interface Code {
  readonly text: string;
  readonly kind: Kind;
  readonly binding: Binding;
  /** The texts that a concatenation joins. */
  readonly parts?: readonly string[];
}

/** A call of the stream in the compiler's words: `readU4le`, with its arguments. */
export interface StreamCall {
  readonly stream: Code;
  readonly method: string;
  readonly args: readonly ts.Expression[];
}

export interface Scope {
  readonly module: Module;
  readonly shape: ClassShape;
  /** Code of the structure itself: `this`. */
  readonly self: string;
  /** Code of the structure's own stream, `this._io` in the compiler's words. */
  readonly ownStream: string;
  /** Code of the stream that is read. */
  readonly stream: string;
  /** The field for error messages: `Xfs.blockSize`. */
  readonly where: string;
  /** Local names, by the compiler's text: `_`, `i`, `this._raw_body`. */
  readonly names: Map<string, Code>;
  /** In a getter: the value goes to the local `value`, which is declared already or with its assignment. */
  readonly result?: 'declared' | 'const';
  /** Counts the evaluations of all members that an expression asks for. */
  readonly cost?: { evaluations: number };
  /** Replaces reads of the stream: records read at fixed offsets. */
  readonly read?: (scope: Scope, call: StreamCall) => Code;
}

/** The functions of expressions.ts that calls need for their arguments. */
export interface Recursion {
  expression(scope: Scope, node: ts.Expression): Code;
  bigCode(scope: Scope, node: ts.Expression): Code;
}

/** A scope within: what it declares does not leave it. */
export function within(scope: Scope, changes: Partial<Scope> = {}): Scope {
  return { ...scope, names: new Map(scope.names), ...changes };
}

export function atom(text: string, kind: Kind): Code {
  return { text, kind, binding: 'atom' };
}

export function compound(text: string, kind: Kind, binding: Binding): Code {
  return { text, kind, binding };
}

/**
 * For each operator the expressions that may be its operand without parentheses. Fewer than JavaScript allows, so that a
 * reader need not know its rules.
 */
const OPERANDS: Readonly<Record<Binding, readonly Binding[]>> = {
  choice: ['or', 'and', 'compare', 'bits', 'sum', 'product', 'unary', 'atom'],
  or: ['compare', 'unary', 'atom'],
  and: ['compare', 'unary', 'atom'],
  compare: ['sum', 'product', 'unary', 'atom'],
  bits: ['unary', 'atom'],
  sum: ['product', 'atom'],
  product: ['atom'],
  unary: ['atom'],
  atom: ['atom'],
};

/** Code as an operand of an expression of the kind `by`, in parentheses where it needs them. */
export function operand({ text, binding }: Code, by: Binding): string {
  return OPERANDS[by].includes(binding) ? text : `(${text})`;
}

/** Code as the left operand: `a + b + c` needs no parentheses. */
export function leftOperand(code: Code, by: Binding): string {
  return code.binding === by && by !== 'compare' && by !== 'bits' ? code.text : operand(code, by);
}

/** A string as TypeScript's literal. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/gu, '\\$&').replace(/[^\x20-\x7e]/gu, escaped)}'`;
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The last argument of whatever can fail: the field's name. */
export function whereText(scope: Scope): string {
  return quoted(scope.where);
}

/** Code that the compiler is not known to write, with the line of the field that it is about. */
export function unknownIn(scope: Scope, node: ts.Node, what: string): GenerateError {
  const { shape, module, where } = scope;
  const { file, locate } = module.specification;
  const { problem } = unknownCode(file, node, what);
  const member = where.slice(shape.name.length + 1);
  for (const { id, path } of eachAttribute(shape.spec, shape.path)) {
    if (lowerCamel(id) === member)
      return new GenerateError(file, `/${path.join('/')}: ${problem}`, locate(path));
  }
  return new GenerateError(file, `${where}: ${problem}`);
}
