// The end of a process that calls into libvirt, with the programs that libvirt has started for it (ssh, or the command of a URI). One of
// those that hangs before it reads anything does not notice that nobody is there any more, and the kernel ends only what is bound to
// its parent: so a shell waits for the end of this process, and ends them all.
// References: https://libvirt.org/uri.html#transport-configuration; proc_pid_task_children(5); https://libvirt.org/uri.html#uri-aliases
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const SHELL = '/bin/sh';
/** More than a chain of programs by which any host is reached. */
const MOST_PROCESSES = 64;

/** A line on its input says that there is nothing to end; without one its end is that of whoever started it. */
const SCRIPT = `trap '' INT TERM HUP
read -r line && exit 0
end() {
  for child in $(cat /proc/$1/task/*/children 2>/dev/null); do end $child; done
  kill -KILL $1 2>/dev/null
}
end $1`;

/** Transports by which libvirt itself makes the connection. */
const WITHOUT_PROGRAM = /^[a-z]+(?:\+(?:unix|tcp|tls|libssh2?))?:\/\//u;

/** Whether libvirt may run a program to reach it; an alias, and libvirt's default, may be any. */
export function mayRunProgram(uri: string | null): boolean {
  const asked = uri ?? process.env.LIBVIRT_DEFAULT_URI ?? '';
  return !WITHOUT_PROGRAM.test(asked) && canWatch();
}

function canWatch(): boolean {
  return existsSync(SHELL) && existsSync(`/proc/self/task/${process.pid}/children`);
}

/** Ends the process and what it has started when this one ends, however that is; until it has ended by itself. */
export function endTogether(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const watcher = spawn(SHELL, ['-c', SCRIPT, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  // Where it cannot be started, the process still ends when its channel closes.
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  watcher.unref();
  Object(watcher.stdin).unref();
  child.once('exit', () => watcher.stdin.end('\n'));
}

/** Kills the process with all that it has started. */
export function killWithOwn(child: ChildProcess): void {
  for (const pid of descendants(child.pid)) kill(pid);
  child.kill('SIGKILL');
}

/** Children first. */
function descendants(pid: number | undefined): readonly number[] {
  const found = childrenOf(pid);
  for (let index = 0; index < found.length && found.length < MOST_PROCESSES; index++) {
    found.push(...childrenOf(found[index]));
  }
  return found.reverse();
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const words = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
      return [...words.matchAll(/\d+/gu)].map(([digits]) => Number(digits));
    });
  } catch {
    return []; // It has ended, or this system has no such files.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile, or became another user's.
  }
}
