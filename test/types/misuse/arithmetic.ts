// No arithmetic with a guest's numbers.
import { guest, wantsBigint, wantsNumber } from './values.js';

// @ts-expect-error addition
export const sum = guest.count + 1;
// @ts-expect-error addition of two
export const sumOfTwo = guest.count + guest.count;
// @ts-expect-error subtraction
export const difference = guest.size - 1n;
// @ts-expect-error multiplication
export const product = guest.count * 4096;
// @ts-expect-error division
export const quotient = guest.size / 2n;
// @ts-expect-error modulo
export const remainder = guest.count % 2;
// @ts-expect-error power
export const power = 2 ** guest.count;
// @ts-expect-error shift
export const shifted = 1 << guest.count;
// @ts-expect-error shift of a bigint
export const shiftedBigint = 1n << guest.size;
// @ts-expect-error bits
export const bits = guest.count & 0xff;
// @ts-expect-error negation
export const negated = -guest.count;
// @ts-expect-error conversion by plus
export const converted = +guest.count;
// @ts-expect-error inversion
export const inverted = ~guest.count;
// @ts-expect-error of an element
export const element = (guest.list[0] ?? 0) + 1;
// @ts-expect-error nested
export const nested = guest.inner.offset + 1n;
// @ts-expect-error nested in a list
export const nestedInList = guest.inners.map((inner) => inner.offset + 1n);
// @ts-expect-error Math
export const least = Math.min(guest.count, 5);
// @ts-expect-error BigInt
export const big = BigInt(guest.count);
// @ts-expect-error BigInt of bits
export const cut = BigInt.asUintN(32, guest.size);
// @ts-expect-error Number keeps the taint
export const number: number = Number(guest.size);
// @ts-expect-error parsing
export const parsed = Number.parseInt(guest.label, 10);
// @ts-expect-error assignment to a number
export const assigned: number = guest.count;
// @ts-expect-error an argument that is a number
wantsNumber(guest.count);
// @ts-expect-error an argument that is a bigint
wantsBigint(guest.size);
let total = 0;
// @ts-expect-error adding up
total += guest.count;

export { total };
