// Decides which volumes of a group a user sees, and which of them are snapshots.
// References: lvm2 lib/metadata/metadata.c, snapshot_manip.c (lv_is_visible), lib/report/properties.c (lv_role).
import { UnsupportedError, type VirtDfError } from '../../errors.js';
import { shown } from '../../validation/lvm2/field.js';
import type { LogicalVolume, VolumeGroup } from '../../validation/lvm2/group.js';
import type { Snapshot } from '../../validation/lvm2/segment.js';

/** A group's snapshots of the older kind: their stores are volumes, and so are what they are snapshots of. */
export interface Snapshots {
  /** By the volume that stores the changed chunks. */
  readonly ofStore: ReadonlyMap<string, Snapshot>;
  /** By a volume that is being rolled back, the store of the snapshot that it becomes. */
  readonly merging: ReadonlyMap<string, string>;
}

export function snapshotsOf(group: VolumeGroup): Snapshots {
  const ofStore = new Map<string, Snapshot>();
  const merging = new Map<string, string>();
  for (const { segments } of group.logicalVolumes.values()) {
    for (const { content } of segments) {
      if (content.kind !== 'snapshot') continue;
      const { origin, store, isMerging } = content;
      if (store !== null) ofStore.set(store, content);
      if (origin !== null && store !== null && isMerging) merging.set(origin, store);
    }
  }
  return { ofStore, merging };
}

export function unsupported(volume: string, what: string): VirtDfError {
  const message = `lvm2: ${shown(volume)} ${what}, which virt-df does not read`;
  return new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { volume: shown(volume) } });
}

/** A pool is not a volume to look into: the volumes in it are listed one by one. */
const POOL_TYPES = ['thin-pool', 'cache-pool', 'vdo-pool'];

/** The volumes that lvs gives the role `public`. */
export function isListed(
  { name, isVisible, segments }: LogicalVolume,
  { ofStore }: Snapshots,
  group: VolumeGroup,
): boolean {
  const own = ofStore.get(name);
  if (own !== undefined) return isSnapshotListed(own, group);
  return isVisible && !segments.some(({ type }) => POOL_TYPES.includes(baseType(type)));
}

/**
 * A snapshot is as visible as its origin. The origin of a sparse volume is a virtual one, so that volume is visible
 * itself.
 */
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
