// What asking a daemon costs, and what is left when it answers no more: libvirt's test driver behind a real libvirtd, through a
// proxy that counts what the client asks, and stalls or closes after some of it.
// References: https://libvirt.org/kbase/internals/rpc.html (a packet begins with its length, 4 bytes); https://libvirt.org/drvtest.html
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, connect as dial, type Server } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type LibvirtQuery, listLibvirtGuests } from '../../src/guests/libvirt.js';
import { missingQemu, temporaryFolder } from './fixtures.js';

const DAEMON = '/run/libvirt/libvirt-sock-ro';
const DOMAINS = 320;
const LENGTH_BYTES = 4;
const TIMEOUT_SECONDS = 5;
const ENDED_AFTER = 200;
/** Beside a request for each domain's XML: what opening, listing and closing cost. */
const MOST_BESIDE = 10;

interface Proxy {
  readonly socket: string;
  /** Packets of the client so far. */
  requestCount(): number;
  readonly server: Server;
}

/** @param end what happens to a client after so many requests; null: they all go through. */
function proxy(
  socket: string,
  end: { readonly after: number; readonly how: 'stall' | 'close' } | null,
): Proxy {
  let count = 0;
  const server = createServer((client) => {
    const daemon = dial(DAEMON);
    daemon.on('error', () => client.destroy()).pipe(client);
    let waiting = Buffer.alloc(0);
    client.on('close', () => daemon.destroy()).on('error', () => daemon.destroy());
    client.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= LENGTH_BYTES) {
        const length = waiting.readUInt32BE(0);
        if (waiting.length < length) return;
        count++;
        if (end !== null && count > end.after) {
          if (end.how === 'close') client.destroy();
          return;
        }
        daemon.write(waiting.subarray(0, length));
        waiting = waiting.subarray(length);
      }
    });
  });
  server.listen(socket);
  server.unref();
  return { socket, requestCount: () => count, server };
}

describe('a daemon that is asked for many domains', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
    folder.remove();
  });
  const words = ['running', 'paused', 'shut off', 'crashed'] as const;
  const states = [1, 3, 5, 6];
  /** One is in a state that no list is of. */
  const kindOf = (i: number) => (i === 7 ? 3 : i % 3);
  const domains = Array.from({ length: DOMAINS }, (_, i) => {
    const state = `<test:runstate>${states[kindOf(i)]}</test:runstate>`;
    return `<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
      <name>g${i}</name><memory>65536</memory><os><type>hvm</type></os>${state}</domain>`;
  });
  const file = join(folder.path, 'node.xml');
  writeFileSync(file, `<node>${domains.join('')}</node>`);

  function through(end: Parameters<typeof proxy>[1], name: string) {
    const made = proxy(join(folder.path, `${name}.sock`), end);
    servers.push(made.server);
    const uris = [`test+unix://${file}?socket=${made.socket}`];
    const list = (query: Partial<LibvirtQuery> = {}) =>
      listLibvirtGuests({ uris, all: true, select: [], timeoutSeconds: 60, ...query });
    return { made, uris, list };
  }

  test('one that is named costs no request for the others', async (t) => {
    const { made, list } = through(null, 'one');
    const found = await list({ select: ['g7'] });
    assert.deepEqual(
      found.map(({ name, state }) => [name, state]),
      [['g7', 'crashed']],
    );
    t.diagnostic(`${made.requestCount()} requests`);
    assert.ok(made.requestCount() <= 8, `${made.requestCount()} requests`);
  });

  test('all cost a request each, and their states few', async (t) => {
    const { made, list } = through(null, 'all');
    const found = await list();
    for (const { name, state } of found) {
      assert.equal(state, words[kindOf(Number(name.slice(1)))], name);
    }
    assert.equal(found.length, DOMAINS);
    t.diagnostic(`${made.requestCount()} requests`);
    assert.ok(made.requestCount() <= DOMAINS + MOST_BESIDE, `${made.requestCount()} requests`);
  });

  for (const how of ['stall', 'close'] as const) {
    test(`after ${ENDED_AFTER} requests it ${how}s: what was heard, and a row for the URI`, async () => {
      const { uris, list } = through({ after: ENDED_AFTER, how }, how);
      const startMs = performance.now();
      const found = [...(await list({ timeoutSeconds: TIMEOUT_SECONDS }))];
      const tookMs = performance.now() - startMs;
      const [problem] = found.splice(-1);
      const sound = found.filter((guest) => guest.problem === null);
      const isMost = found.length >= ENDED_AFTER - MOST_BESIDE;
      assert.ok(sound.length === found.length && isMost, `${found.length} guests`);
      assert.equal(problem?.problem?.code, how === 'stall' ? 'TIMEOUT' : 'LIBVIRT_CONNECT');
      assert.equal(problem?.name, uris[0]);
      const count = DOMAINS - found.length;
      assert.match(
        problem?.problem?.message ?? '',
        new RegExp(`^${count} guests are not read, of`),
      );
      assert.ok(tookMs < (TIMEOUT_SECONDS + 3) * 1000, `${tookMs} ms`);
    });
  }
});
