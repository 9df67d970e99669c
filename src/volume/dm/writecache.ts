// A cache of writes: blocks that lie in the cache and not yet in the origin. Of two with the same place the later one counts.
// References: Linux drivers/md/dm-writecache.c (calculate_memory_size, writecache_resume, cache_sector).
import {
  dmWritecacheEntryRecords,
  parseDmWritecache,
} from '../../../generated/volume/dm_writecache.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { withChunks } from './chunks.js';

const WHAT = 'dm-writecache: ';
const HEAD_BYTES = 64;
const ENTRY_BYTES = 16;
const VERSION = 1;
const MAX_BLOCK_BYTES = 65536;
/** Of a cache of 16 GiB with blocks of 4 KiB. */
const MAX_BLOCKS = 2 ** 22;
const READ_ENTRIES = 65536;
const U64_MAX = 2n ** 64n - 1n;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);

/** @throws FormatError for a head that no kernel takes; UnsupportedError UNSUPPORTED_FEATURE. */
export async function writecacheSource(origin: ByteSource, cache: ByteSource): Promise<ByteSource> {
  const head = parseDmWritecache(await cache.read(0, HEAD_BYTES));
  if (!equals(head.version, VERSION)) {
    const message = `${WHAT}a cache of another version than ${VERSION}, which virt-df does not know`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const chunkBytes = int(head.numBlockBytes, `${WHAT}block_size`, SECTOR_BYTES, MAX_BLOCK_BYTES);
  if (chunkBytes % SECTOR_BYTES !== 0) {
    throw new FormatError('INVALID', `${WHAT}a block has ${chunkBytes} bytes`);
  }
  const blockCount = int(head.numBlocks, `${WHAT}n_blocks`, 1, MAX_BLOCKS);
  const commitEnd = int(head.numCommits, `${WHAT}seq_count`, 0, Number.MAX_SAFE_INTEGER);
  const load = () => readEntries(cache, { chunkBytes, blockCount, commitEnd });
  return withChunks(origin, cache, { chunkBytes, load });
}

interface Head {
  readonly chunkBytes: number;
  readonly blockCount: number;
  readonly commitEnd: number;
}

async function readEntries(
  cache: ByteSource,
  { chunkBytes, blockCount, commitEnd }: Head,
): Promise<ReadonlyMap<number, number>> {
  const dataAt = Math.ceil((HEAD_BYTES + blockCount * ENTRY_BYTES) / chunkBytes) * chunkBytes;
  const found = new Map<number, number>();
  const commits = new Map<number, number>();
  for (let first = 0; first < blockCount; first += READ_ENTRIES) {
    const count = Math.min(READ_ENTRIES, blockCount - first);
    const at = HEAD_BYTES + first * ENTRY_BYTES;
    const entries = dmWritecacheEntryRecords(await cache.read(at, count * ENTRY_BYTES));
    for (let i = 0; i < count; i++) {
      const { sector, commit: number } = entries.at(i);
      if (equals(sector, U64_MAX)) continue;
      const commit = int(number, `${WHAT}seq_count`, 0, Number.MAX_SAFE_INTEGER);
      const bytes = int(sector, `${WHAT}original_sector`, 0, MAX_SECTORS) * SECTOR_BYTES;
      const chunk = Math.floor(bytes / chunkBytes);
      if (commit >= commitEnd || commit < (commits.get(chunk) ?? 0)) continue;
      commits.set(chunk, commit);
      found.set(chunk, dataAt + (first + i) * chunkBytes);
    }
  }
  return found;
}
