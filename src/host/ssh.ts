// A file or device of another host, through the user's own ssh: `ssh://[USER@]HOST[:PORT]/PATH[?keyfile=PATH&no_verify=1]`, the
// query as in libvirt's URIs. Its keys, its configuration
// and its known hosts are the user's; on the other side runs only the SFTP subsystem, no command and no shell.
// References: ssh(1), draft-ietf-secsh-filexfer-02; environment: VIRT_DF_SSH names another command than `ssh`, word by word.
import { spawn } from 'node:child_process';
import { SourceError, UsageError } from '../errors.js';
import { printable } from '../validation/guest.js';
import { boundCommand } from './bound-process.js';
import { searchEnd } from './device-size.js';
import type { SourceHandle } from './handle.js';
import { REMOTE_GAP_BYTES, REMOTE_PAGE_BYTES } from './handle.js';
import { withoutSecrets } from './location.js';
import { LostError, type RemoteOptions } from './retry.js';
import { openSessions } from './session.js';
import { openSftp, type SftpFile, type SftpTimes } from './sftp.js';
import { streamReader } from './stream-reader.js';

/** The time limit for connecting alone, in seconds. */
const CONNECT_SECONDS = 30;
const MAX_STDERR_LENGTH = 2000;
/** A file that was written less long before may well be written again. */
const LIVELY_MS = 60_000;

/** User names that ssh takes for an option, or that a shell takes for more than a name where the configuration has %r. */
const UNSAFE_USER = /^-|[\0\s'`"$\\;&<>|(){}]/u;

/**
 * As sftp(1) starts it: the user's configuration may forward his agent, his screen and his ports to every host, and run a
 * command here after each login.
 */
const ONLY_FILES = [
  ...['-a', '-x', '-oClearAllForwardings=yes', '-oPermitLocalCommand=no'],
] as const;

interface Target {
  readonly args: readonly string[];
  readonly path: string;
}

/** @throws UsageError for a URL that says too little or holds a password; SourceError. */
export async function openSsh(url: URL, options: RemoteOptions): Promise<SourceHandle> {
  const shown = withoutSecrets(url.href);
  const target = targetOf(url, shown);
  const sessions = await openSessions(shown, options, () => connect(target, shown, options));
  const { sizeBytes, times } = sessions.first;
  const openedMs = Date.now();
  return {
    location: shown,
    pageBytes: REMOTE_PAGE_BYTES,
    gapBytes: () => REMOTE_GAP_BYTES,
    allocationBytes: null,
    sizeBytes: async (canRead) => sizeBytes ?? searchEnd(canRead),
    isLively: times === null || times.modifiedSeconds * 1000 > openedMs - LIVELY_MS,
    async isUnwritten() {
      if (times === null || times.modifiedSeconds * 1000 > openedMs - LIVELY_MS) return null;
      return isSame(times, await sessions.ask((session) => session.timesNow()));
    },
    fill: (buffer, offset) => sessions.fill(buffer, offset),
    close: () => sessions.close(),
  };
}

function isSame(a: SftpTimes, b: SftpTimes | null): boolean {
  return b !== null && a.sizeBytes === b.sizeBytes && a.modifiedSeconds === b.modifiedSeconds;
}

/** Nothing of the URL may be taken for an option, nor lead out of a folder by an encoded slash. */
function targetOf(url: URL, shown: string): Target {
  const refuse = (reason: string): UsageError => new UsageError('USAGE', `${shown} ${reason}`);
  if (url.password !== '') throw refuse('has a password; ssh takes keys or an agent');
  const host = url.hostname.replace(/^\[(.*)\]$/u, '$1');
  if (!/^[\p{L}\p{N}_:.%][\p{L}\p{N}_:.%-]*$/u.test(host)) throw refuse('names no host');
  const user = decoded(url.username);
  const path = /%2f/iu.test(url.pathname) ? null : decoded(url.pathname);
  if (user === null || UNSAFE_USER.test(user)) throw refuse('has a user that ssh cannot take');
  if (path === null || path.length < 2 || path.includes('\0')) throw refuse('names no file');
  const port = url.port === '' ? [] : ['-p', url.port];
  const login = user === '' ? [] : ['-l', user];
  const words = [...port, ...login, ...keyOptions(url.searchParams)];
  return { path, args: [...words, '-s', '--', host, 'sftp'] };
}

/** As libvirt has them: virnetclient.c, virNetClientNewSSH. */
function keyOptions(query: URLSearchParams): readonly string[] {
  const keyFile = query.get('keyfile') ?? '';
  const isNamed = keyFile !== '' && !keyFile.includes('\0');
  const isUnverified = query.get('no_verify') === '1';
  return [
    ...(isNamed ? ['-i', keyFile] : []),
    ...(isUnverified ? ['-oStrictHostKeyChecking=no'] : []),
  ];
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

async function connect(
  { args, path }: Target,
  shown: string,
  options: RemoteOptions,
): Promise<SftpFile> {
  const [ssh = 'ssh', ...words] = sshWords();
  const fixed = [...ONLY_FILES, '-oBatchMode=yes', `-oConnectTimeout=${CONNECT_SECONDS}`];
  const own = [ssh, ...words, ...fixed, ...args];
  // It would wait for a server that says nothing also when nobody is there any more.
  const [program = ssh, ...rest] = boundCommand(own, { mayGainRights: true });
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (part: Buffer) => {
    if (stderr.length < MAX_STDERR_LENGTH) stderr += part.toString('utf8');
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      stderr += `${program} cannot be started: ${error.message}`;
      resolve();
    });
    child.once('close', () => resolve());
  });
  child.stdin.on('error', () => {}); // The reader of its output reports it.
  const end = (): void => {
    child.kill();
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    child.unref();
  };
  options.signal.addEventListener('abort', end, { once: true });
  try {
    return await openSftp(
      child.stdin,
      streamReader(child.stdout, shown, options),
      path,
      shown,
      end,
    );
  } catch (error) {
    // ssh closes its output before it ends; its stderr, complete only then, says why it ended.
    if (error instanceof LostError && error.code === 'IO') await ended;
    end();
    throw error instanceof LostError && stderr !== '' ? sshError(shown, stderr, error) : error;
  }
}

function sshWords(): readonly string[] {
  return (process.env.VIRT_DF_SSH ?? 'ssh').split(' ').filter((word) => word !== '');
}

function sshError(shown: string, stderr: string, cause: LostError): SourceError {
  const says = printable(stderr.trim().replace(/\s*\n\s*/gu, '; '), MAX_STDERR_LENGTH);
  const message = `${shown}: ssh says "${says}"`;
  if (/Permission denied|Host key verification failed|Too many auth/u.test(stderr)) {
    const hint = 'log in once with ssh, or give it a key';
    return new SourceError('PERMISSION', `${message}; ${hint}`, { cause });
  }
  if (/Could not resolve|cannot be started|failed to execute/u.test(stderr)) {
    return new SourceError('NOT_FOUND', message, { cause });
  }
  // What ssh warns of is not why there is no answer.
  const whole = cause.code === 'TIMEOUT' ? `${cause.message}; ssh says "${says}"` : message;
  return new LostError(cause.code, whole, { cause });
}
