// A cache that was opened: the tree, what the journal adds to it, and the devices that it is of.
// References: Linux drivers/md/bcache/super.c (run_cache_set, uuid_read, flash_dev_run), journal.c (bch_journal_replay).
import { bcacheWordRecords, parseBcacheUuidEntry } from '../../../generated/volume/bcache.js';
import { type MappedPiece, mapped } from '../../bytes/mapped.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { hasFlag, int, uuidText } from '../../validation/guest.js';
import { type Extent, type Extents, laidOverEachOther } from './extents.js';
import { type Generations, readGenerations } from './generations.js';
import { type JournalEntry, readJournal } from './journal.js';
import { keyAt } from './keys.js';
import type { CacheDevice } from './superblock.js';
import { type CacheTree, extentOf, findInTree, foundIn, keysIn } from './tree.js';

const ENTRY_BYTES = 128;
const OLD_ENTRY_BYTES = 64;
const IN_CACHE_ALONE = 1n;
const MAX_DEVICES = 4096;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);
/** Of the journal: more is a hundred times what a kernel keeps in it. */
const MAX_JOURNAL_KEYS = 2 ** 18;

/** A device that has content in the cache. */
export interface Cached {
  readonly inode: number;
  readonly uuid: string | null;
  /** Of a volume that lies in the cache alone; null: another device has what the cache lacks. */
  readonly sizeBytes: number | null;
}

export interface OpenCache {
  readonly device: ByteSource;
  readonly tree: CacheTree;
  /** Laid over what is in the tree. */
  readonly journal: Extents;
  readonly cached: readonly Cached[];
}

/** @throws FormatError for a cache that is damaged. */
export async function openCache(device: ByteSource, cache: CacheDevice): Promise<OpenCache> {
  const entries = await readJournal(device, cache);
  const newest: JournalEntry = entries.at(-1) ?? entries[0];
  const { value } = bcacheWordRecords(newest.prioBuckets).at(cache.deviceNumber & 7);
  const firstPrio = int(value, 'bcache: prio_bucket', 0, Number.MAX_SAFE_INTEGER);
  const generations = await readGenerations(device, cache, firstPrio);
  const root = keyAt(newest.root, 0, cache.deviceNumber);
  const { rootLevel } = newest;
  const tree = { device, cache, generations, root, rootLevel, kept: new Map() };
  const extents = extentsOf(entries, cache.deviceNumber, generations);
  return {
    device,
    tree,
    journal: laidOverEachOther(extents.map((extent) => [extent])),
    cached: await readCached(device, cache, newest),
  };
}

/** Those of all entries in their order. @throws FormatError LIMIT. */
function extentsOf(
  entries: readonly JournalEntry[],
  deviceNumber: number,
  generations: Generations,
): readonly Extent[] {
  const extents: Extent[] = [];
  let keyCount = 0;
  for (const entry of entries) {
    const keys = keysIn(entry.keys, deviceNumber);
    keyCount += keys.length;
    if (keyCount > MAX_JOURNAL_KEYS) {
      const message = `bcache: the journal has more than ${MAX_JOURNAL_KEYS} keys`;
      throw new FormatError('LIMIT', message);
    }
    for (const key of keys) if (key.length > 0) extents.push(extentOf(key, generations));
  }
  return extents;
}

async function readCached(
  device: ByteSource,
  { deviceNumber, bucketBytes }: CacheDevice,
  { uuidBucket, hasNewUuids }: JournalEntry,
): Promise<readonly Cached[]> {
  const { place } = keyAt(uuidBucket, 0, deviceNumber);
  const start = (place?.sector ?? 0) * SECTOR_BYTES;
  const entryBytes = hasNewUuids ? ENTRY_BYTES : OLD_ENTRY_BYTES;
  const length = Math.min(bucketBytes, MAX_DEVICES * entryBytes, device.sizeBytes - start);
  if (place === null || length < entryBytes) {
    throw new FormatError('INVALID', 'bcache: the list of cached devices lies nowhere');
  }
  const bytes = await device.read(start, length);
  const found: Cached[] = [];
  for (let inode = 0; (inode + 1) * entryBytes <= length; inode++) {
    const own = Buffer.alloc(ENTRY_BYTES);
    own.set(bytes.subarray(inode * entryBytes, (inode + 1) * entryBytes));
    const entry = parseBcacheUuidEntry(own);
    const isVolume = hasNewUuids && hasFlag(entry.flags, IN_CACHE_ALONE);
    const sectors = isVolume ? int(entry.numSectors, 'bcache: sectors', 0, MAX_SECTORS) : 0;
    const uuid = uuidText(entry.uuid);
    const sizeBytes = isVolume ? sectors * SECTOR_BYTES : null;
    if (uuid !== null) found.push({ inode, uuid, sizeBytes });
  }
  return found;
}

/** What a device holds: of the cache where that is newer. @param below null: there is nothing below. */
export function throughCache(
  { device, tree, journal }: OpenCache,
  inode: number,
  below: ByteSource | null,
  sizeBytes: number,
): ByteSource {
  const parents = below === null ? [device] : [below, device];
  return mapped(sizeBytes, parents, async (at): Promise<MappedPiece> => {
    const sector = Math.floor(at / SECTOR_BYTES);
    const within = at - sector * SECTOR_BYTES;
    const newer = foundIn(journal, inode, sector);
    const found = newer.isKnown ? newer : await findInTree(tree, inode, sector);
    const endSector = Math.min(found.endSector, newer.endSector);
    const lengthBytes = Math.min(sizeBytes, endSector * SECTOR_BYTES) - at;
    const { cacheSector } = found;
    if (cacheSector !== null) {
      const offsetBytes = cacheSector * SECTOR_BYTES + within;
      return { lengthBytes, from: { source: device, offsetBytes } };
    }
    return { lengthBytes, from: below && { source: below, offsetBytes: at } };
  });
}
