// A connection by which guests are listed and asked about their jobs, or their agents: one for many domains, one call after the other, so that one
// that hangs is given up with it.
// References: helper.ts, the process that makes the calls
import { MAX_TIMER_MS } from '../../limits.js';
import type { AgentRequests } from './agent-protocol.js';
import { answered, isLost, type LibvirtConnection, listing } from './client.js';
import { type Calls, startHelper } from './helper.js';
import type { JobRequests } from './job-protocol.js';
import { type AskLogin, withLogin } from './login.js';
import type { Operation, Requests, Results } from './protocol.js';
import type { StatsRequests } from './stats-protocol.js';

/** All is known by then: of a libvirt that does not answer any more nobody takes leave. */
const CLOSING_SECONDS = 1;

export interface JobConnection extends LibvirtConnection {
  readonly calls: Calls;
  /** The domain is one of the last listing. */
  ask<Op extends keyof (AgentRequests & JobRequests & StatsRequests)>(
    op: Op,
    args: Requests[Op],
  ): Promise<Results[Op]>;
  /** Ends it in the middle of a call, which fails with TIMEOUT. */
  giveUp(seconds: number): void;
  /** Whether nothing can be asked of it any more. */
  isBroken(): boolean;
  /** Counts calls from here on. */
  countAnew(): void;
}

/**
 * Opens one, a read-only one unless agents are to be asked; null is libvirt's own default.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, TIMEOUT
 */
export async function openForJobs(
  uri: string | null,
  timeoutSeconds: number | null,
  ask: AskLogin | null = null,
  mayWrite = false,
): Promise<JobConnection> {
  return withLogin(uri, ask, (args) => openOnce({ ...args, mayWrite }, timeoutSeconds));
}

async function openOnce(
  args: Requests['open'],
  timeoutSeconds: number | null,
): Promise<JobConnection> {
  const helper = startHelper(args.uri, null);
  let isBroken = false;
  const call = async <Op extends Operation>(op: Op, args: Requests[Op]): Promise<Results[Op]> => {
    try {
      return await helper.call(op, args);
    } catch (error) {
      isBroken ||= isLost(error);
      throw error;
    }
  };
  try {
    const opened = answered(await inTime(helper, timeoutSeconds, () => call('open', args)));
    return {
      ...opened,
      calls: helper.calls,
      ...listing(call),
      ask: (op, args) => call(op, args),
      giveUp(seconds) {
        isBroken = true;
        helper.giveUp(seconds);
      },
      isBroken: () => isBroken,
      countAnew: helper.countAnew,
      async close() {
        const closed = inTime(helper, CLOSING_SECONDS, () => helper.call('close', {}));
        await closed.catch(() => undefined);
        helper.end();
      },
    };
  } catch (error) {
    helper.end();
    throw error;
  }
}

export type OpenForJobs = (
  uri: string | null,
  timeoutSeconds: number | null,
  ask?: AskLogin | null,
) => Promise<JobConnection>;

/** One by which the agents in guests are asked. libvirt lets nobody ask them who may not write as well. */
export const openForAgents: OpenForJobs = (uri, timeoutSeconds, ask) =>
  openForJobs(uri, timeoutSeconds, ask, true);

/** The work, during which the connection is given up when the time is over; null is without limit. */
export async function inTime<T>(
  connection: Pick<JobConnection, 'giveUp'>,
  seconds: number | null,
  work: () => Promise<T>,
): Promise<T> {
  if (seconds === null) return work();
  const timer = setTimeout(
    () => connection.giveUp(seconds),
    Math.min(seconds * 1000, MAX_TIMER_MS),
  );
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
