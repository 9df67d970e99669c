// The logical volumes of a group, each as a source or with the error that keeps it from being read: a missing physical
// volume, a segment type that is not read.
// References: lvm2 lib/activate/dev_manager.c; lvm(8).
import type { ByteSource } from '../../bytes/source.js';
import { VirtDfError } from '../../errors.js';
import { shown } from '../../validation/lvm2/field.js';
import type { LogicalVolume, VolumeGroup } from '../../validation/lvm2/group.js';
import { journalBudget } from '../dm/integrity-journal.js';
import { MAX_ALL_EXCEPTIONS, snapshotPercent, snapshotSource } from '../dm/snapshot.js';
import { mappedBytes } from '../dm/thin.js';
import { exclusiveBytes } from '../dm/thin-shares.js';
import type { AssembledVolume, Assembly, Group } from '../volume.js';
import { memberAreas, spaceOf } from './allocation.js';
import { dashedUuid, type PhysicalVolume } from './label.js';
import { isListed, snapshotsOf } from './visible.js';
import { notThere, openPool, type Resolver, volumeSource } from './volume-source.js';

/** The visible volumes of a group, and its pools. @param obstacle an error that keeps all of them from being read, or null. */
export async function groupVolumes(
  group: VolumeGroup,
  byUuid: ReadonlyMap<string, readonly PhysicalVolume[]>,
  obstacle: VirtDfError | null,
): Promise<Required<Assembly>> {
  const snapshots = snapshotsOf(group);
  const known = { done: new Map(), lost: new Map(), pools: new Map() };
  const budgets = { exceptions: { left: MAX_ALL_EXCEPTIONS }, journals: journalBudget() };
  const resolver: Resolver = { group, byUuid, snapshots, ...known, ...budgets };
  const whole = groupOf(group, byUuid);
  const { pools, problems } =
    obstacle === null ? await poolsOf(resolver, whole) : { pools: new Map(), problems: [] };
  const volumes: AssembledVolume[] = [];
  for (const volume of group.logicalVolumes.values()) {
    if (!isListed(volume, snapshots, group)) continue;
    const [content] = volume.segments.map((segment) => segment.content);
    const pool = content?.kind === 'thin' ? pools.get(content.pool) : undefined;
    const one = await toVolume(volume, resolver, obstacle);
    volumes.push({ ...one, ...figuresOf(volume, one, resolver), group: pool ?? whole });
  }
  return { volumes, groups: [...pools.values()], problems };
}

/** The thin pools by their names, each as a group within the group; and why some of them cannot be read. */
async function poolsOf(
  resolver: Resolver,
  within: Group,
): Promise<{
  readonly pools: ReadonlyMap<string, Group>;
  readonly problems: Assembly['problems'];
}> {
  const pools = new Map<string, Group>();
  const problems: { readonly device: string; readonly error: VirtDfError }[] = [];
  for (const volume of resolver.group.logicalVolumes.values()) {
    const { name, uuid, segments } = volume;
    if (segments[0]?.content.kind !== 'thin-pool') continue;
    const device = `${within.device}/${shown(name)}`;
    try {
      const lower = { depth: 0, hasArray: false };
      const { pool } = await openPool(name, { volume, resolver, path: [name], lower });
      const sizeBytes = pool.dataBlockCount * pool.blockBytes;
      const freeBytes = sizeBytes - pool.allocatedCount * pool.blockBytes;
      const own = {
        device,
        type: 'thin-pool',
        uuid,
        sizeBytes,
        freeBytes,
        metadata: pool.metadata,
      };
      pools.set(name, { ...own, members: [], within });
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      problems.push({ device, error });
    }
  }
  return { pools, problems };
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
    areas: memberAreas(group, (uuid) => (byUuid.get(uuid) ?? []).map(({ device }) => device)),
  };
}

async function toVolume(
  volume: LogicalVolume,
  resolver: Resolver,
  obstacle: VirtDfError | null,
): Promise<AssembledVolume> {
  const { group } = resolver;
  const bytes = volume.extentCount * group.extentBytes;
  const header = {
    device: `/dev/${shown(group.name)}/${shown(volume.name)}`,
    sizeBytes: Number.isSafeInteger(bytes) ? bytes : 0,
    uuid: volume.uuid,
  };
  try {
    if (obstacle !== null) throw obstacle;
    const source = await shownSource(volume, resolver);
    // Of a snapshot the text has the size of its store.
    return { ...header, sizeBytes: source.sizeBytes, source };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...header, source: error };
  }
}

/** Of a snapshot and of a thin volume. */
function figuresOf(
  volume: LogicalVolume,
  { source }: AssembledVolume,
  resolver: Resolver,
): Pick<AssembledVolume, 'figures'> {
  if (source instanceof VirtDfError) return {};
  if (resolver.snapshots.ofStore.has(volume.name)) {
    const store = () => volumeSource(volume, resolver, []);
    return { figures: async () => ({ snapPercent: await snapshotPercent(await store()) }) };
  }
  const content = volume.segments[0]?.content;
  if (content?.kind !== 'thin') return {};
  const { pool: name, deviceId } = content;
  return {
    async figures(isAllAsked) {
      const opened = resolver.pools.get(name);
      if (opened === undefined) return {};
      const mapped = await mappedBytes(opened.pool, deviceId);
      if (!isAllAsked) return { mappedBytes: mapped };
      opened.exclusive ??= exclusiveBytes(opened.pool);
      const exclusive = (await opened.exclusive).get(deviceId) ?? 0;
      return { mappedBytes: mapped, exclusiveBytes: exclusive };
    },
  };
}

/** What the device of a volume shows: of a store the snapshot, of a volume that is being rolled back what it becomes. */
async function shownSource(volume: LogicalVolume, resolver: Resolver): Promise<ByteSource> {
  const { snapshots, exceptions } = resolver;
  const { ofStore, merging } = snapshots;
  const own = await volumeSource(volume, resolver, []);
  const read = async (name: string) => {
    const other = resolver.group.logicalVolumes.get(name);
    if (other === undefined) throw notThere(volume, name);
    return volumeSource(other, resolver, []);
  };
  const origin = ofStore.get(volume.name)?.origin ?? null;
  if (origin !== null) return snapshotSource(await read(origin), own, exceptions);
  const store = merging.get(volume.name);
  return store === undefined ? own : snapshotSource(own, await read(store), exceptions);
}
