// One filesystem's answer to `virt-df du`: df's row, its files, and the reasons where something of them is missing.
import { FormatError, SourceError } from '../../errors.js';
import type { FileDoubt, FileWalk } from '../../filesystem/files.js';
import type { Filesystem } from '../../filesystem/filesystem.js';
import { filesNotRead } from '../files.js';
import { problemOf } from '../problem.js';
import type { FilesystemRecord, Problem } from '../report.js';
import type { Memory } from './columns.js';
import type { DuOptions } from './options.js';
import { readFiles } from './read.js';
import type { DuFilesystem } from './record.js';

/** Doubts about files that are told of one filesystem: a damaged one may have one for each file. */
const MAX_DOUBTS = 20;
/** Doubts that are known again when they come a second time. */
const MAX_KNOWN = 4096;

interface Reading {
  readonly options: DuOptions;
  readonly memory: Memory;
  onFiles(count: number): void;
}

/** null: it does not have the path that was asked for. */
export async function duFilesystem(
  filesystem: Pick<Filesystem, 'type' | 'files'>,
  record: FilesystemRecord,
  { options, memory, onFiles }: Reading,
): Promise<DuFilesystem | null> {
  const { type } = filesystem;
  const tale = doubtsTold();
  const nothing = { record, listing: null, other: [], outside: [] };
  if (record.problem !== null) return { ...nothing, doubts: [], problem: record.problem };
  try {
    if (filesystem.files === undefined) throw filesNotRead(type);
    const reader = await filesystem.files(tale);
    const { usedBytes } = record;
    if (usedBytes === null) throw filesNotRead(type);
    const isDoubtful = () => tale.count() > 0;
    const { onDoubt } = tale;
    const reading = { options, usedBytes, memory, onFiles, isDoubtful, onDoubt };
    const read = await readFiles(reader, reading);
    if (read === null) {
      if (!isDoubtful()) return null;
      const path = `/${options.path.join('/')}`;
      throw new SourceError(
        'NOT_FOUND',
        `${type}: no ${path} was found, and not all could be read`,
      );
    }
    const { listing, other, outside, danglingCount, loopCount, cutCount } = read;
    tale.add('INVALID', danglingCount, `${type}: names in directories that lead to no file`);
    tale.add('LOOP', loopCount, `${type}: names that lead to a directory which has another`);
    tale.add(
      'LIMIT',
      cutCount,
      `${type}: files whose paths are too long have no rows of their own`,
    );
    return { record, listing, other, outside, doubts: tale.problems(record), problem: null };
  } catch (error) {
    return { ...nothing, doubts: tale.problems(record), problem: problemOf(error, type) };
  }
}

interface Tale extends FileWalk {
  add(code: 'INVALID' | 'LOOP' | 'LIMIT', count: number, what: string): void;
  count(): number;
  /** Those that df's row does not tell, and how many more there are. */
  problems(record: FilesystemRecord): readonly Problem[];
}

function doubtsTold(): Tale {
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
