// What a replay may cost: a log is of one transaction, thirty seconds of a guest's work.
import { FormatError } from '../../../errors.js';
import { MIB } from '../../../limits.js';

/** Of nodes that are kept in memory, of all trees. */
const MAX_LOADED_BYTES = 64 * MIB;
/** Searches in trees; each is some microseconds. */
const MAX_STEPS = 1_000_000;

export interface Budget {
  /** @throws FormatError LIMIT when too much would be kept. */
  load(bytes: number): void;
  /** @throws FormatError LIMIT when too much was done. */
  step(): void;
}

export function budget(): Budget {
  let [loadedBytes, steps] = [0, 0];
  return {
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
  };
}
