// The database of a dynamic disk, which each disk of a group has: volumes, their components, the partitions of those, disks.
// References: Linux block/partitions/ldm.c, ldm.h; libldm src/ldm.c.
import {
  type GuestLdm,
  parseLdm,
  parseLdmContents,
  parseLdmDatabase,
} from '../../../generated/volume/ldm.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { firstSound } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, int, text, u64 } from '../../validation/guest.js';
import { type LdmObjects, objectsOf } from './objects.js';

export interface LdmDatabase extends LdmObjects {
  readonly diskUuid: string;
  readonly groupUuid: string;
  readonly groupName: string | null;
  /** Where the disk's data begin, and how much of them there is. */
  readonly firstSector: number;
  readonly sectorCount: number;
  /** It grows with each change. */
  readonly sequence: bigint;
  readonly isBeingChanged: boolean;
  /** Of the header: `2.12` since Vista. */
  readonly version: string;
}

/** The database has 1 MiB. */
const MAX_DATABASE_SECTORS = (4 * MIB) / SECTOR_BYTES;
/** Two of them at either end. */
const CONTENTS_SECTORS = [1, 2, 2045, 2046];
const IS_SOUND = 1;

/** @param headerAt where the private header is. @throws FormatError */
export async function readLdm(disk: ByteSource, headerAt: number): Promise<LdmDatabase> {
  const header = parseLdm(await disk.read(headerAt, SECTOR_BYTES));
  const sectors = Math.floor(disk.sizeBytes / SECTOR_BYTES);
  const start = int(header.firstDatabaseSector, 'ldm: first sector of the database', 1, sectors);
  const count = int(
    header.numDatabaseSectors,
    'ldm: sectors of the database',
    32,
    Math.min(MAX_DATABASE_SECTORS, sectors - start),
  );
  const firstSector = int(header.firstDataSector, 'ldm: first sector of the data', 0, sectors);
  const place = await recordsPlace(disk, start, count);
  const read = await readRecords(disk, (start + place.first) * SECTOR_BYTES, place.count);
  return {
    ...read,
    diskUuid: uuidOf(header.diskUuid),
    groupUuid: uuidOf(header.groupUuid),
    groupName: text(header.groupName).replaceAll('/', '\ufffd') || null,
    firstSector,
    sectorCount: int(header.numDataSectors, 'ldm: sectors of the data', 0, sectors - firstSector),
    version: equals(header.minorVersion, 12) ? '2.12' : '2.11',
  };
}

function uuidOf(value: GuestLdm['diskUuid']): string {
  const uuid = text(value).toLowerCase();
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u.test(uuid)) return uuid;
  throw new FormatError('INVALID', `ldm: the private header has the UUID '${uuid}', which is none`);
}

/** By the first table of contents that is sound. */
async function recordsPlace(disk: ByteSource, start: number, count: number) {
  const copies = CONTENTS_SECTORS.filter((sector) => sector < count);
  const found = await firstSound(copies, async (sector) => {
    const bytes = await disk.read((start + sector) * SECTOR_BYTES, SECTOR_BYTES);
    const contents = parseLdmContents(bytes);
    if (!equals(contents.name, 'config')) {
      throw new FormatError(
        'INVALID',
        'ldm: the table of contents does not begin with the records',
      );
    }
    const first = int(contents.firstSector, 'ldm: first sector of the records', 1, count - 1);
    const what = 'ldm: sectors of the records';
    return { first, count: int(contents.numSectors, what, 1, count - first) };
  });
  if (found !== null) return found;
  throw new FormatError('BAD_MAGIC', 'ldm: the database has no table of contents');
}

async function readRecords(disk: ByteSource, at: number, sectorCount: number) {
  const head = parseLdmDatabase(await disk.read(at, SECTOR_BYTES));
  const room = sectorCount * SECTOR_BYTES;
  const recordBytes = int(head.lenRecord, 'ldm: size of a record', 64, SECTOR_BYTES);
  const last = int(head.lastRecord, 'ldm: last record', 0, Math.floor(room / recordBytes));
  const first = int(head.ofsRecords, 'ldm: first record', 0, room);
  const lengthBytes = Math.max(0, last * recordBytes - first);
  const bytes = await disk.read(at + first, lengthBytes);
  return {
    ...objectsOf(bytes, recordBytes),
    sequence: u64(head.sequence),
    isBeingChanged: !equals(head.state, IS_SOUND),
  };
}
