// A process of Node that works for this one and never outlives it.
// References: setpriv(1); prctl(2), PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS; child_process, "Advanced serialization".
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];
/** By setpriv the kernel kills it when its parent ends, whatever it hangs in, and no program gets more rights by it. */
const BINDING = ['--pdeathsig', 'KILL', '--no-new-privs', '--'];

/**
 * Starts a script, with a channel that takes structured clones. Where there is no setpriv it is the script's part to end when the
 * channel closes.
 */
export function startBound(
  script: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ChildProcess {
  const own = [process.execPath, script, ...args];
  const setpriv = setprivPath();
  const [command = '', ...rest] = setpriv === null ? own : [setpriv, ...BINDING, ...own];
  return spawn(command, rest, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
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
