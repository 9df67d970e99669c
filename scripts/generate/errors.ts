// The error of a specification, with its line and column.

/** A place in a .ksy: both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A specification that cannot or must not be compiled. The message begins with `file:line:column`. */
export class GenerateError extends Error {
  override readonly name = 'GenerateError';
  /** The message without the place. */
  readonly problem: string;
  readonly position: Position | null;

  constructor(file: string, problem: string, position: Position | null = null) {
    const place = position === null ? file : `${file}:${position.line}:${position.column}`;
    super(`${place}: ${problem}`);
    this.problem = problem;
    this.position = position;
  }
}
