// One process of the pool with the guests that are read in it.
import type { VirtDfError } from '../../errors.js';
import type { GuestDefinition } from '../../guests/guest.js';
import { MAX_TIMER_MS } from '../../limits.js';
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
  /** What the process had taken when it was looked at first, in seconds of CPU time; null: it is hardly begun. */
  cpuSeconds: number | null;
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
  /** A guest that it has, and begins when another one is done. */
  ahead: Job | null;
  isReady: boolean;
  /** Guests that it may have at once; more while all of them wait. */
  room: number;
  /** It takes no more guests: a read hangs in it. */
  isSpent: boolean;
}

/** Why a guest was not read to its end. */
export type Failure = (job: Job) => VirtDfError;

export function newProcess(reader: Reader, room: number): Process {
  return {
    reader,
    jobs: new Map(),
    derivations: new Map(),
    ahead: null,
    isReady: false,
    room,
    isSpent: false,
  };
}

export function hasRoom(process: Process, job: Job): boolean {
  const { jobs, room } = process;
  return isOpen(process) && jobs.size < (job.isAlone ? 1 : room);
}

/**
 * Whether a guest may be sent ahead: one that is to be read by itself, or in a time of its own, never is, nor does a process whose
 * guests wait need it, where it would wait for one of them while another process has room.
 */
export function hasRoomAhead(process: Process, { isAlone, isLate }: Job): boolean {
  return isOpen(process) && process.jobs.size <= 1 && process.ahead === null && !isAlone && !isLate;
}

function isOpen({ isReady, isSpent, jobs }: Process): boolean {
  return isReady && !isSpent && ![...jobs.values()].some(({ job }) => job.isAlone);
}

/** Sends a guest to be read; `onOverdue` is called if it does not even say in time that its time is up. */
export function give(process: Process, job: Job, onOverdue: () => void): void {
  send(process, job, false);
  began(process, job, onOverdue);
}

/** Sends one that is read when another one is done: until then nothing runs for it. */
export function giveAhead(process: Process, job: Job): void {
  process.ahead = job;
  send(process, job, true);
}

/** The guest that was sent ahead is read now. */
export function startAhead(process: Process, onOverdue: () => void): void {
  const { ahead, reader } = process;
  if (ahead === null) return;
  reader.send({ kind: 'start', id: ahead.index });
  aheadBegan(process, onOverdue);
}

export function aheadBegan(process: Process, onOverdue: () => void): void {
  const { ahead } = process;
  if (ahead === null) return;
  process.ahead = null;
  began(process, ahead, onOverdue);
}

function send({ reader }: Process, { index: id, guest, timeoutSeconds }: Job, isAhead: boolean) {
  reader.send({ kind: 'guest', isAhead, id, guest: sentGuest(guest), timeoutSeconds });
}

function began({ jobs }: Process, job: Job, onOverdue: () => void): void {
  const ms = job.timeoutSeconds === null ? null : job.timeoutSeconds * 1000;
  const lastMs = Math.min((ms ?? 0) + GRACE_SECONDS * 1000, MAX_TIMER_MS);
  jobs.set(job.index, {
    job,
    cpuSeconds: null,
    endMs: ms === null ? Number.POSITIVE_INFINITY : Date.now() + ms,
    timer: ms === null ? undefined : setTimeout(onOverdue, lastMs),
    found: null,
  });
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
