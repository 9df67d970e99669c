// Which extents of a group its logical volumes have: how many are free, and whether two volumes have the same ones, which
// lvm2 refuses to read.
// References: lvm2 lib/metadata/pv_map.c, lib/metadata/merge.c (check_lv_segments), vgck(8).
import type { ByteRange } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { shown } from '../../validation/lvm2/field.js';
import type { VolumeGroup } from '../../validation/lvm2/group.js';
import { areasOf } from '../../validation/lvm2/segment.js';
import { overlapping, type Span, shared } from '../overlap.js';
import type { Group, MemberArea } from '../volume.js';

/** Extents of one physical volume that a logical volume has. */
interface Allocation extends Span {
  readonly volume: string;
}

/** null: no extent belongs to two volumes. */
export function overlapOf(group: VolumeGroup): FormatError | null {
  for (const [physical, allocations] of allocationsOf(group)) {
    const pairs = overlapping(allocations);
    const [pair] = pairs;
    if (pair === undefined) continue;
    const [before, later] = pair;
    const sum = allocations.reduce((total, { start, end }) => total + end - start, 0);
    const others = pairs.length > 1 ? `, and ${pairs.length - 1} more share others` : '';
    return new FormatError(
      'OVERLAP',
      `lvm2: logical volumes ${shown(before.volume)} and ${shown(later.volume)} of ${shown(group.name)} share ` +
        `${shared(before, later)} extents of ${shown(physical)} from extent ${later.start} on${others}; ` +
        `${sum} extents are taken of the ${group.physicalVolumes.get(physical)?.extentCount ?? 0} that it has`,
      { data: { extentBytes: group.extentBytes } },
    );
  }
  return null;
}

/** The bytes of a group's physical volumes, and those of them that no logical volume has, as vgs shows them. */
export function spaceOf(group: VolumeGroup): Pick<Group, 'sizeBytes' | 'freeBytes'> {
  let [extents, taken] = [0, 0];
  for (const { extentCount } of group.physicalVolumes.values()) extents += extentCount;
  for (const allocations of allocationsOf(group).values()) {
    for (const { start, end } of allocations) taken += end - start;
  }
  const freeBytes = Math.max(0, extents - taken) * group.extentBytes;
  return { sizeBytes: extents * group.extentBytes, freeBytes };
}

/** Of each physical volume that was found. @param devicesOf those that have a UUID. */
export function memberAreas(
  group: VolumeGroup,
  devicesOf: (uuid: string) => readonly string[],
): readonly MemberArea[] {
  const allocations = allocationsOf(group);
  return [...group.physicalVolumes].flatMap(([name, { uuid, startBytes, extentCount }]) => {
    const { extentBytes } = group;
    const taken = [...(allocations.get(name) ?? [])].sort((a, b) => a.start - b.start);
    const free: ByteRange[] = [];
    let at = 0;
    for (const { start, end } of [...taken, { start: extentCount, end: extentCount }]) {
      const offsetBytes = startBytes + at * extentBytes;
      if (start > at) free.push({ offsetBytes, lengthBytes: (start - at) * extentBytes });
      at = Math.max(at, end);
    }
    const extents = { offsetBytes: startBytes, lengthBytes: extentCount * extentBytes };
    return devicesOf(uuid).map((device) => ({ device, extents, free }));
  });
}

/** By the name of the physical volume. */
function allocationsOf(group: VolumeGroup): ReadonlyMap<string, readonly Allocation[]> {
  const found = new Map<string, Allocation[]>();
  for (const { name, segments } of group.logicalVolumes.values()) {
    for (const segment of segments) {
      const { areas, areaExtents } = areasOf(segment);
      for (const { volume: physical, firstExtent } of areas) {
        const end = firstExtent + areaExtents;
        // A volume that reaches over the end of its physical volume, or shares no whole extents, is an error of its own.
        if (!Number.isInteger(end) || end > (group.physicalVolumes.get(physical)?.extentCount ?? 0))
          continue;
        const allocation = { volume: name, start: firstExtent, end };
        const known = found.get(physical);
        if (known === undefined) found.set(physical, [allocation]);
        else known.push(allocation);
      }
    }
  }
  return found;
}
