// Counts the cost of a guest's reads and throws when it is too much: the deadline and the read budget of one scope.
import { passedMs } from '../bytes/clock.js';
import { FormatError, SourceError } from '../errors.js';
import type { ReadStatistics } from './scope.js';

interface MeterLimits {
  /** Absolute time in milliseconds since the epoch; null is without limit. */
  readonly deadlineMs: number | null;
  readonly maxReadCount: number;
  readonly maxReadBytes: number;
}

export interface Meter {
  readonly statistics: ReadStatistics;
  /** @throws SourceError TIMEOUT when the deadline has passed or the scope was closed. */
  check(): void;
  /**
   * Counts a read of the host before it is made.
   * @throws FormatError LIMIT when the budget does not allow it; whatever `check` throws.
   */
  charge(lengthBytes: number): void;
  /** Counts bytes that a reader is about to be given, cached ones too, against a second budget of the same size. */
  spend(bytes: number): void;
  /** Something to wait for when this guest has worked long enough without letting the others have their turn. */
  turn(): Promise<void> | null;
  close(): void;
}

/** A guest whose pages are all in the cache never waits for the host; after so long it lets the other guests run. */
const TURN_MS = 50;

export function meter(limits: MeterLimits): Meter {
  const { deadlineMs, maxReadCount, maxReadBytes } = limits;
  let readCount = 0;
  let bytesRead = 0;
  let bytesMade = 0;
  let turnBeganMs = passedMs();
  let isClosed = false;
  const check = (): void => {
    if (isClosed) throw new SourceError('TIMEOUT', 'the guest was given up before this read');
    const lateMs = deadlineMs === null ? 0 : Date.now() - deadlineMs;
    if (lateMs > 0) {
      throw new SourceError('TIMEOUT', `the time allowed for this guest ended ${lateMs} ms ago`, {
        data: { lateMs },
      });
    }
  };
  return {
    statistics: {
      get readCount() {
        return readCount;
      },
      get bytesRead() {
        return bytesRead;
      },
    },
    check,
    charge(lengthBytes) {
      check();
      if (readCount >= maxReadCount || lengthBytes > maxReadBytes - bytesRead) {
        throw new FormatError(
          'LIMIT',
          `${bytesRead} bytes in ${readCount} reads were spent on this guest; the limits are ` +
            `${maxReadBytes} bytes and ${maxReadCount} reads`,
          { data: { bytesRead, readCount, lengthBytes } },
        );
      }
      readCount++;
      bytesRead += lengthBytes;
    },
    spend(bytes) {
      check();
      if (bytes > maxReadBytes - bytesMade) {
        const message = `${bytesMade} bytes were looked at for this guest; the limit is ${maxReadBytes}`;
        throw new FormatError('LIMIT', message, { data: { bytesMade } });
      }
      bytesMade += bytes;
    },
    turn() {
      if (passedMs() - turnBeganMs < TURN_MS) return null;
      return new Promise((resolve) => {
        setImmediate(() => {
          turnBeganMs = passedMs();
          resolve();
        });
      });
    },
    close() {
      isClosed = true;
    },
  };
}
