// The disklabel of FreeBSD, OpenBSD and NetBSD: on a whole disk, in a slice of an MBR, in a partition of a GPT.
// References: Linux block/partitions/msdos.c (parse_bsd: which partitions count, and from where offsets do), osf.c (of whole
// disks); util-linux libblkid/src/partitions/bsd.c (where the label lies); OpenBSD sys/sys/disklabel.h (version 1).

import { type GuestBsdPartition, parseBsd, parseBsdPartition } from '../../generated/volume/bsd.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import type { ByteSource } from '../bytes/source.js';
import { xorOfWords } from '../bytes/word-sums.js';
import { FormatError, type VirtDfError } from '../errors.js';
import type { ByteOrder } from '../kaitai/index.js';
import { equals, int, u16, u32 } from '../validation/guest.js';
import type { Slice } from './mbr/slice.js';
import { hexType, recordTable, type TableRecord, tableOf } from './records.js';
import type { Partition, PartitionTable } from './volume.js';

const MAGIC = 0x82564557;
/** i386 and most others; alpha, mac68k, vax; sparc64. */
const PLACES = [512, 64, 128];
const LINUXS_PLACE = 64;
const EXT_MAGIC = { at: 0x438, bytes: [0x53, 0xef] };
const HEADER_BYTES = 148;
const RECORD_BYTES = 16;
const MAX_LABEL_BYTES = HEADER_BYTES + 52 * RECORD_BYTES;
/** Of more partitions Linux takes no notice. */
const MAX_PARTITIONS = 16;
const SECTOR_SIZES = [512, 1024, 2048, 4096];
const FREEBSD_SLICE = 0xa5;
const OPENBSD_SLICE = 0xa6;
const NETBSD_SLICE = 0xa9;
const DRAGONFLY_SLICE = 0x6c;
/** Types of slices into which Linux looks. */
const LINUXS_SLICES = [FREEBSD_SLICE, OPENBSD_SLICE, NETBSD_SLICE];
/** Of FreeBSD, and of DragonFly, which comes from it. */
const FREEBSD_SLICES = [FREEBSD_SLICE, DRAGONFLY_SLICE];
/** Partition `c`, by convention all of the slice. */
const RAW = 2;
const UNUSED = 0;
const SWAP = 1;
/** A label counts whole cylinders: the last one may not be all there. */
const TAIL_BYTES = 16 * 1024 * 1024;

export const bsd = recordTable('bsd', async (disk) => {
  const label = await readLabel(disk, PLACES);
  if (label === null || !(label.isSealed || label.isLinuxs)) return null;
  const entries = entriesOf(label);
  const reachesBytes = BigInt(disk.sizeBytes - TAIL_BYTES);
  const isWhole = (one: Entry) =>
    one.first === 0n && one.count * label.unit >= reachesBytes && holdsOthers(one, entries);
  const name = label.isOpenBsd ? 'sd' : 'da';
  // Linux, which takes only a label in sector 0, numbers by the letters, and counts those of no type too.
  const records = entries.map((one) => ({
    ...one,
    number: one.index + 1,
    role: isWhole(one) ? ('whole' as const) : one.role,
    nativeName: (index: number) => `${name}${index}${letterOf(one)}`,
  }));
  const hasFirst = records.some(({ first, role }) => first === 0n && role === 'data');
  if (!hasFirst && (await isExt(disk))) return null;
  return { type: 'bsd', unitBytes: Number(label.unit), records, problems: problemsOf(label) };
});

/** The label in a slice: its partitions that lie in the slice. Others of the disk are in the label of OpenBSD and NetBSD too. */
export async function bsdInSlice(source: ByteSource, slice: Slice): Promise<PartitionTable | null> {
  const label = await readLabel(source, [SECTOR_BYTES]);
  if (label === null) return null;
  const partitions = entriesOf(label).filter(({ isUnused }) => !isUnused);
  const start = BigInt(slice.startBytes) / label.unit;
  const isRelative = countsFromSlice(label, slice.type);
  const size = BigInt(source.sizeBytes) / label.unit;
  const within = partitions
    .map((one) => ({ ...one, first: isRelative ? one.first : one.first - start }))
    .filter(({ first, count }) => first >= 0n && first + count <= size)
    .filter(({ first, count }) => first !== 0n || count !== size);
  const name = sliceName(slice);
  // Linux gives each partition that it takes the next number, whatever its letter is.
  const records = within.map((one, index) => ({
    ...one,
    number: index + 1,
    nativeName: (disk: number) => `${name(disk)}${letterOf(one)}`,
  }));
  return tableOf(source, {
    type: 'bsd',
    unitBytes: Number(label.unit),
    isNumberedOnDisk: !slice.isOfGpt && LINUXS_SLICES.includes(slice.type),
    records,
    problems: problemsOf(label),
  });
}

/** What the names of its partitions begin with. */
function sliceName({ type, number, isOfGpt }: Slice): (disk: number) => string {
  if (!FREEBSD_SLICES.includes(type)) return (disk) => `sd${disk}`;
  const letter = isOfGpt && type === FREEBSD_SLICE ? 'p' : 's';
  return (disk) => `da${disk}${letter}${number}`;
}

/**
 * Whether an entry from the first sector on is the frame of the others: one that nothing is in, or that has another within it. Of two
 * that are alike the first one counts: the label of a floppy has an `a` and a `c` of all of it.
 */
function holdsOthers(one: Entry, entries: readonly Entry[]): boolean {
  const isWithin = ({ first, count, index }: Entry) =>
    first + count <= one.count && (count < one.count || index < one.index);
  return one.isUnused || entries.some((other) => !other.isUnused && isWithin(other));
}

/** mke2fs leaves a label before its superblock as it was. */
async function isExt(disk: ByteSource): Promise<boolean> {
  const { at, bytes } = EXT_MAGIC;
  const found = await disk.read(at, bytes.length);
  return bytes.every((byte, index) => found[index] === byte);
}

interface Label {
  /** Whether its checksum is right; Linux does not look at it. */
  readonly isSealed: boolean;
  /** Whether it lies where Linux looks for one on a whole disk. */
  readonly isLinuxs: boolean;
  readonly isOpenBsd: boolean;
  /** Bytes of a sector. */
  readonly unit: bigint;
  readonly count: number;
  readonly entries: readonly GuestBsdPartition[];
}

type Entry = Omit<TableRecord, 'number' | 'role'> & {
  readonly role: Partition['role'];
  readonly first: bigint;
  readonly count: bigint;
  /** 0: `a`. */
  readonly index: number;
  readonly isUnused: boolean;
};

async function readLabel(source: ByteSource, places: readonly number[]): Promise<Label | null> {
  const length = Math.min(source.sizeBytes, SECTOR_BYTES + MAX_LABEL_BYTES);
  const bytes = await source.read(0, length);
  for (const at of places) {
    for (const order of ['le', 'be'] as const) {
      if (bytes.length < at + HEADER_BYTES) continue;
      const label = labelIn(bytes.subarray(at), order);
      if (label !== null) return { ...label, isLinuxs: at === LINUXS_PLACE };
    }
  }
  return null;
}

function labelIn(bytes: Uint8Array, order: ByteOrder): Omit<Label, 'isLinuxs'> | null {
  const header = parseHeader(bytes, order);
  if (header === null) return null;
  const count = int(header.numPartitions, 'bsd: number of partitions', 1, 52);
  const end = HEADER_BYTES + count * RECORD_BYTES;
  const entries: GuestBsdPartition[] = [];
  for (let at = HEADER_BYTES; at < end && at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    entries.push(parseBsdPartition(bytes.subarray(at, at + RECORD_BYTES), order));
  }
  return {
    isSealed: end <= bytes.length && xorOfWords(bytes.subarray(0, end)) === 0,
    isOpenBsd: equals(header.version, 1),
    unit: BigInt(SECTOR_SIZES.find((size) => equals(header.lenSector, size)) ?? SECTOR_BYTES),
    count,
    entries,
  };
}

function parseHeader(bytes: Uint8Array, order: ByteOrder): ReturnType<typeof parseBsd> | null {
  const first = order === 'le' ? 0x57 : 0x82;
  if (bytes[0] !== first) return null;
  const header = parseBsd(bytes.subarray(0, HEADER_BYTES), order);
  return equals(header.magic, MAGIC) && equals(header.magic2, MAGIC) ? header : null;
}

function entriesOf({ entries, isOpenBsd }: Label): readonly Entry[] {
  return entries.slice(0, MAX_PARTITIONS).flatMap((entry, index) => {
    const high = (value: GuestBsdPartition['numSectorsHigh']) =>
      isOpenBsd ? BigInt(u16(value)) << 32n : 0n;
    const first = BigInt(u32(entry.firstSector)) + high(entry.firstSectorHigh);
    const count = BigInt(u32(entry.numSectors)) + high(entry.numSectorsHigh);
    if (count === 0n) return [];
    const isUnused = equals(entry.type, UNUSED);
    const role: Partition['role'] = isUnused || equals(entry.type, SWAP) ? 'reserved' : 'data';
    return [{ first, count, typeCode: hexType(entry.type), role, index, isUnused }];
  });
}

function letterOf({ index }: Entry): string {
  return String.fromCharCode(97 + index);
}

/** FreeBSD counts from where the slice begins if its `c` begins with 0, as the kernel does. */
function countsFromSlice({ entries }: Label, type: number): boolean {
  const raw = entries[RAW];
  return FREEBSD_SLICES.includes(type) && raw !== undefined && equals(raw.firstSector, 0);
}

function problemsOf({ isSealed, isLinuxs, count }: Label): readonly VirtDfError[] {
  const problems: VirtDfError[] = [];
  // parted, which writes labels there, seals them wrongly.
  if (!isSealed && !isLinuxs) {
    const message = 'bsd: the label has a wrong checksum, for which Linux does not look';
    problems.push(new FormatError('BAD_CHECKSUM', message));
  }
  if (count > MAX_PARTITIONS) {
    const message = `bsd: the label is for ${count} partitions, of which Linux takes ${MAX_PARTITIONS}`;
    problems.push(new FormatError('LIMIT', message));
  }
  return problems;
}
