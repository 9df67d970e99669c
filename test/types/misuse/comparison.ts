// No comparison with a guest's values: src/validation has `equals` and the bounds.
import { guest } from './values.js';

// @ts-expect-error less
export const isLess = guest.count < 5;
// @ts-expect-error less than another of the guest's
export const isLessThanOther = guest.size < guest.inner.offset;
// @ts-expect-error at least
export const isAtLeast = guest.size >= 0n;
// @ts-expect-error equal to a number
export const isFive = guest.count === 5;
// @ts-expect-error equal to a text
export const isRoot = guest.label === 'root';
export function isCase(): boolean {
  switch (guest.count) {
    // @ts-expect-error a case
    case 1:
      return true;
    default:
      return false;
  }
}
// @ts-expect-error a search
export const isIncluded = [1, 2, 3].includes(guest.count);
// @ts-expect-error membership in a set
export const isInSet = new Set([1, 2]).has(guest.count);
