// Reads of a file on a server through pages that are kept. There a round trip costs more than the bytes: what is asked for at one
// moment goes in one request where it lies close together, and side by side where it does not; and what readers tell that they
// read soon is fetched ahead.
import { checkedRange } from '../bytes/range.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import { type Stretch, stretchesOf } from '../bytes/stretches.js';
import { FormatError, SourceError } from '../errors.js';
import type { PageStore } from './page-cache.js';

/** Longer reads are tables that are read once: they pass by the cache, so they neither fill it nor are copied. */
const PASS_THROUGH_BYTES = 512 * 1024;
/** The least that a request brings for which somebody waits, unless the source says otherwise, and the most of it that nobody asked for. */
const MIN_REQUEST_BYTES = 16 * 1024;
const MAX_AHEAD_BYTES = 256 * 1024;
/** The most that one request brings because ranges lie close together. */
const MAX_MERGED_BYTES = 1024 * 1024;
/** Of what one call says that is read soon, so many pages are fetched: it may be wrong. */
const MAX_HINTED_PAGES = 256;

interface DistantParts {
  readonly sizeBytes: number;
  readonly pageBytes: number;
  /** As many bytes as one more request costs: two ranges with no more between them go in one. */
  gapBytes(): number;
  readonly leastBytes?: number | undefined;
  /** Reads exactly the range, into memory of its own. */
  readHost(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
}

/** A page that is on its way. */
interface Coming {
  /** Whether somebody waits for it, who then has the error. */
  isNeeded: boolean;
  readonly bytes: Promise<Uint8Array>;
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

type DistantSource = Pick<ByteSource, 'sizeBytes' | 'read'> & Required<Pick<ByteSource, 'ahead'>>;

/** A source that asks the server only for pages that are not in `pages`. */
export function distantSource(parts: DistantParts, pages: PageStore): DistantSource {
  const { sizeBytes, pageBytes, readHost } = parts;
  const coming = new Map<number, Coming>();
  const widened = widener(parts);
  let asked: number[] = [];

  /** A page, or that it is on its way. */
  function page(number: number, isNeeded: boolean): Uint8Array | Promise<Uint8Array> {
    const held = pages.get(number);
    if (held !== undefined) return held;
    const known = coming.get(number);
    if (known !== undefined) {
      known.isNeeded ||= isNeeded;
      return known.bytes;
    }
    // What is asked for until then is put together: reads side by side ask one after the other.
    if (asked.length === 0) setImmediate(send);
    asked.push(number);
    return expect(number, isNeeded).bytes;
  }

  function expect(number: number, isNeeded: boolean): Coming {
    const entry = newComing(isNeeded);
    coming.set(number, entry);
    return entry;
  }

  /** It may be on its way twice, put together with others by two requests, and asked for anew after the first. */
  function arrived(number: number, entry: Coming): void {
    if (coming.get(number) === entry) coming.delete(number);
  }

  function send(): void {
    const sorted = asked.sort((a, b) => a - b);
    asked = [];
    const isNeeded = sorted.some((number) => coming.get(number)?.isNeeded === true);
    for (const stretch of widened(sorted, isNeeded)) load(stretch);
  }

  async function load({ first, end }: Stretch): Promise<void> {
    const entries: (readonly [number, Coming])[] = [];
    for (let number = first; number < end; number++) {
      entries.push([number, coming.get(number) ?? expect(number, false)]);
    }
    const offset = first * pageBytes;
    try {
      const bytes = await readHost(offset, Math.min(end * pageBytes, sizeBytes) - offset);
      for (const [number, entry] of entries) {
        const start = (number - first) * pageBytes;
        // A copy: a view would hold the memory of all.
        const one = bytes.slice(start, start + pageBytes);
        pages.set(number, one);
        arrived(number, entry);
        entry.resolve(one);
      }
    } catch (error) {
      const needed = entries.filter(([, { isNeeded }]) => isNeeded);
      const isAlone = needed.length === entries.length || !isOfPlace(error);
      for (const [number, entry] of entries) {
        if (entry.isNeeded && !isAlone) continue;
        arrived(number, entry);
        entry.reject(error);
      }
      // A place that cannot be read must not cost those that were only put together with it.
      if (isAlone) return;
      for (const stretch of stretchesOf(
        needed.map(([number]) => number),
        0,
        Infinity,
      ))
        load(stretch);
    }
  }

  function pagesOf(offset: number, length: number): readonly number[] {
    const first = Math.floor(offset / pageBytes);
    const count = Math.floor((offset + length - 1) / pageBytes) - first + 1;
    return Array.from({ length: count }, (_, i) => first + i);
  }

  return {
    sizeBytes,
    async read(offset, length) {
      checkedRange(offset, length, sizeBytes);
      if (length === 0) return new Uint8Array(0);
      if (length >= PASS_THROUGH_BYTES) return readHost(offset, length);
      const numbers = pagesOf(offset, length);
      const skipped = offset - (numbers[0] ?? 0) * pageBytes;
      const parts = await Promise.all(numbers.map((number) => page(number, true)));
      const [only] = parts;
      if (only !== undefined && parts.length === 1) return only.subarray(skipped, skipped + length);
      const bytes = new Uint8Array(length);
      parts.forEach((part, i) => {
        const from = i === 0 ? skipped : 0;
        const to = i * pageBytes + from - skipped;
        bytes.set(part.subarray(from, from + length - to), to);
      });
      return bytes;
    },
    async ahead(ranges) {
      const hinted = new Set(ranges.flatMap((range) => pagesWithin(range)));
      const first = [...hinted].slice(0, MAX_HINTED_PAGES);
      await Promise.allSettled(first.map((number) => page(number, false)));
    },
  };

  /** The pages of a range, as far as the source has them. */
  function pagesWithin({ offsetBytes, lengthBytes }: ByteRange): readonly number[] {
    const most = Math.min(lengthBytes, sizeBytes - offsetBytes, MAX_HINTED_PAGES * pageBytes);
    return offsetBytes >= 0 && most > 0 ? pagesOf(offsetBytes, most) : [];
  }
}

/** Puts pages together, and more to those that follow on the last ones: where one read follows the other, more will. */
function widener(parts: DistantParts) {
  const { sizeBytes, pageBytes, gapBytes, leastBytes = MIN_REQUEST_BYTES } = parts;
  const pageCount = Math.ceil(sizeBytes / pageBytes);
  let [lastEnd, aheadBytes] = [Number.NEGATIVE_INFINITY, leastBytes];
  return (sorted: readonly number[], isNeeded: boolean): readonly Stretch[] => {
    const gap = Math.floor(gapBytes() / pageBytes);
    const stretches = stretchesOf(sorted, gap, MAX_MERGED_BYTES / pageBytes);
    const [only] = stretches;
    if (only !== undefined && stretches.length === 1 && isNeeded) {
      const isNext = only.first >= lastEnd && only.first <= lastEnd + gap;
      aheadBytes = isNext ? Math.min(2 * aheadBytes, MAX_AHEAD_BYTES) : leastBytes;
      const least = Math.min(only.first + aheadBytes / pageBytes, pageCount);
      stretches[0] = { first: only.first, end: Math.max(only.end, least) };
    }
    lastEnd = stretches.at(-1)?.end ?? Number.NEGATIVE_INFINITY;
    return stretches;
  };
}

/** Whether it is about the place that was read, not about the server or what the guest has spent. */
function isOfPlace(error: unknown): boolean {
  if (error instanceof FormatError) return error.code === 'TRUNCATED';
  return error instanceof SourceError && error.code === 'IO';
}

function newComing(isNeeded: boolean): Coming {
  const { promise, resolve, reject } = withResolvers<Uint8Array>();
  promise.catch(() => undefined); // Of a page that nobody waits for.
  return { isNeeded, bytes: promise, resolve, reject };
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
}
