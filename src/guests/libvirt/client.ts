// A connection to libvirt, held by a child process. libvirt's calls cannot be cancelled (a daemon that accepts and
// never replies blocks its caller, even at exit), so they are made where a signal ends them.
// References: helper.ts, the process; child.ts, the other end; protocol.ts, their messages
import { VirtDfError } from '../../errors.js';
import { type Calls, type Helper, startHelper } from './helper.js';
import { type AskLogin, LoginAsked, withLogin } from './login.js';
import type { DomainStates, DomainSummary, Requests, Results } from './protocol.js';

/** A read-only connection to one libvirt. Functions throw LibvirtError LIBVIRT, or TIMEOUT once the deadline is over. */
export interface LibvirtConnection {
  readonly uri: string | null;
  /** What was asked of it so far, in the order of the first of each kind; left out: nobody counts. */
  readonly calls?: Calls;
  domains(activeOnly: boolean): Promise<readonly DomainSummary[]>;
  /** The UUIDs here and below are some of those that `domains` gave. */
  states(uuids: readonly string[]): Promise<DomainStates>;
  xml(uuid: string): Promise<string>;
  volumePath(pool: string, volume: string): Promise<string>;
  /** Never throws: a connection that is lost is closed. */
  close(): Promise<void>;
}

/** Whether an error ended the connection, and not one call alone. */
export function isLost(error: unknown): error is VirtDfError {
  return (
    error instanceof VirtDfError && (error.code === 'TIMEOUT' || error.code === 'LIBVIRT_CONNECT')
  );
}

/**
 * Opens a connection; null is libvirt's own default. `timeoutSeconds` bounds its whole life, from here to `close`, but for the time in
 * which a person is asked for a login; null does not.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, TIMEOUT
 */
export async function openLibvirt(
  uri: string | null,
  timeoutSeconds: number | null,
  ask: AskLogin | null = null,
): Promise<LibvirtConnection> {
  return withLogin(uri, ask, (args) => openOnce(args, timeoutSeconds));
}

async function openOnce(
  args: Requests['open'],
  timeoutSeconds: number | null,
): Promise<LibvirtConnection> {
  const helper = startHelper(args.uri, timeoutSeconds);
  try {
    const opened = answered(await helper.call('open', args));
    return {
      ...opened,
      calls: helper.calls,
      ...listing(helper.call),
      async close() {
        await helper.call('close', {}).catch(() => undefined);
        helper.end();
      },
    };
  } catch (error) {
    helper.end();
    throw error;
  }
}

/** @throws LoginAsked */
export function answered({ uri, questions }: Results['open']): { readonly uri: string | null } {
  if (questions.length > 0) throw new LoginAsked(questions);
  return { uri };
}

/** How guests are listed, by the calls of a process. */
export function listing(
  call: Helper['call'],
): Pick<LibvirtConnection, 'domains' | 'states' | 'xml' | 'volumePath'> {
  return {
    domains: (activeOnly) => call('domains', { activeOnly }),
    states: (uuids) => call('states', { uuids }),
    xml: (uuid) => call('xml', { uuid }),
    volumePath: (pool, volume) => call('volumePath', { pool, volume }),
  };
}
