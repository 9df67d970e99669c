// Physical volumes with their labels -> volume groups -> logical volumes.
// References: lvm2 lib/cache/lvmcache.c (the newest metadata wins; duplicate names and UUIDs), lib/metadata/metadata.c,
// lib/activate/activate.c (a group with duplicate physical volumes is not activated).

import { FormatError, GIVE_ALL_DISKS, VirtDfError } from '../../errors.js';
import { groupBy } from '../../group-by.js';
import { MIB } from '../../limits.js';
import { equals } from '../../validation/guest.js';
import { shown } from '../../validation/lvm2/field.js';
import { readGroup, type VolumeGroup } from '../../validation/lvm2/group.js';
import { MAX_VALUES, parseText, type TextBudget } from '../../validation/lvm2/text.js';
import type { AssembledVolume, Assembly, Group } from '../volume.js';
import { overlapOf } from './allocation.js';
import { MAX_TEXT_BYTES, readAreaHead } from './area.js';
import { dashedUuid, type PhysicalVolume } from './label.js';
import { groupDevices, groupVolumes } from './logical.js';

/** Copies of a text are read until so many bytes of them were: a group of 200 members may have 200 of megabytes each. */
const MAX_PROVEN_BYTES = 8 * MIB;

type DeviceProblem = Assembly['problems'][number];

/** Texts that were read: every physical volume has a copy of its group's, most of them the same. */
interface Reading {
  readonly budget: TextBudget;
  readonly problems: DeviceProblem[];
  /** Devices with a sound text, even if the newest one no longer has them in the group. */
  readonly described: Set<string>;
  textLength: number;
  /** By the lengths and checksums that areas name. */
  readonly read: {
    readonly textBytes: number;
    readonly checksum: number;
    readonly group: VolumeGroup;
  }[];
  /** How many bytes were compared with their checksums. */
  provenBytes: number;
}

export async function assembleGroups(found: readonly PhysicalVolume[]): Promise<Assembly> {
  const reading: Reading = {
    budget: { values: MAX_VALUES },
    problems: [],
    described: new Set(),
    textLength: 0,
    read: [],
    provenBytes: 0,
  };
  const groups = await readGroups(found, reading);
  const byUuid = groupBy(found, ({ label }) => label.uuid);
  const sameName = groupBy(groups, ({ name }) => name);
  const volumes: AssembledVolume[] = [];
  const pools: Group[] = [];
  for (const group of groups) {
    const obstacle = sameNameProblem(sameName.get(group.name) ?? []) ?? cloneProblem(group, byUuid);
    const found = await groupVolumes(group, byUuid, obstacle);
    volumes.push(...found.volumes);
    pools.push(...found.groups);
    reading.problems.push(...found.problems);
  }
  const lost = lostVolumes(found, groups, reading);
  const overlaps = groups.flatMap((group) => {
    const error = overlapOf(group);
    const [device] = groupDevices(group, byUuid);
    return error === null || device === undefined ? [] : [{ device, error }];
  });
  return {
    volumes: volumes.sort((a, b) => (a.device < b.device ? -1 : 1)),
    groups: pools,
    problems: [...reading.problems, ...lost, ...overlaps],
  };
}

/** The newest description of each group, from whichever copy is sound. */
async function readGroups(
  found: readonly PhysicalVolume[],
  reading: Reading,
): Promise<readonly VolumeGroup[]> {
  const newest = new Map<string, VolumeGroup>();
  for (const volume of found) {
    for (const offset of volume.label.areaOffsets) {
      const group = await readCopy(volume, offset, reading);
      if (group === null) continue;
      reading.described.add(volume.device);
      const known = newest.get(group.uuid);
      if (known === undefined || known.seqno < group.seqno) newest.set(group.uuid, group);
    }
  }
  return [...newest.values()];
}

/** One copy of a group's metadata; null, and a problem unless it is unused, if there is none. */
async function readCopy(
  { device, source }: PhysicalVolume,
  offset: bigint,
  reading: Reading,
): Promise<VolumeGroup | null> {
  try {
    const area = await readAreaHead(source, offset);
    if (area.state === 'unused') return null;
    const same = reading.read.find(
      ({ textBytes, checksum }) => textBytes === area.textBytes && equals(area.checksum, checksum),
    );
    // lvm2 tells copies by these two as well. The first ones are proven to be whole.
    if (same !== undefined && reading.provenBytes >= MAX_PROVEN_BYTES) return same.group;
    const { text, sum } = await area.read();
    reading.provenBytes += area.textBytes;
    if (same !== undefined) return same.group;
    const content = text();
    reading.textLength += content.length;
    if (reading.textLength > MAX_TEXT_BYTES) {
      const message = `lvm2: the guest's metadata has more than ${MAX_TEXT_BYTES} bytes of text`;
      throw new FormatError('LIMIT', message);
    }
    const group = readGroup(parseText(content, reading.budget));
    reading.read.push({ textBytes: area.textBytes, checksum: sum, group });
    return group;
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    reading.problems.push({ device, error });
    return null;
  }
}

/** Two groups of one name: lvm2 activates neither, since `/dev/VG/LV` could be of either. */
function sameNameProblem(groups: readonly VolumeGroup[]): VirtDfError | null {
  const [first] = groups;
  if (first === undefined || groups.length < 2) return null;
  const uuids = groups.map(({ uuid }) => dashedUuid(shown(uuid))).join(', ');
  const message = `lvm2: ${groups.length} volume groups are called ${shown(first.name)} (UUIDs ${uuids}), so it is not clear which one is meant`;
  return new FormatError('AMBIGUOUS', message, { data: { group: shown(first.name) } });
}

/** A physical volume that is there twice, as when a guest has a disk and its clone: lvm2 activates nothing then. */
function cloneProblem(
  group: VolumeGroup,
  byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>,
): VirtDfError | null {
  for (const { uuid } of group.physicalVolumes.values()) {
    const copies = byUuid.get(uuid) ?? [];
    if (copies.length < 2) continue;
    const devices = copies.map(({ device }) => device).join(' and ');
    const name = dashedUuid(shown(uuid));
    const message = `lvm2: ${devices} are both the physical volume ${name} of ${shown(group.name)}: one is a copy of the other`;
    return new FormatError('AMBIGUOUS', message, { data: { group: shown(group.name) } });
  }
  return null;
}

/**
 * Members that belong to a group of which no description was found: those without a metadata area of their own, when the
 * disk with one is missing. A member whose own copy is damaged has a problem already.
 */
function lostVolumes(
  found: readonly PhysicalVolume[],
  groups: readonly VolumeGroup[],
  { problems, described }: Reading,
): readonly DeviceProblem[] {
  const known = new Set(
    groups.flatMap(({ physicalVolumes }) => [...physicalVolumes.values()].map(({ uuid }) => uuid)),
  );
  const explained = new Set([...described, ...problems.map(({ device }) => device)]);
  return found
    .filter(({ device, label }) => label.isUsed && !known.has(label.uuid) && !explained.has(device))
    .map(({ device }) => {
      const message = `lvm2: this physical volume belongs to a volume group whose metadata is on none of the disks that were given; ${GIVE_ALL_DISKS}`;
      return { device, error: new FormatError('MISSING_DEVICE', message) };
    });
}
