// A witness remembers the ranges that were read of a file and their checksums, so that it can be asked afterwards whether
// the file still holds the same bytes. A running guest writes to its image while it is read: numbers put together from
// before and after a write belong to no moment.
import { FormatError } from '../errors.js';
import { MIB } from '../limits.js';

/**
 * Exactly the bytes of a range as they are now, past every cache of this program. They are looked at before the read
 * after the next one begins, so that two pieces of memory do for all.
 */
export type ReadNow = (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array>;

/** The ranges that were read of one file. */
export interface Witness {
  note(offsetBytes: number, bytes: Uint8Array): void;
  /**
   * Whether each range still reads as it did. @throws whatever the read throws.
   * @param ahead how many reads are under way while one is looked at.
   */
  holds(readNow: ReadNow, ahead: number): Promise<boolean>;
}

/**
 * The limit for all files of a guest together. A range takes some 150 bytes: this is 30 MiB, and more reads than any df
 * makes.
 */
const MAX_RANGES = 200_000;
/** With so much under way no further read is begun. */
const MAX_UNDER_WAY_BYTES = 8 * MIB;
/** Ranges are read again together if no more than this lies between them. */
const MAX_GAP_BYTES = 64 * 1024;
/** No read is longer, and no range. */
const MAX_RUN_BYTES = MIB;

/** A range that was read, and the checksum that its bytes had. */
interface WitnessedRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly checksum: number;
}

/** How many ranges are held for all files of a guest. */
interface RangeCount {
  value: number;
}

export function witness(held: RangeCount): Witness {
  /** The ranges by `OFFSET+LENGTH`. */
  const ranges = new Map<string, WitnessedRange>();
  let isTorn = false;
  const notePart = (offsetBytes: number, bytes: Uint8Array): void => {
    if (isTorn) return;
    const key = `${offsetBytes}+${bytes.length}`;
    const checksum = crc32(bytes);
    const known = ranges.get(key);
    // A range that the cache had dropped was read again and has other bytes: the reads belong to no one moment.
    if (known !== undefined) isTorn = known.checksum !== checksum;
    else if (held.value === MAX_RANGES) isTorn = true;
    else {
      held.value++;
      ranges.set(key, { offsetBytes, lengthBytes: bytes.length, checksum });
    }
  };
  return {
    note(offsetBytes, bytes) {
      // In parts, so that to read a large one again takes no more memory than many small ones.
      for (let at = 0; at < bytes.length; at += MAX_RUN_BYTES)
        notePart(offsetBytes + at, bytes.subarray(at, at + MAX_RUN_BYTES));
    },
    async holds(readNow, ahead) {
      if (isTorn) return false;
      const sorted = [...ranges.values()].sort((a, b) => a.offsetBytes - b.offsetBytes);
      const underWay: ReadRun[] = [];
      let next = 0;
      const begin = (): void => {
        const bytes = underWay.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
        if (underWay.length >= ahead || bytes >= MAX_UNDER_WAY_BYTES) return;
        const run = beginRun(readNow, sorted, next);
        if (run === null) return;
        underWay.push(run);
        next = run.end;
        begin();
      };
      begin();
      for (;;) {
        const run = underWay.shift();
        if (run === undefined) return true;
        const bytes = await run.bytes;
        begin();
        for (const range of run.ranges) {
          const start = range.offsetBytes - run.offsetBytes;
          const now = bytes.subarray(start, start + range.lengthBytes);
          if (crc32(now) !== range.checksum) return false;
        }
      }
    },
  };
}

/** A read of some of the ranges that is under way; `end` is the number of the range behind them. */
interface ReadRun {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly bytes: Promise<Uint8Array>;
  readonly end: number;
  readonly ranges: readonly WitnessedRange[];
}

function beginRun(
  readNow: ReadNow,
  sorted: readonly WitnessedRange[],
  first: number,
): ReadRun | null {
  if (first >= sorted.length) return null;
  const { offsetBytes, lengthBytes, count } = runFrom(sorted, first);
  const bytes = readNow(offsetBytes, lengthBytes);
  // Nobody awaits this read if the run before it has changed: its error must not be an unhandled one.
  bytes.catch(() => undefined);
  return {
    offsetBytes,
    lengthBytes,
    bytes,
    end: first + count,
    ranges: sorted.slice(first, first + count),
  };
}

/** The ranges from `first` on that lie so close together that one read covers them. */
function runFrom(sorted: readonly WitnessedRange[], first: number) {
  const offsetBytes = sorted[first]?.offsetBytes ?? 0;
  let end = offsetBytes;
  let count = 0;
  for (; first + count < sorted.length; count++) {
    const range = sorted[first + count];
    if (range === undefined) break;
    const isFar = range.offsetBytes > end + MAX_GAP_BYTES;
    const isLong = range.offsetBytes + range.lengthBytes > offsetBytes + MAX_RUN_BYTES;
    if (count > 0 && (isFar || isLong)) break;
    end = Math.max(end, range.offsetBytes + range.lengthBytes);
  }
  return { offsetBytes, lengthBytes: end - offsetBytes, count };
}

/** Whether an error of reading again says that the file has changed: its end is nearer than it was. */
export function isShorter(error: unknown): boolean {
  return error instanceof FormatError && error.code === 'TRUNCATED';
}

function crc32(bytes: Uint8Array): number {
  return process.getBuiltinModule('node:zlib').crc32(bytes);
}
