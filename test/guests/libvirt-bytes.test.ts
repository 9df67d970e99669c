// Disks of another host, read through its libvirt: the machine's own libvirtd behind a port, so that its host counts as another one.
// The kernel's numbers are the judge, and a proxy that counts round trips of 20 ms, or stalls.
// References: https://libvirt.org/kbase/internals/rpc.html
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type GuestReport, scanLibvirt } from '../../src/index.js';
import { toolEnv } from '../tools.js';
import { missingQemu, qemuDomains, run, temporaryFolder } from './fixtures.js';

const DAEMON = '/run/libvirt/libvirt-sock';
const ROUND_TRIP_MS = 20;
/** Beyond connecting, of the listing and of the reading together. */
const MOST_ROUND_TRIPS = 40;
/** Round trips of a connection until it can be asked: features, authentication, opening. */
const CONNECTING = 4;
/** Of a server that stalls. */
const TIMEOUT_SECONDS = 4;
const PATIENCE_SECONDS = 60;

interface Proxy {
  readonly uri: string;
  /** Of each connection, how often the client sent something after it had heard something. */
  readonly turns: number[];
  readonly server: Server;
}

/** @param stallAfterBytes what a client is sent of the daemon's answers; null: all. */
async function proxy(stallAfterBytes: number | null = null): Promise<Proxy> {
  const turns: number[] = [];
  const server = createServer((client) => {
    const daemon = dial(DAEMON);
    const index = turns.push(0) - 1;
    let [isHeard, sentBytes] = [true, 0];
    const later = (work: () => void) => setTimeout(work, ROUND_TRIP_MS / 2);
    client.on('data', (bytes: Buffer) => {
      if (isHeard) turns[index] = (turns[index] ?? 0) + 1;
      isHeard = false;
      later(() => daemon.write(bytes));
    });
    daemon.on('data', (bytes: Buffer) => {
      sentBytes += bytes.length;
      if (stallAfterBytes !== null && sentBytes > stallAfterBytes) return;
      later(() => {
        isHeard = true;
        client.write(bytes);
      });
    });
    for (const [one, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => later(() => other.destroy()));
    }
  });
  server.unref();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { uri: `qemu+tcp://127.0.0.1:${port}/system`, turns, server };
}

/** The numbers of df, by device, as the kernel gave them inside. */
function expected(): Record<string, readonly number[]> {
  const { filesystems } = JSON.parse(readFileSync('images/lvm-linear.expected.json', 'utf8'));
  return Object.fromEntries(
    (filesystems as readonly { device: string; guest: Record<string, number> }[]).map((row) => {
      const { f_frsize = 0, f_blocks = 0, f_bfree = 0, f_bavail = 0 } = row.guest;
      return [row.device, [f_blocks, f_bfree, f_bavail].map((blocks) => blocks * f_frsize)];
    }),
  );
}

function numbers({ filesystems }: GuestReport): Record<string, readonly (number | null)[]> {
  return Object.fromEntries(
    filesystems.map((row) => [row.device, [row.sizeBytes, row.freeBytes, row.availBytes]]),
  );
}

describe('disks of another host through its libvirt', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  const pool = `${prefix}pool`;
  const servers: Server[] = [];
  const disk = (name: string, format: string, target: string) =>
    `<disk type='file'><driver name='qemu' type='${format}'/>
      <source file='${join(folder.path, name)}'/><target dev='${target}' bus='virtio'/></disk>`;
  let [chain, raw] = ['', ''];

  before(() => {
    const [base, second] = ['images/lvm-linear.1.qcow2', 'images/lvm-linear.2.qcow2'];
    const at = (name: string) => join(folder.path, name);
    run('qemu-img', 'convert', '-O', 'qcow2', base, at('base.qcow2'));
    const backing = ['-b', at('base.qcow2'), '-F', 'qcow2'];
    run('qemu-img', 'create', '-q', '-f', 'qcow2', ...backing, at('top.qcow2'));
    run('qemu-img', 'convert', '-O', 'raw', base, at('first.raw'));
    run('qemu-img', 'convert', '-O', 'raw', second, at('second.raw'));
    // A file that was just written is read again at the end: somebody may be writing to it.
    for (const name of ['base.qcow2', 'top.qcow2', 'first.raw', 'second.raw']) {
      run('touch', '-d', '2020-01-01', at(name));
    }
    virsh('pool-create-as', pool, 'dir', '--target', folder.path);
    chain = define('chain', disk('top.qcow2', 'qcow2', 'vda') + disk('second.raw', 'raw', 'vdb'));
    raw = define('raw', disk('first.raw', 'raw', 'vda') + disk('second.raw', 'raw', 'vdb'));
    // libvirt names the files behind the first one of a domain that runs.
    virsh('start', '--paused', chain);
  });

  after(() => {
    removeAll();
    try {
      virsh('pool-destroy', pool);
    } catch {
      // A test did.
    }
    for (const server of servers) server.close();
    folder.remove();
  });

  async function scan(select: readonly string[], stallAfterBytes: number | null = null) {
    const through = await proxy(stallAfterBytes);
    servers.push(through.server);
    const timeoutSeconds = stallAfterBytes === null ? PATIENCE_SECONDS : TIMEOUT_SECONDS;
    const options = { uris: [through.uri], select, timeoutSeconds };
    const [report, other] = await scanLibvirt(options);
    assert.ok(report);
    return { report, other, turns: through.turns };
  }

  test('volumes, a chain of them too, give what the kernel counts, in few round trips', async (t) => {
    const { report, turns } = await scan([chain]);
    assert.deepEqual(numbers(report), expected());
    assert.deepEqual(
      report.disks.map(({ access, layerCount }) => [access, layerCount]),
      [
        ['volume', 2],
        ['volume', 1],
      ],
    );
    const count = turns.reduce((sum, one) => sum + one - CONNECTING, 0);
    t.diagnostic(`${count} round trips beyond connecting: ${turns}`);
    assert.equal(turns.length, 2);
    assert.ok(count <= MOST_ROUND_TRIPS, `${count} round trips`);
  });

  test('a server that stalls costs a guest its rows, within its time', async () => {
    const startMs = performance.now();
    const { report } = await scan([raw], 200_000);
    const tookMs = performance.now() - startMs;
    assert.ok(report.problems.some(({ code }) => code === 'TIMEOUT'));
    assert.ok(tookMs < (TIMEOUT_SECONDS + 3) * 1000, `${tookMs} ms`);
  });

  test('a file of this host that its user may not read comes so too', async () => {
    const { uri, server } = await proxy();
    servers.push(server);
    const [name, home] = [join(folder.path, 'first.raw'), join(folder.path, 'home')];
    run('chmod', '600', name);
    run('mkdir', '--mode=700', home);
    const args = ['dist/virt-df.js', '--same-host', '--csv', '-c', uri, raw];
    const asNobody = async (...more: readonly string[]) => {
      const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--', process.execPath];
      const ended = promisify(execFile)('setpriv', [...user, ...args, ...more], {
        // As su(1) and setpriv(1) leave it: the home of another, closed to this user.
        env: { ...toolEnv, HOME: home },
      });
      return ended.then(
        ({ stdout }) => stdout,
        ({ stdout }: { stdout: string }) => stdout,
      );
    };
    const columns = ['--output', 'device,access,size_bytes,problem'];
    const [size] = expected()['/dev/sda1'] ?? [];
    assert.ok((await asNobody(...columns)).includes(`/dev/sda1,volume,${size},\n`));
    assert.match(await asNobody(...columns, '--read-only-connection'), /PERMISSION: .*first\.raw/u);
  });

  test('a raw disk that is no volume is peeked at; a qcow2 says what would help', async () => {
    virsh('pool-destroy', pool);
    const { report: unread, other: report } = await scan([chain, raw]);
    assert.ok(report);
    assert.deepEqual(numbers(report), expected());
    assert.deepEqual(
      report.disks.map(({ access }) => access),
      ['peek', 'peek'],
    );
    const [first] = unread.problems;
    assert.equal(first?.code, 'UNSUPPORTED_DISK');
    assert.match(first?.message ?? '', /in no active storage pool.*pool-create-as/u);
  });
});
