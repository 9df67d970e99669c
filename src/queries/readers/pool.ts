// Reads many guests in other processes, so that one that hangs, crashes or swells costs its own row only, and every processor
// has work. Which guest goes where, what is killed, and what becomes of the guests of a process that was killed is decided here.
import { newDeriver } from '../../container/keys/deriver.js';
import { InternalError, reasonOf } from '../../errors.js';
import type { GuestDefinition } from '../../guests/guest.js';
import { MAX_TIMER_MS } from '../../limits.js';
import { cpuSecondsOf, largestOver, processLimit } from './memory.js';
import type { PoolOptions } from './options.js';
import { explained, newPatience, type Patience } from './patience.js';
import {
  aheadBegan,
  type Failure,
  give,
  giveAhead,
  hasRoom,
  hasRoomAhead,
  type Job,
  kill,
  newProcess,
  type Process,
  type Running,
  startAhead,
} from './process.js';
import type { Answer, Derive, FromReader } from './protocol.js';
import { startReader } from './reader.js';
import { crashed, overBudget, timedOut, tooLate } from './reasons.js';

/** Guests of one process that wait; it has so many threads that as many reads may hang. */
const MAX_WAITING = 64;
const WATCH_INTERVAL_MS = 100;

/**
 * Reads all guests; each one's answer comes as it is read. It never rejects for a guest.
 * @throws InternalError if the processes cannot be started.
 */
export function readInProcesses(
  guests: readonly GuestDefinition[],
  options: PoolOptions,
): Promise<void> {
  if (guests.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    new Pool(guests, options, (error) => (error === null ? resolve() : reject(error))).pump();
  });
}

class Pool {
  private readonly options: PoolOptions;
  private readonly onEnd: (error: unknown) => void;
  private readonly processes = new Set<Process>();
  private readonly queue: Job[];
  /** Of one process, and of all. */
  private readonly room: number;
  private readonly maxProcesses: number;
  private readonly watchTimer: NodeJS.Timeout;
  private readonly deadlineTimer: NodeJS.Timeout | undefined;
  private readonly deriver = newDeriver();
  private readonly patience: Patience;
  private left: number;
  private isOver = false;

  constructor(
    guests: readonly GuestDefinition[],
    options: PoolOptions,
    onEnd: (error: unknown) => void,
  ) {
    this.options = options;
    this.onEnd = onEnd;
    const { parallel, timeoutSeconds, deadlineMs, memoryBytes } = options;
    this.left = guests.length;
    this.queue = guests.map((guest, index) => ({
      index,
      guest,
      isAlone: false,
      isLate: false,
      timeoutSeconds,
    }));
    this.maxProcesses = processLimit(parallel, memoryBytes);
    this.patience = newPatience(timeoutSeconds, this.maxProcesses);
    this.room = parallel === null ? 1 : Math.ceil(parallel / this.maxProcesses);
    this.watchTimer = setInterval(() => this.watch(), WATCH_INTERVAL_MS);
    const ms = deadlineMs === null ? null : Math.max(0, deadlineMs - Date.now());
    if (ms !== null) {
      this.deadlineTimer = setTimeout(() => this.giveUp(), Math.min(ms, MAX_TIMER_MS));
    }
  }

  /** Gives guests to the processes that have room, and starts processes while there are guests for them. */
  pump(): void {
    if (this.isOver) return;
    if (this.queue.length === 0) this.queue.push(...this.patience.takeBack());
    for (const process of this.processes) this.fill(process);
    const takers = [...this.processes].filter(({ isSpent }) => !isSpent);
    const starting = takers.filter(({ isReady }) => !isReady).length;
    const wanted = Math.min(this.maxProcesses - takers.length, this.queue.length - starting);
    for (let count = 0; count < wanted; count++) this.start();
  }

  /** As many guests as it may read at once, and one ahead, so that it does not wait for this process. */
  private fill(process: Process): void {
    const onOverdue = () => this.overdue(process);
    while (process.ahead !== null && hasRoom(process, process.ahead))
      startAhead(process, onOverdue);
    for (let [job] = this.queue; job !== undefined && hasRoom(process, job); [job] = this.queue) {
      this.queue.shift();
      give(process, this.timed(job), onOverdue);
    }
    // The last guests go to whichever process is free first.
    const [next] = this.queue;
    if (next === undefined || this.queue.length <= this.maxProcesses) return;
    if (!hasRoomAhead(process, next)) return;
    this.queue.shift();
    giveAhead(process, next);
  }

  private timed(job: Job): Job {
    if (!job.isLate) return job;
    return { ...job, timeoutSeconds: this.patience.timeFor(this.queue.length) };
  }

  private start(): void {
    const { settings, program = process.argv[1] ?? '' } = this.options;
    const reader = startReader(program, settings, {
      onMessage: (message) => this.received(started, message),
      onEnd: (how) => this.ended(started, how),
    });
    const started = newProcess(reader, this.room);
    this.processes.add(started);
  }

  private received(process: Process, message: FromReader): void {
    switch (message.kind) {
      case 'ready':
        process.isReady = true;
        this.options.onReady?.(message);
        break;
      case 'load':
        if (this.options.parallel !== null) return;
        process.room = message.isIdle
          ? Math.min(MAX_WAITING, process.room * 2)
          : Math.ceil(process.room / 2);
        break;
      case 'found': {
        const running = process.jobs.get(message.id);
        if (running !== undefined) running.found = message.answer;
        return;
      }
      case 'derive':
        this.derive(process, message);
        return;
      case 'underive':
        process.derivations.get(message.id)?.abort();
        return;
      case 'done':
        this.done(process, message);
        break;
      case 'stray':
        // As an error of this process that nobody waits for, which the end of the run tells.
        Promise.reject(Object.assign(new Error(message.message), { stack: message.stack }));
    }
    this.pump();
  }

  private async derive(
    { reader, derivations }: Process,
    { id, derivation, endMs }: Derive & { readonly id: number },
  ): Promise<void> {
    const controller = new AbortController();
    derivations.set(id, controller);
    try {
      const key = await this.deriver.derive(derivation, controller.signal, endMs);
      reader.send({ kind: 'derived', id, key });
    } catch (error) {
      reader.send({ kind: 'derived', id, error: reasonOf(error).toJSON() });
    }
    derivations.delete(id);
  }

  private done(
    process: Process,
    { id, answer, started }: { readonly id: number; answer: Answer; started: number | null },
  ): void {
    if (started !== null && process.ahead?.index === started) {
      aheadBegan(process, () => this.overdue(process));
    }
    const running = process.jobs.get(id);
    if (running === undefined) return;
    process.jobs.delete(id);
    clearTimeout(running.timer);
    // A read that was given up may hang in it for ever; of a volume, it is a key that would have taken too long.
    if (answer.problems.some(({ code, device }) => code === 'TIMEOUT' && device === null)) {
      process.isSpent = true;
    }
    this.finish(running.job, explained(answer, running.job));
    if (process.isSpent && process.jobs.size === 0) this.discard(process);
  }

  private ended(process: Process, how: string): void {
    if (process.isReady) {
      this.lose(process, null, () => crashed(how));
      return;
    }
    this.processes.delete(process);
    this.end(new InternalError('INTERNAL', `no process that reads guests starts: ${how}`));
  }

  private overdue(process: Process): void {
    const nowMs = Date.now();
    const isLate = ({ endMs }: Running) => endMs <= nowMs;
    this.lose(process, isLate, ({ timeoutSeconds }) => timedOut(timeoutSeconds));
  }

  /** One guest of a process has failed it. Where nothing tells which (null), each is read once more, by itself. */
  private lose(
    process: Process,
    isGuilty: ((one: Running) => boolean) | null,
    failure: Failure,
  ): void {
    const running = this.discard(process);
    const isOne = running.length === 1;
    for (const one of running) {
      const { job, found } = one;
      if (isOne || isGuilty?.(one) === true) {
        this.finish(job, explained(this.options.failed(job.guest, found, failure(job)), job));
      } else {
        // A guest that is read again gets half the time, so that many of them do not hold up the rest.
        const timeoutSeconds = job.timeoutSeconds === null ? null : job.timeoutSeconds / 2;
        this.queue.unshift({ ...job, isAlone: isGuilty === null, timeoutSeconds });
      }
    }
    this.pump();
  }

  private watch(): void {
    for (const process of this.processes) this.hurry(process);
    const large = largestOver(this.processes, this.options.memoryBytes);
    if (large === null) return;
    const { process, bytes, allBytes, limitBytes } = large;
    this.lose(process, null, () => overBudget(bytes, allBytes, limitBytes));
  }

  /** A guest that takes much work while others wait is read when they are done. */
  private hurry(process: Process): void {
    const [running, ...others] = process.jobs.values();
    const isWaitedFor = this.queue.length > 0 || process.ahead !== null;
    if (running === undefined || others.length > 0 || running.job.isLate || !isWaitedFor) return;
    const seconds = cpuSecondsOf(process.reader.pid);
    running.cpuSeconds ??= seconds;
    if (seconds - running.cpuSeconds <= this.patience.seconds) return;
    this.discard(process);
    this.patience.putBack(running.job);
    this.pump();
  }

  /** The time of the run is over. */
  private giveUp(): void {
    const running = [...this.processes].flatMap((one) => this.discard(one));
    const waiting = [...this.queue.splice(0), ...this.patience.takeBack()].map((job) => ({
      job,
      found: null,
    }));
    for (const { job, found } of [...running, ...waiting]) {
      this.finish(job, this.options.failed(job.guest, found, tooLate()));
    }
  }

  private discard(process: Process): readonly Running[] {
    this.processes.delete(process);
    if (process.ahead !== null) this.queue.unshift(process.ahead);
    return kill(process);
  }

  private finish({ index }: Job, answer: Answer): void {
    if (this.isOver) return;
    this.left -= 1;
    try {
      this.options.onAnswer(index, answer);
    } catch (error) {
      this.end(error); // Nobody reads the output any more.
    }
    if (this.left === 0) this.end(null);
  }

  private end(error: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.watchTimer);
    clearTimeout(this.deadlineTimer);
    for (const process of this.processes) this.discard(process);
    this.onEnd(error);
  }
}
