// A connection to libvirt, held by a child process. libvirt's calls cannot be cancelled (a daemon that accepts and
// never replies blocks its caller, even at exit), so they are made where a signal ends them.
// References: child.ts, the other end; protocol.ts, their messages
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LibvirtError, VirtDfError } from '../../errors.js';
import { startBound } from '../../host/bound-process.js';
import { MAX_TIMER_MS } from '../../limits.js';
import type {
  DomainStates,
  DomainSummary,
  Operation,
  Reply,
  Requests,
  Results,
} from './protocol.js';

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

/** How often libvirt was asked for something, and the time that it took. */
type Calls = ReadonlyMap<Operation, { readonly count: number; readonly tookMs: number }>;

/** Whether an error ended the connection, and not one call alone. */
export function isLost(error: unknown): error is VirtDfError {
  return (
    error instanceof VirtDfError && (error.code === 'TIMEOUT' || error.code === 'LIBVIRT_CONNECT')
  );
}

/** As much of the end of the child's stderr is kept for the message of its death. */
const MAX_STDERR_CHARACTERS = 4096;

/**
 * Opens a connection; null is libvirt's own default. `timeoutSeconds` bounds its whole life, from here to `close`;
 * null does not.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, TIMEOUT
 */
export async function openLibvirt(
  uri: string | null,
  timeoutSeconds: number | null,
): Promise<LibvirtConnection> {
  const helper = startHelper(uri ?? "libvirt's default URI", timeoutSeconds);
  try {
    const opened = await helper.call('open', { uri });
    return {
      ...opened,
      calls: helper.calls,
      domains: (activeOnly) => helper.call('domains', { activeOnly }),
      states: (uuids) => helper.call('states', { uuids }),
      xml: (uuid) => helper.call('xml', { uuid }),
      volumePath: (pool, volume) => helper.call('volumePath', { pool, volume }),
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

interface Helper {
  readonly calls: Calls;
  call<Op extends Operation>(op: Op, args: Requests[Op]): Promise<Results[Op]>;
  end(): void;
}

interface Pending {
  readonly op: Operation;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

function startHelper(where: string, timeoutSeconds: number | null): Helper {
  // libvirt may run ssh, and that programs of the user's configuration. A daemon of the user's it starts for nobody who only looks.
  const environment = { LIBVIRT_AUTOSTART: '0' };
  const child = startBound(childPath(), [], { environment, stderr: 'pipe', mayGainRights: true });
  const lastWords = collectStderr(child);
  const pending = new Map<number, Pending>();
  const calls = new Map<Operation, { count: number; tookMs: number }>();
  let ended: LibvirtError | null = null;
  let lastId = 0;

  const end = (reason: LibvirtError): void => {
    ended ??= reason;
    clearTimeout(timer);
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
  };
  const timer = deadline(timeoutSeconds, (seconds) => {
    child.kill('SIGKILL');
    end(timeoutError(where, seconds));
  });
  child.on('message', (reply: Reply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (waiting !== undefined) {
      const known = calls.get(waiting.op) ?? { count: 0, tookMs: 0 };
      calls.set(waiting.op, { count: known.count + 1, tookMs: known.tookMs + reply.tookMs });
    }
    if ('value' in reply) waiting?.resolve(reply.value);
    else waiting?.reject(revive(reply.error));
  });
  child.on('error', (error) => end(exitError(where, error.message)));
  child.on('close', (code, signal) => {
    end(exitError(where, `ended with ${signal ?? `code ${code}`} ${lastWords()}`.trimEnd()));
  });

  return {
    calls,
    call(op, args) {
      return new Promise((resolve, reject) => {
        if (ended !== null) {
          reject(ended);
          return;
        }
        lastId += 1;
        // Both ends are this package's: a reply to `op` is Results[op].
        pending.set(lastId, { op, resolve: resolve as Pending['resolve'], reject });
        child.send({ id: lastId, op, args }, (error) => {
          if (error !== null) end(exitError(where, error.message));
        });
      });
    },
    end() {
      end(new LibvirtError('LIBVIRT', `the connection to ${where} is closed`));
      // Without its channel the child has nothing to wait for and exits; nobody waits for that.
      if (child.connected) child.disconnect();
      child.unref();
      child.stderr?.destroy();
    },
  };
}

function deadline(seconds: number | null, passed: (seconds: number) => void) {
  if (seconds === null) return undefined;
  return setTimeout(() => passed(seconds), Math.min(seconds * 1000, MAX_TIMER_MS));
}

/** child.js lies beside this file, or, in the bundle, is the entry point libvirt-child.js beside or above this chunk. */
function childPath(): string {
  const candidates = ['./child.js', './libvirt-child.js', '../libvirt-child.js'];
  const paths = candidates.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`none of ${paths.join(', ')} exists`);
  return found;
}

function collectStderr(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-MAX_STDERR_CHARACTERS);
  });
  return () => text.trim();
}

type ReplyError = Extract<Reply, { error: unknown }>['error'];

function revive({ code, message, data }: ReplyError): LibvirtError {
  return new LibvirtError(code, message, { data });
}

function timeoutError(where: string, timeoutSeconds: number): LibvirtError {
  return new LibvirtError(
    'TIMEOUT',
    `${where} did not answer within ${timeoutSeconds} seconds; --timeout gives it longer`,
    { data: { timeoutSeconds } },
  );
}

function exitError(where: string, reason: string): LibvirtError {
  return new LibvirtError('LIBVIRT_CONNECT', `the process that asks ${where} failed: ${reason}`);
}
