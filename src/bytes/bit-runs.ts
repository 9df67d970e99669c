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

/** A part of a bitmap, of which so many bits count. */
export interface BitsPart {
  readonly bytes: Uint8Array;
  readonly bitCount: number;
}

/** Where the least significant bit of a byte is the first one. */
export function isSet(bits: Uint8Array, bit: number): boolean {
  const byte = bits[Math.floor(bit / BITS_PER_BYTE)] ?? 0;
  return Math.floor(byte / 2 ** (bit % BITS_PER_BYTE)) % 2 === 1;
}

/** The same of a bitmap in parts, the least significant bit first: a run that reaches over parts comes as one. */
export async function* runsOfParts(
  parts: AsyncIterable<BitsPart>,
): AsyncGenerator<readonly [number, number], void, undefined> {
  let start = 0;
  let [first, count] = [0, 0];
  for await (const { bytes, bitCount } of parts) {
    for (const [at, length] of runsOfZeros(bytes, bitCount, isSet)) {
      if (start + at === first + count) {
        count += length;
        continue;
      }
      if (count > 0) yield [first, count];
      [first, count] = [start + at, length];
    }
    start += bitCount;
  }
  if (count > 0) yield [first, count];
}
