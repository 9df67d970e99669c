// The kinds of values that a generated parser handles, and TypeScript's types for them.
import type { ClassShape } from './shape.js';

export type Kind =
  /** Up to 32 bits: a number. */
  | { readonly t: 'int' }
  /** 64 bits or computed: a bigint, below 2^bits and above -2^bits. */
  | { readonly t: 'big'; readonly bits: number }
  | { readonly t: 'float' }
  | { readonly t: 'bool' }
  | { readonly t: 'string' }
  | { readonly t: 'bytes' }
  | { readonly t: 'stream' }
  | { readonly t: 'list'; readonly of: Kind }
  /** One of several structures. */
  | { readonly t: 'object'; readonly classes: readonly ClassShape[] }
  /** A `switch-on` type whose cases are not all structures. */
  | { readonly t: 'union'; readonly of: readonly Kind[] };

export const INT: Kind = { t: 'int' };
export const FLOAT: Kind = { t: 'float' };
export const BOOL: Kind = { t: 'bool' };
export const STRING: Kind = { t: 'string' };
export const BYTES: Kind = { t: 'bytes' };
export const STREAM: Kind = { t: 'stream' };

/** No integer of a parser has more bits; an operation whose result may have more is checked where it is computed. */
export const MAX_BITS = 128;
/** A length or an offset; the integers that are numbers are all of them narrower. */
const NUMBER_BITS = 53;

export function big(bits: number): Kind {
  return { t: 'big', bits: Math.min(bits, MAX_BITS) };
}

export const BIG = big(64);

export function isInteger(kind: Kind): boolean {
  return kind.t === 'int' || kind.t === 'big';
}

/** How wide an integer may be. */
export function bitsOf(kind: Kind): number {
  return kind.t === 'big' ? kind.bits : NUMBER_BITS;
}

/** How wide the result of an operator may be. */
export function resultBits(sign: string, l: number, r: number): number {
  return sign === '*' ? l + r : Math.max(l, r) + 1;
}

/** TypeScript's type of a kind. */
export function typeText(kind: Kind): string {
  switch (kind.t) {
    case 'int':
    case 'float':
      return 'number';
    case 'big':
      return 'bigint';
    case 'bool':
      return 'boolean';
    case 'string':
      return 'string';
    case 'bytes':
      return 'Uint8Array';
    case 'stream':
      return 'SafeStream';
    case 'list': {
      const of = typeText(kind.of);
      return of.includes(' ') ? `(${of})[]` : `${of}[]`;
    }
    case 'object':
      return kind.classes.map(({ name }) => name).join(' | ');
    case 'union':
      return [...new Set(kind.of.map(typeText))].join(' | ');
  }
}
