// Writing into a copy of a guest's structure, as the replay of a journal does: the generated module says where a field
// lies and how wide it is (`-export: fields`), so that no reader has offsets of its own.
import { FormatError } from '../errors.js';
import type { Int } from './failure.js';

type IntegerType = `${'u' | 's'}1` | `${'u' | 's'}${2 | 4 | 8}${'le' | 'be'}`;

/** An integer of a fixed place in its structure: `{ at: 26, type: 'u2le' }`. */
export interface Field {
  readonly at: number;
  readonly type: IntegerType;
}

/**
 * Writes an integer into the structure that begins at `start`.
 * @throws FormatError OUT_OF_BOUNDS for a value that does not fit, which DataView would cut, or a place that is not there.
 */
export function setField(bytes: Uint8Array, field: Field, value: Int, start: number = 0): void {
  const { at, type } = field;
  const widthBytes = Number(type.slice(1, 2));
  const from = start + at;
  const isSigned = type.startsWith('s');
  const bits = 8 * widthBytes;
  const whole = BigInt(value);
  const fits = (isSigned ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole)) === whole;
  if (!fits || from + widthBytes > bytes.length) {
    const message = `the value ${value} does not fit as ${type} at ${from} of ${bytes.length} bytes`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { offsetBytes: from } });
  }
  let rest = BigInt.asUintN(bits, whole);
  for (let i = 0; i < widthBytes; i++) {
    bytes[type.endsWith('be') ? from + widthBytes - 1 - i : from + i] = Number(rest % 256n);
    rest /= 256n;
  }
}
