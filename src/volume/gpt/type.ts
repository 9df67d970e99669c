// The partition types that never hold a filesystem.
// References: UEFI specification 2.10, 5.3.3; libguestfs daemon/listfs.ml (the types that virt-df leaves out).
import type { Partition } from '../volume.js';

/** Microsoft's logical disk manager: its metadata, and the partition in which its volumes lie. */
export const LDM_METADATA = '5808c8aa-7e8f-42e0-85d2-e1e90434cfb3';
const LDM_DATA = 'af9b60a0-1431-4f62-bc68-3311714a69ad';

const RESERVED = new Set([
  '21686148-6449-6e6f-744e-656564454649', // BIOS boot
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b', // PowerPC PReP boot
  'e3c9e316-0b5c-4db8-817d-f92df00215ae', // Microsoft reserved
  LDM_METADATA,
  'caddebf1-4400-4de8-b103-12117dcf3ccf', // Microsoft shadow copy
  '83bd6b9d-7f41-11dc-be0b-001560b84f0f', // FreeBSD boot
  '516e7cb5-6ecf-11d6-8ff8-00022d09712b', // FreeBSD swap
  '6a945a3b-1dd2-11b2-99a6-080020736631', // Solaris reserved
]);

/** FreeBSD's own types, but for its disklabel, which has names of its own, and those of Solaris and illumos. */
const FREEBSD = /^(?:83bd6b9d-7f41-11dc-be0b|516e7cb[5-9a]-6ecf-11d6-8ff8)-/u;
const SOLARIS =
  /^6a(?:8[257bd]|9[06])[0-9a-f]{4}-1dd2-11b2-99a6-080020736631$|^6a945a3b-1dd2-11b2-99a6-080020736631$/u;

/** What the system that a type is of calls such a partition. */
export function nativeNameOf(typeCode: string, number: number): Pick<Partition, 'nativeName'> {
  if (FREEBSD.test(typeCode)) return { nativeName: (disk) => `da${disk}p${number}` };
  if (SOLARIS.test(typeCode)) return { nativeName: (disk) => `c0t${disk}d0s${number - 1}` };
  return {};
}

/** @param typeCode a type UUID, lower case. */
export function roleOf(typeCode: string): Partition['role'] {
  if (typeCode === LDM_DATA) return 'part';
  return RESERVED.has(typeCode) ? 'reserved' : 'data';
}
