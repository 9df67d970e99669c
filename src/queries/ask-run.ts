// Asks the guests of a run of the command line. Whether they are read in this process or in others is decided here.
import type { FilesystemEntry } from '../filesystem/registry.js';
import type { GuestDefinition } from '../guests/guest.js';
import { askAll, type Reasons, type RunQuery, unfinished } from './ask.js';
import type { DiskOptions } from './disks.js';
import { type Keys, passphrasesOf } from './keys.js';
import type { GuestHeader } from './report.js';

/**
 * So many guests are read in this process, at once. To start another process costs as much as to read ten small images; of a few
 * guests that are hostile the memory has a bound, and where a read hangs there are threads for the others.
 */
export const MAX_OWN_GUESTS = 4;
/** Reads of one guest that may hang at once: of its disk, of its base, and what is tried afterwards. */
const THREADS_PER_GUEST = 4;

/** How the guests of a run are read. */
export interface RunOptions {
  /** Ours, and those of users. */
  readonly filesystems: readonly FilesystemEntry[];
  /** The folders of users' formats that these were found in, for other processes; null: they need none. */
  readonly formats: readonly string[] | null;
  readonly disks: Omit<DiskOptions, 'keepsBroken' | 'looksLikeDisk' | 'secrets'>;
  readonly keys: Keys;
  /** Guests read at a time; null: by the number of processors. */
  readonly parallel: number | null;
  /** The time that one guest may take, in seconds; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** When the time of the whole run is over, in milliseconds since the epoch; null is without limit. */
  readonly deadlineMs: number | null;
  /** The memory of other processes together with this one. */
  readonly memoryBytes: number;
  /** Takes what is of interest to those who look for a fault. */
  readonly onNote?: (note: string) => void;
}

/** The answers are in the order of the guests; `onReport` is called with each as it comes, and its guest's index. */
export function askRun<F, R extends Reasons>(
  guests: readonly GuestDefinition[],
  query: RunQuery<F, R>,
  options: RunOptions,
  onReport: (report: R & GuestHeader, index: number) => void,
): Promise<(R & GuestHeader)[]> {
  const isRead = query.question.kind !== 'disks';
  if (isRead && guests.length > MAX_OWN_GUESTS)
    return inProcesses(guests, query, options, onReport);
  if (guests.length > 1) threadsFor(guests.length);
  const passphrases = passphrasesOf(options.keys);
  const parallel = options.parallel ?? guests.length;
  return askAll(guests, query, { ...options, passphrases, parallel }, onReport);
}

/** Threads for the reads of so many guests. They are made at the first question about a file, whoever asks it, and are no more later. */
export function threadsFor(guestCount: number): void {
  process.env.UV_THREADPOOL_SIZE ??= String(THREADS_PER_GUEST * guestCount);
}

async function inProcesses<F, R extends Reasons>(
  guests: readonly GuestDefinition[],
  query: RunQuery<F, R>,
  options: RunOptions,
  onReport: (report: R & GuestHeader, index: number) => void,
): Promise<(R & GuestHeader)[]> {
  const [{ readInProcesses }, { neededRights, rightsText }] = await Promise.all([
    import('./readers/pool.js'),
    import('./readers/rights.js'),
  ]);
  const needed = await neededRights(guests, options);
  const { question } = query;
  const { formats, disks, keys, parallel, timeoutSeconds, deadlineMs, memoryBytes } = options;
  const reports = new Map<number, R & GuestHeader>();
  await readInProcesses(guests, {
    parallel,
    timeoutSeconds,
    deadlineMs,
    memoryBytes,
    settings: { question, formats, disks, keys, ...needed },
    // The process was asked the same question.
    failed: (guest, found, error) =>
      unfinished(guest, query, found as (R & GuestHeader) | null, error),
    onAnswer(index, answer) {
      const report = answer as R & GuestHeader;
      reports.set(index, report);
      onReport(report, index);
    },
    onReady: (rights) => options.onNote?.(`a process that reads guests ${rightsText(rights)}`),
  });
  return guests.flatMap((_, index) => reports.get(index) ?? []);
}
