// Asks about the jobs of many domains of one libvirt. A domain that hangs holds up a process of its own, and not the others.
import { LibvirtError, reasonOf, type VirtDfError } from '../../errors.js';
import { isLost } from './client.js';
import { type AskedDomain, type DomainJobs, domainJobs } from './domain-jobs.js';
import type { Calls } from './helper.js';
import { type JobConnection, type OpenForJobs, openForJobs } from './job-connection.js';

/** When the others do not wait any longer for a domain that does not answer. */
const PATIENCE_MS = 500;
/** Connections to one libvirt at a time, each with a process. libvirtd takes 20 calls at a time. */
const MOST_CONNECTIONS = 16;

interface JobsQuery {
  readonly uri: string | null;
  /** For one domain, and for opening a connection; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** Called with what each connection was asked, when it is closed. */
  readonly onAsked?: (calls: Calls) => void;
}

/** The jobs of each domain, or why they are not known; one answer a domain, in their order. */
export async function allJobs(
  domains: readonly AskedDomain[],
  query: JobsQuery,
  open: OpenForJobs = openForJobs,
): Promise<readonly (DomainJobs | VirtDfError)[]> {
  const run: Run = { domains, query, open, answers: [], workers: [], next: 0, failure: null };
  startWorker(run);
  // Workers start others.
  for (let index = 0; index < run.workers.length; index++) await run.workers[index];
  const { answers, failure } = run;
  return domains.map((_, index) => answers[index] ?? failure ?? notAsked());
}

function notAsked(): VirtDfError {
  return new LibvirtError('TIMEOUT', 'it was not asked, since too many others do not answer');
}

interface Run {
  readonly domains: readonly AskedDomain[];
  readonly query: JobsQuery;
  readonly open: OpenForJobs;
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
  let connection: JobConnection | null = null;
  for (let domain = run.domains[run.next]; domain !== undefined; domain = run.domains[run.next]) {
    const index = run.next++;
    let impatience: NodeJS.Timeout | undefined;
    try {
      connection ??= await run.open(run.query.uri, run.query.timeoutSeconds);
      impatience = setTimeout(() => startWorker(run), PATIENCE_MS);
      run.answers[index] = await within(connection, domain, run.query.timeoutSeconds);
    } catch (error) {
      const reason = reasonOf(error);
      run.answers[index] = reason;
      if (connection === null) {
        run.failure = reason;
        run.next = run.domains.length;
      } else if (isLost(error)) {
        run.query.onAsked?.(connection.calls);
        connection = null;
      }
    } finally {
      clearTimeout(impatience);
    }
  }
  if (connection === null) return;
  await connection.close();
  run.query.onAsked?.(connection.calls);
}

async function within(
  connection: JobConnection,
  domain: AskedDomain,
  seconds: number | null,
): Promise<DomainJobs> {
  if (seconds === null) return domainJobs(connection, domain);
  const timer = setTimeout(() => connection.giveUp(seconds), seconds * 1000);
  try {
    return await domainJobs(connection, domain);
  } finally {
    clearTimeout(timer);
  }
}
