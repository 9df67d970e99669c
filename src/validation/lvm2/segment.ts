// A segment of a logical volume as the metadata text has it, by its type.
// References: lvm2 lib/format_text/import_vsn1.c (_read_segment), lib/striped/striped.c, lib/mirror/mirrored.c, lib/raid/raid.c,
// lib/snapshot/snapshot.c, lib/thin/thin.c, lib/cache_segtype/cache.c,
// lib/writecache/writecache.c, lib/integrity/integrity.c, lib/zero/zero.c.
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError } from '../../errors.js';
import { intField, listField, optionalTextField, textField } from './field.js';
import type { Section } from './text.js';

export interface Segment {
  readonly firstExtent: number;
  readonly extentCount: number;
  /** `striped` with one area is linear. */
  readonly type: string;
  readonly content: SegmentContent;
}

/** `lost`: its device is gone for good, and the group goes on without it. `other`: of a type that is not read. */
type SegmentContent =
  | Stripes
  | Mirror
  | Raid
  | Snapshot
  | Thin
  | ThinPool
  | Cache
  | CachePool
  | WriteCache
  | Integrity
  | { readonly kind: 'zero' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'other' };

export interface Stripes {
  readonly kind: 'stripes';
  /** Bytes that go to one area before the next one's turn, for example 64 KiB; unused with one area. */
  readonly stripeBytes: number;
  readonly areas: readonly Area[];
}

/** The older kind of mirror, whose legs all hold the same once they are in step. */
interface Mirror {
  readonly kind: 'mirror';
  readonly areas: readonly Area[];
}

/** A run of extents of a physical volume, or of another logical volume. */
export interface Area {
  readonly volume: string;
  readonly firstExtent: number;
}

/** An array as MD has them, on other logical volumes. */
export interface Raid {
  readonly kind: 'raid';
  readonly images: readonly RaidImage[];
  /** 0 where there are no stripes. */
  readonly stripeBytes: number;
  /** Room of each image that is kept for reshaping; the segment's extents count it for each image with data. */
  readonly reshapeExtents: number;
}

/** A column of such an array: the volume with its data, and the one with what is known of them; null: there is none. */
interface RaidImage {
  readonly data: string;
  readonly metadata: string | null;
}

/** A segment that stores no data: it says that volume `store` holds the changed chunks of a snapshot of volume `origin`. */
export interface Snapshot {
  readonly kind: 'snapshot';
  readonly origin: string | null;
  readonly store: string | null;
  /** The origin is being rolled back to the snapshot. */
  readonly isMerging: boolean;
}

/** Blocks of a pool, which is another volume. */
export interface Thin {
  readonly kind: 'thin';
  readonly pool: string;
  /** Its number in the pool. */
  readonly deviceId: number;
  /** A volume outside of the pool, whose blocks lie behind those that nobody wrote; null: zeros do. */
  readonly origin: string | null;
}

/** A pool: one volume has its metadata, another its blocks. */
interface ThinPool {
  readonly kind: 'thin-pool';
  readonly metadata: string;
  readonly data: string;
}

/** A volume with a cache before it: a pool, or parts of one volume. */
export interface Cache {
  readonly kind: 'cache';
  readonly origin: string;
  readonly cache: string;
  /** Where in the cache's volume its metadata and its data lie; null: the cache is a pool. */
  readonly parts: { readonly metadata: Part; readonly data: Part } | null;
  /** Reads go to the origin, and writes to both, or past the cache. */
  readonly isPassedBy: boolean;
}

interface Part {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

interface CachePool {
  readonly kind: 'cache-pool';
  readonly metadata: string;
  readonly data: string;
  readonly isPassedBy: boolean;
}

interface WriteCache {
  readonly kind: 'writecache';
  readonly origin: string;
  readonly cache: string;
}

/** Data whose tags lie on a volume beside. */
interface Integrity {
  readonly kind: 'integrity';
  readonly origin: string;
  /** null: the tags lie between the data. */
  readonly tags: string | null;
}

const MAX_U4 = 0xffffffff;
/** MAX_STRIPES of lvm2. */
const MAX_STRIPES = 128;
/** DEFAULT_RAID_MAX_IMAGES of lvm2 is less. */
const MAX_IMAGES = 253;

const MAX_SECTORS = 2 ** 44;
/** DM_THIN_MAX_DEVICE_ID */
const MAX_THIN_ID = 2 ** 24 - 1;

const READERS: Readonly<Record<string, (section: Section, where: string) => SegmentContent>> = {
  striped: readStripes,
  linear: readStripes,
  mirror: readMirror,
  raid0: (section, where) => readRaid(section, where, 'raid0_lvs', 1),
  snapshot: readSnapshot,
  thin: readThin,
  'thin-pool': (section, where) => ({
    kind: 'thin-pool',
    metadata: textField(section, 'metadata', where),
    data: textField(section, 'pool', where),
  }),
  cache: readCache,
  'cache-pool': (section, where) => ({
    kind: 'cache-pool',
    metadata: textField(section, 'metadata', where),
    data: textField(section, 'data', where),
    isPassedBy: isPassedBy(section),
  }),
  writecache: (section, where) => ({
    kind: 'writecache',
    origin: textField(section, 'origin', where),
    cache: textField(section, 'writecache', where),
  }),
  integrity: (section, where) => ({
    kind: 'integrity',
    origin: textField(section, 'origin', where),
    tags: optionalTextField(section, 'meta_dev'),
  }),
  zero: () => ({ kind: 'zero' }),
  error: () => ({ kind: 'lost' }),
};
const RAIDS = /^raid\d/u;

export function readSegment(section: Section, where: string): Segment {
  const type = optionalTextField(section, 'type') ?? 'striped';
  return {
    firstExtent: intField(section, 'start_extent', where, 0, MAX_U4),
    extentCount: intField(section, 'extent_count', where, 1, MAX_U4),
    type,
    content: contentOf(type, section, where),
  };
}

function contentOf(type: string, section: Section, where: string): SegmentContent {
  // Newer versions append flags: `cache+CACHE_USES_CACHEVOL`.
  const [base = ''] = type.split('+', 1);
  const read = Object.hasOwn(READERS, base) ? READERS[base] : undefined;
  if (read !== undefined) return read(section, where);
  return RAIDS.test(type) ? readRaid(section, where, 'raids', 2) : { kind: 'other' };
}

/** The areas that the extents of a segment lie on, and how many extents of each. */
export function areasOf({ content, extentCount }: Segment): {
  readonly areas: readonly Area[];
  readonly areaExtents: number;
} {
  switch (content.kind) {
    case 'stripes':
      return { areas: content.areas, areaExtents: extentCount / content.areas.length };
    case 'mirror':
      return { areas: content.areas, areaExtents: extentCount };
    default:
      return { areas: [], areaExtents: 0 };
  }
}

function readStripes(section: Section, where: string): Stripes {
  const count = intField(section, 'stripe_count', where, 1, MAX_STRIPES);
  const areas = readAreas(section, 'stripes', count, where);
  const stripeSectors = count === 1 ? 0 : intField(section, 'stripe_size', where, 1, MAX_U4);
  return { kind: 'stripes', stripeBytes: stripeSectors * SECTOR_BYTES, areas };
}

function readMirror(section: Section, where: string): Mirror {
  const count = intField(section, 'mirror_count', where, 1, MAX_STRIPES);
  return { kind: 'mirror', areas: readAreas(section, 'mirrors', count, where) };
}

function readAreas(section: Section, key: string, count: number, where: string): readonly Area[] {
  const list = listField(section, key, where);
  if (list.length !== count * 2) {
    const message = `lvm2: ${where}: ${count} ${key} are announced and ${list.length / 2} listed`;
    throw new FormatError('INVALID', message);
  }
  const areas: Area[] = [];
  for (let index = 0; index < list.length; index += 2) {
    const volume = list[index];
    const firstExtent = list[index + 1];
    if (typeof volume !== 'string' || typeof firstExtent !== 'bigint') {
      throw new FormatError(
        'INVALID',
        `lvm2: ${where}: one of the ${key} is not a volume and an extent`,
      );
    }
    if (firstExtent < 0n || firstExtent > BigInt(MAX_U4)) {
      const message = `lvm2: ${where}: one of the ${key} begins at extent ${firstExtent}`;
      throw new FormatError('OUT_OF_BOUNDS', message);
    }
    areas.push({ volume, firstExtent: Number(firstExtent) });
  }
  return areas;
}

/** @param valuesPerImage 2: each image comes behind its metadata. */
function readRaid(section: Section, where: string, key: string, valuesPerImage: 1 | 2): Raid {
  const list = listField(section, key, where);
  const count = list.length / valuesPerImage;
  if (!Number.isInteger(count) || count < 1 || count > MAX_IMAGES) {
    throw new FormatError('INVALID', `lvm2: ${where}: ${list.length} ${key} are listed`);
  }
  const nameAt = (index: number): string => {
    const name = list[index];
    if (typeof name === 'string') return name;
    throw new FormatError('INVALID', `lvm2: ${where}: one of the ${key} is not a volume`);
  };
  const images = Array.from({ length: count }, (_, i): RaidImage => {
    if (valuesPerImage === 1) return { data: nameAt(i), metadata: null };
    return { data: nameAt(2 * i + 1), metadata: nameAt(2 * i) };
  });
  const numberOf = (name: string) =>
    section.get(name) === undefined ? 0 : intField(section, name, where, 0, MAX_U4);
  const stripeBytes = numberOf('stripe_size') * SECTOR_BYTES;
  return { kind: 'raid', images, stripeBytes, reshapeExtents: numberOf('reshape_count') };
}

function readThin(section: Section, where: string): Thin {
  return {
    kind: 'thin',
    pool: textField(section, 'thin_pool', where),
    deviceId: intField(section, 'device_id', where, 0, MAX_THIN_ID),
    origin: optionalTextField(section, 'external_origin'),
  };
}

function readCache(section: Section, where: string): Cache {
  const sectors = (key: string) => intField(section, key, where, 0, MAX_SECTORS) * SECTOR_BYTES;
  const part = (name: string): Part => {
    return { offsetBytes: sectors(`${name}_start`), sizeBytes: sectors(`${name}_len`) };
  };
  const isOneVolume = section.get('metadata_len') !== undefined;
  return {
    kind: 'cache',
    origin: textField(section, 'origin', where),
    cache: textField(section, 'cache_pool', where),
    parts: isOneVolume ? { metadata: part('metadata'), data: part('data') } : null,
    isPassedBy: isPassedBy(section),
  };
}

function isPassedBy(section: Section): boolean {
  return optionalTextField(section, 'cache_mode') === 'passthrough';
}

function readSnapshot(section: Section): Snapshot {
  const merging = optionalTextField(section, 'merging_store');
  return {
    kind: 'snapshot',
    origin: optionalTextField(section, 'origin'),
    store: merging ?? optionalTextField(section, 'cow_store'),
    isMerging: merging !== null,
  };
}
