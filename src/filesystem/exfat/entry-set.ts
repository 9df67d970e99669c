// A file of exFAT as its directory has it: a set of entries of 32 bytes, the file's own, one that says where the content lies,
// up to 17 with the name, and what vendors add.
// References: exFAT specification, 6.3 and 6.4 Generic Primary and Secondary DirectoryEntry Template, 7.4 File, 7.6 Stream
// Extension, 7.7 File Name; Linux 6.18 fs/exfat/dir.c: exfat_get_uniname_from_ext_entry, exfat_calc_chksum16;
// fs/exfat/misc.c: exfat_get_entry_time; fs/exfat/namei.c: exfat_find.
import {
  exfatFileEntryRecords,
  exfatNameEntryRecords,
  exfatSecondaryEntryRecords,
  type GuestExfatFileEntry,
  type GuestExfatSecondaryEntry,
} from '../../../generated/filesystem/exfat.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int, u8, u16, u32 } from '../../validation/guest.js';
import { nanosecondsOf } from '../fat/times.js';
import { SLOT_BYTES, type Slot } from '../fat/tree.js';
import type { FileStat } from '../files.js';
import { nameBytes } from '../utf16-names.js';
import type { Boot } from './boot.js';
import { setChecksum } from './checksum.js';

export const FILE = 0x85;
const STREAM = 0xc0;
const NAME = 0xc1;
const DIRECTORY = 0x10n;
const MAY_HAVE_CLUSTERS = 1n;
const SIDE_BY_SIDE = 2n;
/** The stream, and a name of at least one character. */
const MIN_SECONDARIES = 2;
const HUNDREDTH_MS = 10;
const HAS_ZONE = 0x80;
/** Of 7 bits with a sign. */
const ZONE_VALUES = 128;
const QUARTER_MS = 15 * 60 * 1000;

/** Clusters that an entry says are its file's. */
export interface Allocation {
  readonly firstCluster: number;
  readonly sizeBytes: number;
  /** They lie side by side, and the table says nothing of them. */
  readonly isContiguous: boolean;
}

export interface ExfatSlot extends Slot, Allocation {
  /** Of the set, as far as it lies side by side on the volume. */
  readonly recordBytes: number;
  /** The content behind these is zeros. */
  readonly validBytes: number;
  /** Of vendors' entries: no content of the file. */
  readonly others: readonly Allocation[];
}

/** A set's entries, one behind the other. */
export interface EntrySet {
  readonly bytes: Uint8Array;
  /** Of the first one on the volume. */
  readonly offsetBytes: number;
  readonly recordBytes: number;
}

/** How many bytes the set has, which its first entry says. */
export function setBytes(first: Uint8Array): number {
  return (1 + u8(exfatFileEntryRecords(first).at(0).numSecondary)) * SLOT_BYTES;
}

export function hasChecksum(bytes: Uint8Array): boolean {
  return equals(exfatFileEntryRecords(bytes).at(0).checksum, setChecksum(bytes));
}

/**
 * @param onDoubt called with what the kernel warns of and takes all the same.
 * @throws FormatError INVALID, OUT_OF_BOUNDS for a set that the kernel does not take.
 */
export function readSet(
  { bytes, offsetBytes, recordBytes }: EntrySet,
  boot: Boot,
  onDoubt: (error: unknown) => void,
): ExfatSlot {
  const file = exfatFileEntryRecords(bytes).at(0);
  const secondaries = exfatSecondaryEntryRecords(bytes.subarray(SLOT_BYTES));
  if (secondaries.length < MIN_SECONDARIES || !equals(secondaries.at(0).type, STREAM)) {
    throw new FormatError(
      'INVALID',
      `exfat: the entry at ${offsetBytes} has no content or no name`,
    );
  }
  const stream = secondaries.at(0);
  const content = allocationOf(stream, boot);
  return {
    ...content,
    offsetBytes,
    recordBytes,
    name: nameOf(bytes),
    isDirectory: hasFlag(file.attributes, DIRECTORY),
    validBytes: validBytesOf(stream, content.sizeBytes, onDoubt),
    others: othersOf(bytes, boot),
    stat: statOf(file),
  };
}

/** Never more than the file has. */
function validBytesOf(
  { lenValid }: GuestExfatSecondaryEntry,
  sizeBytes: number,
  onDoubt: (error: unknown) => void,
): number {
  try {
    return int(lenValid, 'exfat: ValidDataLength', 0, sizeBytes);
  } catch (error) {
    onDoubt(error);
    return sizeBytes;
  }
}

/** The kernel refuses a file that is larger than the volume. */
function allocationOf(
  { flags, firstCluster, lenData }: GuestExfatSecondaryEntry,
  { clusterBytes, clusterCount }: Boot,
): Allocation {
  return {
    firstCluster: u32(firstCluster),
    sizeBytes: int(lenData, 'exfat: DataLength', 0, clusterCount * clusterBytes),
    isContiguous: hasFlag(flags, SIDE_BY_SIDE),
  };
}

/** Up to the first zero, whatever length is written. */
function nameOf(bytes: Uint8Array): Uint8Array {
  const entries = exfatNameEntryRecords(bytes.subarray(2 * SLOT_BYTES));
  let name = '';
  for (let i = 0; i < entries.length; i++) {
    const { type, units } = entries.at(i);
    if (!equals(type, NAME)) break;
    const part = Buffer.from(units).toString('utf16le');
    const end = part.indexOf('\0');
    if (end >= 0) return nameBytes(name + part.slice(0, end));
    name += part;
  }
  return nameBytes(name);
}

function othersOf(bytes: Uint8Array, boot: Boot): readonly Allocation[] {
  const entries = exfatSecondaryEntryRecords(bytes.subarray(2 * SLOT_BYTES));
  const others: Allocation[] = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries.at(i);
    if (equals(entry.type, NAME) || !hasFlag(entry.flags, MAY_HAVE_CLUSTERS)) continue;
    const allocation = allocationOf(entry, boot);
    if (allocation.sizeBytes > 0) others.push(allocation);
  }
  return others;
}

function statOf(file: GuestExfatFileEntry): FileStat {
  const { createdHundredths, modifiedHundredths } = file;
  return {
    mode: null,
    userId: null,
    groupId: null,
    generation: null,
    accessedNs: timeOf(file.accessedDate, file.accessedTime, file.accessedZone, null),
    modifiedNs: timeOf(file.modifiedDate, file.modifiedTime, file.modifiedZone, modifiedHundredths),
    changedNs: null,
    createdNs: timeOf(file.createdDate, file.createdTime, file.createdZone, createdHundredths),
  };
}

/** A time without a zone is taken for UTC, as by a kernel that is told of none. */
function timeOf(
  date: GuestInteger,
  time: GuestInteger,
  zone: GuestInteger,
  hundredths: GuestInteger | null,
): bigint {
  const quarters = zoneOf(u8(zone));
  const added = hundredths === null ? 0 : u8(hundredths) * HUNDREDTH_MS;
  const addedMs = added - quarters * QUARTER_MS;
  return nanosecondsOf(u16(date), u16(time), 0, addedMs);
}

/** Quarters of an hour east of Greenwich. */
function zoneOf(byte: number): number {
  if (byte < HAS_ZONE) return 0;
  const value = byte - HAS_ZONE;
  return value < ZONE_VALUES / 2 ? value : value - ZONE_VALUES;
}
