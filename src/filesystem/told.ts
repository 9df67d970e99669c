// Damage that a reader of files meets: it is told to whoever reads, and ends the part of the walk that it is in.
import { FormatError } from '../errors.js';
import type { FileWalk } from './files.js';

interface Told {
  readonly walk: FileWalk;
}

/** Tells of a damaged part of a file, or of no file's (null); a limit is no damage, and is thrown. */
export function tell({ walk }: Told, number: number | null, error: FormatError): void {
  if (error.code === 'LIMIT') throw error;
  walk.onDoubt({ id: number === null ? null : { tree: 0, number }, error });
}

/** Runs a part of a walk; what is damaged in it is told, and ends it. @throws FormatError LIMIT. */
export async function* toldOf<T>(
  told: Told,
  number: number | null,
  part: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* part;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    tell(told, number, error);
  }
}
