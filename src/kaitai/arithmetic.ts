// Arithmetic of generated parsers: it is exact, and throws where Kaitai's JavaScript would round, wrap or make NaN.
// References: https://doc.kaitai.io/user_guide.html 6.5 (integer division rounds down, modulo is never negative).
import { beyond, type Int, impossible } from './failure.js';

const MAX_SHIFT = 63n;
/** The most bits that a value may have. Without a bound, squaring a number forty times would take 2^40 words of memory. */
const MAX_BITS = 128;
const TOP = 1n << BigInt(MAX_BITS);

/** An exact integer of any integer or flag. */
export function big(value: Int | boolean): bigint {
  return BigInt(value);
}

/** The value, unless it is too wide. Generated code calls this wherever a result may have more bits than its operands. */
export function narrow(value: bigint, where: string): bigint {
  if (value < TOP && value > -TOP) return value;
  throw beyond(where, `has more than ${MAX_BITS} bits`);
}

/** Shift left; by 0..63 bits, since a guest's `1 << 2^30` would allocate 128 MiB. */
export function shl(value: bigint, bits: bigint, where: string): bigint {
  if (bits < 0n || bits > MAX_SHIFT) throw impossible(where, `shift by ${bits} bits`);
  return narrow(value << bits, where);
}

/** Shift right by 0..63 bits. */
export function shr(value: bigint, bits: bigint, where: string): bigint {
  if (bits < 0n || bits > MAX_SHIFT) throw impossible(where, `shift by ${bits} bits`);
  return value >> bits;
}

/** Division that rounds down. */
export function div(dividend: bigint, divisor: bigint, where: string): bigint {
  if (divisor === 0n) throw impossible(where, 'division by zero');
  const quotient = dividend / divisor;
  const isBelow = dividend % divisor !== 0n && dividend < 0n !== divisor < 0n;
  return isBelow ? quotient - 1n : quotient;
}

/** The remainder of a positive divisor, 0..divisor-1. */
export function mod(dividend: bigint, divisor: bigint, where: string): bigint {
  if (divisor <= 0n) throw impossible(where, `modulo ${divisor}`);
  const remainder = dividend % divisor;
  return remainder < 0n ? remainder + divisor : remainder;
}

/** The element at an index that must exist. */
export function item<T>(list: ArrayLike<T>, index: Int, where: string): T {
  const value = index >= 0 && index < list.length ? list[Number(index)] : undefined;
  if (value === undefined) throw impossible(where, `no element ${index} of ${list.length}`);
  return value;
}

/** The value of a field with an `if` that must hold where it is used. */
export function present<T>(value: T | undefined, where: string): T {
  if (value === undefined) throw impossible(where, 'a field that it needs is not there');
  return value;
}

/** The largest element. */
export function largest<T extends Int>(list: readonly T[], where: string): T {
  let found = item(list, 0, where);
  for (const value of list) if (value > found) found = value;
  return found;
}

/** The smallest element. */
export function smallest<T extends Int>(list: readonly T[], where: string): T {
  let found = item(list, 0, where);
  for (const value of list) if (value < found) found = value;
  return found;
}

/** Whether an enum of the format has this value. */
export function isMember(members: Readonly<Record<string, number>>, value: Int): boolean {
  return Object.values(members).some((member) => BigInt(member) === BigInt(value));
}
