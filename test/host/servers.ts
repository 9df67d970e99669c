// Real servers on this machine's loopback, and ones that misbehave.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { toolEnv } from '../tools.js';

/** A directory that is removed after the test. */
export async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'virt-df-remote-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A program that runs until the test ends; waits until it takes connections. */
export async function serve(
  t: TestContext,
  argv: readonly string[],
  where: number | string,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  const [program = '', ...args] = argv;
  const child: ChildProcess = spawn(program, args, { env: toolEnv, stdio: 'ignore' });
  t.after(() => child.kill(signal));
  // As long as it takes on a busy machine; one that cannot listen ends.
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(where)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${program} ended before it listened at ${where}`);
}

function answers(where: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket =
      typeof where === 'number' ? connect(where, '127.0.0.1') : connect({ path: where });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** A server that answers each connection as it is told. */
export async function rogue(t: TestContext, talk: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** nginx on a free port, with these lines in its server block. */
export async function nginx(
  t: TestContext,
  folder: string,
  lines: string,
  listening: '' | 'ssl' = '',
): Promise<number> {
  const port = await freePort();
  const own = await folderOf(t);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${own}/${name};`)
    .join(' ');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const text = `daemon off; ${user} pid ${own}/pid; error_log /dev/null; events {}
    http { access_log off; ${temporary} server { listen 127.0.0.1:${port} ${listening}; root ${folder}; ${lines} } }`;
  const file = join(own, 'nginx.conf');
  await writeFile(file, text);
  await serve(t, ['nginx', '-c', file], port);
  return port;
}

/** A key of its own, for sshd or its user. */
export function sshKey(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path], { env: toolEnv });
}

/** A real sshd with keys of its own, `host` and `user` in the folder; `other` is a key that it does not know. @returns its port. */
export async function sshServer(t: TestContext, folder: string): Promise<number> {
  for (const name of ['host', 'user', 'other']) sshKey(join(folder, name));
  await copyFile(join(folder, 'user.pub'), join(folder, 'authorized'));
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const port = await freePort();
  const config = join(folder, 'sshd_config');
  await writeFile(
    config,
    `ListenAddress 127.0.0.1\nPort ${port}\nHostKey ${folder}/host\nAuthorizedKeysFile ${folder}/authorized\n` +
      // A shell's start-up files may do anything.
      `SetEnv HOME=${folder}\n` +
      'StrictModes no\nPidFile none\nSubsystem sftp internal-sftp\nPasswordAuthentication no\n',
  );
  await serve(t, ['/usr/sbin/sshd', '-D', '-f', config], port);
  return port;
}
