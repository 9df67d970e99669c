// Counts in tables of hundreds of MiB, in a memory of its own into which they are read piece by piece.
// References: wasm.ts; aggregates.ts, which counts the same in JavaScript, where a table is small or this cannot be had.
import { MIB } from '../limits.js';
import {
  ADD_32,
  ADD_64,
  ADD_WORDS,
  AND_VECTORS,
  COUNT_BITS_64,
  type Code,
  EQUAL_WORDS,
  eachStep,
  get,
  I64,
  instantiate,
  LOW_HALF,
  load64,
  loadVector,
  SUBTRACT_WORDS,
  set,
  V128,
  vectorOf,
  wordOf,
} from './wasm.js';

/** A read costs the same again whatever its size, and what is larger does not stay in the processor's cache. */
const COUNTED_PIECE_BYTES = 2 * MIB;
/** To make a counter takes as long as JavaScript takes for so much. */
const WORTH_BYTES = 4 * MIB;
const PAGE_BYTES = 65536;
const STEP_BYTES = 64;
/** The bits of an entry of FAT32 that are a cluster's number, in the order of the bytes. */
const NUMBER_BITS = [0xff, 0xff, 0xff, 0x0f];
const [START, TOTAL, MASK] = [0, 2, 3];

/** Its functions count in the first bytes of its memory, so many as there are whole steps in `lengthBytes`. */
export interface TableCounter {
  readonly memory: Uint8Array;
  setBits(lengthBytes: number): number;
  /** Words of 32 bits, the lowest byte first, whose 28 lower bits are zero. */
  zeroNumbers(lengthBytes: number): number;
}

/** @returns null for a table that is too small for it, or where it cannot be had. */
export function tableCounter(tableBytes: number): TableCounter | null {
  if (tableBytes < WORTH_BYTES) return null;
  const made = instantiate(COUNTED_PIECE_BYTES / PAGE_BYTES, [
    { name: 'setBits', variables: [I64], code: setBits() },
    { name: 'zeroNumbers', variables: [V128, V128], code: zeroNumbers() },
  ]);
  if (made === null) return null;
  const counted = (name: string) => (lengthBytes: number) =>
    lengthBytes < STEP_BYTES ? 0 : (made.functions[name]?.(0, wholeSteps(lengthBytes)) ?? 0);
  return { memory: made.memory, setBits: counted('setBits'), zeroNumbers: counted('zeroNumbers') };
}

export function wholeSteps(lengthBytes: number): number {
  return lengthBytes - (lengthBytes % STEP_BYTES);
}

function setBits(): Code {
  const words = offsets(8).map((at) => [...get(START), ...load64(at), ...COUNT_BITS_64]);
  const step = [...words.flat(), ...words.flatMap(() => ADD_64)];
  return [
    ...eachStep(STEP_BYTES, [...get(TOTAL), ...step, ...set(TOTAL)]),
    ...[...get(TOTAL), ...LOW_HALF],
  ];
}

function zeroNumbers(): Code {
  const numbers = (at: number): Code => [
    ...[...get(START), ...loadVector(at), ...get(MASK), ...AND_VECTORS],
    ...[...vectorOf([0, 0, 0, 0]), ...EQUAL_WORDS],
  ];
  const [first = 0, ...others] = offsets(16);
  const step = [...numbers(first), ...others.flatMap((at) => [...numbers(at), ...ADD_WORDS])];
  const word = (index: number): Code => [...get(TOTAL), ...wordOf(index)];
  return [
    ...[...vectorOf(NUMBER_BITS), ...set(MASK)],
    ...eachStep(STEP_BYTES, [...get(TOTAL), ...step, ...SUBTRACT_WORDS, ...set(TOTAL)]),
    ...[...word(0), ...word(1), ...ADD_32, ...word(2), ...word(3), ...ADD_32, ...ADD_32],
  ];
}

function offsets(stepBytes: number): readonly number[] {
  return Array.from({ length: STEP_BYTES / stepBytes }, (_, i) => i * stepBytes);
}
