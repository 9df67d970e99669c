// A directory of FAT, entry by entry, as the kernel lists it.
// References: Linux 6.18 fs/fat/dir.c: __fat_readdir, fat_get_short_entry; fs/fat/misc.c: fat_time_fat2unix.
import {
  fatDirectoryEntryRecords,
  type GuestFatDirectoryEntry,
} from '../../../generated/filesystem/fat.js';
import type { ByteSource } from '../../bytes/source.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag, u8, u16, u32 } from '../../validation/guest.js';
import type { FileStat } from '../files.js';
import { nameBytes } from '../utf16-names.js';
import { longName, shortName } from './names.js';
import { nanosecondsOf } from './times.js';
import { SLOT_BYTES, type Slot, type Stretch } from './tree.js';

const CHUNK_BYTES = 16 * KIB;
const FREE = 0x00;
const DELETED = 0xe5;
const LONG_NAME = 0x0f;
const VOLUME = 0x08n;
const DIRECTORY = 0x10n;
const CLUSTER_VALUES = 0x10000;
const SELF = '.          ';
const PARENT = '..         ';
const TENTHS_MS = 10;

/**
 * The entries of a directory but for `.` and `..`, in pages. As the kernel does, it goes on behind an entry that begins
 * with 0, which other systems take for the end.
 */
export async function* slotPages(
  source: ByteSource,
  isFat32: boolean,
  stretches: AsyncIterable<Stretch> | Iterable<Stretch>,
): AsyncGenerator<readonly Slot[], void, undefined> {
  const long = longName();
  for await (const { offsetBytes, lengthBytes } of stretches) {
    for (let done = 0; done < lengthBytes; done += CHUNK_BYTES) {
      const bytes = await source.read(
        offsetBytes + done,
        Math.min(CHUNK_BYTES, lengthBytes - done),
      );
      const records = fatDirectoryEntryRecords(bytes);
      const page: Slot[] = [];
      for (let i = 0; i < records.length; i++) {
        const record = records.at(i);
        const at = i * SLOT_BYTES;
        if (equals(record.attributes, LONG_NAME)) {
          // The mark of a deleted entry stands where a part has its number.
          if (bytes[at] === DELETED) long.take(record.name);
          else long.add(bytes.subarray(at, at + SLOT_BYTES));
          continue;
        }
        const name = long.take(record.name);
        if (!isFile(record)) continue;
        page.push(slotOf(record, name, offsetBytes + done + at, isFat32));
      }
      if (page.length > 0) yield page;
    }
  }
}

function isFile({ name, attributes }: GuestFatDirectoryEntry): boolean {
  if (name[0] === FREE || name[0] === DELETED || hasFlag(attributes, VOLUME)) return false;
  const text = Buffer.from(name).toString('latin1');
  return text !== SELF && text !== PARENT;
}

/** @param long the name that the parts before it give, if they are its own. */
function slotOf(
  record: GuestFatDirectoryEntry,
  long: string | null,
  offsetBytes: number,
  isFat32: boolean,
): Slot {
  const isDirectory = hasFlag(record.attributes, DIRECTORY);
  const high = isFat32 ? u16(record.clusterHigh) : 0;
  return {
    offsetBytes,
    name: nameBytes(long ?? shortName(record)),
    isDirectory,
    firstCluster: high * CLUSTER_VALUES + u16(record.clusterLow),
    sizeBytes: isDirectory ? 0 : u32(record.lenFile),
    stat: statOf(record),
  };
}

/** The slot of an entry of 32 bytes; null if it is none of a file. Its name is the short one. */
export function readSlot(bytes: Uint8Array, offsetBytes: number, isFat32: boolean): Slot | null {
  const record = fatDirectoryEntryRecords(bytes).at(0);
  if (equals(record.attributes, LONG_NAME) || !isFile(record)) return null;
  return slotOf(record, null, offsetBytes, isFat32);
}

/** Times are local ones, and the kernel takes them for UTC unless it is told a zone. */
function statOf(record: GuestFatDirectoryEntry): FileStat {
  const { createdDate, createdTime, createdHundredths, accessedDate } = record;
  const tenthsMs = u8(createdHundredths) * TENTHS_MS;
  return {
    mode: null,
    userId: null,
    groupId: null,
    generation: null,
    accessedNs: nanoseconds(u16(accessedDate), 0, 0),
    modifiedNs: nanoseconds(u16(record.modifiedDate), u16(record.modifiedTime), 0),
    changedNs: null,
    createdNs: nanoseconds(u16(createdDate), u16(createdTime), tenthsMs),
  };
}

/** A month or a day of 0 is the first one. */
function nanoseconds(date: number, time: number, addedMs: number): bigint {
  return nanosecondsOf(date, time, 1, addedMs);
}
