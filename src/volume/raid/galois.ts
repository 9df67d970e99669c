// Sums over the bytes of several columns, by which lost ones come back: P is the plain sum (exclusive or), Q that of each column
// times a power of 2, in the field of 256 elements.
// References: H. Peter Anvin, The mathematics of RAID-6; Linux lib/raid6/recov.c, mktables.c (the polynomial 0x11d).
const POLYNOMIAL = 0x11d;
const ELEMENTS = 256;
/** Powers of 2 come round after as many. */
const POWERS = ELEMENTS - 1;

const { powers, logarithms } = tables();

function tables() {
  const powers = new Uint8Array(POWERS);
  const logarithms = new Uint8Array(ELEMENTS);
  let value = 1;
  for (let i = 0; i < POWERS; i++) {
    powers[i] = value;
    logarithms[value] = i;
    value *= 2;
    if (value >= ELEMENTS) value ^= POLYNOMIAL;
  }
  return { powers, logarithms };
}

/** 2 to the power of `exponent`. */
export function power(exponent: number): number {
  return powers[exponent % POWERS] ?? 0;
}

function product(one: number, other: number): number {
  if (one === 0 || other === 0) return 0;
  return powers[((logarithms[one] ?? 0) + (logarithms[other] ?? 0)) % POWERS] ?? 0;
}

/** @param value not 0. */
export function inverse(value: number): number {
  return powers[(POWERS - (logarithms[value] ?? 0)) % POWERS] ?? 0;
}

/** Adds `factor` times the bytes to the sum, which has as many. */
export function addTimes(sum: Uint8Array, bytes: Uint8Array, factor: number): void {
  if (factor === 1) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) ^ (bytes[i] ?? 0);
    return;
  }
  const products = Uint8Array.from({ length: ELEMENTS }, (_, value) => product(value, factor));
  for (let i = 0; i < sum.length; i++) {
    sum[i] = (sum[i] ?? 0) ^ (products[bytes[i] ?? 0] ?? 0);
  }
}

/** The bytes times `factor`, in a memory of their own. */
export function times(bytes: Uint8Array, factor: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  addTimes(result, bytes, factor);
  return result;
}
