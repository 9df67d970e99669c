// Decides which volumes of a group a user sees, and which of them cannot be read because of a snapshot.
// References: lvm2 lib/metadata/metadata.c, snapshot_manip.c (lv_is_visible), lib/report/properties.c (lv_role).
import { UnsupportedError, type VirtDfError } from '../../errors.js';
import { shown } from '../../validation/lvm2/field.js';
import type { LogicalVolume, Snapshot, VolumeGroup } from '../../validation/lvm2/group.js';

/** A group's snapshots, by the volume that stores their changed chunks, and the origins that are being rolled back. */
interface Snapshots {
  readonly ofStore: ReadonlyMap<string, Snapshot>;
  readonly merging: ReadonlySet<string>;
}

export function snapshotsOf(group: VolumeGroup): Snapshots {
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
 * A snapshot's own volume holds changed chunks, not a filesystem. Its origin is whole, unless it is being rolled back: then
 * the guest sees a mixture of both.
 */
export function snapshotProblem(name: string, { ofStore, merging }: Snapshots): VirtDfError | null {
  if (ofStore.has(name)) return unsupported(name, 'is a snapshot');
  return merging.has(name) ? unsupported(name, 'is being merged with a snapshot') : null;
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
