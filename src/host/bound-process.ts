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
  /** Whether the kernel kills it when this process ends; default: it does. */
  readonly isBound?: boolean;
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
  options: BoundOptions = {},
): ChildProcess {
  const { environment = {}, stderr = 'inherit' } = options;
  const [command = '', ...rest] = boundCommand([process.execPath, script, ...args], options);
  return spawn(command, rest, {
    stdio: ['ignore', 'ignore', stderr, 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, ...environment },
  });
}

/** The words of a command that ends with this process, where there is a setpriv. */
export function boundCommand(
  own: readonly string[],
  { isBound = true, mayGainRights = false }: Pick<BoundOptions, 'isBound' | 'mayGainRights'>,
): readonly string[] {
  const setpriv = setprivPath();
  const settings = [...(isBound ? BINDING : []), ...(mayGainRights ? [] : ['--no-new-privs'])];
  return setpriv === null || settings.length === 0 ? own : [setpriv, ...settings, '--', ...own];
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
