// One process of the pool with the guests that are read in it.
import type { VirtDfError } from '../../errors.js';
import type { GuestDefinition } from '../../guests/guest.js';
import { MAX_TIMER_MS } from '../../limits.js';
import { cpuSecondsOf } from './memory.js';
import { type Answer, sentGuest } from './protocol.js';
import type { Reader } from './reader.js';

/** After its time is up, a guest has this long to say so itself. */
const GRACE_SECONDS = 1;

/** A guest that is to be read. */
export interface Job {
  readonly index: number;
  readonly guest: GuestDefinition;
  /** It was in a process that was killed, perhaps because of it: no other guest is read beside it. */
  readonly isAlone: boolean;
  /** It took much work, and was put back until the others were done. */
  readonly isLate: boolean;
  readonly timeoutSeconds: number | null;
}

export interface Running {
  readonly job: Job;
  /** What the process had taken when it began, in seconds of CPU time. */
  readonly cpuSeconds: number;
  /** When its time is up, in milliseconds since the epoch. */
  readonly endMs: number;
  readonly timer: NodeJS.Timeout | undefined;
  /** What is known of it so far. */
  found: Answer | null;
}

export interface Process {
  readonly reader: Reader;
  /** By the guest's index. */
  readonly jobs: Map<number, Running>;
  /** Keys that are being derived for it. */
  readonly derivations: Map<number, AbortController>;
  isReady: boolean;
  /** Guests that it may have at once; more while all of them wait. */
  room: number;
  /** It takes no more guests: a read hangs in it. */
  isSpent: boolean;
}

/** Why a guest was not read to its end. */
export type Failure = (job: Job) => VirtDfError;

export function newProcess(reader: Reader, room: number): Process {
  return { reader, jobs: new Map(), derivations: new Map(), isReady: false, room, isSpent: false };
}

export function hasRoom({ isReady, isSpent, jobs, room }: Process, job: Job): boolean {
  if (!isReady || isSpent) return false;
  if ([...jobs.values()].some((one) => one.job.isAlone)) return false;
  return jobs.size < (job.isAlone ? 1 : room);
}

/** Sends a guest to be read; `onOverdue` is called if it does not even say in time that its time is up. */
export function give({ reader, jobs }: Process, job: Job, onOverdue: () => void): void {
  const { index: id, guest, timeoutSeconds } = job;
  const ms = timeoutSeconds === null ? null : timeoutSeconds * 1000;
  const lastMs = Math.min((ms ?? 0) + GRACE_SECONDS * 1000, MAX_TIMER_MS);
  jobs.set(id, {
    job,
    cpuSeconds: cpuSecondsOf(reader.pid),
    endMs: ms === null ? Number.POSITIVE_INFINITY : Date.now() + ms,
    timer: ms === null ? undefined : setTimeout(onOverdue, lastMs),
    found: null,
  });
  reader.send({ kind: 'guest', id, guest: sentGuest(guest), timeoutSeconds });
}

/** Kills it; the guests that were in it are still to be answered. */
export function kill({ reader, jobs, derivations }: Process): readonly Running[] {
  reader.kill();
  for (const controller of derivations.values()) controller.abort();
  const running = [...jobs.values()];
  jobs.clear();
  for (const { timer } of running) clearTimeout(timer);
  return running;
}
