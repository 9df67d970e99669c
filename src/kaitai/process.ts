// The transformations that `process` in a .ksy names: inflating and XOR. zlib is loaded when the first compressed field
// is read: start-up does not pay for it.
import type { Budget } from './budget.js';
import { failure, type Int } from './failure.js';

/** Inflates within a budget, and spends of it. @throws FormatError as `inflate`. */
export function inflated(
  bytes: Uint8Array,
  budget: Budget,
  where: string | undefined,
  offsetBytes: number,
): Uint8Array {
  const found = inflate(bytes, budget.inflatedBytes, where, offsetBytes);
  budget.inflatedBytes -= found.length;
  return found;
}

/** Inflates to at most `maxBytes`. @throws FormatError LIMIT if there is more, INVALID if it is not zlib's format. */
function inflate(
  bytes: Uint8Array,
  maxBytes: number,
  where: string | undefined,
  offsetBytes: number,
): Uint8Array {
  const { inflateSync } = process.getBuiltinModule('node:zlib');
  if (maxBytes < 1) throw tooMuch(where, offsetBytes);
  try {
    return inflateSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooMuch(where, offsetBytes);
    throw failure('INVALID', where, 'cannot be inflated', offsetBytes);
  }
}

/** A copy within the budget. @throws FormatError LIMIT when it is more than there is left. */
export function copied(
  bytes: Uint8Array,
  budget: Budget,
  where: string | undefined,
  offsetBytes: number,
): Uint8Array {
  if (bytes.length > budget.inflatedBytes) {
    throw failure('LIMIT', where, 'has too many bytes to be decoded', offsetBytes);
  }
  budget.inflatedBytes -= bytes.length;
  return Uint8Array.from(bytes);
}

/** The bytes with each XORed with a key. @throws FormatError as `copied`. */
export function xored(
  bytes: Uint8Array,
  key: Int,
  budget: Budget,
  where: string | undefined,
  offsetBytes: number,
): Uint8Array {
  const copy = copied(bytes, budget, where, offsetBytes);
  const mask = Number(BigInt(key) & 0xffn);
  // Not map: it calls a function for each byte, and takes forty times as long.
  for (let i = 0; i < copy.length; i++) copy[i] = (copy[i] ?? 0) ^ mask;
  return copy;
}

function tooMuch(where: string | undefined, offsetBytes: number) {
  return failure('LIMIT', where, 'inflates to too many bytes', offsetBytes);
}
