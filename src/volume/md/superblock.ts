// A member's superblock: which array it belongs to, where its data lie, and how fresh they are.
// References: Linux drivers/md/md.c: super_1_load, calc_sb_1_csum, super_90_load, calc_sb_csum.
import { parseMd, parseMdSuperblock0 } from '../../../generated/volume/md.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, text, u16, u32, u64, uuidText } from '../../validation/guest.js';
import { uuid0Of } from './identity.js';
import { MD_PLACES, offsetOn } from './places.js';

/** The facts that the superblock of a member holds about the member and its array. */
export interface MdSuperblock {
  /** blkid's words: `0.90.0`, `1.0`, `1.1`, `1.2`. */
  readonly version: string;
  readonly uuid: string | null;
  readonly name: string | null;
  /** The RAID level: 1 is a mirror. */
  readonly level: number;
  readonly dataOffsetBytes: number;
  /** The size of the data area that the array uses. */
  readonly sizeBytes: number;
  /** Grows with each change: a member with a higher count was written later. */
  readonly eventCount: bigint;
  /** Its number in the array. */
  readonly role: number;
  /** It holds all of the array's data: no spare, not faulty, not being rebuilt. */
  readonly isInSync: boolean;
  readonly isReshaping: boolean;
}

const KIB = 1024;
const SUPERBLOCK_BYTES = 4096;
const FIXED_BYTES = 256;
const CHECKSUM_OFFSET = 216;
const CHECKSUM_OFFSET_0 = 152;
const MIN_LEVEL = -10;
const MAX_LEVEL = 100;
/** Numbers from here on are no place in the array: they mark a journal, a faulty device or a spare. */
const NO_ROLE = 0xff00;
const REBUILDING = 2n;
const RESHAPING = 4n;
const IN_SYNC = 4n;
const MINOR_RESHAPING = 91;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);

/** The first sound superblock at the device's `end` or `beginning`; null if there is none. */
export async function findSuperblock(
  source: ByteSource,
  place: 'beginning' | 'end',
): Promise<MdSuperblock | null> {
  for (const one of MD_PLACES.filter(({ at }) => at < 0 === (place === 'end'))) {
    const offset = offsetOn(source, one);
    if (offset < 0 || source.sizeBytes - offset < SUPERBLOCK_BYTES) continue;
    try {
      const bytes = await source.read(offset, SUPERBLOCK_BYTES);
      return one.version === '0.90'
        ? readVersion0(bytes, offset)
        : readVersion1(bytes, one.version, offset, source.sizeBytes);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return null;
}

function readVersion1(
  bytes: Uint8Array,
  version: string,
  offset: number,
  deviceBytes: number,
): MdSuperblock {
  const superblock = parseMd(bytes);
  const { identity, roles } = superblock;
  const summed = bytes.subarray(0, FIXED_BYTES + 2 * roles.length);
  checkSum(superblock.checksum, summed, CHECKSUM_OFFSET);
  if (!equals(superblock.superblockSector, offset / SECTOR_BYTES)) {
    throw new FormatError('INVALID', `md: the superblock at byte ${offset} belongs elsewhere`);
  }
  const sectors = Math.min(MAX_SECTORS, Math.floor(deviceBytes / SECTOR_BYTES));
  const dataSector = int(superblock.dataSector, 'md: data_offset', 0, sectors);
  const number = int(superblock.deviceNumber, 'md: dev_number', 0, roles.length - 1);
  const [role] = roles.slice(number, number + 1).map((one) => u16(one));
  return {
    version,
    uuid: uuidText(identity.uuid),
    name: text(identity.name) || null,
    level: int(superblock.level, 'md: level', MIN_LEVEL, MAX_LEVEL),
    dataOffsetBytes: dataSector * SECTOR_BYTES,
    sizeBytes: int(superblock.numSectors, 'md: size', 1, sectors - dataSector) * SECTOR_BYTES,
    eventCount: u64(superblock.numEvents),
    role: role ?? NO_ROLE,
    isInSync: (role ?? NO_ROLE) < NO_ROLE && !hasFlag(identity.features, REBUILDING),
    isReshaping: hasFlag(identity.features, RESHAPING),
  };
}

function readVersion0(bytes: Uint8Array, offset: number): MdSuperblock {
  const superblock = parseMdSuperblock0(bytes);
  checkSum(superblock.checksum, bytes, CHECKSUM_OFFSET_0);
  const { identity, thisDisk } = superblock;
  return {
    version: text(identity.version),
    uuid: uuidText(uuid0Of(identity)),
    name: null,
    level: int(identity.level, 'md: level', MIN_LEVEL, MAX_LEVEL),
    dataOffsetBytes: 0,
    sizeBytes: int(identity.numKibibytes, 'md: size', 1, Math.floor(offset / KIB)) * KIB,
    eventCount: u64(superblock.numEvents),
    role: u32(thisDisk.role),
    isInSync: hasFlag(thisDisk.state, IN_SYNC),
    isReshaping: equals(identity.minor, MINOR_RESHAPING),
  };
}

/** The sum of all words but its own, its upper half added to the lower. */
function checkSum(
  stored: Parameters<typeof equals>[0],
  bytes: Uint8Array,
  checksumOffset: number,
): void {
  const words = Buffer.from(bytes);
  words.fill(0, checksumOffset, checksumOffset + 4);
  let sum = 0;
  const whole = words.length - (words.length % 4);
  for (let at = 0; at < whole; at += 4) sum += words.readUInt32LE(at);
  if (whole < words.length) sum += words.readUInt16LE(whole);
  const folded = ((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) % 2 ** 32;
  if (equals(stored, folded)) return;
  throw new FormatError('BAD_CHECKSUM', 'md: the checksum of the superblock does not match');
}
