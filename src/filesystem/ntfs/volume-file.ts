// The file $Volume, which has the label, the version, and the flag that says that the volume is to be checked.
// References: ntfs-3g include/ntfs-3g/layout.h (VOLUME_INFORMATION, VOLUME_FLAGS).
import {
  parseNtfsVolumeInformation,
  parseNtfsVolumeName,
} from '../../../generated/filesystem/ntfs.js';
import { UnsupportedError } from '../../errors.js';
import { hasFlag, type Label, labelOf, NO_LABEL, u8 } from '../../validation/guest.js';
import { type FileTable, openValue, readFileRecord, unnamed } from './file-table.js';
import type { FileRecord } from './record.js';
import { readBytes } from './value.js';

const VOLUME_FILE = 3;
const VOLUME_NAME = 0x60;
const VOLUME_INFORMATION = 0x70;
const DIRTY = 1n;
/** Windows allows 32 units (64 bytes); a longer name is cut here. */

const MAX_NAME_BYTES = 512;

/** @throws FormatError */
export async function readLabel(table: FileTable): Promise<Label> {
  const bytes = await bytesOf(
    table,
    await readFileRecord(table, VOLUME_FILE),
    VOLUME_NAME,
    '$Volume',
  );
  if (bytes === null) return NO_LABEL;
  const whole = bytes.subarray(0, Math.min(bytes.length - (bytes.length % 2), MAX_NAME_BYTES));
  return labelOf(parseNtfsVolumeName(whole).name);
}

/** `3.1`; null if the volume does not say. @throws FormatError, UnsupportedError for another version of NTFS. */
export async function readVersion(table: FileTable): Promise<string | null> {
  const information = await readInformation(table);
  return information === null ? null : `${information.major}.${information.minor}`;
}

/** Whether the volume is marked as to be checked. @throws FormatError, UnsupportedError for another version of NTFS. */
export async function isMarkedDirty(table: FileTable): Promise<boolean> {
  return (await readInformation(table))?.isDirty ?? true;
}

async function readInformation(table: FileTable) {
  const file = await readFileRecord(table, VOLUME_FILE);
  const bytes = await bytesOf(table, file, VOLUME_INFORMATION, '$Volume');
  if (bytes === null) return null;
  const information = parseNtfsVolumeInformation(bytes);
  const major = u8(information.majorVersion);
  const minor = u8(information.minorVersion);
  // 1.1 and 1.2 are of Windows NT 4, 2.0 of early Windows 2000; since Windows XP it is 3.1.
  if (major < 1 || major > 3) {
    const message = `ntfs: version ${major}.${minor} is none that virt-df knows (1 to 3)`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { major, minor } });
  }
  return { major, minor, isDirty: hasFlag(information.flags, DIRTY) };
}

async function bytesOf(
  table: FileTable,
  file: FileRecord,
  type: number,
  what: string,
): Promise<Uint8Array | null> {
  const value = await openValue(table, file, unnamed(type, what));
  if (value?.resident === null || value === null) return null;
  return readBytes(table.source, table.geometry, value, 0, value.sizeBytes);
}
