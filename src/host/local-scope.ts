// The scope of a guest: it opens files on this host or on a server, shares one page cache among them and counts their reads.
import { type Lru, lru } from '../bytes/lru.js';
import {
  GUEST_CACHE_BYTES,
  GUEST_LARGE_BLOCK_BYTES,
  MAX_GUEST_READ_BYTES,
  MAX_GUEST_READS,
} from '../limits.js';
import type { CallsFor } from './file-calls.js';
import type { SourceHandle } from './handle.js';
import { openHandle } from './host-handle.js';
import { isUrl } from './location.js';
import { meter } from './meter.js';
import { checkOpenFiles } from './open-files.js';
import { hostFile, readsTheSame } from './opened-file.js';
import { PAGE_BYTES, type PageStore } from './page-cache.js';
import { type RealPath, realPathOf } from './real-path.js';
import type { OpenUrl } from './retry.js';
import type { HostFile, Scope } from './scope.js';
import type { Servers } from './servers.js';
import { witness } from './witness.js';

export interface ScopeOptions {
  /** When the guest's time ends, in milliseconds since the epoch; null (the default) is without limit. */
  readonly deadlineMs?: number | null;
  /** Whether a web server outside may redirect to an address of this host or its networks; default: it may not. */
  readonly allowsRedirects?: boolean;
  /** How files of this host are read; default: in threads. */
  readonly callsFor?: CallsFor;
  /** The connections that the guests of a run share; default: each file on a server has its own. */
  readonly servers?: Servers;
  /** What opens URLs of schemes that this folder has no client of; default: nothing. */
  readonly clients?: ReadonlyMap<string, OpenUrl>;
  /** Whether to remember the ranges read of every file, not only of those that are likely to change. */
  readonly isWatchful?: boolean;
  readonly maxReadCount?: number;
  readonly maxReadBytes?: number;
  /** Memory for pages and for decompressed clusters together, in bytes. */
  readonly cacheBytes?: number;
  /** How much of a file of this host is read at least at a time; default: 16 KiB. */
  readonly pageBytes?: number;
}

/** The share of the cache that decompressed clusters may take; the rest is for pages of the files. */
const CLUSTERS_SHARE = 0.5;
/** No file of this host has more pages: 2^53 bytes. Those behind it, of a server's, are not kept. A page's key is the number of its file times this, plus its own number. */
const PAGES_OF_A_FILE = 2 ** 53 / PAGE_BYTES;

/** A scope with nothing open yet. */
export function openScope(options: ScopeOptions = {}): Scope {
  const cacheBytes = options.cacheBytes ?? GUEST_CACHE_BYTES;
  const cost = meter({
    deadlineMs: options.deadlineMs ?? null,
    maxReadCount: options.maxReadCount ?? MAX_GUEST_READS,
    maxReadBytes: options.maxReadBytes ?? MAX_GUEST_READ_BYTES,
  });
  const pages = lru<number>(cacheBytes * (1 - CLUSTERS_SHARE));
  const handles: SourceHandle[] = [];
  const heldRanges = { value: 0 };
  const settled: ((isStrict: boolean) => Promise<boolean>)[] = [];
  const files = new Map<string, Promise<HostFile>>();
  const distinctPath = numbered();

  // Made when it is asked for: to abort one costs as much as a read.
  let closing: AbortController | null = null;
  let isClosed = false;
  const signal = (): AbortSignal => {
    closing ??= new AbortController();
    if (isClosed) closing.abort();
    return closing.signal;
  };
  /** The clients of servers are loaded only when a URL is opened. */
  async function openUrl(url: string): Promise<SourceHandle> {
    const { openRemote } = await import('./remote.js');
    const { deadlineMs = null, allowsRedirects = false, servers, clients } = options;
    const shared = {
      ...(servers === undefined ? {} : { servers }),
      ...(clients === undefined ? {} : { clients }),
    };
    return openRemote(url, { deadlineMs, allowsRedirects, signal: signal(), ...shared });
  }

  /** A file that is opened while the scope closes is closed at once. */
  async function openFile(place: string | RealPath): Promise<HostFile> {
    checkOpenFiles(files.size);
    const handle =
      typeof place === 'string' ? await openUrl(place) : await openHandle(place, options);
    const firstKey = handles.push(handle) * PAGES_OF_A_FILE;
    try {
      cost.check();
      const isWatched = handle.isLively || options.isWatchful === true;
      const seen = isWatched ? witness(heldRanges) : null;
      const own: PageStore = {
        get: (page) => (page < PAGES_OF_A_FILE ? pages.get(firstKey + page) : undefined),
        set(page, bytes) {
          if (page < PAGES_OF_A_FILE) pages.set(firstKey + page, bytes);
        },
      };
      const file = await hostFile(distinctPath(handle.location), handle, {
        cost,
        pages: own,
        seen,
      });
      if (seen === null) {
        settled.push(async () => (await handle.isUnwritten()) === true);
        return file;
      }
      settled.push(async (isStrict) => {
        const isUnwritten = await handle.isUnwritten();
        if (isUnwritten === true) return true;
        return isStrict && isUnwritten === false ? false : readsTheSame(seen, file);
      });
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  return {
    statistics: cost.statistics,
    get signal() {
      return signal();
    },
    clusters: clusterStore(cacheBytes * CLUSTERS_SHARE),
    check: () => cost.check(),
    spend: (bytes) => cost.spend(bytes),
    turn: () => cost.turn(),
    async isSettled(isStrict) {
      for (const isFileSettled of settled) if (!(await isFileSettled(isStrict))) return false;
      return true;
    },
    async open(path) {
      cost.check();
      const place = isUrl(path) ? path : await realPathOf(path, options.callsFor);
      const key =
        typeof place === 'string' ? place : (place.bytes?.toString('latin1') ?? place.text);
      const known = files.get(key);
      if (known !== undefined) return known;
      const opened = openFile(place);
      files.set(key, opened);
      return opened;
    },
    async close() {
      cost.close();
      isClosed = true;
      closing?.abort();
      await Promise.all(handles.map((handle) => handle.close()));
    },
  };
}

/** A block larger than the whole cache goes to a store of its own: to decompress it for each read would take too long. */
function clusterStore(maxBytes: number): Lru<string> {
  const small = lru<string>(maxBytes);
  const large = lru<string>(GUEST_LARGE_BLOCK_BYTES);
  return {
    get: (key) => small.get(key) ?? large.get(key),
    set: (key, bytes) => (bytes.length > maxBytes ? large : small).set(key, bytes),
    get sizeBytes() {
      return small.sizeBytes + large.sizeBytes;
    },
  };
}

/** Two URLs that differ in their secrets are shown alike, and a path tells the files of a guest apart: `…/disk.img#2`. */
function numbered(): (location: string) => string {
  const counts = new Map<string, number>();
  return (location) => {
    const count = (counts.get(location) ?? 0) + 1;
    counts.set(location, count);
    return count === 1 ? location : `${location}#${count}`;
  };
}
