// The partitions of an MBR, and of a GPT, that may begin with a table of their own, by their types.
// References: Linux block/partitions/msdos.c (subtypes); UEFI's list of types as in util-linux include/pt-gpt-partnames.h.
import type { ByteSource } from '../../bytes/source.js';
import type { Partition, PartitionTable } from '../volume.js';
import type { Slice } from './slice.js';

type Reader = (source: ByteSource, slice: Slice) => Promise<PartitionTable | null>;

const bsd: Reader = async (...args) => (await import('../bsd.js')).bsdInSlice(...args);
const disklabel64: Reader = async (...args) =>
  (await import('../disklabel64.js')).disklabel64InSlice(...args);
const eitherBsd: Reader = async (...args) => (await bsd(...args)) ?? disklabel64(...args);
const minix: Reader = async (...args) => (await import('./minix.js')).minixInSlice(...args);
const solaris: Reader = async (source) => (await import('../solaris.js')).solarisInSlice(source);
const unixware: Reader = async (...args) =>
  (await import('../unixware.js')).unixwareInSlice(...args);

const BY_TYPE: ReadonlyMap<number, Reader> = new Map([
  [0xa5, eitherBsd], // FreeBSD, and DragonFly
  [0xa6, bsd], // OpenBSD
  [0xa9, bsd], // NetBSD
  [0x6c, eitherBsd], // DragonFly
  [0x81, minix],
  [0x63, unixware],
  [0x82, solaris], // and Linux swap
  [0xbf, solaris],
]);

/** The types of a GPT, as those of an MBR. */
const BY_UUID: ReadonlyMap<string, number> = new Map([
  ['516e7cb4-6ecf-11d6-8ff8-00022d09712b', 0xa5], // FreeBSD's disklabel
  ['824cc7a0-36a8-11e3-890a-952519ad3f61', 0xa6], // OpenBSD
  ['9d087404-1ca5-11dc-8817-01301bb8a9f5', 0x6c], // DragonFly
  ['3d48ce54-1d16-11dc-8696-01301bb8a9f5', 0x6c], // its disklabel64
]);

type Place = Omit<Slice, 'type' | 'isOfGpt'>;

/** What a primary partition may begin with. */
export function innerOfType(type: number, place: Place): Pick<Partition, 'inner'> {
  return innerOf({ ...place, type, isOfGpt: false });
}

export function innerOfUuid(uuid: string, place: Place): Pick<Partition, 'inner'> {
  const type = BY_UUID.get(uuid);
  return type === undefined ? {} : innerOf({ ...place, type, isOfGpt: true });
}

function innerOf(slice: Slice): Pick<Partition, 'inner'> {
  const reader = BY_TYPE.get(slice.type);
  return reader === undefined ? {} : { inner: (source) => reader(source, slice) };
}
