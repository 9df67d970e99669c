// A process of Node that works for this one and never outlives it.
// References: setpriv(1); prctl(2), PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS; child_process, "Advanced serialization".
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];
/** By setpriv the kernel kills it when its parent ends, whatever it hangs in. */
const BINDING = ['--pdeathsig', 'KILL'];

interface BoundOptions {
  /** Added to this process's environment. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Default: that of this process. */
  readonly stderr?: 'inherit' | 'pipe';
  /** Whether programs that it runs may get more rights than it has, as a daemon that is started may need; default: no. */
  readonly mayGainRights?: boolean;
}

/**
 * Starts a script, with a channel that takes structured clones. Where there is no setpriv it is the script's part to end when the
 * channel closes.
 */
export function startBound(
  script: string,
  args: readonly string[] = [],
  { environment = {}, stderr = 'inherit', mayGainRights = false }: BoundOptions = {},
): ChildProcess {
  const own = [process.execPath, script, ...args];
  const setpriv = setprivPath();
  const binding = [...BINDING, ...(mayGainRights ? [] : ['--no-new-privs']), '--'];
  const [command = '', ...rest] = setpriv === null ? own : [setpriv, ...binding, ...own];
  return spawn(command, rest, {
    stdio: ['ignore', 'ignore', stderr, 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, ...environment },
  });
}

/** Kills it; nobody waits for that, since one that hangs in the kernel may be long in dying. */
export function killBound(child: ChildProcess): void {
  child.kill('SIGKILL');
  if (child.connected) child.disconnect();
  child.unref();
}

/** That of util-linux, which nearly every Linux has; BusyBox's knows nothing of this. */
function setprivPath(): string | null {
  const found = process.platform === 'linux' ? SETPRIV.find((path) => existsSync(path)) : undefined;
  return found === undefined || realpathSync(found).endsWith('busybox') ? null : found;
}
