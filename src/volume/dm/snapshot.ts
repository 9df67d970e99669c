// A snapshot of the older kind: chunks of the origin that were changed since are kept in a store as they were; all others are
// the origin's own.
// References: Linux drivers/md/dm-snap-persistent.c (read_header, read_exceptions, area_location), dm-snap.c (snapshot_map,
// snapshot_merge_map).
import {
  dmSnapshotExceptionRecords,
  parseDmSnapshot,
} from '../../../generated/volume/dm_snapshot.js';
import { type MappedPiece, mapped } from '../../bytes/mapped.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';

const WHAT = 'dm-snapshot: ';
const HEADER_BYTES = 16;
const EXCEPTION_BYTES = 16;
const VERSION = 1;
const MAX_CHUNK_SECTORS = 2 ** 20;
/** Of a store of 4 GiB with chunks of 4 KiB, which lvcreate makes if it is told nothing. */
const MAX_EXCEPTIONS = 2 ** 20;

interface Header {
  readonly chunkBytes: number;
}

/**
 * The origin as it was when the snapshot was made, or, while it is being merged, as it will be.
 * @throws FormatError for a store that overflowed or is damaged; UnsupportedError UNSUPPORTED_FEATURE.
 */
export async function snapshotSource(origin: ByteSource, store: ByteSource): Promise<ByteSource> {
  const { chunkBytes } = await readHeader(store);
  let exceptions: Promise<ReadonlyMap<number, number>> | null = null;
  return mapped(origin.sizeBytes, [origin, store], async (at, length): Promise<MappedPiece> => {
    exceptions ??= readExceptions(store, chunkBytes);
    const changed = await exceptions;
    const chunk = Math.floor(at / chunkBytes);
    const within = at - chunk * chunkBytes;
    const stored = changed.get(chunk);
    const lengthBytes = Math.min(length, chunkBytes - within);
    if (stored === undefined) return { lengthBytes, from: { source: origin, offsetBytes: at } };
    return { lengthBytes, from: { source: store, offsetBytes: stored * chunkBytes + within } };
  });
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

/** By chunk of the origin the chunk of the store. @throws FormatError LIMIT, OUT_OF_BOUNDS. */
async function readExceptions(
  store: ByteSource,
  chunkBytes: number,
): Promise<ReadonlyMap<number, number>> {
  const perTable = Math.floor(chunkBytes / EXCEPTION_BYTES);
  const lastChunk = Math.floor(store.sizeBytes / chunkBytes) - 1;
  const found = new Map<number, number>();
  for (let table = 1; table <= lastChunk; table += perTable + 1) {
    const records = dmSnapshotExceptionRecords(
      await store.read(table * chunkBytes, perTable * EXCEPTION_BYTES),
    );
    for (let i = 0; i < records.length; i++) {
      const { oldChunk, newChunk } = records.at(i);
      if (equals(newChunk, 0)) return found;
      const stored = int(newChunk, `${WHAT}new_chunk`, 1, lastChunk);
      found.set(int(oldChunk, `${WHAT}old_chunk`, 0, Number.MAX_SAFE_INTEGER), stored);
      if (found.size > MAX_EXCEPTIONS) {
        const message = `${WHAT}the store has more than ${MAX_EXCEPTIONS} changed chunks`;
        throw new FormatError('LIMIT', message);
      }
    }
  }
  return found;
}
