// Runs of zeros in a bitmap, whichever bit of a byte comes first.

const BITS_PER_BYTE = 8;

/**
 * The runs of zeros among the first `count` bits, as `[first, length]`.
 * @param isSet whether a bit is set, by the order of the format.
 */
export function* runsOfZeros(
  bits: Uint8Array,
  count: number,
  isSet: (bits: Uint8Array, bit: number) => boolean,
): Generator<readonly [number, number]> {
  let first = -1;
  for (let bit = 0; bit < count; ) {
    const byte = bits[bit / BITS_PER_BYTE];
    // Most bytes are of one kind.
    const isOneKind = bit % BITS_PER_BYTE === 0 && (byte === 0 || byte === 0xff);
    const isZero = isOneKind ? byte === 0 : !isSet(bits, bit);
    if (isZero && first < 0) first = bit;
    if (!isZero && first >= 0) {
      yield [first, bit - first];
      first = -1;
    }
    bit += isOneKind ? BITS_PER_BYTE : 1;
  }
  if (first >= 0) yield [first, count - first];
}
