// The logical volumes of a group as sources, or with what keeps them from being one.
// References: lvm2 lib/metadata/metadata.c (lv_is_visible), lib/metadata/snapshot_manip.c, lib/activate/dev_manager.c.
import { FormatError, UnsupportedError, VirtDfError } from '../../errors.js';
import { MAX_STACK_DEPTH } from '../../limits.js';
import type { ByteSource } from '../../source/source.js';
import type { AssembledVolume } from '../volume.js';
import type { PhysicalVolume } from './assembly.js';
import { shown } from './field.js';
import type {
  Area,
  LogicalVolume,
  PhysicalVolumeEntry,
  Segment,
  Snapshot,
  Stripes,
  VolumeGroup,
} from './group.js';
import { dashedUuid } from './label.js';
import { mappedSource, type Run, type RunArea } from './mapping.js';

interface Resolver {
  readonly group: VolumeGroup;
  readonly byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>;
  /** Volumes that are done, since several may lie on the same hidden one. */
  readonly done: Map<string, ByteSource>;
}

/** The visible volumes of a group. @param obstacle what keeps all of them from being read, or null. */
export function groupVolumes(
  group: VolumeGroup,
  byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>,
  obstacle: VirtDfError | null,
): readonly AssembledVolume[] {
  const resolver: Resolver = { group, byUuid, done: new Map() };
  const snapshots = snapshotsOf(group);
  return [...group.logicalVolumes.values()]
    .filter((volume) => isListed(volume, snapshots, group))
    .map((volume) =>
      toVolume(volume, resolver, obstacle ?? snapshotProblem(volume.name, snapshots)),
    );
}

/** A pool is not a volume to look into: what is in it is listed volume by volume. */
const POOL_TYPES = ['thin-pool', 'cache-pool', 'vdo-pool'];

/** The volumes that lvs gives the role `public`. */
function isListed(
  { name, isVisible, segments }: LogicalVolume,
  { ofStore }: Snapshots,
  group: VolumeGroup,
): boolean {
  const own = ofStore.get(name);
  if (own !== undefined) return isSnapshotListed(own, group);
  return isVisible && !segments.some(({ type }) => POOL_TYPES.includes(baseType(type)));
}

/** What a snapshot stores is as visible as its origin, of which a sparse volume has none that counts. */
function isSnapshotListed({ origin, store, isMerging }: Snapshot, group: VolumeGroup): boolean {
  if (origin === `${store}_vorigin`) return true;
  if (isMerging || origin === null) return false;
  return group.logicalVolumes.get(origin)?.isVisible ?? false;
}

/** A segment type without the flags that newer versions append: `cache+METADATA_FORMAT`. */
function baseType(type: string): string {
  const [base = ''] = type.split('+', 1);
  return base;
}

function toVolume(
  volume: LogicalVolume,
  resolver: Resolver,
  obstacle: VirtDfError | null,
): AssembledVolume {
  const { group } = resolver;
  const bytes = volume.extentCount * group.extentBytes;
  const header = {
    device: `/dev/${shown(group.name)}/${shown(volume.name)}`,
    sizeBytes: Number.isSafeInteger(bytes) ? bytes : 0,
    uuid: volume.uuid,
  };
  try {
    if (obstacle !== null) throw obstacle;
    const source = volumeSource(volume, resolver, []);
    return { ...header, source, problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...header, source: null, problem: error };
  }
}

/** A group's snapshots, by the volume that stores what has changed; and the origins being rolled back to one. */
interface Snapshots {
  readonly ofStore: ReadonlyMap<string, Snapshot>;
  readonly merging: ReadonlySet<string>;
}

function snapshotsOf(group: VolumeGroup): Snapshots {
  const ofStore = new Map<string, Snapshot>();
  const merging = new Set<string>();
  for (const { segments } of group.logicalVolumes.values()) {
    for (const { snapshot } of segments) {
      if (snapshot === null) continue;
      if (snapshot.store !== null) ofStore.set(snapshot.store, snapshot);
      if (snapshot.origin !== null && snapshot.isMerging) merging.add(snapshot.origin);
    }
  }
  return { ofStore, merging };
}

/**
 * A snapshot's own volume holds what has changed, not a filesystem. Its origin is whole, unless it is being rolled
 * back: then what the guest sees is a mixture of both.
 */
function snapshotProblem(name: string, { ofStore, merging }: Snapshots): VirtDfError | null {
  if (ofStore.has(name)) return unsupported(name, 'is a snapshot');
  return merging.has(name) ? unsupported(name, 'is being merged with a snapshot') : null;
}

function unsupported(volume: string, what: string): VirtDfError {
  const message = `lvm2: ${shown(volume)} ${what}, which virt-df does not read`;
  return new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { volume: shown(volume) } });
}

/** @param path the volumes that lie on this one, outermost first. */
function volumeSource(
  volume: LogicalVolume,
  resolver: Resolver,
  path: readonly string[],
): ByteSource {
  const { group, done } = resolver;
  const known = done.get(volume.name);
  if (known !== undefined) return known;
  const where = `lvm2: logical volume ${shown(volume.name)}`;
  if (path.includes(volume.name)) throw new FormatError('LOOP', `${where} lies on itself`);
  if (path.length >= MAX_STACK_DEPTH) {
    throw new FormatError('LIMIT', `${where} is more than ${MAX_STACK_DEPTH} volumes deep`);
  }
  if (volume.problem !== null) throw volume.problem;
  if (!Number.isSafeInteger(volume.extentCount * group.extentBytes)) {
    const message = `${where} has ${volume.extentCount} extents of ${group.extentBytes} bytes, too many`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const runs = volume.segments.map((segment) =>
    toRun(segment, volume, resolver, [...path, volume.name]),
  );
  const source = mappedSource(joined(runs));
  done.set(volume.name, source);
  return source;
}

function toRun(
  segment: Segment,
  volume: LogicalVolume,
  resolver: Resolver,
  path: readonly string[],
): Run {
  const { type, stripes, firstExtent, extentCount } = segment;
  if (stripes === null) throw unsupported(volume.name, `is of type ${shown(type)}`);
  const { extentBytes } = resolver.group;
  const areaExtents = checkedAreaExtents(segment, stripes, extentBytes, volume);
  return {
    startBytes: firstExtent * extentBytes,
    sizeBytes: extentCount * extentBytes,
    stripeBytes: stripes.stripeBytes,
    areas: stripes.areas.map((area) => toArea(area, areaExtents, volume, resolver, path)),
  };
}

/** How many extents each area has, where they are the same number and of whole stripes. */
function checkedAreaExtents(
  { extentCount }: Segment,
  { areas, stripeBytes }: Stripes,
  extentBytes: number,
  volume: LogicalVolume,
): number {
  const areaExtents = extentCount / areas.length;
  const isWhole = Number.isInteger(areaExtents);
  if (!isWhole || (areas.length > 1 && (areaExtents * extentBytes) % stripeBytes !== 0)) {
    const message = `lvm2: logical volume ${shown(volume.name)}: ${extentCount} extents cannot be shared by ${areas.length} stripes of ${stripeBytes} bytes`;
    throw new FormatError('INVALID', message);
  }
  return areaExtents;
}

function toArea(
  area: Area,
  extentCount: number,
  volume: LogicalVolume,
  resolver: Resolver,
  path: readonly string[],
): RunArea {
  const { group } = resolver;
  const physical = group.physicalVolumes.get(area.volume);
  if (physical !== undefined) return physicalArea(area, extentCount, volume, physical, resolver);
  const below = group.logicalVolumes.get(area.volume);
  const where = `lvm2: logical volume ${shown(volume.name)}`;
  if (below === undefined) {
    throw new FormatError('INVALID', `${where} lies on ${shown(area.volume)}, which is not there`);
  }
  if (area.firstExtent + extentCount > below.extentCount) {
    const end = area.firstExtent + extentCount;
    const message = `${where} needs ${shown(area.volume)} up to extent ${end}, which has ${below.extentCount}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  return {
    source: volumeSource(below, resolver, path),
    offsetBytes: area.firstExtent * group.extentBytes,
  };
}

function physicalArea(
  area: Area,
  extentCount: number,
  volume: LogicalVolume,
  physical: PhysicalVolumeEntry,
  { group, byUuid }: Resolver,
): RunArea {
  const where = `lvm2: logical volume ${shown(volume.name)}`;
  const [found] = byUuid.get(physical.uuid) ?? [];
  if (found === undefined || physical.isMissing) throw missing(where, area, physical, found);
  const end = area.firstExtent + extentCount;
  if (end > physical.extentCount) {
    const message = `${where} needs ${shown(area.volume)} up to extent ${end}, which has ${physical.extentCount}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const endBytes = physical.startBytes + end * group.extentBytes;
  if (endBytes > found.source.sizeBytes) {
    const message = `${where} needs ${found.device} up to byte ${endBytes}, which has only ${found.source.sizeBytes}`;
    const data = { device: found.device, endBytes, sizeBytes: found.source.sizeBytes };
    throw new FormatError('OUT_OF_BOUNDS', message, { data });
  }
  const offsetBytes = physical.startBytes + area.firstExtent * group.extentBytes;
  return { source: found.source, offsetBytes };
}

function missing(
  where: string,
  area: Area,
  { uuid }: PhysicalVolumeEntry,
  found: PhysicalVolume | undefined,
): VirtDfError {
  const name = `physical volume ${shown(area.volume)} (UUID ${dashedUuid(shown(uuid))})`;
  const reason =
    found === undefined
      ? `${name}, which is on none of the disks that were given; give all disks of the guest`
      : `${name} on ${found.device}, which its group has marked as missing: what is on it may be old`;
  const data = { uuid: dashedUuid(shown(uuid)) };
  return new FormatError('MISSING_DEVICE', `${where} lies on ${reason}`, { data });
}

/** Linear runs that go on where the one before ended on the same device become one, so that one read does. */
function joined(runs: readonly Run[]): readonly Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    const [area] = run.areas;
    const [before] = last?.areas ?? [];
    const follows =
      last !== undefined &&
      area !== undefined &&
      before !== undefined &&
      run.areas.length === 1 &&
      last.areas.length === 1 &&
      area.source === before.source &&
      area.offsetBytes === before.offsetBytes + last.sizeBytes;
    if (follows) result.splice(-1, 1, { ...last, sizeBytes: last.sizeBytes + run.sizeBytes });
    else result.push(run);
  }
  return result;
}
