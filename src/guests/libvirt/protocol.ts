// The messages between virt-df and its child that calls libvirt: one reply to each request, matched by number. Both ends are
// this package's own code; libvirt's words travel inside as plain strings.
import type { ErrorCode, ErrorData } from '../../errors.js';
import type { AgentRequests, AgentResults } from './agent-protocol.js';
import type { ByteRequests, ByteResults } from './byte-protocol.js';
import type { JobRequests, JobResults } from './job-protocol.js';
import type { StatsRequests, StatsResults } from './stats-protocol.js';

/** A variable of the child's environment that says that somebody else ends it with its parent, and all that it has started. */
export const UNBOUND = 'VIRT_DF_UNBOUND';

/** A domain in libvirt's list. */
export interface DomainSummary {
  readonly name: string;
  readonly uuid: string;
}

/** virDomainState of domains by their UUIDs; without those of which libvirt could not say it. */
export type DomainStates = ReadonlyMap<string, number>;

/** What libvirt asks for, one at a time or several together. */
export interface LoginQuestion {
  /** libvirt's words, or the server's. */
  readonly prompt: string;
  /** Whether what is typed is not to be seen. */
  readonly isSecret: boolean;
}

/** The arguments of each operation. */
export interface Requests extends AgentRequests, ByteRequests, JobRequests, StatsRequests {
  /** Opens the one connection of this child, read-only unless it says otherwise; null is libvirt's own default URI. */
  readonly open: {
    readonly uri: string | null;
    readonly mayWrite?: boolean;
    /** Left out: nobody can be asked for one. */
    readonly login?: { readonly answers: readonly string[]; readonly mayAsk: boolean };
  };
  readonly domains: { readonly activeOnly: boolean };
  readonly states: { readonly uuids: readonly string[] };
  readonly xml: { readonly uuid: string };
  readonly volumePath: { readonly pool: string; readonly volume: string };
  readonly close: Readonly<Record<never, never>>;
}

/** The result of each operation. */
export interface Results extends AgentResults, ByteResults, JobResults, StatsResults {
  /** The URI that libvirt settled on; null when it does not say. */
  readonly open: {
    readonly uri: string | null;
    /** What libvirt asks for before it opens a connection; empty: it is open. */
    readonly questions: readonly LoginQuestion[];
  };
  readonly domains: readonly DomainSummary[];
  readonly states: DomainStates;
  readonly xml: string;
  readonly volumePath: string;
  readonly close: true;
}

export type Operation = keyof Requests;

/** What is asked of a connection that is open. */
export type Question = Exclude<Operation, 'open' | 'close'>;

export type Request = {
  readonly [Op in Operation]: { readonly id: number; readonly op: Op; readonly args: Requests[Op] };
}[Operation];

export type Reply = {
  readonly id: number;
  /** The time that libvirt took. */
  readonly tookMs: number;
} & (
  | { readonly value: Results[Operation] }
  | {
      readonly error: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly data: ErrorData;
      };
    }
);
