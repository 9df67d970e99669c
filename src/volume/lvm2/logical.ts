// The logical volumes of a group, each as a source or with the error that keeps it from being read: a missing physical
// volume, a segment type that is not read.
// References: lvm2 lib/striped/striped.c, lib/activate/dev_manager.c (add_areas_line); lvm(8).

import type { ByteSource } from '../../bytes/source.js';
import { FormatError, GIVE_ALL_DISKS, VirtDfError } from '../../errors.js';
import { MAX_STACK_DEPTH } from '../../limits.js';
import { shown } from '../../validation/lvm2/field.js';
import type {
  Area,
  LogicalVolume,
  PhysicalVolumeEntry,
  Segment,
  Stripes,
  VolumeGroup,
} from '../../validation/lvm2/group.js';
import type { AssembledVolume, Group } from '../volume.js';
import { areasOf, spaceOf } from './allocation.js';
import type { PhysicalVolume } from './label.js';
import { dashedUuid } from './label.js';
import { type MappedSegment, mappedSource, type SegmentArea } from './mapping.js';
import { isListed, snapshotProblem, snapshotsOf, unsupported } from './visible.js';

interface Resolver {
  readonly group: VolumeGroup;
  readonly byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>;
  /** Volumes that are done, since several may lie on the same hidden one. */
  readonly done: Map<string, ByteSource>;
}

/** The visible volumes of a group. @param obstacle an error that keeps all of them from being read, or null. */
export function groupVolumes(
  group: VolumeGroup,
  byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>,
  obstacle: VirtDfError | null,
): readonly AssembledVolume[] {
  const resolver: Resolver = { group, byUuid, done: new Map() };
  const whole = groupOf(group, byUuid);
  const snapshots = snapshotsOf(group);
  return [...group.logicalVolumes.values()]
    .filter((volume) => isListed(volume, snapshots, group))
    .map((volume) =>
      toVolume(volume, resolver, obstacle ?? snapshotProblem(volume.name, snapshots)),
    )
    .map((volume) => ({ ...volume, group: whole }));
}

/** The devices of its members that were found. */
export function groupDevices(group: VolumeGroup, byUuid: Resolver['byUuid']): readonly string[] {
  return [...group.physicalVolumes.values()]
    .flatMap(({ uuid }) => byUuid.get(uuid) ?? [])
    .map(({ device }) => device);
}

function groupOf(group: VolumeGroup, byUuid: Resolver['byUuid']): Group {
  return {
    device: `/dev/${shown(group.name)}`,
    type: 'LVM2_group',
    uuid: dashedUuid(shown(group.uuid)),
    members: groupDevices(group, byUuid),
    ...spaceOf(group),
    areas: areasOf(group, (uuid) => (byUuid.get(uuid) ?? []).map(({ device }) => device)),
  };
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
    return { ...header, source };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...header, source: error };
  }
}

/** The name in messages; made only when there is one, since it is slow. */
function named({ name }: LogicalVolume): string {
  return `lvm2: logical volume ${shown(name)}`;
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
  if (path.includes(volume.name)) throw new FormatError('LOOP', `${named(volume)} lies on itself`);
  if (path.length >= MAX_STACK_DEPTH) {
    throw new FormatError('LIMIT', `${named(volume)} is more than ${MAX_STACK_DEPTH} volumes deep`);
  }
  if (volume.problem !== null) throw volume.problem;
  if (!Number.isSafeInteger(volume.extentCount * group.extentBytes)) {
    const message = `${named(volume)} has ${volume.extentCount} extents of ${group.extentBytes} bytes, too many`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const mapped = volume.segments.map((segment) =>
    toMapped(segment, volume, resolver, [...path, volume.name]),
  );
  const source = mappedSource(joined(mapped));
  done.set(volume.name, source);
  return source;
}

function toMapped(
  segment: Segment,
  volume: LogicalVolume,
  resolver: Resolver,
  path: readonly string[],
): MappedSegment {
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

/** How many extents each area has: all have the same number, and each holds whole stripes. @throws FormatError INVALID. */
function checkedAreaExtents(
  { extentCount }: Segment,
  { areas, stripeBytes }: Stripes,
  extentBytes: number,
  volume: LogicalVolume,
): number {
  const areaExtents = extentCount / areas.length;
  const isWhole = Number.isInteger(areaExtents);
  if (!isWhole || (areas.length > 1 && (areaExtents * extentBytes) % stripeBytes !== 0)) {
    const message = `${named(volume)}: ${extentCount} extents cannot be shared by ${areas.length} stripes of ${stripeBytes} bytes`;
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
): SegmentArea {
  const { group } = resolver;
  const physical = group.physicalVolumes.get(area.volume);
  if (physical !== undefined) return physicalArea(area, extentCount, volume, physical, resolver);
  const below = group.logicalVolumes.get(area.volume);
  if (below === undefined) {
    throw new FormatError(
      'INVALID',
      `${named(volume)} lies on ${shown(area.volume)}, which is not there`,
    );
  }
  if (area.firstExtent + extentCount > below.extentCount) {
    const end = area.firstExtent + extentCount;
    const message = `${named(volume)} needs ${shown(area.volume)} up to extent ${end}, which has ${below.extentCount}`;
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
): SegmentArea {
  const [found] = byUuid.get(physical.uuid) ?? [];
  if (found === undefined || physical.isMissing) throw missing(volume, area, physical, found);
  const end = area.firstExtent + extentCount;
  if (end > physical.extentCount) {
    const message = `${named(volume)} needs ${shown(area.volume)} up to extent ${end}, which has ${physical.extentCount}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const endBytes = physical.startBytes + end * group.extentBytes;
  if (endBytes > found.source.sizeBytes) {
    const message = `${named(volume)} needs ${found.device} up to byte ${endBytes}, which has only ${found.source.sizeBytes}`;
    const data = { device: found.device, endBytes, sizeBytes: found.source.sizeBytes };
    throw new FormatError('OUT_OF_BOUNDS', message, { data });
  }
  const offsetBytes = physical.startBytes + area.firstExtent * group.extentBytes;
  return { source: found.source, offsetBytes };
}

function missing(
  volume: LogicalVolume,
  area: Area,
  { uuid }: PhysicalVolumeEntry,
  found: PhysicalVolume | undefined,
): VirtDfError {
  const name = `physical volume ${shown(area.volume)} (UUID ${dashedUuid(shown(uuid))})`;
  const reason =
    found === undefined
      ? `${name}, which is on none of the disks that were given; ${GIVE_ALL_DISKS}`
      : `${name} on ${found.device}, which its group has marked as missing: what is on it may be old`;
  const data = { uuid: dashedUuid(shown(uuid)) };
  return new FormatError('MISSING_DEVICE', `${named(volume)} lies on ${reason}`, { data });
}

/** A linear segment that goes on where the one before ends on the same device is joined to it, so that one read does. */
function joined(segments: readonly MappedSegment[]): readonly MappedSegment[] {
  const result: MappedSegment[] = [];
  for (const segment of segments) {
    const last = result.at(-1);
    const [area] = segment.areas;
    const [before] = last?.areas ?? [];
    const follows =
      last !== undefined &&
      area !== undefined &&
      before !== undefined &&
      segment.areas.length === 1 &&
      last.areas.length === 1 &&
      area.source === before.source &&
      area.offsetBytes === before.offsetBytes + last.sizeBytes;
    if (follows) result.splice(-1, 1, { ...last, sizeBytes: last.sizeBytes + segment.sizeBytes });
    else result.push(segment);
  }
  return result;
}
