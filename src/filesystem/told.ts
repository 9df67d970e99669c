// Damage that a reader of files meets: it is told to whoever reads, and ends the part of the walk that it is in.
import { FormatError } from '../errors.js';
import type { FileId, FileWalk } from './files.js';

interface Told {
  readonly walk: FileWalk;
}

/** A file, by its number where all are of one tree; null: a part that is no file's. */
type Owner = FileId | number | null;

/** Tells of a damaged part of a file; a limit is no damage, and is thrown. */
export function tell({ walk }: Told, file: Owner, error: FormatError): void {
  if (error.code === 'LIMIT') throw error;
  walk.onDoubt({ id: typeof file === 'number' ? { tree: 0, number: file } : file, error });
}

/** Runs a part of a walk; what is damaged in it is told, and ends it. @throws FormatError LIMIT. */
export async function* toldOf<T>(
  told: Told,
  file: Owner,
  part: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* part;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    tell(told, file, error);
  }
}
