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

const BY_UUID: ReadonlyMap<string, Reader> = new Map([
  ['516e7cb4-6ecf-11d6-8ff8-00022d09712b', bsd], // FreeBSD's disklabel
  ['824cc7a0-36a8-11e3-890a-952519ad3f61', bsd], // OpenBSD
  ['9d087404-1ca5-11dc-8817-01301bb8a9f5', bsd], // DragonFly
  ['3d48ce54-1d16-11dc-8696-01301bb8a9f5', disklabel64],
]);

/** What a primary partition may begin with. */
export function innerOfType(type: number, slice: Omit<Slice, 'type'>): Pick<Partition, 'inner'> {
  return innerBy(BY_TYPE.get(type), { ...slice, type });
}

export function innerOfUuid(uuid: string, slice: Omit<Slice, 'type'>): Pick<Partition, 'inner'> {
  return innerBy(BY_UUID.get(uuid), { ...slice, type: null });
}

function innerBy(reader: Reader | undefined, slice: Slice): Pick<Partition, 'inner'> {
  return reader === undefined ? {} : { inner: (source) => reader(source, slice) };
}
