// What a df of a disk over NBD costs in round trips.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncate, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scanImages } from '../../src/index.js';
import { MIB } from '../../src/limits.js';
import { missing, toolEnv } from '../tools.js';
import { folderOf, serve } from './servers.js';

const tools = { 'mkfs.ext4': 'e2fsprogs', 'mkfs.xfs': 'xfsprogs', 'qemu-nbd': 'qemu-utils' };
/** Two of the handshake; the beginning, the end with the signatures, what the filesystem names; all of it once more; goodbye. */
const MAX_TURNS = 7;
const QUIET_MS = 20;

interface Turns {
  count: number;
}

/** Passes on what a server says only when nobody has said anything for a while; counts how often the client speaks after that. */
async function slowed(t: TestContext, socketPath: string): Promise<{ turns: Turns; port: number }> {
  const turns = { count: 0 };
  const proxy = createServer((client) => {
    const server = connect(socketPath);
    let held: Buffer[] = [];
    let isAnswered = true;
    let timer: NodeJS.Timeout | null = null;
    const later = (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(() => {
        if (held.length > 0) isAnswered = true;
        for (const bytes of held) client.write(bytes);
        held = [];
      }, QUIET_MS);
    };
    client.on('data', (bytes) => {
      if (isAnswered) turns.count++;
      isAnswered = false;
      server.write(bytes);
      later();
    });
    server.on('data', (bytes) => {
      held.push(bytes);
      later();
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {}).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  return { turns, port: (proxy.address() as AddressInfo).port };
}

for (const type of ['ext4', 'xfs'] as const) {
  test(`a df of ${type} over nbd takes few round trips`, { skip: missing(tools) }, async (t) => {
    const folder = await folderOf(t);
    const [raw, socket] = [join(folder, 'raw'), join(folder, 'socket')];
    await writeFile(raw, '');
    await truncate(raw, 4096 * MIB);
    const lazy = type === 'ext4' ? ['-E', 'lazy_itable_init=1,lazy_journal_init=1'] : [];
    execFileSync(`mkfs.${type}`, ['-q', ...lazy, raw], { env: toolEnv });
    const words = ['qemu-nbd', '-r', '-t', '-e', '9', '-f', 'raw', '-k', socket, raw];
    await serve(t, words, socket);
    const { turns, port } = await slowed(t, socket);
    const [report] = await scanImages([`nbd://127.0.0.1:${port}/`]);
    assert.equal(report?.filesystems[0]?.problem, null);
    assert.ok(turns.count > 4 && turns.count <= MAX_TURNS, `${turns.count} round trips`);
  });
}
