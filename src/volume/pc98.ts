// The partition table of NEC's PC-98. Its bounds are cylinders, heads and sectors, and the geometry is written nowhere.
// References: GNU parted libparted/labels/pc98.c; FreeBSD sys/sys/disk/pc98.h. Linux has no parser of it.
import { type GuestPc98, parsePc98 } from '../../generated/volume/pc98.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import type { ByteSource } from '../bytes/source.js';
import { equals, labelOf, u8, u16 } from '../validation/guest.js';
import { hexType, recordTable, type TableRecord } from './records.js';

interface Place {
  readonly cylinder: number;
  readonly head: number;
  readonly sector: number;
}

interface Entry {
  readonly raw: GuestPc98['partitions'][number];
  readonly number: number;
  readonly first: Place;
  readonly last: Place;
}

interface Geometry {
  readonly heads: number;
  readonly sectors: number;
}

/** Of the BIOS, of its emulators, and of parted; asked in this order where nothing else decides. */
const GEOMETRIES: readonly Geometry[] = [
  { heads: 8, sectors: 17 },
  { heads: 8, sectors: 25 },
  { heads: 8, sectors: 33 },
  { heads: 8, sectors: 32 },
  { heads: 4, sectors: 32 },
  { heads: 4, sectors: 33 },
  { heads: 8, sectors: 63 },
  { heads: 16, sectors: 63 },
  { heads: 15, sectors: 63 },
  { heads: 255, sectors: 63 },
];
/** Filesystems, but for a few, write into this much of their head. */
const HEAD_BYTES = 2048;
/** The end of a boot sector, the superblock of ext; these count more than all partitions that begin with anything. */
const SIGNATURES: readonly (readonly [at: number, bytes: readonly number[]])[] = [
  [510, [0x55, 0xaa]],
  [1080, [0x53, 0xef]],
];
const MAX_PARTITIONS = 16;
const SWAP = 0x24;
const TYPE_BITS = 0x7f;

export const pc98 = recordTable('pc98', async (disk) => {
  const { partitions } = parsePc98(await disk.read(SECTOR_BYTES, SECTOR_BYTES));
  const used = partitions
    .map((raw, index) => ({
      raw,
      number: index + 1,
      first: placeOf(raw.first),
      last: placeOf(raw.last),
    }))
    .filter(({ raw }) => !equals(raw.type, 0));
  if (used.length === 0 || !used.every(isOrdered)) return null;
  const geometry = await geometryOf(disk, used);
  if (geometry === null) return null;
  const records = used.map((entry) => recordOf(entry, geometry));
  return { type: 'pc98', unitBytes: SECTOR_BYTES, records };
});

function placeOf({ cylinder, head, sector }: Entry['raw']['first']): Place {
  return { cylinder: u16(cylinder), head: u8(head), sector: u8(sector) };
}

function isOrdered({ first, last }: Entry): boolean {
  return first.cylinder > 0 && first.cylinder <= last.cylinder;
}

/** The one with which all partitions lie on the disk, and most of them begin as a filesystem does, or with something. */
async function geometryOf(disk: ByteSource, used: readonly Entry[]): Promise<Geometry | null> {
  const places = used.flatMap(({ first, last }) => [first, last]);
  const heads = 1 + Math.max(...places.map(({ head }) => head));
  const sectors = 1 + Math.max(...places.map(({ sector }) => sector));
  const own = heads > 1 && sectors > 1 ? [{ heads, sectors }] : [];
  const possible = [...own, ...GEOMETRIES].filter(
    (one) =>
      one.heads >= heads &&
      one.sectors >= sectors &&
      used.every((entry) => endOf(entry, one) * SECTOR_BYTES <= disk.sizeBytes),
  );
  let best: { readonly geometry: Geometry; readonly score: number } | null = null;
  for (const geometry of possible) {
    let score = 0;
    for (const entry of used) score += await scoreOf(disk, startOf(entry, geometry));
    if (best === null || score > best.score) best = { geometry, score };
  }
  return best?.geometry ?? null;
}

async function scoreOf(disk: ByteSource, sector: number): Promise<number> {
  const at = sector * SECTOR_BYTES;
  if (at + HEAD_BYTES > disk.sizeBytes) return 0;
  const head = await disk.read(at, HEAD_BYTES);
  const isAny = SIGNATURES.some(([place, bytes]) =>
    bytes.every((byte, index) => head[place + index] === byte),
  );
  if (isAny) return MAX_PARTITIONS + 1;
  return head.some((byte) => byte !== 0) ? 1 : 0;
}

function startOf({ first }: Entry, geometry: Geometry): number {
  return sectorOf(first.cylinder, first.head, first.sector, geometry);
}

/** NEC's own programs leave head and sector 0, and mean all of the cylinder. */
function endOf({ last }: Entry, geometry: Geometry): number {
  const { cylinder, head, sector } = last;
  if (head === 0 && sector === 0) return sectorOf(cylinder + 1, 0, 0, geometry);
  return sectorOf(cylinder, head, sector, geometry) + 1;
}

function sectorOf(cylinder: number, head: number, sector: number, by: Geometry): number {
  return (cylinder * by.heads + head) * by.sectors + sector;
}

function recordOf(entry: Entry, geometry: Geometry): TableRecord {
  const { raw, number } = entry;
  const first = startOf(entry, geometry);
  const type = u8(raw.type) % (TYPE_BITS + 1);
  return {
    number,
    first,
    count: endOf(entry, geometry) - first,
    typeCode: hexType(type),
    role: type === SWAP ? 'reserved' : 'data',
    label: labelOf(raw.label),
  };
}
