// The budget of one parse, however its substreams nest: a hostile file costs at most this.
// References: src/limits.ts holds the figures.
import { MAX_PARSE_DEPTH, MAX_PARSE_INFLATED_BYTES, MAX_PARSE_ITEMS } from '../limits.js';

/** The rest of one parse's allowance; streams over parts of the same bytes share it. */
export interface Budget {
  /** Repeated items that may still be read. */
  itemCount: number;
  /** Bytes that decompression and `xor` may still give. */
  inflatedBytes: number;
  /** Levels that structures may still nest. */
  depth: number;
}

/** The allowance of a whole parse. */
export function fullBudget(): Budget {
  return {
    itemCount: MAX_PARSE_ITEMS,
    inflatedBytes: MAX_PARSE_INFLATED_BYTES,
    depth: MAX_PARSE_DEPTH,
  };
}
