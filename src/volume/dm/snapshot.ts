// A snapshot of the older kind: chunks of the origin that were changed since are kept in a store as they were; all others are
// the origin's own.
// References: Linux drivers/md/dm-snap-persistent.c (read_header, read_exceptions, area_location), dm-snap.c (snapshot_map,
// snapshot_merge_map).
import {
  dmSnapshotExceptionRecords,
  parseDmSnapshot,
} from '../../../generated/volume/dm_snapshot.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { withChunks } from './chunks.js';

const WHAT = 'dm-snapshot: ';
const HEADER_BYTES = 16;
const EXCEPTION_BYTES = 16;
const VERSION = 1;
/** Behind the header and the first table. */
const FIRST_DATA_CHUNK = 2;
const MAX_CHUNK_SECTORS = 2 ** 20;
/** Of a store of 4 GiB with chunks of 4 KiB, which lvcreate makes if it is told nothing. */
const MAX_EXCEPTIONS = 2 ** 20;
/** Of all stores of a group: some 50 bytes of memory for each. */
export const MAX_ALL_EXCEPTIONS = 2 ** 21;

interface Header {
  readonly chunkBytes: number;
}

/** How many changed chunks may still be read. */
export interface ExceptionBudget {
  left: number;
}

/**
 * The origin as it was when the snapshot was made, or, while it is being merged, as it will be.
 * @param budget of all snapshots that are read together.
 * @throws FormatError for a store that overflowed or is damaged; UnsupportedError UNSUPPORTED_FEATURE.
 */
export async function snapshotSource(
  origin: ByteSource,
  store: ByteSource,
  budget: ExceptionBudget,
): Promise<ByteSource> {
  const { chunkBytes } = await readHeader(store);
  const load = async () => (await readExceptions(store, chunkBytes, budget)).found;
  return withChunks(origin, store, { chunkBytes, load });
}

/**
 * How much of a store is taken, in percent, as lvs has it: none of it while nothing but the tables is there.
 * References: Linux drivers/md/dm-snap-persistent.c: persistent_usage, skip_metadata; lvm2 libdm: dm_get_status_snapshot.
 */
export async function snapshotPercent(store: ByteSource): Promise<number> {
  const { chunkBytes } = await readHeader(store);
  const budget = { left: MAX_ALL_EXCEPTIONS };
  const { tableCount, nextChunk, perTable } = await readExceptions(store, chunkBytes, budget);
  const isTable = (nextChunk - 1) % (perTable + 1) === 0;
  const used = isTable ? nextChunk + 1 : nextChunk;
  const ofTables = tableCount + 1;
  return used === ofTables ? 0 : ((used * chunkBytes) / store.sizeBytes) * 100;
}

interface Exceptions {
  /** By chunk of the origin, where in the store it begins. */
  readonly found: ReadonlyMap<number, number>;
  /** How many tables were read, and how many changed chunks each has. */
  readonly tableCount: number;
  readonly perTable: number;
  /** The first one behind all that are taken. */
  readonly nextChunk: number;
}

async function readHeader(store: ByteSource): Promise<Header> {
  const header = parseDmSnapshot(await store.read(0, HEADER_BYTES));
  if (equals(header.isValid, 0)) {
    const message = `${WHAT}the store overflowed: there was no room for a change of the origin, and the snapshot is lost`;
    throw new FormatError('INVALID', message);
  }
  if (!equals(header.version, VERSION)) {
    const message = `${WHAT}a store of another version than ${VERSION}, which virt-df does not know`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const sectors = int(header.numChunkSectors, `${WHAT}chunk_size`, 1, MAX_CHUNK_SECTORS);
  return { chunkBytes: sectors * SECTOR_BYTES };
}

/** @throws FormatError LIMIT, OUT_OF_BOUNDS. */
async function readExceptions(
  store: ByteSource,
  chunkBytes: number,
  budget: ExceptionBudget,
): Promise<Exceptions> {
  const perTable = Math.floor(chunkBytes / EXCEPTION_BYTES);
  const lastChunk = Math.floor(store.sizeBytes / chunkBytes) - 1;
  const found = new Map<number, number>();
  let [nextChunk, tableCount] = [FIRST_DATA_CHUNK, 0];
  const all = () => ({ found, perTable, nextChunk, tableCount });
  for (let table = 1; table <= lastChunk; table += perTable + 1) {
    tableCount++;
    const records = dmSnapshotExceptionRecords(
      await store.read(table * chunkBytes, perTable * EXCEPTION_BYTES),
    );
    for (let i = 0; i < records.length; i++) {
      const { oldChunk, newChunk } = records.at(i);
      if (equals(newChunk, 0)) return all();
      const stored = int(newChunk, `${WHAT}new_chunk`, 1, lastChunk);
      const chunk = int(oldChunk, `${WHAT}old_chunk`, 0, Number.MAX_SAFE_INTEGER);
      found.set(chunk, stored * chunkBytes);
      nextChunk = Math.max(nextChunk, stored + 1);
      budget.left--;
      if (found.size > MAX_EXCEPTIONS || budget.left < 0) {
        const message = `${WHAT}the store has more than ${MAX_EXCEPTIONS} changed chunks, or all of the group more than ${MAX_ALL_EXCEPTIONS}`;
        throw new FormatError('LIMIT', message);
      }
    }
  }
  return all();
}
