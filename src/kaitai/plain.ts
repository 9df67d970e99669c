// The functions that the plain compiler's code calls besides reads (`mod`, `bytesToStr`, ...): they have the names and
// arguments of Kaitai's static methods, and are bounded and exact where those are not.
// References: KaitaiStream.js 0.11.0, its static methods.
import { mod as exactMod, largest, smallest } from './arithmetic.js';
import { budgetOf, processed } from './bounded.js';
import { type Int, impossible } from './failure.js';
import { copied, inflated, xored } from './process.js';
import { decode, encodingOf, stripRight, terminate } from './text.js';

const WHERE = 'the stream';

/** Exact or refused: above 2^53 a number may not be the value that the file has. */
export function mod(dividend: Int, divisor: Int): Int {
  const remainder = exactMod(exact(dividend), exact(divisor), WHERE);
  return typeof dividend === 'bigint' ? remainder : Number(remainder);
}

function exact(value: Int): bigint {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return BigInt(value);
  throw impossible(WHERE, `modulo with ${value}, which is no exact integer`);
}

export function arrayMin(list: ArrayLike<Int>): Int {
  return smallest(Array.from(list), WHERE);
}

export function arrayMax(list: ArrayLike<Int>): Int {
  return largest(Array.from(list), WHERE);
}

export function bytesToStr(bytes: Uint8Array, encoding: string): string {
  return decode(bytes, encodingOf(encoding));
}

export function bytesStripRight(bytes: Uint8Array, pad: number): Uint8Array {
  return processed(bytes, stripRight(bytes, pad));
}

export function bytesTerminate(bytes: Uint8Array, end: number, include: boolean): Uint8Array {
  return processed(bytes, terminate(bytes, [end], include));
}

export function bytesTerminateMulti(
  bytes: Uint8Array,
  end: ArrayLike<number>,
  include: boolean,
): Uint8Array {
  return processed(bytes, terminate(bytes, end, include));
}

export function processXorOne(bytes: Uint8Array, key: number): Uint8Array {
  return processed(bytes, xored(bytes, key, budgetOf(bytes), undefined, 0));
}

export function processXorMany(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  if (key.length === 0) throw impossible(WHERE, 'a key without bytes');
  const copy = copied(bytes, budgetOf(bytes), undefined, 0);
  for (let i = 0; i < copy.length; i++) copy[i] = (copy[i] ?? 0) ^ (key[i % key.length] ?? 0);
  return processed(bytes, copy);
}

/** `rol`, and `ror` as the compiler writes it: by 8 bits less the amount. */
export function processRotateLeft(
  bytes: Uint8Array,
  amount: number,
  groupSize: number,
): Uint8Array {
  if (groupSize !== 1 || !Number.isInteger(amount) || amount < 0 || amount > 8) {
    throw impossible(WHERE, `rotates groups of ${groupSize} bytes by ${amount} bits`);
  }
  const copy = copied(bytes, budgetOf(bytes), undefined, 0);
  for (let i = 0; i < copy.length; i++) {
    const byte = copy[i] ?? 0;
    copy[i] = (byte << amount) | (byte >> (8 - amount));
  }
  return processed(bytes, copy);
}

export function processZlib(bytes: Uint8Array): Uint8Array {
  return processed(bytes, inflated(bytes, budgetOf(bytes), undefined, 0));
}
