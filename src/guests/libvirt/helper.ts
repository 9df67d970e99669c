// The process that calls into libvirt for this one: its messages, its time, and its end.
// References: child.ts, the other end; protocol.ts, their messages; own-end.ts
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LibvirtError } from '../../errors.js';
import { startBound } from '../../host/bound-process.js';
import { MAX_TIMER_MS } from '../../limits.js';
import { endTogether, killWithOwn, mayRunProgram } from './own-end.js';
import { type Operation, type Reply, type Requests, type Results, UNBOUND } from './protocol.js';

/** How often libvirt was asked for something, and the time that it took. */
export type Calls = ReadonlyMap<Operation, { readonly count: number; readonly tookMs: number }>;

/** As much of the end of the child's stderr is kept for the message of its death. */
const MAX_STDERR_CHARACTERS = 4096;

export interface Helper {
  readonly calls: Calls;
  call<Op extends Operation>(op: Op, args: Requests[Op]): Promise<Results[Op]>;
  /** Ends it in the middle of a call; what waits fails with TIMEOUT. */
  giveUp(seconds: number): void;
  /** Counts calls from here on. */
  countAnew(): void;
  end(): void;
}

interface Pending {
  readonly op: Operation;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * @param uri that it is going to open; null is libvirt's own default.
 * @param timeoutSeconds of its whole life; null is without limit.
 */
export function startHelper(uri: string | null, timeoutSeconds: number | null): Helper {
  const where = uri ?? "libvirt's default URI";
  // libvirt may run ssh, and that programs of the user's configuration. A daemon of the user's it starts for nobody who only looks.
  const isWatched = mayRunProgram(uri);
  const environment = { LIBVIRT_AUTOSTART: '0', ...(isWatched ? { [UNBOUND]: '1' } : {}) };
  const child = startBound(childPath(), [], {
    ...{ environment, stderr: 'pipe', mayGainRights: true, isBound: !isWatched },
  });
  if (isWatched) endTogether(child);
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
  const giveUp = (seconds: number): void => {
    killWithOwn(child);
    end(timeoutError(where, seconds));
  };
  const timer = deadline(timeoutSeconds, giveUp);
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
    giveUp,
    countAnew: () => calls.clear(),
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
