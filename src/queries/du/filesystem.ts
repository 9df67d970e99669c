// One filesystem's answer to `virt-df du`: df's row, its files, and the reasons where something of them is missing.
import { SourceError } from '../../errors.js';
import type { FileReader } from '../../filesystem/files.js';
import type { Filesystem } from '../../filesystem/filesystem.js';
import type { Memory } from '../files/columns.js';
import type { Doubts } from '../files/doubts.js';
import { withFiles } from '../files/filesystem.js';
import { filesNotRead } from '../files.js';
import type { FilesystemRecord } from '../report.js';
import type { DuOptions } from './options.js';
import { type ReadFiles, readFiles } from './read.js';
import type { DuFilesystem } from './record.js';

interface Reading {
  readonly options: DuOptions;
  readonly memory: Memory;
  onFiles(count: number): void;
}

/** null: it does not have the path that was asked for. */
export async function duFilesystem(
  filesystem: Pick<Filesystem, 'type' | 'files'>,
  record: FilesystemRecord,
  reading: Reading,
): Promise<DuFilesystem | null> {
  const { type } = filesystem;
  const { value, ...reasons } = await withFiles(filesystem, record, (reader, doubts) =>
    readTold(reader, doubts, type, record, reading),
  );
  if (value === null && reasons.problem === null) return null;
  const { listing, other, outside } = value ?? { listing: null, other: [], outside: [] };
  return { record, listing, other, outside, ...reasons };
}

/** What is left out is told as doubts. */
async function readTold(
  reader: FileReader,
  doubts: Doubts,
  type: string,
  { usedBytes, view }: FilesystemRecord,
  reading: Reading,
): Promise<ReadFiles | null> {
  if (usedBytes === null) throw filesNotRead(type);
  const { onDoubt } = doubts;
  const isDoubtful = () => doubts.count() > 0;
  const read = await readFiles(reader, {
    ...reading,
    view: view ?? reading.options.view,
    usedBytes,
    isDoubtful,
    onDoubt,
  });
  if (read === null) {
    if (!isDoubtful()) return null;
    const path = `/${reading.options.path.join('/')}`;
    throw new SourceError('NOT_FOUND', `${type}: no ${path} was found, and not all could be read`);
  }
  const { danglingCount, loopCount, cutCount } = read;
  doubts.add('INVALID', danglingCount, `${type}: names in directories that lead to no file`);
  doubts.add('LOOP', loopCount, `${type}: names that lead to a directory which has another`);
  const words = 'files whose paths are too long have no rows of their own';
  doubts.add('LIMIT', cutCount, `${type}: ${words}`);
  return read;
}
