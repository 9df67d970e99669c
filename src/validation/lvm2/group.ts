// A volume group as its metadata text describes it: checked field by field, not yet joined with any device.
// References: lvm2 lib/format_text/import_vsn1.c (_read_vg, _read_pv, _read_lvnames, _read_segment).

import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError, VirtDfError } from '../../errors.js';
import {
  flagsOf,
  intField,
  isSection,
  optionalTextField,
  sectionField,
  shown,
  subsections,
  textField,
} from './field.js';
import { readSegment, type Segment } from './segment.js';
import type { Section } from './text.js';

export interface VolumeGroup {
  /** The name as it is written: for comparisons, not for a terminal. */
  readonly name: string;
  readonly uuid: string;
  readonly seqno: number;
  readonly extentBytes: number;
  /** The physical volumes by the names that segments use (`pv0`). */
  readonly physicalVolumes: ReadonlyMap<string, PhysicalVolumeEntry>;
  readonly logicalVolumes: ReadonlyMap<string, LogicalVolume>;
}

/** A physical volume as the group knows it. */
export interface PhysicalVolumeEntry {
  readonly uuid: string;
  /** Whether it was absent when the group last changed: its content may be old. */
  readonly isMissing: boolean;
  /** Where extent 0 begins. */
  readonly startBytes: number;
  readonly extentCount: number;
}

export interface LogicalVolume {
  readonly name: string;
  readonly uuid: string | null;
  readonly isVisible: boolean;
  /** In the order of their first extents; empty if `problem` is set. */
  readonly segments: readonly Segment[];
  readonly extentCount: number;
  /** Why the segments cannot be used. */
  readonly problem: VirtDfError | null;
}

const MAX_U4 = 0xffffffff;
/** Half of the largest exact number, so that the sum of a start and a length is exact too. */
const MAX_BYTES = Math.floor(Number.MAX_SAFE_INTEGER / 2);
const MAX_START_SECTOR = Math.floor(MAX_BYTES / SECTOR_BYTES);
const MAX_LOGICAL_VOLUMES = 10_000;

/** @throws FormatError INVALID, OUT_OF_BOUNDS, LIMIT. */
export function readGroup(root: Section): VolumeGroup {
  if (root.get('contents') !== 'Text Format Volume Group' || root.get('version') !== 1n) {
    const message = 'lvm2: the metadata text does not say that it is of a volume group, version 1';
    throw new FormatError('INVALID', message);
  }
  const [first] = subsections(root);
  if (first === undefined) {
    throw new FormatError('INVALID', 'lvm2: the metadata text describes no volume group');
  }
  const [name, section] = first;
  const where = `volume group ${shown(name)}`;
  const extentSectors = intField(section, 'extent_size', where, 1, MAX_U4);
  const extentBytes = extentSectors * SECTOR_BYTES;
  const volumes = section.get('logical_volumes');
  return {
    name,
    uuid: uuidField(section, where),
    seqno: intField(section, 'seqno', where, 0, MAX_U4),
    extentBytes,
    physicalVolumes: readPhysicalVolumes(
      sectionField(section, 'physical_volumes', where),
      extentBytes,
    ),
    logicalVolumes: isSection(volumes) ? readLogicalVolumes(volumes, where) : new Map(),
  };
}

function uuidField(section: Section, where: string): string {
  return plainUuid(textField(section, 'id', where));
}

/** A UUID without its dashes, as labels have it. */
function plainUuid(uuid: string): string {
  return uuid.replaceAll('-', '');
}

function readPhysicalVolumes(
  section: Section,
  extentBytes: number,
): ReadonlyMap<string, PhysicalVolumeEntry> {
  const maxExtents = Math.min(MAX_U4, Math.floor(MAX_BYTES / extentBytes));
  return new Map(
    subsections(section).map(([name, entry]) => {
      const where = `physical volume ${shown(name)}`;
      const value: PhysicalVolumeEntry = {
        uuid: uuidField(entry, where),
        isMissing: flagsOf(entry.get('flags')).includes('MISSING'),
        startBytes: intField(entry, 'pe_start', where, 0, MAX_START_SECTOR) * SECTOR_BYTES,
        extentCount: intField(entry, 'pe_count', where, 0, maxExtents),
      };
      return [name, value] as const;
    }),
  );
}

function readLogicalVolumes(section: Section, where: string): ReadonlyMap<string, LogicalVolume> {
  const volumes = subsections(section);
  if (volumes.length > MAX_LOGICAL_VOLUMES) {
    const message = `lvm2: ${where} has ${volumes.length} logical volumes, more than ${MAX_LOGICAL_VOLUMES}`;
    throw new FormatError('LIMIT', message);
  }
  return new Map(volumes.map(([name, volume]) => [name, readLogicalVolume(name, volume)]));
}

/** A damaged volume is a problem of its own: the others of the group can still be read. */
function readLogicalVolume(name: string, section: Section): LogicalVolume {
  const where = `logical volume ${shown(name)}`;
  const uuid = optionalTextField(section, 'id');
  const header = { name, uuid: uuid === null ? null : shown(uuid) };
  const isVisible = flagsOf(section.get('status')).includes('VISIBLE');
  try {
    const segments = subsections(section)
      .map(([key, segment]) => readSegment(segment, `${where}, ${shown(key)}`))
      .sort((a, b) => a.firstExtent - b.firstExtent);
    const extentCount = checkSegments(segments, section, where);
    // The volume that only links a snapshot with its origin is flagged visible and never is.
    const isLink = segments.some(({ content }) => content.kind === 'snapshot');
    const isShown = isVisible && !isLink;
    return { ...header, isVisible: isShown, segments, extentCount, problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...header, isVisible, segments: [], extentCount: 0, problem: error };
  }
}

/** Checks that the segments follow each other without gap or overlap; gives the number of all extents. */
function checkSegments(segments: readonly Segment[], section: Section, where: string): number {
  const count = intField(section, 'segment_count', where, 0, MAX_U4);
  if (count !== segments.length) {
    const message = `lvm2: ${where}: segment_count is ${count}, but there are ${segments.length}`;
    throw new FormatError('INVALID', message);
  }
  let end = 0;
  for (const { firstExtent, extentCount } of segments) {
    if (firstExtent !== end) {
      const message = `lvm2: ${where}: a segment begins at extent ${firstExtent} instead of ${end}`;
      throw new FormatError('INVALID', message);
    }
    end += extentCount;
  }
  return end;
}
