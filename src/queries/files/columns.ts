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

interface Column<A> {
  readonly length: number;
  readonly byteLength: number;
  set(values: A): void;
}

/** Columns of so many numbers grow by less, so that not half of them is unused. */
const LARGE = 64 * 1024;
const GROWTH = 2;
const LARGE_GROWTH = 1.25;

/** A column for at least `length` numbers, with those of the one before. */
export function grown<A extends Column<A>>(
  before: A,
  length: number,
  make: (length: number) => A,
  memory: Memory,
): A {
  const growth = before.length < LARGE ? GROWTH : LARGE_GROWTH;
  const after = make(Math.max(length, Math.ceil(before.length * growth)));
  memory.take(after.byteLength);
  after.set(before);
  memory.drop(before.byteLength);
  return after;
}

export const floats = (length: number) => new Float64Array(length);
export const integers = (length: number) => new Int32Array(length);
export const naturals = (length: number) => new Uint32Array(length);
export const bytes = (length: number) => new Uint8Array(length);
