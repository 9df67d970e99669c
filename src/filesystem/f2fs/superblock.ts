// The superblock of f2fs, the first sound one of two: where its areas lie.
// References: Linux 6.1 fs/f2fs/super.c: read_raw_super_block, sanity_check_raw_super, sanity_check_area_boundary.
import {
  f2fsDeviceRecords,
  f2fsPointerRecords,
  type GuestF2fs,
  parseF2fs,
} from '../../../generated/filesystem/f2fs.js';
import { firstSound, isAnyProblem } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn, UnsupportedError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, int, type Label, labelOf, u16, u32, uuidText } from '../../validation/guest.js';
import type { FilesystemIdentity } from '../fault.js';
import { checksum } from './checksum.js';
import { type Features, hasSuperblockChecksum, readFeatures } from './features.js';

const invalid = invalidIn('f2fs: ');

export const BLOCK_BYTES = 4096;
export const BLOCKS_PER_SEGMENT = 512;
const SUPERBLOCK_OFFSET = 1024;
const SUPERBLOCK_BYTES = 3072;
const CHECKSUM_OFFSET = 3068;
const LOG_BLOCK = 12;
const MIN_LOG_SECTOR = 9;
const LOG_SEGMENT_BLOCKS = 9;
/** F2FS_MIN_SEGMENTS, F2FS_MAX_SEGMENT: 16 TiB. */
const MIN_SEGMENTS = 9;
const MAX_SEGMENTS = 8 * 1024 * 1024;
const MAX_EXTENSIONS = 64;
/** A pack has its first and last block and six summaries besides. */
const MAX_PAYLOAD_BLOCKS = BLOCKS_PER_SEGMENT - 2 - 6 - 1;
const PATH_END = 0;
const U32_MAX = 0xffffffff;

/** Where an area begins, and how many segments it has. */
interface Area {
  readonly block: number;
  readonly segmentCount: number;
}

export interface Superblock extends Label {
  readonly features: Features;
  readonly uuid: string | null;
  readonly uuidBytes: Uint8Array;
  /** `1.16` */
  readonly version: string;
  /** Of all devices. */
  readonly blockCount: number;
  readonly segmentCount: number;
  readonly firstSegment: number;
  readonly checkpoint: Area;
  readonly sit: Area;
  readonly nat: Area;
  readonly summaries: Area;
  readonly main: Area;
  /** Blocks with version bitmaps between the first block of a checkpoint's pack and its orphans. */
  readonly payloadBlockCount: number;
  /** More than 1: it goes on where this device ends. */
  readonly deviceCount: number;
  /** The inodes of the files for quotas: of users, groups, projects; 0 is none. */
  readonly quotaInodes: readonly number[];
}

/**
 * The second copy is taken where the first one is damaged.
 * @throws FormatError, UnsupportedError
 */
export async function readSuperblock(source: ByteSource): Promise<Superblock> {
  const found = await firstSound([0, 1], (block) => readCopy(source, block), isAnyProblem);
  if (found !== null) return found;
  throw invalid('there is no superblock');
}

/** What the first copy says of itself, before it is checked. */
export async function readIdentity(source: ByteSource): Promise<FilesystemIdentity> {
  return { type: 'f2fs', ...namesOf(parseF2fs(await copyBytes(source, 0))) };
}

function namesOf({ label, uuid, major, minor }: GuestF2fs) {
  return {
    ...labelOf(label),
    uuid: uuidText(uuid),
    version: `${u16(major)}.${u16(minor)}`,
  };
}

function copyBytes(source: ByteSource, block: number): Promise<Uint8Array> {
  const at = block * BLOCK_BYTES + SUPERBLOCK_OFFSET;
  const available = Math.max(0, Math.min(SUPERBLOCK_BYTES, source.sizeBytes - at));
  return source.read(Math.min(at, source.sizeBytes), available);
}

async function readCopy(source: ByteSource, block: number): Promise<Superblock> {
  const bytes = await copyBytes(source, block);
  const guest = parseF2fs(bytes);
  if (hasSuperblockChecksum(guest)) checkChecksum(guest, bytes);
  checkSizes(guest);
  checkCounts(guest);
  return readFields(guest);
}

function checkChecksum(guest: GuestF2fs, bytes: Uint8Array): void {
  int(guest.ofsChecksum, 'f2fs: checksum_offset', CHECKSUM_OFFSET, CHECKSUM_OFFSET);
  const computed = checksum(bytes.subarray(0, CHECKSUM_OFFSET));
  if (equals(guest.checksum, computed)) return;
  const stored = u32(guest.checksum);
  throw new FormatError(
    'BAD_CHECKSUM',
    `f2fs: the checksum of the superblock is 0x${stored.toString(16)}, its content gives 0x${computed.toString(16)}`,
    { data: { stored, computed } },
  );
}

/** @throws UnsupportedError for blocks of another size than nearly every kernel's. */
function checkSizes(guest: GuestF2fs): void {
  const logBlock = int(guest.log2LenBlock, 'f2fs: log_blocksize', LOG_BLOCK, 16);
  if (logBlock !== LOG_BLOCK) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `f2fs: blocks of ${2 ** logBlock} bytes, which only kernels with pages of that size mount`,
      { data: { blockSizeBytes: 2 ** logBlock } },
    );
  }
  int(
    guest.log2BlocksPerSegment,
    'f2fs: log_blocks_per_seg',
    LOG_SEGMENT_BLOCKS,
    LOG_SEGMENT_BLOCKS,
  );
  const logSector = int(guest.log2LenSector, 'f2fs: log_sectorsize', MIN_LOG_SECTOR, LOG_BLOCK);
  const rest = LOG_BLOCK - logSector;
  int(guest.log2SectorsPerBlock, 'f2fs: log_sectors_per_block', rest, rest);
}

function checkCounts(guest: GuestF2fs): void {
  const segments = int(guest.numSegments, 'f2fs: segment_count', MIN_SEGMENTS, MAX_SEGMENTS);
  const main = int(guest.numMainSegments, 'f2fs: segment_count_main', 1, segments);
  const sections = int(guest.numSections, 'f2fs: section_count', 1, main);
  const perSection = int(guest.segmentsPerSection, 'f2fs: segs_per_sec', 1, segments);
  if (main !== sections * perSection) {
    throw invalid(`${sections} sections of ${perSection} segments are not ${main} segments`);
  }
  int(guest.sectionsPerZone, 'f2fs: secs_per_zone', 1, sections);
  const blocks = int(guest.numBlocks, 'f2fs: block_count', 1, U32_MAX);
  if (segments > Math.floor(blocks / BLOCKS_PER_SEGMENT)) {
    throw invalid(`${segments} segments are more than ${blocks} blocks make`);
  }
  const extensions = int(guest.numExtensions, 'f2fs: extension_count', 0, MAX_EXTENSIONS);
  int(guest.numHotExtensions, 'f2fs: hot_ext_count', 0, MAX_EXTENSIONS - extensions);
  int(guest.nodeInode, 'f2fs: node_ino', 1, 1);
  int(guest.metaInode, 'f2fs: meta_ino', 2, 2);
  int(guest.rootInode, 'f2fs: root_ino', 3, 3);
}

function readFields(guest: GuestF2fs): Superblock {
  const segmentCount = int(guest.numSegments, 'f2fs: segment_count', 1, MAX_SEGMENTS);
  const firstSegment = int(guest.firstSegment, 'f2fs: segment0_blkaddr', 2, U32_MAX);
  return {
    features: readFeatures(guest),
    ...namesOf(guest),
    uuidBytes: guest.uuid,
    blockCount: int(guest.numBlocks, 'f2fs: block_count', firstSegment, U32_MAX),
    segmentCount,
    firstSegment,
    ...readAreas(guest, firstSegment, segmentCount),
    payloadBlockCount: int(guest.numPayloadBlocks, 'f2fs: cp_payload', 0, MAX_PAYLOAD_BLOCKS),
    deviceCount: deviceCount(guest.devices, segmentCount),
    quotaInodes: quotaInodes(guest),
  };
}

function quotaInodes(guest: GuestF2fs): readonly number[] {
  const records = f2fsPointerRecords(guest.quotaInodes);
  return Array.from({ length: records.length }, (_, i) => u32(records.at(i).value));
}

/** The areas follow each other without a gap. */
function readAreas(guest: GuestF2fs, firstSegment: number, segmentCount: number) {
  let next = firstSegment;
  const area = (block: GuestInteger, count: GuestInteger, what: string, least = 1): Area => {
    const first = int(block, `f2fs: beginning of ${what}`, next, next);
    const segments = int(count, `f2fs: segments of ${what}`, least, segmentCount);
    next = first + segments * BLOCKS_PER_SEGMENT;
    return { block: first, segmentCount: segments };
  };
  const areas = {
    checkpoint: area(guest.checkpoint, guest.numCheckpointSegments, 'the checkpoints'),
    sit: area(guest.sit, guest.numSitSegments, 'the SIT'),
    nat: area(guest.nat, guest.numNatSegments, 'the NAT'),
    // One that was made to be read has none: nothing is ever moved.
    summaries: area(guest.summaries, guest.numSummarySegments, 'the summaries', 0),
    main: area(guest.main, guest.numMainSegments, 'the main area'),
  };
  // A few segments at the end may be left over.
  if (next > firstSegment + segmentCount * BLOCKS_PER_SEGMENT) {
    throw invalid(`the main area ends at block ${next}, beyond ${segmentCount} segments`);
  }
  return areas;
}

/** The list of devices is empty where there is one. */
function deviceCount(bytes: Uint8Array, segmentCount: number): number {
  const devices = f2fsDeviceRecords(bytes);
  let sum = 0;
  let count = 0;
  for (; count < devices.length; count++) {
    const device = devices.at(count);
    if (device.path[0] === PATH_END) break;
    sum += int(device.numSegments, 'f2fs: total_segments', 0, segmentCount);
  }
  if (count === 0) return 1;
  if (sum !== segmentCount) {
    throw invalid(`${count} devices have ${sum} segments, but the filesystem has ${segmentCount}`);
  }
  return count;
}
