// What the Windows Subsystem for Linux keeps of a file's mode and owners: extended attributes.
// References: ntfs-3g include/ntfs-3g/layout.h (EA_ATTR); Linux fs/ntfs3/xattr.c (ntfs_get_wsl_perm).
import { ntfsEaHeadRecords, ntfsEaNumberRecords } from '../../../generated/filesystem/ntfs.js';
import { KIB } from '../../limits.js';
import { int, u32 } from '../../validation/guest.js';
import { tell } from '../told.js';
import { EXTENDED } from './attribute-types.js';
import { partsOf } from './file-attributes.js';
import { joinedValue, readBytes } from './value.js';
import type { NtfsFile, NtfsVolume } from './volume-files.js';

const HEAD_BYTES = 8;
const NUMBER_BYTES = 4;
/** What Windows lets a file have. */
const MAX_BYTES = 64 * KIB;
const NONE: WslStat = { mode: null, userId: null, groupId: null };

export interface WslStat {
  readonly mode: number | null;
  readonly userId: number | null;
  readonly groupId: number | null;
}

export async function readAbilities(volume: NtfsVolume, file: NtfsFile): Promise<WslStat> {
  const parts = partsOf(file, EXTENDED, '');
  if (parts.length === 0) return NONE;
  const { source, geometry } = volume.table;
  const { number } = file.record;
  try {
    const attributes = parts.map(({ attribute }) => attribute);
    const value = joinedValue(attributes, geometry, `extended attributes of record ${number}`);
    const bytes = await readBytes(source, geometry, value, 0, Math.min(value.sizeBytes, MAX_BYTES));
    const numbers = numbersIn(bytes);
    return {
      mode: numbers.get('$LXMOD') ?? null,
      userId: numbers.get('$LXUID') ?? null,
      groupId: numbers.get('$LXGID') ?? null,
    };
  } catch (error) {
    tell(volume, number, error);
    return NONE;
  }
}

/** Those of four bytes, by name. */
function numbersIn(bytes: Uint8Array): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (let at = 0; at + HEAD_BYTES < bytes.length; ) {
    const head = ntfsEaHeadRecords(bytes.subarray(at)).at(0);
    const room = bytes.length - at - HEAD_BYTES;
    const nameBytes = int(head.numName, 'ntfs: name of an extended attribute', 0, room);
    const nameEnd = at + HEAD_BYTES + nameBytes;
    const name = Buffer.from(bytes.subarray(at + HEAD_BYTES, nameEnd)).toString('latin1');
    const length = int(head.lenValue, 'ntfs: bytes of an extended attribute', 0, room - nameBytes);
    const value = bytes.subarray(nameEnd + 1, nameEnd + 1 + length);
    if (value.length === NUMBER_BYTES) {
      numbers.set(name, u32(ntfsEaNumberRecords(value).at(0).value));
    }
    const next = int(head.ofsNext, 'ntfs: next extended attribute', 0, bytes.length);
    if (next < HEAD_BYTES) break;
    at += next;
  }
  return numbers;
}
