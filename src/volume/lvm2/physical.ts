// Extents on physical volumes: where they lie on the device, or why they cannot be had.
// References: lvm2 lib/activate/dev_manager.c (add_areas_line); lvm(8).
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, GIVE_ALL_DISKS, type VirtDfError } from '../../errors.js';
import { shown } from '../../validation/lvm2/field.js';
import type {
  LogicalVolume,
  PhysicalVolumeEntry,
  VolumeGroup,
} from '../../validation/lvm2/group.js';
import type { Area } from '../../validation/lvm2/segment.js';
import { dashedUuid, type PhysicalVolume } from './label.js';

/** Where the bytes of an area lie, one behind the other. */
export interface Extents {
  readonly source: ByteSource;
  readonly offsetBytes: number;
}

interface Found {
  readonly group: VolumeGroup;
  readonly byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>;
}

/** The name in messages; made only when there is one, since it is slow. */
export function named({ name }: LogicalVolume): string {
  return `lvm2: logical volume ${shown(name)}`;
}

/** Extents of a physical volume. @throws FormatError MISSING_DEVICE, OUT_OF_BOUNDS. */
export function physicalArea(
  area: Area,
  extentCount: number,
  volume: LogicalVolume,
  physical: PhysicalVolumeEntry,
  { group, byUuid }: Found,
): Extents {
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
