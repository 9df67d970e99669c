// The memory and the steps that a replay may take. A log is of one transaction, thirty seconds of a guest's work. One that
// needs more than 64 MiB of nodes is not replayed.
import { FormatError } from '../../../errors.js';
import { MIB } from '../../../limits.js';
import type { Breathe } from '../../breath.js';

/** Of nodes that are kept in memory, of all trees. */
const MAX_LOADED_BYTES = 64 * MIB;
/** Searches in trees; each is some microseconds. */
const MAX_STEPS = 500_000;
/** Names that are read of items with many, each time that one of them is looked for. */
const MAX_NAMES = 8_000_000;

export interface Budget {
  /** @throws FormatError LIMIT when too much would be kept. */
  load(bytes: number): void;
  /** @throws FormatError LIMIT when too much was done. */
  step(): void;
  /** @throws FormatError LIMIT when too many names were read. */
  read(names: number): void;
  /** A loop that goes on for long in memory calls this before each step, so that timers and signals have their turn. */
  readonly breathe: Breathe;
}

export function budget(breathe: Breathe): Budget {
  let [loadedBytes, steps, namesRead] = [0, 0, 0];
  return {
    breathe,
    load(bytes) {
      loadedBytes += bytes;
      if (loadedBytes <= MAX_LOADED_BYTES) return;
      const message = `btrfs: replaying the log takes more than ${MAX_LOADED_BYTES} bytes of nodes`;
      throw new FormatError('LIMIT', message);
    },
    step() {
      if (++steps <= MAX_STEPS) return;
      throw new FormatError('LIMIT', `btrfs: replaying the log takes more than ${MAX_STEPS} steps`);
    },
    read(names) {
      namesRead += names;
      if (namesRead <= MAX_NAMES) return;
      throw new FormatError('LIMIT', `btrfs: replaying the log reads more than ${MAX_NAMES} names`);
    },
  };
}
