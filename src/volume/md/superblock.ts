// A member's superblock: which array it belongs to, where its data lie, and how fresh they are.
// References: Linux drivers/md/md.c: super_1_load, super_1_validate, calc_sb_1_csum, super_90_load, super_90_validate,
// calc_sb_csum; include/uapi/linux/raid/md_p.h.
import { parseMd, parseMdSuperblock0 } from '../../../generated/volume/md.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, text, u16, u32, uuidText } from '../../validation/guest.js';
import { uuid0Of } from './identity.js';
import { MD_PLACES, offsetOn } from './places.js';

/** The facts that the superblock of a member holds about the member and its array. */
export interface MdSuperblock {
  /** blkid's words: `0.90.0`, `1.0`, `1.1`, `1.2`. */
  readonly version: string;
  readonly uuid: string | null;
  readonly name: string | null;
  /** The RAID level, as md(4) counts them: -1 is linear. */
  readonly level: number;
  /** What it says depends on the level; null: it is not told. */
  readonly layout: number | null;
  readonly chunkBytes: number;
  /** Of the whole array, without spares. */
  readonly memberCount: number;
  readonly dataOffsetBytes: number;
  /** What this member has room for. */
  readonly dataBytes: number;
  /** What the array uses of each member; 0: all that each has, at level 0 and of a linear array. */
  readonly usedBytes: number;
  /** Grows with each change: a member with a higher count was written later. */
  readonly eventCount: number;
  /** The member's number among all devices that the array ever had. */
  readonly deviceNumber: number;
  /** Its place in the array; null: it has none, as it is a spare, faulty, or a journal. */
  readonly role: number | null;
  /** By number of the device, the places in the array that this superblock knows; empty where that is not told. */
  readonly roles: readonly (number | null)[];
  /** How much of its data was rebuilt so far; all of it, but for a member that is just being rebuilt. */
  readonly soundBytes: number;
  /** It takes over from another member with the same place, which still holds the data. */
  readonly isReplacement: boolean;
  readonly isReshaping: boolean;
  /** All that was written is in all members: nothing was under way when the superblock was written. */
  readonly isClean: boolean;
  /** A device on which writes lie before they come to the members. */
  readonly hasJournal: boolean;
  /** It has features that nobody knew when this was written. */
  readonly hasUnknownFeatures: boolean;
  /** Where the list of bad blocks lies; null: there is none. */
  readonly badBlocks: BadBlocksPlace | null;
}

interface BadBlocksPlace {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly unitBytes: number;
}

/** The first byte of the older version's magic on a machine of big-endian order. */
const MAGIC_FIRST_OF_OTHER_ORDER = 0xa9;
const KIB = 1024;
const SUPERBLOCK_BYTES = 4096;
const FIXED_BYTES = 256;
const CHECKSUM_OFFSET = 216;
const CHECKSUM_OFFSET_0 = 152;
const MIN_LEVEL = -10;
const MAX_LEVEL = 100;
/** Numbers from here on are no place in the array: they mark a journal, a faulty device or a spare. */
const NO_ROLE = 0xff00;
const FEATURE = {
  rebuilding: 2n,
  reshaping: 4n,
  badBlocks: 8n,
  replacement: 16n,
  journal: 512n,
  stripeLayout: 4096n,
};
/** All that MD_FEATURE_ALL of Linux 6.18 lacks: the kernel takes no member with any of these. */
const UNKNOWN_FEATURES = 0xffff_e000n;
/** Levels whose layout says something. */
const LAID_OUT: ReadonlySet<number> = new Set([0, 5, 6, 10]);
/** RAID 10 takes 19 bits for it, and no other as many. */
const MAX_LAYOUT = 2 ** 19 - 1;
const MAX_CHUNK_BYTES = 2 ** 31;
const CLEAN = 1n;
const FAULTY = 1n;
const IN_SYNC = 4n;
const MINOR_RESHAPING = 91;
const STRIPED = 0;
const U64_MAX = 2n ** 64n - 1n;
const MAX_MEMBERS = 1920;
const MAX_MEMBERS_0 = 27;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);
/** The kernel takes no list of more than a page. */
const MAX_BAD_BLOCKS_SECTORS = 8;
const MAX_BAD_BLOCKS_SHIFT = 20;

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
      if (one.version !== '0.90') {
        return readVersion1(bytes, one.version, offset, source.sizeBytes);
      }
      const isOther = bytes[0] === MAGIC_FIRST_OF_OTHER_ORDER;
      return readVersion0(isOther ? Buffer.from(bytes).swap32() : bytes, offset, isOther);
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
  const { identity, roles: places } = superblock;
  const summed = bytes.subarray(0, FIXED_BYTES + 2 * places.length);
  checkSum(superblock.checksum, summed, CHECKSUM_OFFSET);
  if (!equals(superblock.superblockSector, offset / SECTOR_BYTES)) {
    throw new FormatError('INVALID', `md: the superblock at byte ${offset} belongs elsewhere`);
  }
  const has = (feature: bigint) => hasFlag(identity.features, feature);
  const sectors = Math.min(MAX_SECTORS, Math.floor(deviceBytes / SECTOR_BYTES));
  const dataSector = int(superblock.dataSector, 'md: data_offset', 0, sectors);
  const room = sectors - dataSector;
  const level = int(superblock.level, 'md: level', MIN_LEVEL, MAX_LEVEL);
  const deviceNumber = int(superblock.deviceNumber, 'md: dev_number', 0, places.length - 1);
  const roles = places.map((one) => roleOf(u16(one)));
  const dataSectors = int(superblock.numDataSectors, 'md: data_size', 0, room);
  const soundSectors = has(FEATURE.rebuilding)
    ? int(superblock.recoverySector, 'md: recovery_offset', 0, MAX_SECTORS)
    : MAX_SECTORS;
  return {
    version,
    uuid: uuidText(identity.uuid),
    name: text(identity.name) || null,
    level,
    layout:
      level === STRIPED && !has(FEATURE.stripeLayout) ? null : layoutNumber(level, superblock),
    chunkBytes:
      int(superblock.numChunkSectors, 'md: chunksize', 0, MAX_CHUNK_BYTES / SECTOR_BYTES) *
      SECTOR_BYTES,
    memberCount: int(superblock.numMembers, 'md: raid_disks', 1, MAX_MEMBERS),
    dataOffsetBytes: dataSector * SECTOR_BYTES,
    dataBytes: dataSectors * SECTOR_BYTES,
    usedBytes: int(superblock.numSectors, 'md: size', 0, room) * SECTOR_BYTES,
    eventCount: int(superblock.numEvents, 'md: events', 0, Number.MAX_SAFE_INTEGER),
    deviceNumber,
    role: roles[deviceNumber] ?? null,
    roles,
    soundBytes: soundSectors * SECTOR_BYTES,
    isReplacement: has(FEATURE.replacement),
    isReshaping: has(FEATURE.reshaping),
    isClean: equals(superblock.resyncSector, U64_MAX),
    hasJournal: has(FEATURE.journal),
    hasUnknownFeatures: has(UNKNOWN_FEATURES),
    badBlocks: has(FEATURE.badBlocks) ? badBlocksPlace(superblock, offset, deviceBytes) : null,
  };
}

function layoutNumber(
  level: number,
  { layout }: Pick<ReturnType<typeof parseMd>, 'layout'>,
): number | null {
  return LAID_OUT.has(level) ? int(layout, 'md: layout', 0, MAX_LAYOUT) : null;
}

function roleOf(number: number): number | null {
  return number < NO_ROLE ? number : null;
}

/** null: there is room for none. @throws FormatError OUT_OF_BOUNDS. */
function badBlocksPlace(
  { badBlocksOffset, numBadBlocksSectors, badBlocksShift }: ReturnType<typeof parseMd>,
  offset: number,
  deviceBytes: number,
): BadBlocksPlace | null {
  const sectors = int(numBadBlocksSectors, 'md: bblog_size', 0, MAX_BAD_BLOCKS_SECTORS);
  if (sectors === 0) return null;
  const [before, behind] = [offset, deviceBytes - offset].map((bytes) => bytes / SECTOR_BYTES);
  const last = Math.floor(behind ?? 0) - sectors;
  const sector = int(badBlocksOffset, 'md: bblog_offset', -(before ?? 0), last);
  const shift = int(badBlocksShift, 'md: bblog_shift', 0, MAX_BAD_BLOCKS_SHIFT);
  return {
    offsetBytes: offset + sector * SECTOR_BYTES,
    lengthBytes: sectors * SECTOR_BYTES,
    unitBytes: SECTOR_BYTES * 2 ** shift,
  };
}

/** @param bytes in little-endian order. @param isOther they were in the other one, as a machine of that order wrote them. */
function readVersion0(bytes: Uint8Array, offset: number, isOther: boolean): MdSuperblock {
  const superblock = parseMdSuperblock0(bytes);
  checkSum(superblock.checksum, bytes, CHECKSUM_OFFSET_0);
  const { identity, thisDisk, eventWords } = superblock;
  const [one = 0, other = 0] = eventWords.map((word) => u32(word));
  const eventCount = isOther ? one * 2 ** 32 + other : other * 2 ** 32 + one;
  const level = int(identity.level, 'md: level', MIN_LEVEL, MAX_LEVEL);
  const isIn = hasFlag(thisDisk.state, IN_SYNC) && !hasFlag(thisDisk.state, FAULTY);
  const isClean = hasFlag(superblock.state, CLEAN);
  return {
    version: text(identity.version),
    uuid: uuidText(uuid0Of(identity)),
    name: null,
    level,
    layout: level === STRIPED ? null : layoutNumber(level, superblock),
    chunkBytes: int(superblock.numChunkBytes, 'md: chunk_size', 0, MAX_CHUNK_BYTES),
    memberCount: int(identity.numMembers, 'md: raid_disks', 1, MAX_MEMBERS_0),
    dataOffsetBytes: 0,
    dataBytes: offset,
    usedBytes: int(identity.numKibibytes, 'md: size', 0, Math.floor(offset / KIB)) * KIB,
    eventCount: Number.isSafeInteger(eventCount) ? eventCount : 0,
    deviceNumber: int(thisDisk.number, 'md: number', 0, MAX_MEMBERS_0 - 1),
    role: isIn ? int(thisDisk.role, 'md: raid_disk', 0, MAX_MEMBERS_0 - 1) : null,
    roles: [],
    soundBytes: offset,
    isReplacement: false,
    isReshaping: equals(identity.minor, MINOR_RESHAPING),
    isClean,
    hasJournal: false,
    hasUnknownFeatures: false,
    badBlocks: null,
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
