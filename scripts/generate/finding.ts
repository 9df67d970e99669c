// The findings of the lint.
import type { Position } from './errors.js';
import type { Path } from './structure.js';

/** Something to change in a .ksy. */
export interface Finding {
  readonly position: Position;
  /** The change to make, with the path in the specification: `/seq/3: ...`. */
  readonly message: string;
}

/** A finding before its place is looked up. */
export interface RawFinding {
  readonly path: Path;
  readonly message: string;
}
