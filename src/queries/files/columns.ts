// Columns of numbers that grow, for what is kept of each file: an object for each would take ten times the memory.
import { SourceError } from '../../errors.js';
import { MIB } from '../../limits.js';

/** Bytes of one guest's columns. */
export interface Memory {
  /** @throws SourceError OVER_BUDGET */
  take(bytes: number): void;
  /** Gives bytes back. */
  drop(bytes: number): void;
}

/**
 * The memory of guests that are read at once, together. Not a share for each: of two guests one may have all the files, and a limit
 * for each would let several have several times as much.
 * @returns gives a guest's part, which ends when the guest was read.
 */
export function guestsMemory(limitBytes: number): () => MemoryPart {
  const all = memoryOf(limitBytes);
  return () => partOf(all);
}

export function memoryOf(limitBytes: number): Memory {
  let taken = 0;
  return {
    take(bytes) {
      taken += bytes;
      if (taken <= limitBytes) return;
      const limit = `${Math.floor(limitBytes / MIB)} MiB`;
      throw new SourceError(
        'OVER_BUDGET',
        `what is to be known of its files takes more than ${limit} of memory (--max-memory sets it)`,
      );
    },
    drop(bytes) {
      taken -= bytes;
    },
  };
}

/** A part of it, which is given back all at once. */
export interface MemoryPart extends Memory {
  end(): void;
}

export function partOf(memory: Memory): MemoryPart {
  let taken = 0;
  let isOver = false;
  return {
    // Work that was given up may go on for a while.
    take(bytes) {
      if (isOver) return;
      taken += bytes;
      memory.take(bytes);
    },
    drop(bytes) {
      if (isOver) return;
      taken -= bytes;
      memory.drop(bytes);
    },
    end() {
      if (!isOver) memory.drop(taken);
      isOver = true;
    },
  };
}

/** A part of it, which is given back when the work is done. */
export async function within<T>(memory: Memory, work: (own: Memory) => Promise<T>): Promise<T> {
  const own = partOf(memory);
  try {
    return await work(own);
  } finally {
    own.end();
  }
}

type Column = Float64Array | Int32Array | Uint32Array | Uint8Array;

const FIRST_LENGTH = 64;
/** Columns of so many numbers grow by less, so that not half of them is unused. */
const LARGE = 64 * 1024;
const GROWTH = 2;
const LARGE_GROWTH = 1.25;

/** A column for at least `length` numbers, with those of the one before. @throws SourceError OVER_BUDGET */
export function grown<A extends Column>(before: A, length: number, memory: Memory): A {
  const growth = before.length < LARGE ? GROWTH : LARGE_GROWTH;
  const afterLength = Math.max(length, Math.ceil(before.length * growth));
  const after = new (before.constructor as new (length: number) => A)(afterLength);
  memory.take(after.byteLength);
  after.set(before);
  memory.drop(before.byteLength);
  return after;
}

/** Makes columns of a table long enough for a place. @throws SourceError OVER_BUDGET */
export function growColumns<K extends string, T extends Record<K, Column>>(
  table: T,
  names: readonly K[],
  place: number,
  memory: Memory,
): void {
  const length = Math.max(FIRST_LENGTH, place + 1);
  for (const name of names) table[name] = grown(table[name], length, memory);
}

export const floats = (length: number) => new Float64Array(length);
export const integers = (length: number) => new Int32Array(length);
export const naturals = (length: number) => new Uint32Array(length);
export const bytes = (length: number) => new Uint8Array(length);
