// A row of a comparison while it is made, and what is asked of it.
import type { Memory } from '../files/columns.js';
import type { DiffChange } from './record.js';
import type { Ignored } from './state.js';

export interface RowOptions {
  /** --expand: what lies below a renamed directory, or in a snapshot that only one state has, has rows too. */
  readonly isExpanded: boolean;
  readonly ignored: Ignored;
  /** Whether rows have the states of files that do not differ. */
  readonly hasStates: boolean;
  readonly hasAttributes?: boolean;
  /** For attributes. */
  readonly memory: Memory;
}

/** A row before its path is made: `path` and `from` have a character for each byte. */
export interface Row extends Omit<DiffChange, 'path' | 'from' | 'belowCount'> {
  readonly path: string;
  readonly from: string | null;
}
