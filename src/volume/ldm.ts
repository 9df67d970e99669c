// Dynamic disks of Windows: the table of one, and the volumes that all of a group's disks make up.
// References: Linux block/partitions/ldm.c (ldm_create_data_partitions: partitions are numbered by where they begin);
// libldm src/ldm.c (what volumes are made of, and their names).

import { SECTOR_BYTES } from '../bytes/sector.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, type VirtDfError } from '../errors.js';
import { groupBy } from '../group-by.js';
import { type LdmDatabase, readLdm } from './ldm/database.js';
import { headerPlace, MBR_HEADER_AT } from './ldm/place.js';
import { assembleVolumes, type LdmMember } from './ldm/volumes.js';
import { mbr } from './mbr.js';
import { type TableRecord, tableOf } from './records.js';
import type {
  AssembledVolume,
  Assembly,
  Group,
  GroupFormat,
  Member,
  MemberDevice,
  PartitionTable,
  TableFormat,
} from './volume.js';

const NAME = 'ldm';

/** Of a disk with an MBR. That of a GPT keeps its own table, and is a member all the same. */
export const ldm: TableFormat = { name: NAME, probe: mbr.probe, open };

/** A disk group. */
export const ldmGroup: GroupFormat = {
  name: NAME,
  probe: async (disk) => (await headerPlace(disk)) !== null,
  member,
  join,
};

async function open(disk: ByteSource): Promise<PartitionTable> {
  let database: LdmDatabase;
  try {
    database = await readLdm(disk, MBR_HEADER_AT);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const table = await mbr.open(disk);
    return { ...table, problems: [...table.problems, error] };
  }
  const table = tableOf(disk, {
    type: NAME,
    unitBytes: SECTOR_BYTES,
    uuid: database.diskUuid,
    records: recordsOf(database),
  });
  return { ...table, memberOf: async () => ldmGroup };
}

/** The partitions of this disk, as Linux numbers them. */
function recordsOf({ disks, partitions, diskUuid, firstSector }: LdmDatabase): TableRecord[] {
  const own = disks.find(({ uuid }) => uuid === diskUuid);
  return partitions
    .filter(({ diskId }) => diskId === own?.id)
    .sort((one, other) => one.firstSector - other.firstSector)
    .map((partition, index) => ({
      number: index + 1,
      first: firstSector + partition.firstSector,
      count: partition.sectorCount,
      typeCode: 'ldm',
      role: 'part',
      label: { label: partition.name },
    }));
}

async function databaseOf(disk: ByteSource): Promise<LdmDatabase> {
  const place = await headerPlace(disk);
  if (place !== null) return readLdm(disk, place);
  throw new FormatError('BAD_MAGIC', 'ldm: the disk has no private header');
}

async function member(disk: ByteSource): Promise<Member> {
  const { diskUuid, groupName, version } = await databaseOf(disk);
  return { type: 'ldm_member', uuid: diskUuid, label: groupName, version };
}

async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const read: LdmMember[] = [];
  for (const { device, source } of members) {
    read.push({ device, source, database: await databaseOf(source) });
  }
  const volumes: AssembledVolume[] = [];
  const problems: { device: string; error: VirtDfError }[] = [];
  const groups: Group[] = [];
  for (const own of groupBy(read, ({ database }) => database.groupUuid).values()) {
    const newest = own.reduce((one, other) =>
      other.database.sequence > one.database.sequence ? other : one,
    );
    const group = groupOf(own, newest.database);
    groups.push(group);
    const error = faultOf(newest.database);
    if (error !== null) problems.push({ device: newest.device, error });
    for (const volume of assembleVolumes(own, newest.database)) volumes.push({ ...volume, group });
  }
  return { volumes, groups, problems };
}

function groupOf(members: readonly LdmMember[], newest: LdmDatabase): Group {
  const found = new Set(members.map(({ database }) => database.diskUuid));
  const ids = new Set(newest.disks.flatMap(({ id, uuid }) => (found.has(uuid) ? [id] : [])));
  const sectors = members.reduce((sum, { database }) => sum + database.sectorCount, 0);
  const taken = newest.partitions
    .filter(({ diskId }) => ids.has(diskId))
    .reduce((sum, { sectorCount }) => sum + sectorCount, 0);
  return {
    device: `/dev/mapper/ldm_${newest.groupName ?? 'group'}`,
    type: 'ldm_group',
    uuid: newest.groupUuid,
    members: members.map(({ device }) => device),
    sizeBytes: sectors * SECTOR_BYTES,
    freeBytes: Math.max(0, sectors - taken) * SECTOR_BYTES,
  };
}

/** Linux takes no database that was being changed; what it says of volumes that were not is true all the same. */
function faultOf({ isBeingChanged }: LdmDatabase): VirtDfError | null {
  if (!isBeingChanged) return null;
  return new FormatError('INVALID', 'ldm: the database was being changed when Windows stopped');
}
