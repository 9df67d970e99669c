// Reads of a file through pages that are kept. Metadata lies in small neighbouring pieces: one page read answers many.
import { checkedRange } from '../bytes/range.js';
import type { ByteSource } from '../bytes/source.js';

/**
 * A read of 16 KiB costs the host hardly more than one of 512 bytes. The head of a disk (partition tables), the head of
 * a filesystem (superblock, first descriptors) and a stretch of an L2 table are each one or two pages.
 */
export const PAGE_BYTES = 16 * 1024;

/** Reads of so much are of tables that are read once: they pass by the cache, so they neither fill it nor are copied. */
const PASS_THROUGH_BYTES = 64 * 1024;

/** The pages of one file, kept in a cache that other files share. */
export interface PageStore {
  get(page: number): Uint8Array | undefined;
  set(page: number, bytes: Uint8Array): void;
}

/** Reads exactly the range from the host into memory of its own, at once or in another thread. */
export type ReadHost = (
  offsetBytes: number,
  lengthBytes: number,
) => Promise<Uint8Array> | Uint8Array;

export interface CachedSource extends Pick<ByteSource, 'sizeBytes' | 'read'> {
  /** The bytes of a range that lies in one page, if that is in the cache: most reads do, and nobody needs to wait. */
  held(offsetBytes: number, lengthBytes: number): Uint8Array | null;
}

/** A source of `sizeBytes` bytes that asks the host only for pages that are not in `pages`. */
export function cachedSource(
  sizeBytes: number,
  readHost: ReadHost,
  pages: PageStore,
  pageBytes: number = PAGE_BYTES,
): CachedSource {
  return {
    sizeBytes,
    held(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const first = Math.floor(offset / pageBytes);
      const start = offset - first * pageBytes;
      if (length === 0 || start + length > pageBytes) return null;
      return pages.get(first)?.subarray(start, start + length) ?? null;
    },
    async read(offset, length) {
      checkedRange(offset, length, sizeBytes);
      if (length === 0) return new Uint8Array(0);
      if (length >= PASS_THROUGH_BYTES) return await readHost(offset, length);
      const first = Math.floor(offset / pageBytes);
      const count = Math.floor((offset + length - 1) / pageBytes) - first + 1;
      const coming = count === 1 ? load(first, 1) : gather(first, count);
      const bytes = coming instanceof Promise ? await coming : coming;
      const start = offset - first * pageBytes;
      return bytes.subarray(start, start + length);
    },
  };

  /** Several pages as one array: from the cache where they are there, each gap between them in one read. */
  async function gather(first: number, count: number): Promise<Uint8Array> {
    const held = Array.from({ length: count }, (_, i) => pages.get(first + i));
    if (held.every((page) => page === undefined)) return load(first, count);
    const bytes = new Uint8Array(count * pageBytes);
    for (let i = 0; i < count; ) {
      const page = held[i];
      let next = i + 1;
      if (page === undefined) while (next < count && held[next] === undefined) next++;
      bytes.set(page ?? (await load(first + i, next - i)), i * pageBytes);
      i = next;
    }
    return bytes;
  }

  /** Reads pages in one read and keeps each. Several are kept as copies: a view would hold the memory of all of them. */
  function load(first: number, count: number): Promise<Uint8Array> | Uint8Array {
    const offset = first * pageBytes;
    const coming = readHost(offset, Math.min(count * pageBytes, sizeBytes - offset));
    const keep = (bytes: Uint8Array) => kept(bytes, first, count);
    return coming instanceof Promise ? coming.then(keep) : keep(coming);
  }

  function kept(bytes: Uint8Array, first: number, count: number): Uint8Array {
    if (count === 1) pages.set(first, bytes);
    else {
      for (let i = 0; i < count; i++) {
        pages.set(first + i, bytes.slice(i * pageBytes, (i + 1) * pageBytes));
      }
    }
    return bytes;
  }
}
