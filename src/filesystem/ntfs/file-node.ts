// A file of NTFS with the fields of stat(2), as ntfs-3g shows them.
// References: ntfs-3g src/ntfs-3g.c (ntfs_fuse_getstat, junction_getstat, wsl_getstat); libntfs-3g/inode.c
// (ntfs_inode_real_open); include/ntfs-3g/ntfstime.h; Linux fs/ntfs3/inode.c (ntfs_read_mft).
import {
  type GuestNtfsStandardInformation,
  ntfsFileNameRecords,
  ntfsStandardInformationRecords,
  ntfsStoredSizeRecords,
} from '../../../generated/filesystem/ntfs.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int, u64 } from '../../validation/guest.js';
import type { FileNode, FileStat } from '../files.js';
import {
  DATA,
  FILE_NAME,
  INDEX_ALLOCATION,
  INDEX_NAME,
  STANDARD_INFORMATION,
} from './attribute-types.js';
import { readAbilities, type WslStat } from './extended-attributes.js';
import { partsOf } from './file-attributes.js';
import { entryPages } from './file-entries.js';
import { extentPages } from './file-extents.js';
import { specialOf } from './special-file.js';
import { COMPRESSED, CONTENT_FLAGS, readSizes, residentBytes, SPARSE } from './value.js';
import {
  FIRST_USER,
  type NtfsFile,
  type NtfsVolume,
  recordRanges,
  systemName,
} from './volume-files.js';

const DOS = 2;
const FILE_NAME_BYTES = 66;
const INFORMATION_BYTES = 36;
const STORED_SIZE_AT = 64;
const STORED_SIZE_BYTES = 8;
const SECTOR_BYTES = 512;
/** 1601 to 1970, in units of 100 ns. */
const EPOCH = 116_444_736_000_000_000n;
const UNIT_NS = 100n;

/** How large a value is, and what it takes. */
interface Space {
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
}

/** @throws FormatError for a file that ntfs-3g cannot open. */
export async function fileNode(volume: NtfsVolume, file: NtfsFile): Promise<FileNode> {
  const { record } = file;
  const { number } = record;
  const information = informationOf(file);
  const links = linkCount(file);
  const special = await specialOf(volume, file, information);
  const sizes = sizesOf(file);
  const wsl = await readAbilities(volume, file);
  const extended = number < FIRST_USER ? undefined : (await volume.extended()).get(number);
  const [at] = recordRanges(volume, number, 0, volume.table.geometry.recordBytes);
  if (at === undefined) throw new FormatError('INVALID', `ntfs: record ${number} is nowhere`);
  return {
    id: { tree: 0, number },
    kind: special?.kind ?? (record.isDirectory ? 'directory' : 'file'),
    system: systemName(number, links > 0) ?? extended ?? null,
    sizeBytes: special?.sizeBytes ?? sizes.sizeBytes,
    allocatedBytes: sizes.allocatedBytes,
    // A directory has no others.
    linkCount: record.isDirectory ? Math.min(links, 1) : links,
    record: at,
    stat: () => statOf(file, information, wsl),
    extents: () => extentPages(volume, file, special),
    entries: () => entryPages(volume, file, special),
  };
}

function informationOf(file: NtfsFile): GuestNtfsStandardInformation | null {
  const [part] = partsOf(file, STANDARD_INFORMATION, '');
  const bytes = part === undefined ? null : residentBytes(part.attribute);
  if (bytes === null || bytes.length < INFORMATION_BYTES) return null;
  return ntfsStandardInformationRecords(bytes).at(0);
}

/** The names but for short ones, which are no names of their own: a file that has both counts once. */
function linkCount(file: NtfsFile): number {
  let [names, short] = [0, 0];
  for (const part of partsOf(file, FILE_NAME, '')) {
    const bytes = residentBytes(part.attribute);
    if (bytes === null || bytes.length < FILE_NAME_BYTES) continue;
    if (equals(ntfsFileNameRecords(bytes).at(0).namespace, DOS)) short++;
    else names++;
  }
  return names === 0 ? Math.min(short, 1) : names;
}

/** Of a directory those of its index, if that has blocks; of any other file those of its content. */
function sizesOf(file: NtfsFile): Space {
  const { isDirectory, number } = file.record;
  const [part] = isDirectory
    ? partsOf(file, INDEX_ALLOCATION, INDEX_NAME)
    : partsOf(file, DATA, '');
  if (part === undefined) return { sizeBytes: 0, allocatedBytes: 0 };
  const what = `the content of record ${number}`;
  const { head, bytes } = part.attribute;
  const value = readSizes(part.attribute, what, CONTENT_FLAGS);
  const { sizeBytes } = value;
  const isLess = hasFlag(head.flags, COMPRESSED) || hasFlag(head.flags, SPARSE);
  const stored =
    isLess && head.clusters !== undefined && bytes.length >= STORED_SIZE_AT + STORED_SIZE_BYTES
      ? storedBytes(bytes, value.allocatedBytes)
      : value.allocatedBytes;
  return { sizeBytes, allocatedBytes: Math.ceil(stored / SECTOR_BYTES) * SECTOR_BYTES };
}

function storedBytes(bytes: Uint8Array, most: number): number {
  const { lenStored } = ntfsStoredSizeRecords(bytes.subarray(STORED_SIZE_AT)).at(0);
  return int(lenStored, 'ntfs: bytes that a value takes', 0, most);
}

function statOf(
  { record }: NtfsFile,
  information: GuestNtfsStandardInformation | null,
  { mode, userId, groupId }: WslStat,
): FileStat {
  const time = (value: GuestInteger | undefined) =>
    value === undefined ? null : (BigInt.asIntN(64, u64(value)) - EPOCH) * UNIT_NS;
  return {
    mode,
    userId,
    groupId,
    generation: record.sequence,
    accessedNs: time(information?.accessed),
    modifiedNs: time(information?.modified),
    changedNs: time(information?.changed),
    createdNs: time(information?.created),
  };
}
