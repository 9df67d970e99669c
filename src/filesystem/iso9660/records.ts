// The records of a directory, one behind the other, and the files that they tell of: a large file has a record for each of
// its sections.
// References: ECMA-119 sections 6.8.1, 9.1; Linux fs/isofs/dir.c: do_isofs_readdir; fs/isofs/inode.c: isofs_read_level3_size;
// fs/isofs/isofs.h: isofs_get_ino, isofs_normalize_block_and_offset.
import {
  type GuestIso9660DirectoryRecord,
  iso9660DirectoryRecordRecords,
} from '../../../generated/filesystem/iso9660.js';
import type { ByteRange } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, u8, u32 } from '../../validation/guest.js';
import { shortTime } from './times.js';
import { SECTOR_BYTES, type Volume } from './volume.js';

const HEAD_BYTES = 33;
/** Of what is read at once. */
const CHUNK_BYTES = 8 * SECTOR_BYTES;
/** By which the kernel tells records of one block apart. */
const NUMBER_BYTES = 32;
const IS_DIRECTORY = 2n;
const IS_ASSOCIATED = 4n;
const GOES_ON = 0x80n;
/** More are refused by the kernel too: 100 sections of 4 GiB. */
const MAX_SECTIONS = 100;

/** Content that lies together. */
export interface Section {
  readonly block: number;
  readonly lengthBytes: number;
}

interface IsoRecord {
  /** Of the record, on the volume. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly isDirectory: boolean;
  readonly isAssociated: boolean;
  readonly goesOn: boolean;
  readonly section: Section;
  /** Blocks before the content. */
  readonly attributeBlocks: number;
  /** Content and gaps take turns, which Linux does not read. */
  readonly isInterleaved: boolean;
  readonly recordedNs: bigint;
  readonly name: Uint8Array;
  /** What extensions say, and where. */
  readonly systemUse: { readonly bytes: Uint8Array; readonly offsetBytes: number };
}

/** A file: its name and flags are those of its last record, its number that of the first one. */
export interface IsoEntry {
  readonly first: IsoRecord;
  readonly last: IsoRecord;
  readonly sections: readonly Section[];
}

/** The inode's number in Linux: of a directory, that of the record with which it begins. */
export function numberOf({ blockBytes }: Volume, entry: IsoEntry): number {
  const { first } = entry;
  const { block } = first.section;
  if (first.isDirectory) return (block * blockBytes) / NUMBER_BYTES;
  return Math.floor(first.offsetBytes / NUMBER_BYTES);
}

/** Sections as stretches of the volume. */
export function stretchesOf(
  { blockBytes }: Volume,
  sections: readonly Section[],
): readonly ByteRange[] {
  return sections.map(({ block, lengthBytes }) => ({
    offsetBytes: block * blockBytes,
    lengthBytes,
  }));
}

/** @throws FormatError where a record cannot be: what lies behind it is not known. */
export async function* entryPages(
  volume: Volume,
  stretches: readonly ByteRange[],
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<readonly IsoEntry[], void, undefined> {
  let begun: IsoRecord[] = [];
  for await (const records of recordPages(volume, stretches, chunkBytes)) {
    const page: IsoEntry[] = [];
    for (const record of records) {
      begun.push(record);
      if (begun.length > MAX_SECTIONS) throw tooMany(begun);
      if (record.goesOn) continue;
      page.push(entryOf(begun, record));
      begun = [];
    }
    if (page.length > 0) yield page;
  }
}

function tooMany([first]: readonly IsoRecord[]): FormatError {
  const words = `the file at byte ${first?.offsetBytes} has more than ${MAX_SECTIONS} sections`;
  return new FormatError('INVALID', `iso9660: ${words}`);
}

function entryOf(records: readonly IsoRecord[], last: IsoRecord): IsoEntry {
  return { first: records[0] ?? last, last, sections: records.map(({ section }) => section) };
}

/** The file with this number; null if no record of its block has it. @throws FormatError */
export async function entryAt(volume: Volume, number: number): Promise<IsoEntry | null> {
  const { blockBytes, source } = volume;
  const offset = number * NUMBER_BYTES;
  const start = offset - (offset % blockBytes);
  if (!Number.isSafeInteger(offset) || offset < 0 || start + blockBytes > source.sizeBytes)
    return null;
  const isWanted = ({ offsetBytes }: IsoRecord) =>
    Math.floor(offsetBytes / NUMBER_BYTES) === number;
  const block = { offsetBytes: start, lengthBytes: blockBytes };
  for await (const records of recordPages(volume, [block], SECTOR_BYTES)) {
    const found = records.find(isWanted);
    if (found?.goesOn === false) return entryOf([found], found);
    if (found !== undefined) return entryFrom(volume, start, isWanted);
  }
  return null;
}

/** A file of several sections, whose other records may be in the sectors behind. */
async function entryFrom(
  volume: Volume,
  offsetBytes: number,
  isWanted: (record: IsoRecord) => boolean,
): Promise<IsoEntry | null> {
  const most = volume.source.sizeBytes - offsetBytes;
  const rest = { offsetBytes, lengthBytes: Math.min(most, MAX_SECTIONS * SECTOR_BYTES) };
  for await (const page of entryPages(volume, [rest], SECTOR_BYTES)) {
    const found = page.find(({ first }) => isWanted(first));
    if (found !== undefined) return found;
  }
  return null;
}

async function* recordPages(
  volume: Volume,
  stretches: readonly ByteRange[],
  chunkBytes: number,
): AsyncGenerator<readonly IsoRecord[], void, undefined> {
  const { source, spend } = volume;
  for (const { offsetBytes, lengthBytes } of stretches) {
    for (let done = 0; done < lengthBytes; done += chunkBytes) {
      const length = Math.min(chunkBytes, lengthBytes - done);
      spend(length);
      const bytes = await source.read(offsetBytes + done, length);
      const found: IsoRecord[] = [];
      const fault = recordsIn(bytes, offsetBytes + done, found);
      yield found;
      if (fault !== null) throw fault;
    }
  }
}

/**
 * @param bytes whole sectors, but for the last one.
 * @param found the records up to one that cannot be, of which the error is given back.
 */
function recordsIn(bytes: Uint8Array, offsetBytes: number, found: IsoRecord[]): FormatError | null {
  for (let at = 0; at < bytes.length; ) {
    const lengthBytes = bytes[at] ?? 0;
    const sectorEnd = Math.min(bytes.length, at - (at % SECTOR_BYTES) + SECTOR_BYTES);
    if (lengthBytes === 0) {
      at = sectorEnd;
      continue;
    }
    if (lengthBytes < HEAD_BYTES || at + lengthBytes > sectorEnd) {
      const words = `no record of ${lengthBytes} bytes begins at byte ${offsetBytes + at}`;
      return new FormatError('INVALID', `iso9660: ${words}`);
    }
    try {
      found.push(recordOf(bytes.subarray(at, at + lengthBytes), offsetBytes + at));
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
    at += lengthBytes;
  }
  return null;
}

/** @throws FormatError OUT_OF_BOUNDS for a name that ends behind its record. */
function recordOf(bytes: Uint8Array, offsetBytes: number): IsoRecord {
  const guest = iso9660DirectoryRecordRecords(bytes).at(0);
  const room = bytes.length - HEAD_BYTES;
  const nameEnd = HEAD_BYTES + int(guest.lenName, 'iso9660: bytes of a name', 0, room);
  // The system use begins at an even byte.
  const useAt = Math.min(bytes.length, nameEnd + (nameEnd % 2));
  const attributeBlocks = attributeBlocksOf(guest);
  return {
    offsetBytes,
    lengthBytes: bytes.length,
    isDirectory: hasFlag(guest.flags, IS_DIRECTORY),
    isAssociated: hasFlag(guest.flags, IS_ASSOCIATED),
    goesOn: hasFlag(guest.flags, GOES_ON),
    section: { block: firstBlockOf(guest), lengthBytes: u32(guest.lenContent) },
    attributeBlocks,
    isInterleaved: !equals(guest.lenGap, 0),
    recordedNs: shortTime(guest.recorded),
    name: bytes.slice(HEAD_BYTES, nameEnd),
    systemUse: { bytes: bytes.slice(useAt), offsetBytes: offsetBytes + useAt },
  };
}

function attributeBlocksOf({ lenAttributes }: GuestIso9660DirectoryRecord): number {
  return u8(lenAttributes);
}

/** Of the content, behind the attributes. */
export function firstBlockOf(guest: GuestIso9660DirectoryRecord): number {
  return u32(guest.block) + attributeBlocksOf(guest);
}
