// An NTFS volume whose files are read, and one of its files, as the parts of the reader of files share them.
// References: ntfs-3g include/ntfs-3g/layout.h (NTFS_SYSTEM_FILES, FILE_first_user); libntfs-3g/inode.c (ntfs_inode_open).
import type { ByteSource } from '../../bytes/source.js';
import { type FileWalk, type VolumeRange, volumeRange } from '../files.js';
import type { FileTable } from './file-table.js';
import type { Attribute, FileRecord, RecordId } from './record.js';
import { placeOf } from './value.js';

export const ROOT_DIRECTORY = 5;
export const LOG_FILE = 2;
export const BAD_CLUSTERS_FILE = 8;
export const EXTEND = 11;
/** Records before it are the filesystem's own, and no directory that is mounted shows them. */
export const FIRST_USER = 16;
/** Windows keeps those before it for itself; ntfs-3g gives them to files. */
const FIRST_WINDOWS_USER = 24;

const SYSTEM_NAMES: readonly (string | null)[] = [
  ...['$MFT', '$MFTMirr', '$LogFile', '$Volume', '$AttrDef'],
  null,
  ...['$Bitmap', '$Boot', '$BadClus', '$Secure', '$UpCase', '$Extend'],
];

export interface NtfsVolume {
  readonly table: FileTable;
  readonly volumes: readonly ByteSource[];
  readonly walk: FileWalk;
  /** Bounds how many bytes of records and of indexes are read in all. @throws FormatError LIMIT */
  spend(byteCount: number): void;
  /** What lies below $Extend, by the number of its record. */
  extended(): Promise<ReadonlyMap<number, string>>;
}

/** An attribute, and the record that has it. */
export interface FileAttribute {
  readonly attribute: Attribute;
  readonly recordNumber: number;
}

/** A file: its first record, and all its attributes. */
export interface NtfsFile {
  readonly record: FileRecord;
  readonly attributes: readonly FileAttribute[];
}

/** The name of a file of the filesystem's own; null for any other. */
export function systemName(number: number, isNamed: boolean): string | null {
  if (number < FIRST_USER && number !== ROOT_DIRECTORY) {
    return SYSTEM_NAMES[number] ?? `reserved record ${number}`;
  }
  return number >= FIRST_USER && number < FIRST_WINDOWS_USER && !isNamed
    ? `reserved record ${number}`
    : null;
}

/** Where bytes of a record lie: in more than one piece where clusters are smaller than records. */
export function recordRanges(
  { table, volumes }: Pick<NtfsVolume, 'table' | 'volumes'>,
  recordNumber: number,
  from: number,
  lengthBytes: number,
): readonly VolumeRange[] {
  const { geometry, content } = table;
  const ranges: VolumeRange[] = [];
  const start = recordNumber * geometry.recordBytes + from;
  for (let done = 0; done < lengthBytes; ) {
    const at = placeOf(geometry, content, start + done, lengthBytes - done);
    ranges.push(volumeRange(volumes, at.offsetBytes, at.lengthBytes));
    done += at.lengthBytes;
  }
  return ranges;
}

export function isSame(one: RecordId | null, { number, sequence }: RecordId): boolean {
  return one !== null && one.number === number && one.sequence === sequence;
}
