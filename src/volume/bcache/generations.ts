// How often each bucket was given to something else: a key that is older than its bucket points to what is gone.
// References: Linux drivers/md/bcache/super.c (prio_read), bcache.h (ptr_stale, meta_bucket_pages).
import { parseBcachePrioSet } from '../../../generated/volume/bcache.js';
import { crc64 } from '../../bytes/crc64.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, int } from '../../validation/guest.js';
import type { CacheDevice } from './superblock.js';

const PRIO_MAGIC = 0x6750e15f87337f91n;
const HEAD_BYTES = 40;
const SUMMED_OFFSET = 8;
const ENTRY_BYTES = 3;
const GENERATION_OFFSET = 2;
/** Of a larger bucket the kernel uses no more for this. */
const MAX_LIST_BYTES = 4 * MIB;
/** Of a cache of 8 TiB with buckets of 512 KiB. */
const MAX_BUCKETS = 2 ** 24;

export interface Generations {
  at(sector: number): number;
  set(sector: number, generation: number): void;
}

/** @param first the bucket that the list begins in. @throws FormatError BAD_CHECKSUM, LIMIT. */
export async function readGenerations(
  device: ByteSource,
  { bucketBytes, bucketCount, setMagic }: CacheDevice,
  first: number,
): Promise<Generations> {
  if (bucketCount > MAX_BUCKETS) {
    throw new FormatError('LIMIT', `bcache: the cache has ${bucketCount} buckets`);
  }
  const generations = new Uint8Array(bucketCount);
  const listBytes = Math.min(bucketBytes, MAX_LIST_BYTES);
  const perBucket = Math.floor((listBytes - HEAD_BYTES) / ENTRY_BYTES);
  let bucket = first;
  for (let at = 0; at < bucketCount; at += perBucket) {
    if (bucket < 1 || bucket >= bucketCount) {
      const message = `bcache: the generations go on in bucket ${bucket} of ${bucketCount}`;
      throw new FormatError('OUT_OF_BOUNDS', message);
    }
    const bytes = await device.read(bucket * bucketBytes, listBytes);
    const head = parseBcachePrioSet(bytes);
    const isOurs = equals(head.magic, setMagic ^ PRIO_MAGIC);
    if (!isOurs || !equals(head.checksum, crc64(bytes.subarray(SUMMED_OFFSET)))) {
      const message = `bcache: the generations in bucket ${bucket} are damaged`;
      throw new FormatError('BAD_CHECKSUM', message);
    }
    const count = Math.min(perBucket, bucketCount - at);
    for (let i = 0; i < count; i++) {
      generations[at + i] = bytes[HEAD_BYTES + i * ENTRY_BYTES + GENERATION_OFFSET] ?? 0;
    }
    bucket = int(head.nextBucket, 'bcache: next_bucket', 0, Number.MAX_SAFE_INTEGER);
  }
  const sectors = bucketBytes / SECTOR_BYTES;
  return {
    at: (sector) => generations[Math.floor(sector / sectors)] ?? 0,
    set(sector, generation) {
      generations[Math.floor(sector / sectors)] = generation;
    },
  };
}
