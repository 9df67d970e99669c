// A disk that QEMU's block layer opens (iSCSI, Ceph's RBD, Gluster, NFS, FTP, NBD over TLS): a qemu-nbd is started for it, which
// exports it read-only on a socket of our own, ends with the connection and never outlives this process.
// References: qemu-nbd(8); QEMU block.c (BLK_PERM, force-share); environment: VIRT_DF_QEMU_NBD names another program.
import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, mkdtemp, open, rm, stat, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SourceError, UnsupportedError, type VirtDfError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { boundCommand } from '../bound-process.js';
import type { SourceHandle } from '../handle.js';
import { hostError } from '../host-error.js';
import { withoutSecrets } from '../location.js';
import { exportHandle, type NbdSession, openSession } from '../nbd/nbd.js';
import { LostError, type RemoteOptions, silenceLimitMs } from '../retry.js';
import { openSessions } from '../session.js';
import { type Blockdev, blockdevOf, PASSWORD_ID, TLS_ID } from './blockdev.js';

/** How long there is no look whether it listens. */
const LOOK_MS = 10;
const MAX_STDERR_LENGTH = 2000;
/** A socket's path has at most 107 bytes; our part of it has fewer than 40. */
const MAX_FOLDER_BYTES = 64;
/** The descriptor from which it reads the password. */
const PASSWORD_FD = 3;

/** @throws UsageError for a URL that says too little; UnsupportedError; SourceError NOT_FOUND, PERMISSION, IO, TIMEOUT. */
export async function openByQemu(url: URL, options: RemoteOptions): Promise<SourceHandle> {
  const shown = withoutSecrets(url.href);
  const blockdev = blockdevOf(url);
  const sessions = await openSessions(shown, options, () => exported(blockdev, shown, options));
  return exportHandle(shown, sessions);
}

/** A program and the connection to it, which end together. */
async function exported(
  blockdev: Blockdev,
  shown: string,
  options: RemoteOptions,
): Promise<NbdSession> {
  const base = tmpdir();
  const place = Buffer.byteLength(base) > MAX_FOLDER_BYTES ? '/tmp' : base;
  const folder = await mkdtemp(join(place, 'virt-df-')).catch((error) => {
    throw hostError(place, error);
  });
  try {
    return await connected(await started(blockdev, folder), socketIn(folder), shown, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function connected(
  program: Program,
  socket: string,
  shown: string,
  options: RemoteOptions,
): Promise<NbdSession> {
  const { signal } = options;
  const giveUp = () => program.child.kill('SIGKILL');
  signal.addEventListener('abort', giveUp, { once: true });
  program.ended.then(() => signal.removeEventListener('abort', giveUp));
  try {
    await listening(program, socket, shown, options);
    const session = await openSession({ path: socket }, '', shown, options);
    const end = () => {
      session.end();
      giveUp();
    };
    return { ...session, end };
  } catch (error) {
    giveUp();
    if (error instanceof LostError && error.code === 'IO') {
      await program.ended;
      throw program.problem(shown, error);
    }
    throw error;
  }
}

async function started(blockdev: Blockdev, folder: string): Promise<Program> {
  const own = await words(blockdev, folder);
  const secret = await secretFile(folder, blockdev.password);
  try {
    return start(own, secret?.fd ?? null);
  } finally {
    await secret?.close();
  }
}

function socketIn(folder: string): string {
  return join(folder, 'nbd');
}

/** What a guest that runs has locked is read all the same, as of a file. Nothing else than the protocol is QEMU's to read. */
async function words(
  { options, password, tls }: Blockdev,
  folder: string,
): Promise<readonly string[]> {
  const node = { driver: 'raw', 'read-only': true, 'force-share': true, file: options };
  const objects: string[] = [];
  if (password !== null) objects.push(`secret,id=${PASSWORD_ID},file=/dev/fd/${PASSWORD_FD}`);
  if (tls?.kind === 'x509') {
    objects.push(`tls-creds-x509,id=${TLS_ID},endpoint=client,dir=${value(resolve(tls.folder))}`);
  }
  if (tls?.kind === 'psk') {
    // QEMU wants a folder with a file of this name.
    await symlink(resolve(tls.file), join(folder, 'keys.psk'));
    const place = `dir=${value(folder)},username=${value(tls.user)}`;
    objects.push(`tls-creds-psk,id=${TLS_ID},endpoint=client,${place}`);
  }
  return [
    ...['--read-only', `--socket=${socketIn(folder)}`],
    ...objects.flatMap((object) => ['--object', object]),
    ...['--', `json:${JSON.stringify(node)}`],
  ];
}

/** A value within a list that commas part. */
function value(text: string): string {
  return text.replaceAll(',', ',,');
}

/** A password goes by a file without a name: no argument, no environment, and nothing that a killed process leaves has it. */
async function secretFile(folder: string, password: string | null): Promise<FileHandle | null> {
  if (password === null) return null;
  const path = join(folder, 'password');
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  await file.writeFile(password);
  return file;
}

interface Program {
  readonly child: ChildProcess;
  /** It has ended, and all that it says is here. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** What it says, as an error; `cause` where it says nothing. */
  problem(shown: string, cause: VirtDfError): VirtDfError;
}

function start(own: readonly string[], secret: number | null): Program {
  const name = process.env.VIRT_DF_QEMU_NBD || 'qemu-nbd';
  const [command = name, ...rest] = boundCommand([name, ...own], {});
  const child = spawn(command, rest, {
    stdio: ['ignore', 'ignore', 'pipe', secret ?? 'ignore'],
  });
  let stderr = '';
  let hasEnded = false;
  child.stderr?.on('data', (part: Buffer) => {
    if (stderr.length < MAX_STDERR_LENGTH) stderr += part.toString('utf8');
  });
  const ended = new Promise<void>((done) => {
    const end = (): void => {
      hasEnded = true;
      done();
    };
    child.once('error', (error) => {
      stderr += `${name} cannot be started: ${error.message}`;
      end();
    });
    child.once('close', end);
  });
  return {
    ...{ child, ended },
    hasEnded: () => hasEnded,
    problem: (shown, cause) => (stderr === '' ? cause : problemOf(shown, name, stderr, cause)),
  };
}

/** Waits until it listens, which it does when the disk is open. */
async function listening(
  program: Program,
  socket: string,
  shown: string,
  options: RemoteOptions,
): Promise<void> {
  const endMs = Date.now() + silenceLimitMs(options);
  while (!program.hasEnded()) {
    if (await isThere(socket)) return;
    if (options.signal.aborted) throw new SourceError('TIMEOUT', 'the guest was given up');
    if (Date.now() >= endMs) {
      throw new SourceError('TIMEOUT', `${shown}: the storage does not answer`);
    }
    await setTimeout(LOOK_MS);
  }
  throw new LostError('IO', `${shown}: qemu-nbd ended before it exported the disk`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch {
    return false;
  }
}

function problemOf(shown: string, name: string, stderr: string, cause: VirtDfError): VirtDfError {
  const all = stderr.trim().split(/\s*\n\s*/u);
  // What is said before that are notes of libraries.
  const own = all.filter((line) => line.startsWith('qemu-nbd:'));
  const lines = own.length === 0 ? all : own;
  const text = lines
    .join('; ')
    .replace(/qemu-nbd: (?:Failed to blk_new_open 'json:.*\}': )?/gu, '');
  const says = printable(withoutSecrets(text), MAX_STDERR_LENGTH);
  if (/cannot be started|failed to execute/u.test(says)) {
    const message = `${shown} is read by qemu-nbd, which is not installed (Debian: qemu-utils): ${says}`;
    return new SourceError('NOT_FOUND', message, { cause, data: { program: name } });
  }
  const message = `${shown}: qemu-nbd says "${says}"`;
  if (/Unknown (?:driver|protocol)|does not accept value|does not support/u.test(says)) {
    const hint = 'its driver may be a package of its own (Debian: qemu-block-extra)';
    return new UnsupportedError('UNSUPPORTED_DISK', `${message}; ${hint}`, { cause });
  }
  if (
    /No such file|not found|does not exist|No such (?:volume|target)|resolve host|UNIT_NOT_SUPPORTED|NFS3ERR_NOENT/iu.test(
      says,
    )
  ) {
    return new SourceError('NOT_FOUND', message, { cause });
  }
  if (/denied|not permitted|authenticat|authoriz|login failed/iu.test(says)) {
    return new SourceError('PERMISSION', message, { cause });
  }
  return new LostError('IO', message, { cause });
}
