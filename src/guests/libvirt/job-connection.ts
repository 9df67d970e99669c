// A connection by which jobs are asked about: one for many domains, one call after the other, so that one that hangs is given up
// with it.
// References: helper.ts, the process that makes the calls
import { type Calls, startHelper } from './helper.js';
import type { JobRequests } from './job-protocol.js';
import type { Requests, Results } from './protocol.js';

export interface JobConnection {
  readonly calls: Calls;
  /** The domain is one that was listed here before. */
  ask<Op extends keyof JobRequests>(op: Op, args: Requests[Op]): Promise<Results[Op]>;
  xml(uuid: string): Promise<string>;
  /** Ends it in the middle of a call, which fails with TIMEOUT. */
  giveUp(seconds: number): void;
  close(): Promise<void>;
}

/**
 * Opens one and lists the domains; null is libvirt's own default.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, LIBVIRT, TIMEOUT
 */
export async function openForJobs(
  uri: string | null,
  timeoutSeconds: number | null,
): Promise<JobConnection> {
  const where = uri ?? "libvirt's default URI";
  const helper = startHelper(where, null);
  const timer =
    timeoutSeconds === null
      ? undefined
      : setTimeout(() => helper.giveUp(timeoutSeconds), timeoutSeconds * 1000);
  try {
    await helper.call('open', { uri });
    await helper.call('domains', { activeOnly: false });
  } catch (error) {
    helper.end();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    calls: helper.calls,
    ask: (op, args) => helper.call(op, args),
    xml: (uuid) => helper.call('xml', { uuid }),
    giveUp: helper.giveUp,
    async close() {
      await helper.call('close', {}).catch(() => undefined);
      helper.end();
    },
  };
}

export type OpenForJobs = typeof openForJobs;
