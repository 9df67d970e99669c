// zlib for `process: zlib`, loaded when the first compressed field is read: start-up does not pay for it.
import type { Budget } from './budget.js';
import { failure } from './failure.js';

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

function tooMuch(where: string | undefined, offsetBytes: number) {
  return failure('LIMIT', where, 'inflates to too many bytes', offsetBytes);
}
