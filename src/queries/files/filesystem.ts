// One filesystem of a guest for questions about its files: df's row of it, its reader, and the reasons where one fails.
import type { FileReader, FileWalk } from '../../filesystem/files.js';
import type { Filesystem, View } from '../../filesystem/filesystem.js';
import type { GuestDefinition } from '../../guests/guest.js';
import type { FilesystemNode } from '../../stack/node.js';
import { filesNotRead } from '../files.js';
import { placeOf } from '../place.js';
import { problemOf } from '../problem.js';
import { filesystemRecord } from '../record.js';
import type { FilesystemRecord, Problem } from '../report.js';
import { type Doubts, noDoubts } from './doubts.js';

/** What every answer about one filesystem has. */
export interface FilesystemReasons {
  /** df's row. */
  readonly record: FilesystemRecord;
  /** Why some of its files, or their names, are missing. */
  readonly doubts: readonly Problem[];
  /** Why its files are not read. */
  readonly problem: Problem | null;
}

/** null: `problem` says why, or the work itself gave nothing. */
interface Read<T> extends Omit<FilesystemReasons, 'record'> {
  readonly value: T | null;
}

/** df's row of a filesystem. */
export function recordOf(
  node: FilesystemNode,
  guest: GuestDefinition,
  view: View,
): Promise<FilesystemRecord> {
  return filesystemRecord(placeOf(node, guest), node.filesystem, node.sizeBytes, { view, guest });
}

/** Opens the files of a filesystem for some work. It never throws: what is thrown is the problem. */
export async function withFiles<T>(
  filesystem: Pick<Filesystem, 'type' | 'files'>,
  record: FilesystemRecord,
  work: (reader: FileReader, doubts: Doubts) => Promise<T>,
  asked: Pick<FileWalk, 'needsNoCounts'> = {},
): Promise<Read<T>> {
  if (record.problem !== null) return { value: null, doubts: [], problem: record.problem };
  const { type } = filesystem;
  const doubts = noDoubts();
  try {
    if (filesystem.files === undefined) throw filesNotRead(type);
    const walk = { ...doubts, ...asked, isLive: record.view === 'live' };
    const value = await work(await filesystem.files(walk), doubts);
    return { value, doubts: doubts.problems(record), problem: null };
  } catch (error) {
    return { value: null, doubts: doubts.problems(record), problem: problemOf(error, type) };
  }
}
