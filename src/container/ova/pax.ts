// The records for facts that a tar header has no room for, such as a long name: `27 path=a/very/long/name\n`.
// References: POSIX pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files".
import { FormatError } from '../../errors.js';

/** The facts that the records state about the next member; null for each that they do not state. */
export interface PaxRecords {
  readonly path: string | null;
  readonly sizeBytes: number | null;
  readonly isSparse: boolean;
}

export const NO_RECORDS: PaxRecords = { path: null, sizeBytes: null, isSparse: false };

/** Reads line by line: a record's length counts bytes, the text has characters. Values that are used have no line ends. */
export function readPax(text: string): PaxRecords {
  let records = NO_RECORDS;
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\d{1,16} ([^=]{1,256})=(.*)$/u.exec(line) ?? [];
    if (key === 'path') records = { ...records, path: value };
    else if (key === 'size') records = { ...records, sizeBytes: size(value) };
    else if (key.startsWith('GNU.sparse.')) {
      records = { ...records, isSparse: true };
      if (key === 'GNU.sparse.name') records = { ...records, path: value };
    }
  }
  return records;
}

function size(value: string): number {
  const number = /^\d{1,16}$/u.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new FormatError(
    'OUT_OF_BOUNDS',
    'ova: the size in the records of a member is no number below 2^53',
  );
}
