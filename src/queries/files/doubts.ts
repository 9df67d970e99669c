// The reasons why an answer about files is not exact: each once, and of a damaged filesystem, which may have one for each file, the
// first of them and a count.
import { FormatError } from '../../errors.js';
import type { FileDoubt, FileWalk } from '../../filesystem/files.js';
import { problemOf } from '../problem.js';
import type { FilesystemRecord, Problem } from '../report.js';

/** Doubts that are told of one filesystem. */
const MAX_DOUBTS = 20;
/** Doubts that are known again when they come a second time. */
const MAX_KNOWN = 4096;

/** What a reader of files tells its doubts to. */
export interface Doubts extends FileWalk {
  /** Tells of so many of something, if there are any. */
  add(code: 'INVALID' | 'LOOP' | 'LIMIT', count: number, what: string): void;
  /** How many there are so far. */
  count(): number;
  /** Those that df's row does not tell, and how many more there are. */
  problems(record: Pick<FilesystemRecord, 'doubts' | 'type'>): readonly Problem[];
}

export function noDoubts(): Doubts {
  const told: FileDoubt[] = [];
  const known = new Set<string>();
  let count = 0;
  const onDoubt = (doubt: FileDoubt) => {
    // The files may be gone through twice.
    const { id, error } = doubt;
    const key = `${id?.tree} ${id?.number} ${error.code} ${error.message}`;
    if (known.has(key)) return;
    if (known.size < MAX_KNOWN) known.add(key);
    count += 1;
    if (told.length < MAX_DOUBTS) told.push(doubt);
  };
  return {
    onDoubt,
    add(code, count, what) {
      if (count > 0) onDoubt({ id: null, error: new FormatError(code, `${what}: ${count}`) });
    },
    count: () => count,
    problems({ doubts, type }) {
      const ofRow = new Set(doubts.map(({ message }) => message));
      const own = told
        .map(({ id, error }) => {
          const { code, message } = problemOf(error, type);
          return { code, message: id === null ? message : `${message} (inode ${id.number})` };
        })
        .filter((problem) => !ofRow.has(problem.message));
      if (count <= MAX_DOUBTS) return own;
      const more = { code: 'INVALID', message: `${count - MAX_DOUBTS} more reasons` } as const;
      return [...own, more];
    },
  };
}
