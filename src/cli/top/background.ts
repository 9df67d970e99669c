// What top asks for beside libvirt's counters: filesystems and jobs, each again and again, and never more than a small share of the time.
import { setTimeout as sleep } from 'node:timers/promises';
import { passedMs } from '../../bytes/clock.js';
import { knownFilesystems } from '../../declarative/known.js';
import { VirtDfError } from '../../errors.js';
import { openForJobs } from '../../guests/libvirt/job-connection.js';
import { keptConnections } from '../../guests/libvirt/kept-connections.js';
import type { AskLogin } from '../../guests/libvirt/login.js';
import { listLibvirtGuests } from '../../guests/libvirt.js';
import { DEFAULT_MEMORY_BYTES } from '../../limits.js';
import { askRun } from '../../queries/ask-run.js';
import { df } from '../../queries/df.js';
import type { JobsReport } from '../../queries/jobs/record.js';
import { jobsOf } from '../../queries/jobs.js';
import type { GuestReport } from '../../queries/report.js';
import { fullByGuest, type ReadFilesystems, type Slow } from '../../queries/top/slow.js';
import { namesOf } from '../strangers.js';
import type { TopSettings } from './settings.js';

/** Between two readings of all disks, and between two questions about jobs. */
const FILESYSTEMS_PAUSE_MS = 30_000;
const JOBS_PAUSE_MS = 5000;
/** What takes long is asked for less often. */
const PAUSE_SHARE = 10;

export interface Background {
  /** What is known by now. */
  known(): Slow;
  /** When all that is wanted was asked for once. */
  readonly first: Promise<unknown>;
  stop(): Promise<void>;
}

/** @param onNews is called when something is known that was not. */
export function startBackground(
  settings: TopSettings,
  askLogin: AskLogin | null,
  onNews: () => void = () => {},
): Background {
  const ended = new AbortController();
  const connections = keptConnections(openForJobs, askLogin);
  let [full, jobs]: [Slow['full'], Slow['jobs']] = [null, null];
  let last: ReadFilesystems | null = null;
  const readFull = async () => {
    const reports = await filesystemsOf(settings, askLogin);
    const now = { reports, atMs: passedMs() };
    full = fullByGuest(now, last);
    last = now;
    onNews();
  };
  const askJobs = async () => {
    jobs = await runningJobs(settings, jobs ?? [], connections);
    onNews();
  };
  const again = (work: () => Promise<void>, pauseMs: number) =>
    repeated(work, pauseMs, ended.signal);
  const first = Promise.all([
    settings.hasFilesystems ? again(readFull, FILESYSTEMS_PAUSE_MS) : null,
    settings.hasJobs ? again(askJobs, JOBS_PAUSE_MS) : null,
  ]);
  return {
    known: () => ({ full, jobs }),
    first,
    async stop() {
      ended.abort();
      await connections.close();
    },
  };
}

/** Ends with the first time; the work goes on. */
async function repeated(
  work: () => Promise<void>,
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  const tookMs = await timed(work);
  void (async () => {
    let pause = tookMs;
    while (!signal.aborted) {
      const waits = Math.max(pauseMs, PAUSE_SHARE * pause);
      await sleep(waits, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) pause = await timed(work);
    }
  })();
}

/** A libvirt that does not answer is told by the counters' own rows. */
async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = passedMs();
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
  }
  return passedMs() - startMs;
}

function queryOf({ libvirt, timeoutSeconds }: TopSettings) {
  return { ...libvirt, ...namesOf(libvirt), timeoutSeconds, isReadOnly: true };
}

async function filesystemsOf(
  settings: TopSettings,
  askLogin: AskLogin | null,
): Promise<readonly GuestReport[]> {
  const guests = await listLibvirtGuests({ ...queryOf(settings), askLogin });
  const readable = guests.filter(({ uuid, problem }) => uuid !== null && problem === null);
  const { filesystems } = await knownFilesystems([], process.env);
  const options = {
    filesystems,
    formats: null,
    disks: { allowRoots: [], allowsRedirects: false, snapshot: null },
    keys: { selected: [], others: [] },
    parallel: null,
    timeoutSeconds: settings.timeoutSeconds,
    deadlineMs: null,
    memoryBytes: DEFAULT_MEMORY_BYTES,
  };
  return askRun(readable, df('guest'), options, () => {});
}

function runningJobs(
  settings: TopSettings,
  previous: readonly JobsReport[],
  connections: ReturnType<typeof keptConnections>,
): Promise<readonly JobsReport[]> {
  return jobsOf(queryOf(settings), previous, connections);
}
