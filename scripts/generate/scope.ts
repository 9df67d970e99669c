// Where an expression stands: which structure's, which stream it reads, which local names there are.
import type { ts } from 'ts-morph';
import type { Kind } from './kinds.js';
import type { Module } from './module.js';
import type { ClassShape } from './shape.js';

/** TypeScript for an expression. */
export interface Code {
  readonly text: string;
  readonly kind: Kind;
  /** It needs no parentheses wherever it stands. */
  readonly isAtom: boolean;
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
  /** Replaces reads of the stream: records read at fixed offsets. */
  readonly read?: (scope: Scope, call: StreamCall) => Code;
}

/** A scope within: what it declares does not leave it. */
export function within(scope: Scope, changes: Partial<Scope> = {}): Scope {
  return { ...scope, names: new Map(scope.names), ...changes };
}

export function atom(text: string, kind: Kind): Code {
  return { text, kind, isAtom: true };
}

export function compound(text: string, kind: Kind): Code {
  return { text, kind, isAtom: false };
}

/** Code that can stand as an operand. */
export function operand(code: Code): string {
  return code.isAtom ? code.text : `(${code.text})`;
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
