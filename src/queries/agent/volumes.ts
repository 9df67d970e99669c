// The partition of a volume of Windows, by the identifier in its name: on a GPT that is the partition's own; on an MBR it is made of the
// disk's signature and of where the partition begins.
// References: https://learn.microsoft.com/windows/win32/fileio/naming-a-volume; ntddvol.h, mountmgr.h (MOUNTDEV_STABLE_GUID); of an MBR:
// `mountvol` of Windows 8 and newer, {SIGNATURE-0000-0000-0000-100000000000} for byte 0x100000
import type { FilesystemRecord } from '../report.js';
import type { Placed } from './disks.js';

const VOLUME = /^\\\\\?\\volume\{([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}\\?$/u;
const OF_MBR = /^[0-9a-f]{8}-0000-0000-([0-9a-f]{4})-([0-9a-f]{12})$/u;

/** null: it is no such volume, no row is of its partition, or several are. */
export function rowOfVolume(
  { told, disks }: Placed,
  rows: readonly FilesystemRecord[],
): FilesystemRecord | null {
  const [, uuid] = VOLUME.exec(told.name.toLowerCase()) ?? [];
  if (uuid === undefined) return null;
  const offsetBytes = mbrOffset(uuid);
  const fitting = rows.filter((row) => {
    if (disks !== null && row.disk !== null && !disks.has(row.disk)) return false;
    return offsetBytes === null ? row.partitionUuid === uuid : row.offsetBytes === offsetBytes;
  });
  const [only = null, ...others] = fitting;
  return others.length === 0 ? only : null;
}

/** Eight bytes, the last digits of the least: `0000-501f00000000` is 0x1f500000. */
function mbrOffset(uuid: string): number | null {
  const [, high, low] = OF_MBR.exec(uuid) ?? [];
  if (high === undefined || low === undefined) return null;
  return Number(Buffer.from(high + low, 'hex').readBigUInt64LE(0));
}
