// Asks the agents in the guests that were read, or are not read at all: one call for each, by children that may be killed.
// References: docs/live.md; https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainGetGuestInfo)
import { LibvirtError, VirtDfError } from '../../errors.js';
import type { AgentResults } from '../../guests/libvirt/agent-protocol.js';
import { askEach, type Lenders } from '../../guests/libvirt/ask-each.js';
import { isLost } from '../../guests/libvirt/client.js';
import type { Calls } from '../../guests/libvirt/helper.js';
import { type JobConnection, openForAgents } from '../../guests/libvirt/job-connection.js';
import { keptConnections } from '../../guests/libvirt/kept-connections.js';
import { withoutSecrets } from '../../host/location.js';
import { isRunning } from '../live.js';
import { problemOf } from '../problem.js';
import type { GuestReport } from '../report.js';
import { agentFilesystems } from './answer.js';
import { type AgentLimits, agentLimits } from './limits.js';
import type { LiveMode } from './options.js';
import { withFilesystems } from './rows.js';

interface AgentsQuery {
  readonly mode: LiveMode;
  /** The libvirts that answered, as each calls itself. */
  readonly uris: readonly string[];
  readonly timeoutSeconds: number | null;
  readonly onCalls?: (uri: string, calls: Calls) => void;
}

/** An agent answers in a moment, or not at all. */
const MOST_AGENT_SECONDS = 5;
/** It is greeted before it is asked, and then libvirt may need a moment. */
const CALLS_OF_AGENT = 2;
const MORE_SECONDS = 2;

/** States in which an agent can answer. */
const ANSWERING: ReadonlySet<string | null> = new Set([
  'running',
  'idle',
  'no state',
  'in shutdown',
]);

/** Of one run: the agents are asked, and if it is interrupted, what was set for them is taken back. */
export interface Agents {
  /** The reports with what the guests' agents say. One that does not answer is a problem of its guest, and holds up no other. */
  ask(reports: readonly GuestReport[]): Promise<readonly GuestReport[]>;
  stop(): Promise<void>;
}

export function agentsOf(query: AgentsQuery): Agents {
  const limits = agentLimits();
  return {
    async ask(reports) {
      const connections = keptConnections(openForAgents);
      try {
        return await withAgents(reports, query, { connections, limits });
      } finally {
        await Promise.all([connections.close(), limits.liftAll()]);
      }
    },
    stop: () => limits.liftAll(),
  };
}

interface Told {
  readonly answer: AgentResults['agentFilesystems'];
}

interface By {
  readonly connections: Lenders;
  readonly limits: Pick<AgentLimits, 'set' | 'lifted'>;
}

/** As `Agents.ask` says. */
export async function withAgents(
  reports: readonly GuestReport[],
  query: AgentsQuery,
  by: By,
): Promise<readonly GuestReport[]> {
  const told = new Map(reports.map((report) => [report, unasked(report, query.mode)]));
  const unanswering: GuestReport[] = [];
  await Promise.all(
    [...new Set(query.uris)].map(async (uri) => {
      const shown = withoutSecrets(uri);
      const own = reports.filter((one) => one.uri === shown && isAsked(one));
      const answers = await answersOf(own, uri, query, by);
      const [first] = answers;
      // Where no connection can be opened, all have that one reason.
      if (
        first instanceof VirtDfError &&
        answers.length > 1 &&
        answers.every((one) => one === first)
      ) {
        unanswering.push(unansweringLibvirt(shown, own.length, first));
        return;
      }
      for (const [index, report] of own.entries()) {
        told.set(report, withAnswer(report, answers[index]));
      }
    }),
  );
  return [...reports.map((report) => told.get(report) ?? report), ...unanswering];
}

function unansweringLibvirt(uri: string, count: number, error: VirtDfError): GuestReport {
  const message = `the agents of ${count} guests are not asked: ${error.message}`;
  const statistics = { readCount: 0, bytesRead: 0 };
  const head = { guest: uri, uuid: null, state: null, uri, statistics, partFiles: [] };
  const report = { ...head, disks: [], filesystems: [], volumes: [], problems: [] };
  return withProblem(report, new LibvirtError(error.code, message, { data: error.data }));
}

/** A connection that could write is opened for no other. */
function isAsked({ agent, ...report }: GuestReport): boolean {
  return isAnswering(report) && agent !== undefined && agent !== 'disconnected';
}

function isAnswering({ uuid, state }: Pick<GuestReport, 'uuid' | 'state'>): boolean {
  return uuid !== null && ANSWERING.has(state);
}

/** A guest that is off has no agent, and its disk has all that there is. */
function unasked(report: GuestReport, mode: LiveMode): GuestReport {
  if (isAsked(report) || (mode === 'prefer' && !isRunning(report))) return report;
  const { state, uri, problems } = report;
  // One that is not known has its problem.
  if (uri !== null && state === null && problems.length > 0) return report;
  if (isAnswering(report)) return withProblem(report, new LibvirtError('AGENT', lack(report)));
  const what = uri === null ? 'an image' : `a guest that is ${state ?? 'not known'}`;
  return withProblem(report, new LibvirtError('AGENT', `the agent of ${what} cannot be asked`));
}

function withProblem(report: GuestReport, error: unknown): GuestReport {
  const place = { guest: report.guest, disk: null, device: null };
  return { ...report, problems: [...report.problems, { ...place, ...problemOf(error) }] };
}

async function answersOf(
  reports: readonly GuestReport[],
  uri: string,
  { timeoutSeconds, onCalls }: AgentsQuery,
  { connections, limits }: By,
): Promise<readonly (Told | VirtDfError)[]> {
  if (reports.length === 0) return [];
  const half = Math.floor((timeoutSeconds ?? Number.POSITIVE_INFINITY) / CALLS_OF_AGENT);
  const agentSeconds = Math.max(1, Math.min(half, MOST_AGENT_SECONDS));
  const asked = {
    uri,
    timeoutSeconds: CALLS_OF_AGENT * agentSeconds + MORE_SECONDS,
    onAsked: (calls: Calls) => onCalls?.(withoutSecrets(uri), calls),
  };
  const ask = async (connection: JobConnection, uuid: string): Promise<Told> => {
    limits.set(uri, uuid);
    try {
      const answer = await connection.ask('agentFilesystems', { uuid, agentSeconds });
      limits.lifted(uri, uuid);
      return { answer };
    } catch (error) {
      if (!isLost(error)) limits.lifted(uri, uuid);
      throw error;
    }
  };
  const uuids = reports.map(({ uuid }) => uuid ?? '');
  return askEach(uuids, ask, asked, connections);
}

function withAnswer(report: GuestReport, told: Told | VirtDfError | undefined): GuestReport {
  if (told === undefined) return report;
  if (told instanceof VirtDfError) return withProblem(report, agentError(told));
  try {
    return withFilesystems(report, agentFilesystems(told.answer));
  } catch (error) {
    return withProblem(report, error);
  }
}

const NO_CHANNEL = 'the guest has no channel for an agent (<channel> org.qemu.guest_agent.0)';
const NO_AGENT =
  'it is stopped, or was not started (in the guest: systemctl status qemu-guest-agent)';

/** Why a guest that runs is not asked. */
function lack({ agent }: GuestReport): string {
  return agent === undefined ? NO_CHANNEL : `the agent is not connected: ${NO_AGENT}`;
}

/** By virErrorNumber: VIR_ERR_ARGUMENT_UNSUPPORTED, VIR_ERR_AGENT_UNRESPONSIVE. */
const STEPS: ReadonlyMap<number, string> = new Map([
  [74, NO_CHANNEL],
  [86, NO_AGENT],
]);

function agentError(error: VirtDfError): VirtDfError {
  if (error.code !== 'LIBVIRT') return error;
  const { libvirtCode } = error.data;
  const step = typeof libvirtCode === 'number' ? STEPS.get(libvirtCode) : undefined;
  const message = step === undefined ? error.message : `${error.message}; ${step}`;
  return new LibvirtError('AGENT', message, { data: error.data, cause: error });
}
