// The bytes of a logical volume: its segments one behind the other, each on physical volumes or on other volumes of the group.
// References: lvm2 lib/striped/striped.c, lib/thin/thin.c, lib/activate/dev_manager.c (add_areas_line); lvm(8).
import { concat } from '../../bytes/concat.js';
import { mapped } from '../../bytes/mapped.js';
import { slice } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, VirtDfError } from '../../errors.js';
import { MAX_STACK_DEPTH } from '../../limits.js';
import { shown } from '../../validation/lvm2/field.js';
import type { LogicalVolume, VolumeGroup } from '../../validation/lvm2/group.js';
import {
  type Area,
  areasOf,
  type Cache,
  type Segment,
  type Thin,
} from '../../validation/lvm2/segment.js';
import { cacheSource } from '../dm/cache.js';
import { integrityBeside, integritySource } from '../dm/integrity.js';
import type { JournalBudget } from '../dm/integrity-journal.js';
import type { ExceptionBudget } from '../dm/snapshot.js';
import { openThinPool, type ThinPool, thinSource } from '../dm/thin.js';
import { writecacheSource } from '../dm/writecache.js';
import { raidSource } from '../raid/source.js';
import { stripeLayout } from '../raid/stripe.js';
import type { PhysicalVolume } from './label.js';
import { type Extents, named, physicalArea } from './physical.js';
import { raidOf } from './raid.js';
import { type Snapshots, unsupported } from './visible.js';

export interface Resolver {
  readonly group: VolumeGroup;
  readonly byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>;
  readonly snapshots: Snapshots;
  /** Volumes that are done, since several may lie on the same hidden one. */
  readonly done: Map<string, Done>;
  /** Those that lie on a device that is missing: many images may be the same one. */
  readonly lost: Map<string, VirtDfError>;
  readonly pools: Map<string, Pool>;
  readonly exceptions: ExceptionBudget;
  readonly journals: JournalBudget;
}

/** What a volume lies on. */
interface Below {
  /** How many volumes lie on each other there. */
  depth: number;
  hasArray: boolean;
}

/** A volume that is done, and what it lies on with itself. */
interface Done extends Readonly<Below> {
  readonly source: ByteSource;
}

/** A thin pool that was opened. */
interface Pool {
  readonly pool: ThinPool;
  readonly data: ByteSource;
  /** By number of a thin device, what it holds alone; counted once. */
  exclusive?: Promise<ReadonlyMap<number, number>>;
}

/** The pool of this name. @throws VirtDfError where it, or what it lies on, cannot be read. */
export async function openPool(name: string, asker: Asker): Promise<Pool> {
  const { volume, resolver } = asker;
  const known = resolver.pools.get(name);
  if (known !== undefined) return known;
  const segment = resolver.group.logicalVolumes.get(name)?.segments[0];
  if (segment?.content.kind !== 'thin-pool') throw notThere(volume, name);
  const { metadata, data } = segment.content;
  const pool = await openThinPool(await below(metadata, asker));
  const opened: Pool = { pool, data: await below(data, asker) };
  resolver.pools.set(name, opened);
  return opened;
}

/** @param path the volumes that lie on this one, outermost first. */
export async function volumeSource(
  volume: LogicalVolume,
  resolver: Resolver,
  path: readonly string[],
): Promise<ByteSource> {
  const { group, done } = resolver;
  const known = done.get(volume.name);
  if (path.includes(volume.name)) throw new FormatError('LOOP', `${named(volume)} lies on itself`);
  if (path.length + (known?.depth ?? 1) > MAX_STACK_DEPTH) {
    throw new FormatError('LIMIT', `${named(volume)} is more than ${MAX_STACK_DEPTH} volumes deep`);
  }
  if (known !== undefined) return known.source;
  if (volume.problem !== null) throw volume.problem;
  if (!Number.isSafeInteger(volume.extentCount * group.extentBytes)) {
    const message = `${named(volume)} has ${volume.extentCount} extents of ${group.extentBytes} bytes, too many`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const lower: Below = { depth: 0, hasArray: false };
  const asker = { volume, resolver, path: [...path, volume.name], lower };
  const pieces: Piece[] = [];
  for (const segment of volume.segments) pieces.push(await segmentPiece(segment, asker));
  const source = concat(joined(pieces).map(partOf));
  done.set(volume.name, { source, depth: lower.depth + 1, hasArray: lower.hasArray });
  return source;
}

/** All of a mirror is the mirror, which knows its other halves. */
function partOf({ source, offsetBytes, sizeBytes }: Piece): ByteSource {
  const isAll = offsetBytes === 0 && sizeBytes === source.sizeBytes;
  const isMirror = source.otherHalves !== undefined;
  return isAll && isMirror ? source : slice(source, offsetBytes, sizeBytes);
}

/** The volume that is put together, and those that lie on it. */
interface Asker {
  readonly volume: LogicalVolume;
  readonly resolver: Resolver;
  readonly path: readonly string[];
  readonly lower: Below;
}

/** Where the bytes of a segment lie, one behind the other. */
interface Piece extends Extents {
  readonly sizeBytes: number;
}

async function segmentPiece(segment: Segment, asker: Asker): Promise<Piece> {
  const { type, content, extentCount } = segment;
  const { volume, resolver } = asker;
  const { extentBytes } = resolver.group;
  const sizeBytes = extentCount * extentBytes;
  switch (content.kind) {
    case 'stripes':
    case 'mirror': {
      const areaExtents = checkedAreaExtents(segment, extentBytes, volume);
      const areas: Extents[] = [];
      // While the legs of a mirror come in step, the first one alone is whole.
      const wanted = content.kind === 'mirror' ? content.areas.slice(0, 1) : content.areas;
      for (const area of wanted) areas.push(await toArea(area, areaExtents, asker));
      const [first] = areas;
      if (first !== undefined && areas.length === 1) return { ...first, sizeBytes };
      const stripeBytes = content.kind === 'stripes' ? content.stripeBytes : 0;
      const source = striped(areas, areaExtents * extentBytes, stripeBytes);
      return { source, offsetBytes: 0, sizeBytes };
    }
    case 'raid': {
      const read = (name: string) => belowOrMissing(name, asker);
      const what = named(volume);
      const source = await raidOf(content, { type, sizeBytes, extentBytes, read, what });
      // No group has such, and each byte that is computed would take as many reads as both have images, multiplied.
      if (asker.lower.hasArray) throw unsupported(volume.name, 'is an array on another one');
      asker.lower.hasArray = true;
      return { source, offsetBytes: 0, sizeBytes: source.sizeBytes };
    }
    case 'thin': {
      const source = await thinOf(content, sizeBytes, asker);
      return { source, offsetBytes: 0, sizeBytes };
    }
    case 'lost':
      throw new FormatError('MISSING_DEVICE', `${named(volume)} lay on a device that was given up`);
    case 'cache': {
      const source = await cacheOf(content, asker);
      return { source, offsetBytes: 0, sizeBytes };
    }
    case 'writecache': {
      const [origin, cache] = [
        await below(content.origin, asker),
        await below(content.cache, asker),
      ];
      return { source: await writecacheSource(origin, cache), offsetBytes: 0, sizeBytes };
    }
    case 'integrity': {
      const { origin, tags } = content;
      const data = await below(origin, asker);
      const source =
        tags === null
          ? await integritySource(data, resolver.journals)
          : await integrityBeside(data, await below(tags, asker), resolver.journals);
      return { source, offsetBytes: 0, sizeBytes };
    }
    case 'zero':
      return { source: zeros(sizeBytes), offsetBytes: 0, sizeBytes };
    default:
      throw unsupported(volume.name, `is of type ${shown(type)}`);
  }
}

function zeros(sizeBytes: number): ByteSource {
  return mapped(sizeBytes, [], async (_at, lengthBytes) => ({ lengthBytes, from: null }));
}

async function thinOf(
  { pool: name, deviceId, origin: originName }: Thin,
  sizeBytes: number,
  asker: Asker,
): Promise<ByteSource> {
  const opened = await openPool(name, asker);
  const origin = originName === null ? null : await below(originName, asker);
  return thinSource({ ...opened, deviceId, sizeBytes, origin });
}

async function cacheOf(content: Cache, asker: Asker): Promise<ByteSource> {
  const origin = await below(content.origin, asker);
  const { cache: name, parts } = content;
  if (parts !== null) {
    if (content.isPassedBy) return origin;
    const cache = await below(name, asker);
    const part = ({ offsetBytes, sizeBytes }: typeof parts.data) =>
      slice(cache, offsetBytes, sizeBytes);
    return cacheSource(origin, { metadata: part(parts.metadata), data: part(parts.data) });
  }
  const pool = asker.resolver.group.logicalVolumes.get(name)?.segments[0]?.content;
  if (pool?.kind !== 'cache-pool') throw notThere(asker.volume, name);
  if (pool.isPassedBy) return origin;
  const metadata = await below(pool.metadata, asker);
  return cacheSource(origin, { metadata, data: await below(pool.data, asker) });
}

function striped(areas: readonly Extents[], areaBytes: number, stripeBytes: number): ByteSource {
  const layout = stripeLayout(
    areas.map(() => areaBytes),
    stripeBytes,
  );
  const columns = areas.map((area) => ({ ...area, unsound: [] }));
  // All columns are there: an area that is missing was an error before.
  const lost = () => new FormatError('MISSING_DEVICE', 'lvm2: an area of stripes is missing');
  return raidSource({ layout, columns, lost });
}

/** A volume of the group by its name, all of it. */
async function below(name: string, asker: Asker): Promise<ByteSource> {
  const { volume, resolver, path, lower } = asker;
  const found = resolver.group.logicalVolumes.get(name);
  if (found === undefined) throw notThere(volume, name);
  const source = await volumeSource(found, resolver, path);
  const { depth = 0, hasArray = false } = resolver.done.get(name) ?? {};
  lower.depth = Math.max(lower.depth, depth);
  lower.hasArray ||= hasArray;
  return source;
}

/** The same; the error where a device that it lies on is missing. */
async function belowOrMissing(name: string, asker: Asker): Promise<ByteSource | VirtDfError> {
  const { lost } = asker.resolver;
  const known = lost.get(name);
  if (known !== undefined) return known;
  try {
    return await below(name, asker);
  } catch (error) {
    if (!(error instanceof VirtDfError) || error.code !== 'MISSING_DEVICE') throw error;
    lost.set(name, error);
    return error;
  }
}

export function notThere(volume: LogicalVolume, name: string): FormatError {
  return new FormatError('INVALID', `${named(volume)} lies on ${shown(name)}, which is not there`);
}

/** How many extents each area has: all have the same number, and each holds whole stripes. @throws FormatError INVALID. */
function checkedAreaExtents(segment: Segment, extentBytes: number, volume: LogicalVolume): number {
  const { extentCount, content } = segment;
  const { areas, areaExtents } = areasOf(segment);
  const stripeBytes = content.kind === 'stripes' && areas.length > 1 ? content.stripeBytes : 1;
  if (Number.isInteger(areaExtents) && (areaExtents * extentBytes) % stripeBytes === 0)
    return areaExtents;
  const message = `${named(volume)}: ${extentCount} extents cannot be shared by ${areas.length} stripes of ${stripeBytes} bytes`;
  throw new FormatError('INVALID', message);
}

async function toArea(area: Area, extentCount: number, asker: Asker): Promise<Extents> {
  const { volume, resolver } = asker;
  const { group } = resolver;
  const physical = group.physicalVolumes.get(area.volume);
  if (physical !== undefined) return physicalArea(area, extentCount, volume, physical, resolver);
  const lower = group.logicalVolumes.get(area.volume);
  if (lower === undefined) throw notThere(volume, area.volume);
  if (area.firstExtent + extentCount > lower.extentCount) {
    const end = area.firstExtent + extentCount;
    const message = `${named(volume)} needs ${shown(area.volume)} up to extent ${end}, which has ${lower.extentCount}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  return {
    source: await below(area.volume, asker),
    offsetBytes: area.firstExtent * group.extentBytes,
  };
}

/** Pieces that go on where the one before ends are one, so that one read does. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    const follows =
      last?.source === piece.source && piece.offsetBytes === last.offsetBytes + last.sizeBytes;
    if (follows) result.splice(-1, 1, { ...last, sizeBytes: last.sizeBytes + piece.sizeBytes });
    else result.push(piece);
  }
  return result;
}
