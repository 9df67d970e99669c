// The records for facts that a tar header has no room for, such as a long name: `27 path=a/very/long/name\n`.
// References: POSIX pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files".
import { FormatError } from '../../errors.js';

/** What the records say of a sparse file. */
interface PaxSparse {
  /** Its size with its holes; null if it is not said. */
  readonly sizeBytes: number | null;
  /** Of the version of the map: 0, or 1 where the map stands before the content. */
  readonly major: number;
  /** Offsets and lengths by turns, of version 0. */
  readonly numbers: readonly number[];
}

/** The facts that the records state about the next member; null for each that they do not state. */
export interface PaxRecords {
  readonly path: string | null;
  readonly sizeBytes: number | null;
  readonly sparse: PaxSparse | null;
}

export const NO_RECORDS: PaxRecords = { path: null, sizeBytes: null, sparse: null };

const SPARSE = 'GNU.sparse.';

/** Reads line by line: a record's length counts bytes, the text has characters. Values that are used have no line ends. */
export function readPax(text: string): PaxRecords {
  let path: string | null = null;
  let sparsePath: string | null = null;
  let sizeBytes: number | null = null;
  let realBytes: number | null = null;
  let [isSparse, major] = [false, 0];
  const numbers: number[] = [];
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\d{1,16} ([^=]{1,256})=(.*)$/u.exec(line) ?? [];
    if (key === 'path') path = value;
    else if (key === 'size') sizeBytes = number(value);
    else if (key.startsWith(SPARSE)) {
      isSparse = true;
      const word = key.slice(SPARSE.length);
      if (word === 'name') sparsePath = value;
      else if (word === 'size' || word === 'realsize') realBytes = number(value);
      else if (word === 'major') major = number(value);
      else if (word === 'offset' || word === 'numbytes') numbers.push(number(value));
      else if (word === 'map' && value !== '')
        for (const one of value.split(',')) numbers.push(number(one));
    }
  }
  const sparse = isSparse ? { sizeBytes: realBytes, major, numbers } : null;
  return { path: sparsePath ?? path, sizeBytes, sparse };
}

function number(value: string): number {
  const parsed = /^\d{1,16}$/u.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(parsed)) return parsed;
  const message = 'ova: a number in the records of a member is none below 2^53';
  throw new FormatError('OUT_OF_BOUNDS', message);
}
