// The entropy coding of LZFSE: a decoder is in a state, which stands for a symbol and says how many bits lead to the next one.
// References: https://github.com/lzfse/lzfse src/lzfse_fse.h, lzfse_fse.c, lzfse_internal.h (no specification exists).
import { invalidIn } from '../../errors.js';

const invalid = invalidIn('lzfse: ');

/** How one kind of number is coded: each symbol is a least value, and a number of bits that are added to it. */
export interface Coding {
  readonly stateCount: number;
  /** By symbol. */
  readonly extraBits: readonly number[];
}

const NO_EXTRA_BITS: readonly number[] = new Array<number>(16).fill(0);

export const LITERAL_CODING: Coding = {
  stateCount: 1024,
  extraBits: new Array<number>(256).fill(0),
};
/** Of a match: how many literals stand before it, its length, its distance. */
export const MATCH_CODINGS: readonly [Coding, Coding, Coding] = [
  { stateCount: 64, extraBits: [...NO_EXTRA_BITS, 2, 3, 5, 8] },
  { stateCount: 64, extraBits: [...NO_EXTRA_BITS, 3, 5, 8, 11] },
  { stateCount: 256, extraBits: Array.from({ length: 64 }, (_, symbol) => symbol >> 2) },
];
/** In the order of their tables. */
const CODINGS = [...MATCH_CODINGS, LITERAL_CODING];

/** Reads the bits of a stream from its end to its start, as they were written the other way round. */
interface Bits {
  /** The `count` bits before those that were read; at most 24. @throws FormatError INVALID at the start. */
  read(count: number): number;
}

/** @param lastBits how many bits of the last byte are used, less 1. */
export function bitsOf(bytes: Uint8Array, lastBits: number): Bits {
  let position = Math.max(0, (bytes.length - 1) * 8 + lastBits + 1);
  return {
    read(count) {
      position -= count;
      if (position < 0) throw invalid('the codes of a block end before its content');
      const at = position >> 3;
      const word =
        (bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24);
      return (word >>> (position & 7)) & ((1 << count) - 1);
    },
  };
}

/** How often each symbol of each coding stands in its table of states. @throws FormatError INVALID. */
export function readFrequencies(bytes: Uint8Array): readonly (readonly number[])[] {
  let [at, held, heldBits] = [0, 0, 0];
  const next = (): number => {
    while (heldBits <= 16 && at < bytes.length) {
      held |= (bytes[at++] ?? 0) << heldBits;
      heldBits += 8;
    }
    const { value, bitCount } = frequencyOf(held);
    if (bitCount > heldBits) throw invalid("a block's tables are cut off");
    held >>>= bitCount;
    heldBits -= bitCount;
    return value;
  };
  const frequencies = CODINGS.map(({ extraBits }) => extraBits.map(next));
  if (at < bytes.length || heldBits >= 8) {
    throw invalid("a block's tables are shorter than it says");
  }
  return frequencies;
}

/** Five short codes, and two with a number behind them. */
function frequencyOf(bits: number): { readonly value: number; readonly bitCount: number } {
  switch (bits & 3) {
    case 0:
      return { value: 0, bitCount: 2 };
    case 2:
      return { value: 1, bitCount: 2 };
  }
  switch (bits & 7) {
    case 1:
      return { value: 2, bitCount: 3 };
    case 5:
      return { value: 3, bitCount: 3 };
    case 3:
      return { value: 4 + ((bits >> 3) & 3), bitCount: 5 };
  }
  return (bits & 15) === 7
    ? { value: 8 + ((bits >> 4) & 15), bitCount: 8 }
    : { value: 24 + ((bits >> 4) & 1023), bitCount: 14 };
}

/** What each state of a decoder says, as columns. */
interface States {
  /** The least value of its symbol, and how many bits are added to it. */
  readonly values: Uint32Array;
  readonly extraBits: Uint8Array;
  /** The next state: so many bits, added to a state. */
  readonly nextBits: Uint8Array;
  readonly nextStates: Uint16Array;
}

/** Decodes numbers of one kind; those of several states may stand in the same bits. */
interface Decoder {
  next(bits: Bits): number;
}

/** @throws FormatError INVALID for frequencies that are more than there are states; `next` throws for a state without a symbol. */
export function decoderOf(
  coding: Coding,
  frequencies: readonly number[],
  firstState: number,
): Decoder {
  return stateDecoder(statesOf(coding, frequencies), firstState);
}

/** Decoders with the same states, each in one of its own. */
export function decodersOf(
  coding: Coding,
  frequencies: readonly number[],
  firstStates: readonly number[],
): readonly Decoder[] {
  const states = statesOf(coding, frequencies);
  return firstStates.map((state) => stateDecoder(states, state));
}

function stateDecoder(states: States, firstState: number): Decoder {
  const { values, extraBits, nextBits, nextStates } = states;
  let state = firstState;
  return {
    next(bits) {
      const value = values[state];
      if (value === undefined) throw invalid('a state stands for no symbol');
      const extra = extraBits[state] ?? 0;
      const read = bits.read((nextBits[state] ?? 0) + extra);
      state = (nextStates[state] ?? 0) + (read >> extra);
      return value + (read & ((1 << extra) - 1));
    },
  };
}

function statesOf({ stateCount, extraBits }: Coding, frequencies: readonly number[]): States {
  const total = frequencies.reduce((sum, frequency) => sum + frequency, 0);
  if (total > stateCount) {
    throw invalid(`${total} states have symbols; there are ${stateCount}`);
  }
  const states = {
    values: new Uint32Array(total),
    extraBits: new Uint8Array(total),
    nextBits: new Uint8Array(total),
    nextStates: new Uint16Array(total),
  };
  let [at, value] = [0, 0];
  for (const [symbol, frequency] of frequencies.entries()) {
    const extra = extraBits[symbol] ?? 0;
    // The states of a symbol share out all states: some of them need a bit more than the others.
    const longBits = Math.clz32(frequency) - Math.clz32(stateCount);
    const longCount = ((2 * stateCount) >> longBits) - frequency;
    for (let i = 0; i < frequency; i++, at++) {
      const isLong = i < longCount;
      states.values[at] = value;
      states.extraBits[at] = extra;
      states.nextBits[at] = isLong ? longBits : longBits - 1;
      states.nextStates[at] = isLong
        ? ((frequency + i) << longBits) - stateCount
        : (i - longCount) << (longBits - 1);
    }
    value += 2 ** extra;
  }
  return states;
}
