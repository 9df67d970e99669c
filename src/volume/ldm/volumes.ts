// The volumes of a disk group: partitions one behind the other, in stripes, with parity, and mirrors of these.
// References: libldm src/ldm.c (_generate_dm_tables: the layouts of device mapper that are the same as those of Windows).
import { resize } from '../../bytes/resize.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError, VirtDfError } from '../../errors.js';
import { groupBy } from '../../group-by.js';
import { isComplete, type RaidLayout } from '../raid/layout.js';
import { linearLayout, mirrorLayout } from '../raid/linear.js';
import { parityLayout } from '../raid/parity.js';
import { type Column, raidSource } from '../raid/source.js';
import { stripeLayout } from '../raid/stripe.js';
import type { AssembledVolume } from '../volume.js';
import type { LdmDatabase } from './database.js';
import type { LdmComponent, LdmPartition, LdmVolume } from './objects.js';

/** A disk of the group, with its own copy of the database. */
export interface LdmMember {
  readonly device: string;
  readonly source: ByteSource;
  readonly database: LdmDatabase;
}

/** A group as the database that was written last has it. */
interface DiskGroup {
  readonly newest: LdmDatabase;
  readonly diskNames: ReadonlyMap<number, string>;
  /** By their numbers in the database. */
  readonly members: ReadonlyMap<number, LdmMember>;
  readonly componentsOf: ReadonlyMap<number, readonly LdmComponent[]>;
  readonly partitionsOf: ReadonlyMap<number, readonly LdmPartition[]>;
}

/** Left-symmetric, as device mapper's raid5_ls. */
const LAYOUT_OF_PARITY = 2;

export function assembleVolumes(
  members: readonly LdmMember[],
  newest: LdmDatabase,
): readonly AssembledVolume[] {
  const byUuid = new Map(members.map((member) => [member.database.diskUuid, member]));
  const group: DiskGroup = {
    newest,
    diskNames: new Map(newest.disks.map(({ id, name }) => [id, name])),
    members: new Map(
      newest.disks.flatMap(({ id, uuid }) => {
        const member = byUuid.get(uuid);
        return member === undefined ? [] : [[id, member] as const];
      }),
    ),
    componentsOf: groupBy(newest.components, ({ volumeId }) => volumeId),
    partitionsOf: groupBy(newest.partitions, ({ componentId }) => componentId),
  };
  return newest.volumes.map((volume) => ({
    device: `/dev/mapper/ldm_vol_${newest.groupName ?? 'group'}_${volume.name}`,
    sizeBytes: volume.sectorCount * SECTOR_BYTES,
    uuid: volume.uuid,
    source: contentOf(group, volume),
  }));
}

function contentOf(group: DiskGroup, volume: LdmVolume): ByteSource | VirtDfError {
  try {
    const components = group.componentsOf.get(volume.id) ?? [];
    const [only, ...others] = components;
    if (only === undefined) throw invalid(volume, 'has no component');
    const whole =
      others.length === 0
        ? componentContent(group, volume, only)
        : mirror(group, volume, components);
    const sizeBytes = volume.sectorCount * SECTOR_BYTES;
    if (sizeBytes <= whole.sizeBytes) return resize(whole, sizeBytes);
    throw invalid(volume, `has ${sizeBytes} bytes, and its partitions ${whole.sizeBytes}`);
  } catch (error) {
    if (error instanceof VirtDfError) return error;
    throw error;
  }
}

/** Of the halves, those that are all there, are not taken off, and lie on disks that know of the last change. */
function mirror(
  group: DiskGroup,
  volume: LdmVolume,
  components: readonly LdmComponent[],
): ByteSource {
  const faults: VirtDfError[] = [];
  const columns = components.map((component): Column | null => {
    try {
      if (!component.isActive) throw invalid(volume, 'has a half that is not active');
      const source = componentContent(group, volume, component, true);
      return { source, offsetBytes: 0, unsound: [] };
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      faults.push(error);
      return null;
    }
  });
  const sizes = columns.flatMap((column) => (column === null ? [] : [column.source.sizeBytes]));
  const [fault] = faults;
  if (sizes.length === 0 && fault !== undefined) throw fault;
  const layout = mirrorLayout(columns.length, Math.min(...sizes));
  return raidSource({ layout, columns, lost: () => fault ?? invalid(volume, 'has no half') });
}

/** @param mustBeNew whether disks that missed the last change do not count. */
function componentContent(
  group: DiskGroup,
  volume: LdmVolume,
  component: LdmComponent,
  mustBeNew = component.type === 'parity',
): ByteSource {
  const found = group.partitionsOf.get(component.id) ?? [];
  if (found.length !== component.partitionCount) {
    throw invalid(volume, `has ${found.length} partitions instead of ${component.partitionCount}`);
  }
  const partitions = [...found].sort((one, other) =>
    component.type === 'spanned'
      ? one.componentSector - other.componentSector
      : one.column - other.column,
  );
  const layout = layoutOf(volume, component, partitions);
  const columns = partitions.map((partition) => columnOf(group, partition, mustBeNew));
  const missing = () => missingOf(group, volume, partitions);
  if (
    !isComplete(
      layout,
      columns.map((column) => column !== null),
    )
  )
    throw missing();
  return raidSource({ layout, columns, lost: missing });
}

function layoutOf(
  volume: LdmVolume,
  { type, chunkSectors, columnCount }: LdmComponent,
  partitions: readonly LdmPartition[],
): RaidLayout {
  const sizes = partitions.map(({ sectorCount }) => sectorCount * SECTOR_BYTES);
  if (type === 'spanned') {
    let end = 0;
    for (const { componentSector, sectorCount } of partitions) {
      if (componentSector !== end) throw invalid(volume, `has a gap at sector ${end}`);
      end += sectorCount;
    }
    return linearLayout(sizes);
  }
  const chunkBytes = (chunkSectors ?? 0) * SECTOR_BYTES;
  const columnBytes = Math.floor(Math.min(...sizes) / chunkBytes) * chunkBytes;
  if (chunkBytes === 0 || columnCount !== partitions.length || !Number.isSafeInteger(columnBytes)) {
    throw invalid(volume, `has ${partitions.length} partitions in ${columnCount} columns`);
  }
  if (type === 'striped')
    return stripeLayout(
      sizes.map(() => columnBytes),
      chunkBytes,
    );
  const count = { columnCount: partitions.length, chunkBytes, columnBytes };
  const layout =
    type === 'parity' && volume.isRaid5
      ? parityLayout({ ...count, parityCount: 1, number: LAYOUT_OF_PARITY })
      : null;
  if (layout !== null) return layout;
  const message = `ldm: the volume ${volume.name} has a component of a type that virt-df does not know`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}

/** null: the disk was not found, has not all of the partition, or missed the last change. */
function columnOf(
  { members, newest }: DiskGroup,
  { diskId, firstSector, sectorCount }: LdmPartition,
  mustBeNew: boolean,
): Column | null {
  const member = members.get(diskId);
  if (member === undefined) return null;
  const { source, database } = member;
  if (mustBeNew && database.sequence !== newest.sequence) return null;
  const offsetBytes = (database.firstSector + firstSector) * SECTOR_BYTES;
  if (offsetBytes + sectorCount * SECTOR_BYTES > source.sizeBytes) return null;
  return { source, offsetBytes, unsound: [] };
}

function missingOf(
  { members, diskNames }: DiskGroup,
  { name }: LdmVolume,
  partitions: readonly LdmPartition[],
): FormatError {
  const lacking = new Set(
    partitions.filter(({ diskId }) => !members.has(diskId)).map(({ diskId }) => diskId),
  );
  const names = [...lacking].flatMap((id) => diskNames.get(id) ?? []);
  const which = names.length === 0 ? 'a part of a disk' : names.join(', ');
  const message = `ldm: the volume ${name} lacks ${which}, without which it cannot be read; give all disks of the guest`;
  return new FormatError('MISSING_DEVICE', message);
}

function invalid({ name }: LdmVolume, what: string): FormatError {
  return new FormatError('INVALID', `ldm: the volume ${name} ${what}`);
}
