// An open file of a scope: read through the page cache that fits where it lies, counted, and remembered where it may change.
import { checkedRange } from '../bytes/range.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { MAX_READ_BYTES } from '../limits.js';
import type { SourceHandle } from './handle.js';
import { shownPath } from './host-error.js';
import type { Meter } from './meter.js';
import { type CachedSource, cachedSource, type PageStore, type ReadHost } from './page-cache.js';
import type { HostFile } from './scope.js';
import { isShorter, type ReadNow, type Witness } from './witness.js';

/** Reads of a file on a server that are under way while it is read again: in one round trip, of 8 MiB at most. */
const DISTANT_READS = 64;
/** A file of the scope, and how it is read past the cache. */
interface OpenedFile extends HostFile {
  /** Reads past the cache, as much as the buffer holds. */
  fill(buffer: Uint8Array, offset: number): Promise<Uint8Array> | Uint8Array;
  readInto(offset: number, target: Uint8Array): Promise<void>;
}

/** What a file of a scope shares with others, and what it has of its own. */
interface FileUse {
  readonly cost: Meter;
  readonly pages: PageStore;
  readonly seen: Witness | null;
}

/** @param seen notes each read; null: the file is not likely to change. */
export async function hostFile(
  path: string,
  handle: SourceHandle,
  { cost, pages, seen }: FileUse,
): Promise<OpenedFile> {
  const { allocationBytes, isDevice = false, servedAs } = handle;
  const physicalBytes = await handle.sizeBytes(canRead(handle, cost));
  const whole = (filled: number, buffer: Uint8Array, offset: number): Uint8Array => {
    if (filled === buffer.length) return buffer;
    throw truncated(path, offset, buffer.length, filled);
  };
  const fill = (buffer: Uint8Array, offset: number): Promise<Uint8Array> | Uint8Array => {
    cost.charge(buffer.length);
    const filled = handle.fill(buffer, offset);
    if (typeof filled === 'number') return whole(filled, buffer, offset);
    return filled.then((count) => whole(count, buffer, offset));
  };
  const readHost: ReadHost = (offset, length) => {
    if (length > MAX_READ_BYTES) throw tooLarge(path, length);
    return fill(memory(length), offset);
  };
  const source = await sourceOf(handle, physicalBytes, readHost, pages);
  return {
    ...source,
    fill,
    path,
    physicalBytes,
    allocationBytes,
    isDevice,
    ...(servedAs === undefined ? {} : { servedAs }),
    async read(offset, length) {
      const turn = cost.turn();
      if (turn !== null) await turn;
      cost.spend(length); // Cached pages count too: a hostile table can put a volume of any size on the same few.
      const bytes = source.held?.(offset, length) ?? (await source.read(offset, length));
      seen?.note(offset, bytes);
      return bytes;
    },
    async readInto(offset, target) {
      checkedRange(offset, target.length, source.sizeBytes);
      const turn = cost.turn();
      if (turn !== null) await turn;
      cost.spend(target.length);
      await fill(target, offset);
      seen?.note(offset, target);
    },
    async runs(offset, length) {
      checkedRange(offset, length, source.sizeBytes);
      return [{ kind: 'host', path, offsetBytes: offset, lengthBytes: length }];
    },
    async dataRanges(offset, length) {
      cost.charge(0);
      return (await handle.dataRanges?.(offset, length)) ?? null;
    },
  };
}

/** The file through the cache that fits where it lies; what is needed for those on servers is loaded for the first of them. */
async function sourceOf(
  { pageBytes, gapBytes, leastBytes }: SourceHandle,
  sizeBytes: number,
  readHost: ReadHost,
  pages: PageStore,
): Promise<Pick<ByteSource, 'sizeBytes' | 'read' | 'ahead'> & Partial<Pick<CachedSource, 'held'>>> {
  if (gapBytes === undefined) return cachedSource(sizeBytes, readHost, pages, pageBytes);
  const { distantSource } = await import('./distant-cache.js');
  const read = async (offset: number, length: number) => readHost(offset, length);
  return distantSource({ sizeBytes, pageBytes, gapBytes, leastBytes, readHost: read }, pages);
}

/** A device's end is where reads give nothing more, or fail. */
function canRead(handle: SourceHandle, cost: Meter) {
  return async (offset: number, length: number): Promise<boolean> => {
    cost.charge(length);
    try {
      return (await handle.fill(new Uint8Array(length), offset)) === length;
    } catch {
      return false;
    }
  };
}

function tooLarge(path: string, lengthBytes: number): FormatError {
  return new FormatError(
    'LIMIT',
    `${shownPath(path)}: one read of ${lengthBytes} bytes is wanted; the limit is ${MAX_READ_BYTES}`,
    { data: { lengthBytes } },
  );
}

function truncated(path: string, offset: number, length: number, filled: number): FormatError {
  return new FormatError(
    'TRUNCATED',
    `${shownPath(path)}: a read of ${length} bytes at ${offset} got only ${filled}; the file has become shorter`,
    { data: { offsetBytes: offset, lengthBytes: length, filledBytes: filled } },
  );
}

export async function readsTheSame(seen: Witness, file: OpenedFile): Promise<boolean> {
  try {
    // Over a network many reads are under way at once, each into memory of its own.
    if (file.ahead === undefined) return await seen.holds(readNowInTurns(file), 1);
    const readNow: ReadNow = async (offset, length) => file.fill(memory(length), offset);
    return await seen.holds(readNow, DISTANT_READS);
  } catch (error) {
    if (isShorter(error)) return false;
    throw error;
  }
}

/** Reads into two pieces of memory by turns: new memory for each read costs as much as the read. */
function readNowInTurns({ fill }: OpenedFile): ReadNow {
  let [current, other] = [memory(0), memory(0)];
  return async (offset, length) => {
    if (other.length < length) other = memory(length);
    [current, other] = [other, current];
    return fill(current.subarray(0, length), offset);
  };
}

function memory(sizeBytes: number): Uint8Array {
  // Not left a Buffer: its `slice` would give a view where that of every other Uint8Array gives a copy.
  return new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer);
}
