// The integers of variable length that xz is made of. They have no fixed place, so no table of fields describes them.
// References: xz-file-format.txt section 1.2 "Multibyte Integers".
import { FormatError } from '../../errors.js';

const MAX_INTEGER_BYTES = 9;

/** Reads integers one behind the other. */
interface IntegerReader {
  /** Where the next one begins. */
  readonly at: number;
  /** @throws FormatError TRUNCATED, INVALID; OUT_OF_BOUNDS for more than `max`, which is at most 2^53 - 1. */
  next(what: string, max: number): number;
}

export function integerReader(bytes: Uint8Array, start: number): IntegerReader {
  let at = start;
  return {
    get at() {
      return at;
    },
    next(what, max) {
      let value = 0;
      for (let i = 0; i < MAX_INTEGER_BYTES; i++) {
        const byte = bytes[at];
        if (byte === undefined) {
          throw new FormatError('TRUNCATED', `xz: ${what} is cut off after ${i} bytes`);
        }
        at++;
        // Each byte has seven bits, the lowest first. A value above 2^53 is no longer exact, and is refused below.
        value += (byte % 128) * 128 ** i;
        if (byte < 128) {
          if (byte === 0 && i > 0) throw new FormatError('INVALID', `xz: ${what} is padded`);
          return checked(value, what, max);
        }
      }
      throw new FormatError('INVALID', `xz: ${what} has more than ${MAX_INTEGER_BYTES} bytes`);
    },
  };
}

function checked(value: number, what: string, max: number): number {
  if (value <= max) return value;
  throw new FormatError('OUT_OF_BOUNDS', `xz: ${what} is ${value}, which is not in 0..${max}`, {
    data: { value, max },
  });
}

/** The bytes of an integer in this encoding. */
export function integerBytes(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push(128 + (rest % 128));
  }
}
