// One open file of the host: read-only, without locks, closed only when no read is under way in it.
// References: open(2): O_NONBLOCK keeps a FIFO from blocking the open; it changes nothing for files and block devices.
import { type BigIntStats, constants } from 'node:fs';
import { FormatError, SourceError } from '../errors.js';
import { deviceSize } from './device-size.js';
import { type CallsFor, type FileCalls, inThreads } from './file-calls.js';
import type { SourceHandle } from './handle.js';
import { hostError, shownPath } from './host-error.js';
import { PAGE_BYTES } from './page-cache.js';
import { checkPlace, type RealPath } from './real-path.js';

/** A link where the path was resolved already is one that took the file's place. Windows has only the first flag. */
const FLAGS =
  constants.O_RDONLY |
  (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOCTTY ?? 0) |
  (constants.O_NOFOLLOW ?? 0);

/** A guest that does anything writes within this time. */
const LIVELY_MS = 60_000;
/** Far longer than a tick, for clocks of file servers. */
const CLOCK_TICK_MS = 2000;

const ST_BLOCKS_UNIT_BYTES = 512n;

interface HandleOptions {
  readonly callsFor?: CallsFor;
  readonly pageBytes?: number;
}

/**
 * @param real with its symbolic links resolved. The file that is opened lies there, whatever happens to its folders meanwhile.
 * @throws SourceError NOT_FOUND (also: a link), PERMISSION, IO, NOT_ALLOWED (it is neither a regular file nor a block
 * device, or lies elsewhere).
 */
export async function openHandle(
  real: RealPath,
  { callsFor = inThreads, pageBytes = PAGE_BYTES }: HandleOptions = {},
): Promise<SourceHandle> {
  const path = real.text;
  const calls = callsFor(path);
  try {
    // Looked at before it is opened: opening alone does things to some devices (a tape rewinds, a watchdog starts).
    refuseOthers(path, await calls.stat(nameOf(real)));
    const fd = await calls.open(nameOf(real), FLAGS);
    try {
      checkPlace(real, fd);
      const stats = await calls.fstat(fd);
      refuseOthers(path, stats);
      return { ...handle(real, fd, stats, calls), pageBytes };
    } catch (error) {
      await calls.close(fd);
      throw error;
    }
  } catch (error) {
    throw hostError(path, error);
  }
}

function nameOf({ text, bytes }: RealPath): string | Buffer {
  return bytes ?? text;
}

function refuseOthers(path: string, stats: BigIntStats): void {
  const kind = otherKind(stats);
  if (kind === null) return;
  throw new SourceError(
    'NOT_ALLOWED',
    `${shownPath(path)} is ${kind}; only regular files and block devices are read`,
    { data: { path: shownPath(path), kind } },
  );
}

/** Names the kind of file in words; null for a regular file or a block device. */
function otherKind(stats: BigIntStats): string | null {
  if (stats.isFile() || stats.isBlockDevice()) return null;
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  if (stats.isCharacterDevice()) return 'a character device';
  return 'not a file';
}

function handle(
  real: RealPath,
  fd: number,
  stats: BigIntStats,
  calls: FileCalls,
): Omit<SourceHandle, 'pageBytes'> {
  const path = real.text;
  const openedMs = Date.now();
  const writtenMs = Number(stats.mtimeMs);
  let readsUnderWay = 0;
  let isClosing = false;
  const closeWhenIdle = async (): Promise<void> => {
    if (!isClosing || readsUnderWay > 0) return;
    try {
      await calls.close(fd);
    } catch {
      // An error of close(2) is one of writing (NFS, quotas); nothing was written.
    }
  };
  const reading = async <T>(read: () => Promise<T>): Promise<T> => {
    if (isClosing) throw wasClosed(path);
    readsUnderWay++;
    try {
      return await read();
    } catch (error) {
      throw hostError(path, error);
    } finally {
      readsUnderWay--;
      await closeWhenIdle();
    }
  };
  return {
    location: path,
    allocationBytes: stats.isFile() ? Number(stats.blocks * ST_BLOCKS_UNIT_BYTES) : null,
    isDevice: stats.isBlockDevice(),
    async sizeBytes(canRead) {
      return stats.isFile() ? checkedSize(path, stats.size) : deviceSize(stats.rdev, canRead);
    },
    isLively: !stats.isFile() || writtenMs > openedMs - LIVELY_MS,
    async isUnwritten() {
      if (!stats.isFile() || isClosing) return null;
      const now = (await statNow(real, calls)) ?? (await calls.fstat(fd));
      const isSame = (['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const).every(
        (field) => now[field] === stats[field],
      );
      // A write that follows another within a tick of the kernel's clock leaves no trace of its own.
      return isSame && writtenMs > openedMs - CLOCK_TICK_MS ? null : isSame;
    },
    fill(buffer, offsetBytes) {
      if (isClosing) throw wasClosed(path);
      let count: number | Promise<number>;
      try {
        count = calls.read(fd, buffer, offsetBytes);
      } catch (error) {
        throw hostError(path, error);
      }
      // Most reads are made in this thread, and whole.
      if (count === buffer.length) return count;
      return reading(() => fillFrom(calls, fd, buffer, offsetBytes, count));
    },
    async dataRanges(offsetBytes, lengthBytes) {
      if (!stats.isFile()) return null;
      const { dataRanges } = await import('./data-ranges.js');
      const sizeBytes = checkedSize(path, stats.size);
      return reading(() => dataRanges(fd, sizeBytes, offsetBytes, lengthBytes));
    },
    async close() {
      if (isClosing) return;
      isClosing = true;
      await closeWhenIdle();
    },
  };
}

/**
 * The stat of the file that the path leads to now; null if there is none any more. A client of NFS answers for an open file with
 * what it knew seconds ago; when a file is opened it asks the server, and forgets its pages if the file was written to.
 */
async function statNow(real: RealPath, calls: FileCalls): Promise<BigIntStats | null> {
  if (!calls.isLocal) return statAnew(real, calls);
  try {
    return await calls.stat(nameOf(real));
  } catch {
    return null;
  }
}

/** After opening it once more. */
async function statAnew(real: RealPath, calls: FileCalls): Promise<BigIntStats | null> {
  let fd: number;
  try {
    fd = await calls.open(nameOf(real), FLAGS);
  } catch {
    return null;
  }
  try {
    return await calls.fstat(fd);
  } finally {
    await calls.close(fd);
  }
}

function checkedSize(path: string, size: bigint): number {
  if (size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(size);
  throw new FormatError('LIMIT', `${shownPath(path)} has ${size} bytes; the limit is 2^53 - 1`);
}

function wasClosed(path: string): SourceError {
  return new SourceError('IO', `${shownPath(path)} was closed`);
}

/**
 * A read may be cut short by a signal or at a boundary of the device; only a read of nothing is the end.
 * @param first what the first read gives.
 */
async function fillFrom(
  calls: FileCalls,
  fd: number,
  buffer: Uint8Array,
  offsetBytes: number,
  first: Promise<number> | number,
): Promise<number> {
  let filled = await first;
  for (let count = filled; count > 0 && filled < buffer.length; filled += count) {
    count = await calls.read(fd, buffer.subarray(filled), offsetBytes + filled);
  }
  return filled;
}
