// Asks about many domains of one libvirt, one after the other. A domain that hangs holds up a process of its own, and not the others.
import { LibvirtError, reasonOf, type VirtDfError } from '../../errors.js';
import type { Calls } from './helper.js';
import { inTime, type JobConnection } from './job-connection.js';
import type { JobConnections } from './kept-connections.js';

/** When the others do not wait any longer for a domain that does not answer. */
const PATIENCE_MS = 500;
/** Connections to one libvirt at a time, each with a process. libvirtd takes 20 calls at a time. */
const MOST_CONNECTIONS = 16;

export interface EachQuery {
  readonly uri: string | null;
  /** For one domain, and for opening a connection; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** Called with what each connection was asked. */
  readonly onAsked?: (calls: Calls) => void;
}

export type Lenders = Pick<JobConnections, 'take' | 'release'>;

/** What `ask` gives of each domain, or why it is not known; one answer a domain, in their order. */
export async function askEach<D, A extends object>(
  domains: readonly D[],
  ask: (connection: JobConnection, domain: D) => Promise<A>,
  query: EachQuery,
  connections: Lenders,
): Promise<readonly (A | VirtDfError)[]> {
  const run: Run<D, A> = {
    domains,
    ask,
    query,
    connections,
    answers: [],
    workers: [],
    next: 0,
    openCount: 0,
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

interface Run<D, A> {
  readonly domains: readonly D[];
  readonly ask: (connection: JobConnection, domain: D) => Promise<A>;
  readonly query: EachQuery;
  readonly connections: Lenders;
  readonly answers: (A | VirtDfError)[];
  readonly workers: Promise<void>[];
  next: number;
  /** Connections with which somebody works. */
  openCount: number;
  /** Why no connection can be opened any more. */
  failure: VirtDfError | null;
}

function startWorker<D, A>(run: Run<D, A>): void {
  if (run.next >= run.domains.length || run.workers.length >= MOST_CONNECTIONS) return;
  run.workers.push(work(run));
}

/** Asks about one domain after the other, by one connection as long as it lives. */
async function work<D, A>(run: Run<D, A>): Promise<void> {
  const { domains, connections, answers } = run;
  const { onAsked } = run.query;
  let connection: JobConnection | null = null;
  while (run.next < domains.length) {
    if (connection === null) {
      connection = await taken(run);
      if (connection === null) return;
      continue; // Others may have asked about the last domain meanwhile.
    }
    const own: JobConnection = connection;
    const index = run.next++;
    const impatience = setTimeout(() => startWorker(run), PATIENCE_MS);
    answers[index] = await answerOf(run, index, own);
    clearTimeout(impatience);
    if (!own.isBroken()) continue;
    onAsked?.(own.calls);
    connection = null;
    run.openCount -= 1;
  }
  if (connection === null) return;
  onAsked?.(connection.calls);
  await connections.release(connection);
}

/** null: none can be opened, and only where nobody else has one are the other domains not asked about. */
async function taken<D, A>(run: Run<D, A>): Promise<JobConnection | null> {
  const { uri, timeoutSeconds } = run.query;
  try {
    const connection = await run.connections.take(uri, timeoutSeconds);
    run.openCount += 1;
    return connection;
  } catch (error) {
    run.failure = reasonOf(error);
    if (run.openCount === 0) run.next = run.domains.length;
    return null;
  }
}

async function answerOf<D, A>(
  { domains, ask, query }: Run<D, A>,
  index: number,
  connection: JobConnection,
): Promise<A | VirtDfError> {
  const domain = domains[index];
  if (domain === undefined) return notAsked();
  const { timeoutSeconds } = query;
  try {
    return await inTime(connection, timeoutSeconds, () => ask(connection, domain));
  } catch (error) {
    const reason = reasonOf(error);
    return reason.code === 'TIMEOUT' ? hung(timeoutSeconds) : reason;
  }
}
