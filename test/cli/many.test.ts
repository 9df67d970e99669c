// More guests than are read in one process: what is said of them is what is said of each alone, those that hang cost nobody
// anything, and no process is left behind.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { missing } from '../tools.js';
import { BIN, ENV, EXT4, GPT, noImages, virtDf, XFS } from './support.js';

const image = (name: string) => resolve(`images/${name}.qcow2`);
const MANY = [
  EXT4,
  XFS,
  GPT,
  image('btrfs-default'),
  image('mbr-logical'),
  image('lvm-linear.1'),
  image('luks2-partition'),
  image('ext4-dirty'),
  image('udf-hd'),
  '/nonexistent/a.img',
  'ceph://pool/image',
  image('swap-4k'),
].filter((path) => !path.startsWith('/') || existsSync(path) || path.startsWith('/nonexistent'));
const COMMANDS = [['df', '--key', 'all:key:wrong'], ['tree'], ['chain']];

function guestsOf(command: readonly string[], images: readonly string[]) {
  const { stdout } = virtDf([...command, '--json', ...images.flatMap((path) => ['-t', path])]);
  const { guests, filesystems, volumes, problems } = JSON.parse(stdout);
  // Only where the whole run finds none it is said of a guest.
  const isSaid = ({ code }: { code: string }) => code !== 'NO_FILESYSTEM';
  return { guests, filesystems, volumes, problems: problems.filter(isSaid) };
}

for (const command of COMMANDS) {
  test(`${command.join(' ')} says of many what it says of each`, { skip: noImages }, () => {
    assert.ok(MANY.length > 8);
    const together = guestsOf(command, MANY);
    const alone = MANY.map((path) => guestsOf(command, [path]));
    for (const part of ['guests', 'filesystems', 'volumes', 'problems'] as const) {
      assert.deepEqual(
        together[part],
        together[part] && alone.flatMap((one) => one[part] ?? []),
        part,
      );
    }
  });
}

test('--debug says what the processes may do', { skip: noImages }, () => {
  const { stderr } = virtDf([...Array(9).fill(['-t', EXT4]).flat(), '--debug']);
  assert.match(
    stderr,
    /^virt-df: a process that reads guests (?:can write no file and run no program \(Landlock \d+\)|is nobody, who can read any file|has the rights of this one)(?:, and is nobody, who can read any file)?$/mu,
  );
});

/** A server that takes connections and says nothing. */
async function silentServer(): Promise<{ server: Server; url: string }> {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, url: `nbd://127.0.0.1:${port}` };
}

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function silentGuests(count: number): Promise<readonly string[]> {
  const { server, url } = await silentServer();
  servers.push(server.unref());
  return Array.from({ length: count }, (_, index) => ['-t', `${url}/${index}`]).flat();
}

const isRead = ({ problem }: { problem: object | null }) => problem === null;
const isLate = ({ code }: { code: string }) => code === 'TIMEOUT';

test('servers that do not answer hold up nobody', { skip: noImages }, async () => {
  const args = [...(await silentGuests(20)), ...Array(30).fill(['-t', EXT4]).flat()];
  const { stdout, code } = await run([...args, '--timeout', '4', '--json']);
  const { filesystems, problems } = JSON.parse(stdout);
  assert.equal(filesystems.filter(isRead).length, 30);
  assert.equal(problems.filter(isLate).length, 20);
  assert.equal(code, 1);
});

test('--deadline ends a run with what was found', { skip: noImages }, async () => {
  for (const count of [2, 12]) {
    // On a busy machine the processes take seconds to start, and the good one is the last that they are given.
    const args = [...(await silentGuests(count)), '-t', EXT4, '--deadline', '8', '--csv'];
    const { stdout, code } = await run(args);
    assert.match(stdout, /ext4-default\.qcow2,.*,ext4,/u);
    assert.equal(stdout.match(/TIMEOUT/gu)?.length, count);
    assert.equal(code, 1);
  }
});

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** The server is in this process, which must not be blocked. */
async function run(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], { env: ENV });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { stdout, stderr, code };
}

/** The processes of this parent, from /proc. */
function childrenOf(pid: number): readonly number[] {
  const words = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return words === '' ? [] : words.split(' ').map((word) => Number.parseInt(word, 10));
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let count = 0; count < 400; count++) {
    if (isSo()) return;
    await sleep(50);
  }
  assert.fail(`${what}: not within 20 s`);
}

const noProc = existsSync('/proc/self/task') ? false : 'needs /proc';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test(`no process is left after ${signal}`, { skip: noProc }, async () => {
    const args = [...(await silentGuests(12)), '--timeout', '0'];
    const child: ChildProcess = spawn(process.execPath, [BIN, ...args], { env: ENV });
    const pid = child.pid ?? assert.fail();
    await until(() => childrenOf(pid).length > 0, 'a process that reads guests');
    const readers = childrenOf(pid);
    child.kill(signal);
    await once(child, 'exit');
    await until(() => readers.every((one) => !existsSync(`/proc/${one}`)), 'the end of all');
  });
}

const noFuse =
  missing({ 'qemu-storage-daemon': 'qemu-system-common', 'mkfs.ext4': 'e2fsprogs' }) ||
  (existsSync('/dev/fuse') ? false : 'needs /dev/fuse');

for (const count of [1, 9]) {
  test(`${count} images on storage that stopped answering`, { skip: noFuse }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'stuck-'));
    const good = join(folder, 'good.raw');
    execFileSync('truncate', ['-s', '64M', good]);
    execFileSync('mkfs.ext4', ['-q', good]);
    const stuck = Array.from({ length: count }, (_, index) => join(folder, `stuck-${index}`));
    for (const path of stuck) writeFileSync(path, '');
    const exports = stuck.flatMap((mountpoint, index) => [
      '--export',
      `type=fuse,id=e${index},node-name=f,mountpoint=${mountpoint},writable=off`,
    ]);
    const node = `driver=file,node-name=f,filename=${good},read-only=on`;
    const daemon = spawn('qemu-storage-daemon', ['--blockdev', node, ...exports]);
    let said = '';
    daemon.stderr.on('data', (text: Buffer) => {
      said += text;
    });
    try {
      const mounts = () => readFileSync('/proc/self/mounts', 'latin1').split(folder).length - 1;
      await until(() => mounts() === count || daemon.exitCode !== null, 'the FUSE exports');
      if (daemon.exitCode !== null) return t.skip(`qemu cannot export by FUSE here: ${said}`);
      daemon.kill('SIGSTOP');
      const args = [...stuck, good].flatMap((path) => ['-t', path]);
      const { stdout, code } = await run([...args, '--timeout', '2', '--csv']);
      assert.match(stdout, /^good\.raw,.*,ext4,/mu);
      assert.deepEqual([stdout.match(/TIMEOUT/gu)?.length, code], [count, 1]);
    } finally {
      // SIGTERM would wait for the reads that were given up.
      daemon.kill('SIGKILL');
      if (daemon.signalCode === null && daemon.exitCode === null) await once(daemon, 'exit');
      for (const path of stuck) spawnSync('umount', ['-l', path]);
      rmSync(folder, { recursive: true });
    }
  });
}
