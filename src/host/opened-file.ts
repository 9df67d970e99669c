// An open file of a scope: read through the page cache that fits where it lies, counted, and remembered where it may change.
import { checkedRange } from '../bytes/range.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { MAX_READ_BYTES } from '../limits.js';
import type { SourceHandle } from './handle.js';
import { shownPath } from './host-error.js';
import type { Meter } from './meter.js';
import { cachedSource, type PageStore, type ReadHost } from './page-cache.js';
import type { HostFile } from './scope.js';
import { isShorter, type ReadNow, type Witness } from './witness.js';

/** Reads of a file on a server that are under way while it is read again: in one round trip, of 8 MiB at most. */
const DISTANT_READS = 64;
/** A file of the scope, and how it is read past the cache. */
interface OpenedFile extends HostFile {
  /** Reads past the cache, as much as the buffer holds. */
  fill(buffer: Uint8Array, offset: number): Promise<Uint8Array>;
  readInto(offset: number, target: Uint8Array): Promise<void>;
}

export async function hostFile(
  path: string,
  handle: SourceHandle,
  cost: Meter,
  pages: PageStore,
): Promise<OpenedFile> {
  const { allocationBytes, isDevice = false, servedAs } = handle;
  const physicalBytes = await handle.sizeBytes(canRead(handle, cost));
  const fill = async (buffer: Uint8Array, offset: number): Promise<Uint8Array> => {
    cost.charge(buffer.length);
    const filled = await handle.fill(buffer, offset);
    if (filled !== buffer.length) throw truncated(path, offset, buffer.length, filled);
    return buffer;
  };
  const readHost = async (offset: number, length: number): Promise<Uint8Array> => {
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
      return source.read(offset, length);
    },
    async readInto(offset, target) {
      checkedRange(offset, target.length, source.sizeBytes);
      const turn = cost.turn();
      if (turn !== null) await turn;
      cost.spend(target.length);
      await fill(target, offset);
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
): Promise<Pick<ByteSource, 'sizeBytes' | 'read' | 'ahead'>> {
  if (gapBytes === undefined) return cachedSource(sizeBytes, readHost, pages, pageBytes);
  const { distantSource } = await import('./distant-cache.js');
  return distantSource({ sizeBytes, pageBytes, gapBytes, leastBytes, readHost }, pages);
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

/** The file, each read of which is noted by the witness. */
export function watched(file: OpenedFile, seen: Witness): OpenedFile {
  return {
    ...file,
    async read(offset, length) {
      const bytes = await file.read(offset, length);
      seen.note(offset, bytes);
      return bytes;
    },
    async readInto(offset, target) {
      await file.readInto(offset, target);
      seen.note(offset, target);
    },
  };
}

export async function readsTheSame(seen: Witness, file: OpenedFile): Promise<boolean> {
  try {
    // Over a network many reads are under way at once, each into memory of its own.
    if (file.ahead === undefined) return await seen.holds(readNowInTurns(file), 1);
    return await seen.holds((offset, length) => file.fill(memory(length), offset), DISTANT_READS);
  } catch (error) {
    if (isShorter(error)) return false;
    throw error;
  }
}

/** Reads into two pieces of memory by turns: new memory for each read costs as much as the read. */
function readNowInTurns({ fill }: OpenedFile): ReadNow {
  let [current, other] = [memory(0), memory(0)];
  return (offset, length) => {
    if (other.length < length) other = memory(length);
    [current, other] = [other, current];
    return fill(current.subarray(0, length), offset);
  };
}

function memory(sizeBytes: number): Uint8Array {
  // Not left a Buffer: its `slice` would give a view where that of every other Uint8Array gives a copy.
  return new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer);
}
