// How full the filesystem of a directory of this host is: what df(1) of that directory says. Asked by stat(1), a process that can be
// given up, since a server that is gone holds whoever asks for ever, and since Node leaves out f_frsize.
// References: statvfs(3); stat(1), --file-system
import { execFile } from 'node:child_process';
import { promises } from 'node:fs';
import { SourceError } from '../errors.js';
import { hostError, shownPath } from './host-error.js';
import { type Mount, mountHolding, mounts } from './mounts.js';

/** statvfs(3)'s numbers, in bytes, and where it was asked. */
export interface FolderUsage {
  /** As mount(8) and df -T have it; null where that cannot be found. */
  readonly type: string | null;
  readonly mountPoint: string | null;
  /** Tells the filesystems of this host apart; one that is mounted at several places has one. */
  readonly device: string | null;
  readonly blockSizeBytes: number;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly availBytes: number;
  readonly files: number;
  readonly filesFree: number;
}

const MAX_WAIT_MS = 5000;
/** f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree */
const FORMAT = '%S %b %f %a %c %d';

/** What a process was asked about that nothing ends yet: no other one is started. */
const hanging = new Set<string>();

/** @param path an absolute one. @throws SourceError NOT_FOUND, PERMISSION, IO, TIMEOUT. */
export async function folderUsage(path: string, maxWaitMs = MAX_WAIT_MS): Promise<FolderUsage> {
  if (hanging.has(path)) throw silent(path, maxWaitMs);
  const words = (await asked(path, maxWaitMs)).trim().split(' ');
  const numbers = words.map((word) => Number(word));
  if (numbers.length !== 6 || !numbers.every((number) => Number.isSafeInteger(number))) {
    throw new SourceError('IO', `stat tells nothing of the filesystem of ${shownPath(path)}`);
  }
  const [blockSizeBytes = 0, blocks = 0, free = 0, available = 0, files = 0, filesFree = 0] =
    numbers;
  const mount = await mountOf(path);
  return {
    type: mount?.type ?? null,
    mountPoint: mount?.point ?? null,
    device: mount?.device ?? null,
    blockSizeBytes,
    sizeBytes: blocks * blockSizeBytes,
    freeBytes: free * blockSizeBytes,
    availBytes: available * blockSizeBytes,
    ...{ files, filesFree },
  };
}

/** A FUSE server that took the question and is gone keeps even a process that was killed: its end is not waited for. */
function asked(path: string, maxWaitMs: number): Promise<string> {
  const args = ['--file-system', `--format=${FORMAT}`, '--', path];
  return new Promise((resolve, reject) => {
    const child = execFile('stat', args, { encoding: 'utf8' }, (error, out) => {
      clearTimeout(timer);
      if (hanging.delete(path)) return;
      if (error === null) resolve(out);
      else reasonWhy(path).then(reject);
    });
    const timer = setTimeout(() => {
      hanging.add(path);
      reject(silent(path, maxWaitMs));
      child.kill('SIGKILL');
      for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
      child.unref();
    }, maxWaitMs);
  });
}

function silent(path: string, maxWaitMs: number): SourceError {
  const message = `the filesystem of ${shownPath(path)} did not answer within ${maxWaitMs / 1000} s`;
  return new SourceError('TIMEOUT', message, { data: { path: shownPath(path) } });
}

/** What the system says of it, since stat's words are in the user's language. */
async function reasonWhy(path: string): Promise<Error> {
  try {
    await promises.stat(path);
  } catch (error) {
    return hostError(path, error);
  }
  return new SourceError('IO', `the filesystem of ${shownPath(path)} cannot be asked`);
}

async function mountOf(path: string): Promise<Mount | null> {
  const real = await promises.realpath(path).catch(() => null);
  return real === null ? null : mountHolding(await mounts(), real);
}
