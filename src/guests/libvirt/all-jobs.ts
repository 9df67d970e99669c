// Asks about the jobs of many domains of one libvirt. A domain that hangs holds up a process of its own, and not the others.
import { LibvirtError, reasonOf, type VirtDfError } from '../../errors.js';
import { type AskedDomain, type DomainJobs, domainJobs } from './domain-jobs.js';
import type { Calls } from './helper.js';
import { inTime, type JobConnection } from './job-connection.js';
import type { JobConnections } from './kept-connections.js';

/** When the others do not wait any longer for a domain that does not answer. */
const PATIENCE_MS = 500;
/** Connections to one libvirt at a time, each with a process. libvirtd takes 20 calls at a time. */
const MOST_CONNECTIONS = 16;

interface JobsQuery {
  readonly uri: string | null;
  /** For one domain, and for opening a connection; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** Called with what each connection was asked. */
  readonly onAsked?: (calls: Calls) => void;
}

/** The jobs of each domain, or why they are not known; one answer a domain, in their order. */
export async function allJobs(
  domains: readonly AskedDomain[],
  query: JobsQuery,
  connections: Pick<JobConnections, 'take' | 'release'>,
): Promise<readonly (DomainJobs | VirtDfError)[]> {
  const run: Run = {
    domains,
    query,
    connections,
    answers: [],
    workers: [],
    next: 0,
    failure: null,
  };
  startWorker(run);
  // Workers start others.
  for (let index = 0; index < run.workers.length; index++) await run.workers[index];
  const { answers, failure } = run;
  return domains.map((_, index) => answers[index] ?? failure ?? notAsked());
}

function notAsked(): VirtDfError {
  return new LibvirtError('TIMEOUT', 'it was not asked, since too many others do not answer');
}

function hung(seconds: number | null): VirtDfError {
  const message = `its hypervisor did not answer within ${seconds} seconds; it may be stopped (--timeout gives it longer)`;
  return new LibvirtError('TIMEOUT', message, { data: { timeoutSeconds: seconds } });
}

interface Run {
  readonly domains: readonly AskedDomain[];
  readonly query: JobsQuery;
  readonly connections: Pick<JobConnections, 'take' | 'release'>;
  readonly answers: (DomainJobs | VirtDfError)[];
  readonly workers: Promise<void>[];
  next: number;
  /** Why no connection can be opened any more. */
  failure: VirtDfError | null;
}

function startWorker(run: Run): void {
  if (run.next >= run.domains.length || run.workers.length >= MOST_CONNECTIONS) return;
  run.workers.push(work(run));
}

/** Asks about one domain after the other, by one connection as long as it lives. */
async function work(run: Run): Promise<void> {
  const { domains, connections, answers } = run;
  const { uri, timeoutSeconds, onAsked } = run.query;
  let connection: JobConnection | null = null;
  for (let domain = domains[run.next]; domain !== undefined; domain = domains[run.next]) {
    const index = run.next++;
    const asked = domain;
    let impatience: NodeJS.Timeout | undefined;
    try {
      const own: JobConnection = connection ?? (await connections.take(uri, timeoutSeconds));
      connection = own;
      impatience = setTimeout(() => startWorker(run), PATIENCE_MS);
      answers[index] = await inTime(own, timeoutSeconds, () => domainJobs(own, asked));
    } catch (error) {
      const reason = reasonOf(error);
      const isHung = connection !== null && reason.code === 'TIMEOUT';
      answers[index] = isHung ? hung(timeoutSeconds) : reason;
      if (connection === null) {
        run.failure = reason;
        run.next = domains.length;
      } else if (connection.isBroken()) {
        onAsked?.(connection.calls);
        connection = null;
      }
    } finally {
      clearTimeout(impatience);
    }
  }
  if (connection === null) return;
  onAsked?.(connection.calls);
  await connections.release(connection);
}
