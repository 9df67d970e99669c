// One process that reads guests for the run, from the run's side: it is started, asked, and killed at any moment.
// References: serve.ts, its other end; setpriv(1); prctl(2), PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  type FromReader,
  READER_ARGUMENT,
  type ReaderSettings,
  type ToReader,
} from './protocol.js';

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];
/** A read of a disk that does not answer keeps a thread for ever; the others go on. */
const THREAD_COUNT = 64;

export interface Reader {
  readonly pid: number | undefined;
  send(message: ToReader): void;
  kill(): void;
}

interface ReaderEvents {
  onMessage(message: FromReader): void;
  /** It is gone; `how` is `code 1` or `SIGSEGV`. Not called after `kill`. */
  onEnd(how: string): void;
}

/**
 * Starts a process of the program.
 * @param isBound by setpriv(1) it ends with its parent whatever it hangs in, and no program that it starts gets more rights.
 */
export function startReader(
  program: string,
  settings: ReaderSettings,
  isBound: boolean,
  { onMessage, onEnd }: ReaderEvents,
): Reader {
  const own = [process.execPath, program, READER_ARGUMENT];
  const setpriv = isBound ? setprivPath() : null;
  const binding = ['--pdeathsig', 'KILL', '--no-new-privs', '--'];
  const [command = '', ...args] = setpriv === null ? own : [setpriv, ...binding, ...own];
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, UV_THREADPOOL_SIZE: String(THREAD_COUNT) },
  });
  let isOver = false;
  const end = (how: string) => {
    if (isOver) return;
    isOver = true;
    onEnd(how);
  };
  child.on('message', (message: FromReader) => {
    if (!isOver) onMessage(message);
  });
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => end(signal ?? `code ${code}`));
  const send = (message: ToReader) => {
    if (child.connected) child.send(message, () => {}); // That it is gone is told by its exit.
  };
  send({ kind: 'settings', ...settings });
  return {
    pid: child.pid,
    send,
    kill() {
      isOver = true;
      child.kill('SIGKILL');
      letGo(child);
    },
  };
}

/** The run does not wait for a process that was killed: one that hangs in the kernel may be long in dying. */
function letGo(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  child.unref();
}

/** util-linux's setpriv, which nearly every Linux has. */
function setprivPath(): string | null {
  return process.platform === 'linux' ? (SETPRIV.find((path) => existsSync(path)) ?? null) : null;
}
