// The superblock of a journal, checked as the kernel checks it before a recovery.
// References: Linux 6.18 fs/jbd2/journal.c: journal_check_superblock, journal_load_superblock, journal_tag_bytes;
// include/linux/jbd2.h (JBD2_FEATURE_*).
import { type GuestJbd2, parseJbd2 } from '../../../../generated/filesystem/jbd2.js';
import { CRC32C_SEED, crc32c } from '../../../bytes/crc32c.js';
import { FormatError, invalidIn, UnsupportedError } from '../../../errors.js';
import { equals, hasFlag, int, u32, unknownFlags } from '../../../validation/guest.js';

const invalid = invalidIn('ext: ');

export const JOURNAL_SUPERBLOCK_BYTES = 1024;
const CHECKSUM_OFFSET = 0xfc;
const CHECKSUM_BYTES = 4;
const CHECKSUM_TYPE_CRC32C = 4;
const SUPERBLOCK_V2 = 4;

const COMPAT_CHECKSUM = 0x1n;
const INCOMPAT_64BIT = 0x2n;
const INCOMPAT_ASYNC_COMMIT = 0x4n;
const INCOMPAT_CSUM_V2 = 0x8n;
const INCOMPAT_CSUM_V3 = 0x10n;
const INCOMPAT_FAST_COMMIT = 0x20n;
/** With revoke, which every reader knows. */
const INCOMPAT_KNOWN = 0x3fn;

const TAG3_BYTES = 16;
const TAG_BYTES = 8;
const UPPER_HALF_BYTES = 4;
/** Of csum_v2: the checksum lies in the tag already, and yet its two bytes are counted once more. */
const CSUM_V2_BYTES = 2;
const DEFAULT_FAST_COMMIT_BLOCKS = 256;
export const MIN_BLOCKS = 1024;

/** The protection of a log's blocks: none, a CRC-32 of each transaction, or a CRC-32C of every block. */
type JournalChecksum = 'none' | 'crc32' | 'csum_v2' | 'csum_v3';

/** The log as its superblock describes it, in trusted numbers; blocks count from the journal's first. */
export interface JournalHead {
  readonly blockSizeBytes: number;
  /** The log is the blocks from here ... */
  readonly firstBlock: number;
  /** ... up to before here. */
  readonly endBlock: number;
  /** Where the oldest transaction begins; 0 if there is none. */
  readonly startBlock: number;
  readonly sequence: number;
  readonly checksum: JournalChecksum;
  /** The start value of this journal's CRC-32Cs. */
  readonly checksumSeed: number;
  readonly is64bit: boolean;
  /** Its superblock is of the first version, which has no features. */
  readonly isFirstVersion: boolean;
  readonly isAsync: boolean;
  readonly tagBytes: number;
  /** Where fast commits begin; null without them. */
  readonly fastCommitBlock: number | null;
  readonly totalBlocks: number;
  /** The kernel gave the journal up. */
  readonly hasError: boolean;
}

/**
 * @param blockCount blocks that the journal's file has.
 * @throws FormatError BAD_MAGIC, BAD_CHECKSUM, INVALID, OUT_OF_BOUNDS; UnsupportedError UNSUPPORTED_FEATURE.
 */
export function readJournalHead(
  bytes: Uint8Array,
  blockSizeBytes: number,
  blockCount: number,
): JournalHead {
  const superblock = parseJbd2(bytes);
  if (!equals(superblock.lenBlock, blockSizeBytes)) {
    const other = u32(superblock.lenBlock);
    throw invalid(`the journal has blocks of ${other} bytes, the filesystem of ${blockSizeBytes}`);
  }
  const totalBlocks = int(superblock.numBlocks, 'ext: s_maxlen of the journal', 2, blockCount);
  const features = readFeatures(superblock);
  checkChecksum(superblock, bytes, features.checksum);
  const fastBlocks = features.hasFastCommits ? fastCommitBlocks(superblock) : 0;
  const isRoomy = features.hasFastCommits && totalBlocks - fastBlocks >= MIN_BLOCKS;
  const endBlock = isRoomy ? totalBlocks - fastBlocks : totalBlocks;
  const firstBlock = int(superblock.firstBlock, 'ext: s_first of the journal', 1, endBlock - 1);
  return {
    blockSizeBytes,
    firstBlock,
    endBlock,
    startBlock: readStart(superblock, firstBlock, endBlock),
    sequence: u32(superblock.sequence),
    ...features,
    checksumSeed: crc32c(CRC32C_SEED, superblock.uuid),
    fastCommitBlock: isRoomy ? endBlock + 1 : null,
    totalBlocks,
    hasError: !equals(superblock.error, 0),
  };
}

function readStart(superblock: GuestJbd2, firstBlock: number, endBlock: number): number {
  if (equals(superblock.start, 0)) return 0;
  return int(superblock.start, 'ext: s_start of the journal', firstBlock, endBlock - 1);
}

function fastCommitBlocks(superblock: GuestJbd2): number {
  const count = u32(superblock.numFastCommitBlocks);
  return count === 0 ? DEFAULT_FAST_COMMIT_BLOCKS : count;
}

/** The first version has no features, whatever its words say. */
function readFeatures(superblock: GuestJbd2) {
  const isV2 = equals(superblock.blockType, SUPERBLOCK_V2);
  const has = (mask: bigint) => isV2 && hasFlag(superblock.featureIncompat, mask);
  const { featureIncompat, featureRoCompat } = superblock;
  const unknown = isV2
    ? (unknownFlags(featureIncompat, INCOMPAT_KNOWN) ?? unknownFlags(featureRoCompat, 0n))
    : null;
  if (unknown !== null) {
    const message = `ext: features of the journal that virt-df does not know: ${unknown}`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const checksums: JournalChecksum[] = [];
  if (isV2 && hasFlag(superblock.featureCompat, COMPAT_CHECKSUM)) checksums.push('crc32');
  if (has(INCOMPAT_CSUM_V2)) checksums.push('csum_v2');
  if (has(INCOMPAT_CSUM_V3)) checksums.push('csum_v3');
  const [checksum = 'none', second] = checksums;
  if (second !== undefined) throw invalid(`the journal has both ${checksum} and ${second}`);
  const is64bit = has(INCOMPAT_64BIT);
  return {
    checksum,
    is64bit,
    isFirstVersion: !isV2,
    isAsync: has(INCOMPAT_ASYNC_COMMIT),
    hasFastCommits: has(INCOMPAT_FAST_COMMIT),
    tagBytes: tagBytes(checksum, is64bit),
  };
}

function tagBytes(checksum: JournalChecksum, is64bit: boolean): number {
  if (checksum === 'csum_v3') return TAG3_BYTES;
  const extra = checksum === 'csum_v2' ? CSUM_V2_BYTES : 0;
  return TAG_BYTES + (is64bit ? UPPER_HALF_BYTES : 0) + extra;
}

function checkChecksum(superblock: GuestJbd2, bytes: Uint8Array, kind: JournalChecksum): void {
  if (kind !== 'csum_v2' && kind !== 'csum_v3') return;
  if (!equals(superblock.checksumType, CHECKSUM_TYPE_CRC32C)) {
    throw new UnsupportedError('UNSUPPORTED_FEATURE', 'ext: the journal has unknown checksums');
  }
  let computed = crc32c(CRC32C_SEED, bytes, 0, CHECKSUM_OFFSET);
  computed = crc32c(computed, new Uint8Array(CHECKSUM_BYTES));
  const behind = CHECKSUM_OFFSET + CHECKSUM_BYTES;
  computed = crc32c(computed, bytes, behind, JOURNAL_SUPERBLOCK_BYTES);
  if (equals(superblock.checksum, computed)) return;
  throw new FormatError('BAD_CHECKSUM', "ext: the checksum of the journal's superblock is wrong");
}
