// What lies below $Extend ($Quota, $ObjId, $Reparse, $UsnJrnl, the log of transactions): the filesystem's own files, which have
// ordinary records and which no mount shows.
// References: ntfs-3g include/ntfs-3g/layout.h (FILE_Extend).
import { tell, UNHEARD } from '../told.js';
import { fileOf } from './file-attributes.js';
import { entryPages } from './file-entries.js';
import { readFileRecord } from './file-table.js';
import { EXTEND, type NtfsVolume } from './volume-files.js';

/** Windows has a dozen, and for as long as they are open those that were deleted. */
const MAX_FILES = 100_000;

/** By the number of the record: `$Extend/$UsnJrnl`. */
export async function extendedNames(volume: NtfsVolume): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  const queue: { readonly number: number; readonly path: string }[] = [
    { number: EXTEND, path: '$Extend' },
  ];
  // It grows meanwhile.
  for (const { path, number } of queue) {
    for await (const page of entriesOf(volume, number)) {
      for (const { id, name, kind } of page) {
        if (names.has(id.number) || names.size >= MAX_FILES) continue;
        const own = `${path}/${name.text}`;
        names.set(id.number, own);
        if (kind !== 'file') queue.push({ number: id.number, path: own });
      }
    }
  }
  return names;
}

/** None of a record that is no directory. What is damaged is told when the directory itself is read. */
async function* entriesOf(volume: NtfsVolume, number: number) {
  const quiet: NtfsVolume = { ...volume, walk: UNHEARD };
  try {
    const record = await readFileRecord(volume.table, number);
    if (record.base === null) yield* entryPages(quiet, await fileOf(quiet, record), null);
  } catch (error) {
    tell(quiet, null, error);
  }
}
