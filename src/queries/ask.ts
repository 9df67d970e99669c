// Asks one question (df, chain) about one guest, or about many: opens the guest's disks, reads them again if they were
// written to meanwhile, ends when the time is up, and turns an error of one guest into a problem of its own answer, so that
// the others have theirs. Each command, the library and the tests ask here.

import type { VirtDfError } from '../errors.js';
import type { GuestDefinition } from '../guests/guest.js';
import { guestConnections } from '../guests/libvirt/guest-connections.js';
import { type IdleConnections, idleConnections } from '../guests/libvirt/idle-connections.js';
import type { CallsFor } from '../host/file-calls.js';
import type { ReadStatistics, Scope } from '../host/scope.js';
import { type Servers, sharedServers } from '../host/servers.js';
import type { StackNode } from '../stack/node.js';
import { printable } from '../validation/guest.js';
import { inParallel } from './parallel.js';
import { problemOf } from './problem.js';
import type { Question } from './question.js';
import { readSettled, type SettledReading } from './read-settled.js';
import type { GuestHeader, Problem, ProblemRecord } from './report.js';
import { laterDeriver, openStack, type Stack, type StackOptions } from './stack.js';
import { withTimeout } from './with-timeout.js';

export interface AskOptions extends StackOptions {
  /** How files of this host are read; default: in threads. */
  readonly callsFor?: CallsFor;
  /** The connections that guests share; default: those of one call. */
  readonly servers?: Servers;
  /** Those to libvirts, by which disks of other hosts are read. */
  readonly idle?: IdleConnections;
  /** When the time of the whole run is over, in milliseconds since the epoch; null (default) is without limit. */
  readonly deadlineMs?: number | null;
}

/**
 * A question, `df` for example. `F` holds the findings and is filled while the guest is read, so that a guest that runs out
 * of time keeps the rows that it has.
 */
export interface Query<F, R> {
  /** Whether a disk is opened although a layer of its chain cannot be; default: it is not. */
  readonly keepsBroken?: boolean;
  /** How much of a file of this host is read at least at a time; default: 16 KiB, which brings along what a df reads next. */
  readonly pageBytes?: number;
  /**
   * Whether what was found is told after each filesystem, so that it is not lost with the process that reads; default: it is. Not
   * where it may be as large as the whole answer.
   */
  readonly isNoted?: boolean;
  /** Nothing found yet. */
  begin(): F;
  /** Reads the stack and adds to `found`. It may throw; the findings until then are kept. */
  read(found: F, stack: Stack): Promise<void>;
  /** A copy, since work that was given up may still add to `found`; `failure` is why the rest is missing, or null. */
  end(found: F, failure: Problem | null, guest: GuestDefinition): F;
  /** Whether nothing in it failed: a failure counts only if no file was written to meanwhile. */
  isSound(found: F): boolean;
  /** The answer. Not settled: its parts were read at different moments, between which the guest wrote to its images. */
  report(found: F, isSettled: boolean, guest: GuestDefinition): R;
}

/** Why a part of an answer is missing, or doubtful. */
export interface Reasons {
  readonly problems: readonly ProblemRecord[];
}

/** A query that can be put to another process too. */
export interface RunQuery<F, R extends Reasons> extends Query<F, R> {
  /** What makes the same query there. */
  readonly question: Question;
  /** How far a guest is read in this process, for whoever waits; null: nothing to tell. */
  status?(): string | null;
}

/** One whose findings are its own business. */
export type AnyQuery = RunQuery<unknown, Reasons>;

/** Asks one guest. It never throws for a damaged image or a missing file: these are problems in the answer. */
export async function ask<F, R>(
  definition: GuestDefinition,
  query: Query<F, R>,
  options: AskOptions,
  onFound?: (findings: () => R & GuestHeader) => void,
): Promise<R & GuestHeader> {
  const guest = { ...definition, name: printable(definition.name) };
  const partFiles = new Set<string>();
  const headed = (report: R, statistics: ReadStatistics) => {
    return { ...headerOf(definition), ...report, statistics, partFiles: [...partFiles] };
  };
  const noting = (found: F) => {
    if (query.isNoted === false) return;
    onFound?.(() => headed(query.report(query.end(found, null, guest), true, guest), NOTHING_READ));
  };
  const asking = { ...options, partFiles, noting };
  const { value, isSettled, statistics } = await read(guest, query, asking);
  return headed(query.report(value, isSettled, guest), statistics);
}

/** What an answer begins with. */
function headerOf({ name, givenName = name, uuid, state, uri, agent }: GuestDefinition) {
  const guest = printable(name);
  const channel = agent === undefined ? {} : { agent };
  return { guest, ...(givenName === guest ? {} : { givenName }), uuid, state, uri, ...channel };
}

const NOTHING_READ: ReadStatistics = { readCount: 0, bytesRead: 0 };

/** The answer about a guest that another process did not read to its end: what is known of it (null: nothing), and why. */
export function unfinished<F, R extends Reasons>(
  definition: GuestDefinition,
  query: Query<F, R>,
  found: (R & GuestHeader) | null,
  error: VirtDfError,
): R & GuestHeader {
  const guest = { ...definition, name: printable(definition.name) };
  const failure = problemOf(error);
  if (found !== null) {
    const ofGuest = { guest: guest.name, disk: null, device: null };
    return { ...found, problems: [...found.problems, { ...ofGuest, ...failure }] };
  }
  const nothing = query.report(query.end(query.begin(), failure, guest), true, guest);
  return { ...headerOf(definition), ...nothing, statistics: NOTHING_READ, partFiles: [] };
}

/** How one guest is asked, and where the files go that were read as parts of its disks. */
interface Asking<F> extends AskOptions {
  readonly partFiles: Set<string>;
  /** Called as the findings become more. */
  noting(found: F): void;
}

/** An error outside of an attempt, while files are compared with the first reading or closed, is this guest's row too. */
async function read<F, R>(
  guest: GuestDefinition,
  query: Query<F, R>,
  options: Asking<F>,
): Promise<SettledReading<F>> {
  const { idle = idleConnections() } = options;
  const connections = guestConnections(idle);
  try {
    return await readSettled(
      secondsLeft(options),
      (scope, timeoutSeconds) => attempt(guest, query, scope, { ...options, timeoutSeconds }),
      (found) => query.isSound(found),
      {
        allowsRedirects: options.disks?.allowsRedirects ?? false,
        ...(options.callsFor === undefined ? {} : { callsFor: options.callsFor }),
        ...(query.pageBytes === undefined ? {} : { pageBytes: query.pageBytes }),
        ...(options.servers === undefined ? {} : { servers: options.servers }),
        clients: connections.clients,
      },
    );
  } catch (error) {
    const value = query.end(query.begin(), problemOf(error), guest);
    return { value, isSettled: true, statistics: NOTHING_READ };
  } finally {
    connections.release();
    if (options.idle === undefined) idle.close();
  }
}

/** Asks several guests at a time (`parallel`; null: by the number of processors); the answers are in their order. */
export async function askAll<F, R>(
  guests: readonly GuestDefinition[],
  query: Query<F, R>,
  options: AskOptions & { readonly parallel: number | null },
  onReport: (report: R & GuestHeader, index: number) => void = () => {},
): Promise<(R & GuestHeader)[]> {
  const { deriver = laterDeriver() } = options;
  const [servers, idle] = [sharedServers(), idleConnections()];
  try {
    return await inParallel(guests, options.parallel, async (guest, index) => {
      const report = await ask(guest, query, { ...options, deriver, servers, idle });
      onReport(report, index);
      return report;
    });
  } finally {
    servers.close();
    idle.close();
  }
}

/** What is left of a guest's time and the run's, in seconds. */
function secondsLeft({ timeoutSeconds, deadlineMs = null }: AskOptions): number | null {
  if (deadlineMs === null) return timeoutSeconds;
  const left = Math.max(0, deadlineMs - Date.now()) / 1000;
  return timeoutSeconds === null ? left : Math.min(left, timeoutSeconds);
}

async function attempt<F, R>(
  guest: GuestDefinition,
  query: Query<F, R>,
  scope: Scope,
  options: Asking<F>,
): Promise<F> {
  const { timeoutSeconds } = options;
  const found = query.begin();
  let failure: Problem | null = null;
  try {
    if (guest.problem !== null) throw guest.problem;
    const { keepsBroken = false } = query;
    const told = openStack(guest, scope, { ...options, keepsBroken });
    const stack: Stack = {
      ...told,
      nodes: (roots) => afterEach(told.nodes(roots), () => options.noting(found)),
    };
    await withTimeout(query.read(found, stack), timeoutSeconds);
  } catch (error) {
    failure = problemOf(error);
  }
  return query.end(found, failure, guest);
}

/** Calls `done` when a filesystem was dealt with and the next node is wanted. */
async function* afterEach(
  nodes: AsyncIterable<StackNode>,
  done: () => void,
): AsyncGenerator<StackNode, void, undefined> {
  for await (const node of nodes) {
    yield node;
    if (node.kind === 'filesystem') done();
  }
}
