// The superblock of a cache, or of a device that is cached: 4 KiB from its beginning.
// References: Linux drivers/md/bcache/super.c (read_super, read_super_common, get_bucket_size), features.h.
import { bcacheWordRecords, parseBcache } from '../../../generated/volume/bcache.js';
import { crc64 } from '../../bytes/crc64.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag, int, text, uuidText } from '../../validation/guest.js';
import { wordOf } from './word.js';

const OFFSET = 4096;
const BYTES = 4096;
/** Its checksum covers what is behind it, up to the last journal bucket. */
const SUMMED_OFFSET = 8;
const BUCKETS_OFFSET = 208;
const WORD_BYTES = 8;

const CACHES = [0, 3, 5];
const MAX_VERSION = 6;
const FIRST_WITH_OFFSET = 4;
const FIRST_WITH_FEATURES = 5;
const DEFAULT_DATA_SECTOR = 16;
const LARGE_BUCKETS = 1n;
const BUCKET_SHIFT = 2n;
const UNKNOWN_FEATURES = 0xffff_ffff_ffff_fffcn;
const LARGE_BUCKETS_OFFSET = 2256;
const HAS_CONTENT = 1n;
const STATE_FLAGS = [1n << 61n, 1n << 62n];
const STATES = ['none', 'clean', 'dirty', 'stale'] as const;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);
const MIN_BUCKET_BYTES = 4 * KIB;
const MAX_BUCKET_BYTES = 2 ** 30;
const MAX_BUCKETS = 2 ** 32;
const MAX_SHIFT = 31;
const MAX_LOW = 65535;
const MAX_DEVICE_NUMBER = 7;

interface Common {
  readonly uuid: string | null;
  /** Of all devices that belong together. */
  readonly setUuid: string | null;
  readonly label: string | null;
  readonly version: string;
}

/** A device that is cached. `dirty`: some of its content is in the cache alone. */
export interface Backing extends Common {
  readonly kind: 'backing';
  readonly state: (typeof STATES)[number];
  readonly dataOffsetBytes: number;
}

export interface CacheDevice extends Common {
  readonly kind: 'cache';
  /** false: it was made, and never used. */
  readonly hasContent: boolean;
  readonly bucketBytes: number;
  readonly blockBytes: number;
  readonly bucketCount: number;
  /** In their order; numbers of buckets. */
  readonly journalBuckets: readonly number[];
  readonly deviceNumber: number;
  /** What the magic numbers of its blocks are combined with. */
  readonly setMagic: bigint;
}

/** @throws FormatError BAD_CHECKSUM, INVALID, OUT_OF_BOUNDS; UnsupportedError UNSUPPORTED_FEATURE. */
export async function readSuperblock(device: ByteSource): Promise<Backing | CacheDevice> {
  const bytes = await device.read(OFFSET, BYTES);
  const superblock = parseBcache(bytes);
  const end = BUCKETS_OFFSET + superblock.journalBuckets.length * WORD_BYTES;
  if (!equals(superblock.checksum, crc64(bytes.subarray(SUMMED_OFFSET, end)))) {
    throw new FormatError('BAD_CHECKSUM', 'bcache: the superblock has a wrong checksum');
  }
  if (!equals(superblock.offset, OFFSET / SECTOR_BYTES)) {
    throw new FormatError('INVALID', 'bcache: the superblock says that it lies elsewhere');
  }
  const version = int(superblock.version, 'bcache: version', 0, Number.MAX_SAFE_INTEGER);
  const hasFeatures = version >= FIRST_WITH_FEATURES;
  const has = (feature: bigint) => hasFeatures && hasFlag(superblock.incompatible, feature);
  const isKnown = !has(UNKNOWN_FEATURES);
  if (version > MAX_VERSION || version === 2 || !isKnown) {
    const message = `bcache: the superblock is of version ${version}, or has features, that virt-df does not know`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const common = {
    uuid: uuidText(superblock.uuid),
    setUuid: uuidText(superblock.setUuid),
    label: text(superblock.label) || null,
    version: String(version),
  };
  if (CACHES.includes(version)) {
    const large = has(LARGE_BUCKETS) ? highOfBuckets(bytes) : 0;
    const bucketBytes = bucketBytesOf(superblock, large, has(BUCKET_SHIFT));
    return { kind: 'cache', ...common, ...cacheOf(superblock, bucketBytes, device) };
  }
  const dataSector =
    version < FIRST_WITH_OFFSET
      ? DEFAULT_DATA_SECTOR
      : int(superblock.numBuckets, 'bcache: data_offset', DEFAULT_DATA_SECTOR, MAX_SECTORS);
  const dataOffsetBytes = dataSector * SECTOR_BYTES;
  if (dataOffsetBytes > device.sizeBytes) {
    const message = `bcache: the content begins at byte ${dataOffsetBytes} of a device of ${device.sizeBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const [first, second] = STATE_FLAGS.map((flag) => hasFlag(superblock.flags, flag));
  const state = STATES[(first === true ? 1 : 0) + (second === true ? 2 : 0)] ?? 'none';
  return { kind: 'backing', ...common, state, dataOffsetBytes };
}

type Parsed = ReturnType<typeof parseBcache>;

/** A kind of large buckets that was given up has the upper half of their size behind all else. */
function highOfBuckets(bytes: Uint8Array): number {
  return (bytes[LARGE_BUCKETS_OFFSET] ?? 0) + (bytes[LARGE_BUCKETS_OFFSET + 1] ?? 0) * 256;
}

function bucketBytesOf({ numBucketSectors }: Parsed, high: number, isShift: boolean): number {
  const most = isShift ? MAX_SHIFT : MAX_LOW;
  const stored = int(numBucketSectors, 'bcache: bucket_size', 0, most);
  const sectors = isShift ? 2 ** stored : stored + high * (MAX_LOW + 1);
  const bucketBytes = sectors * SECTOR_BYTES;
  if (
    bucketBytes >= MIN_BUCKET_BYTES &&
    bucketBytes <= MAX_BUCKET_BYTES &&
    Number.isInteger(Math.log2(bucketBytes))
  ) {
    return bucketBytes;
  }
  throw new FormatError('INVALID', `bcache: a bucket has ${bucketBytes} bytes`);
}

function cacheOf(
  superblock: Parsed,
  bucketBytes: number,
  device: ByteSource,
): Omit<CacheDevice, 'kind' | keyof Common> {
  const bucketSectors = bucketBytes / SECTOR_BYTES;
  const blockSectors = int(superblock.numBlockSectors, 'bcache: block_size', 1, bucketSectors);
  const blockBytes = blockSectors * SECTOR_BYTES;
  if (bucketBytes % blockBytes !== 0) {
    throw new FormatError('INVALID', `bcache: a block has ${blockBytes} bytes`);
  }
  const most = Math.min(MAX_BUCKETS, Math.floor(device.sizeBytes / bucketBytes));
  const bucketCount = int(superblock.numBuckets, 'bcache: nbuckets', 1, most);
  return {
    hasContent: hasFlag(superblock.flags, HAS_CONTENT),
    bucketBytes,
    blockBytes,
    bucketCount,
    journalBuckets: superblock.journalBuckets.map((bucket) =>
      int(bucket, 'bcache: a bucket of the journal', 1, bucketCount - 1),
    ),
    deviceNumber: int(superblock.deviceNumber, 'bcache: nr_this_dev', 0, MAX_DEVICE_NUMBER),
    setMagic: wordOf(bcacheWordRecords(superblock.setUuid).at(0).value),
  };
}
