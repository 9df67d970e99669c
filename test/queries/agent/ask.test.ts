// Agents of many guests, by connections that are made up: one that hangs or fails costs its own guest alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LibvirtError } from '../../../src/errors.js';
import type { JobConnection } from '../../../src/guests/libvirt/job-connection.js';
import type { Fields } from '../../../src/guests/libvirt/job-protocol.js';
import { withAgents } from '../../../src/queries/agent/ask.js';
import type { GuestReport } from '../../../src/queries/report.js';
import { disks, fields, row } from './recorded.js';

const URI = 'test:///made-up';

function guest(
  name: string,
  state: string | null = 'running',
  uri: string | null = URI,
): GuestReport {
  return {
    ...{
      guest: name,
      uuid: uri === null ? null : name,
      state,
      uri,
      partFiles: [],
      volumes: [],
      problems: [],
    },
    statistics: { readCount: 0, bytesRead: 0 },
    agent: 'connected',
    disks: disks('vda'),
    filesystems: [row('/dev/sda', 'ext4', 1, 99)],
  };
}

const ANSWER = fields([
  {
    ...{ name: 'vda', mountpoint: '/', fstype: 'ext4', 'total-bytes': 100n, 'used-bytes': 5n },
    disks: [{ alias: 'vda' }],
  },
]);

/** Connections whose agents answer so. */
function lenders(answerOf: (uuid: string) => Promise<Fields>) {
  const made = { count: 0 };
  const take = async (): Promise<JobConnection> => {
    made.count += 1;
    let isBroken = false;
    let fail = (_: Error): void => {};
    const ask = (_: string, { uuid }: { uuid: string }) =>
      new Promise<Fields>((resolve, reject) => {
        fail = reject;
        answerOf(uuid).then(resolve, reject);
      });
    return {
      ...{ uri: URI, calls: new Map(), ask, isBroken: () => isBroken },
      giveUp() {
        isBroken = true;
        fail(new LibvirtError('TIMEOUT', 'ended'));
      },
    } as unknown as JobConnection;
  };
  return { made, connections: { take, release: async () => {} } };
}

function limits() {
  const left = new Set<string>();
  return {
    left,
    set: (_: string, uuid: string) => left.add(uuid),
    lifted: (_: string, uuid: string) => left.delete(uuid),
  };
}

const query = { mode: 'prefer', uris: [URI], timeoutSeconds: 2 } as const;

test('one that hangs holds up no other, and what was set for it is known', async () => {
  const all = Array.from({ length: 30 }, (_, index) => guest(`g${index}`));
  const own = limits();
  const { connections } = lenders((uuid) =>
    uuid === 'g0' ? new Promise(() => {}) : Promise.resolve(ANSWER),
  );
  const reports = await withAgents(all, query, { connections, limits: own });
  assert.deepEqual(
    reports.map(({ problems: [problem] }) => problem?.code ?? null),
    ['TIMEOUT', ...Array(29).fill(null)],
  );
  assert.deepEqual(
    reports.map(({ filesystems: [one] }) => one?.usedBytes),
    [1, ...Array(29).fill(5)],
  );
  assert.deepEqual([...own.left], ['g0']);
});

test('what libvirt says of an agent is said with the way out', async () => {
  for (const [libvirtCode, said] of [
    [74, /has no channel for an agent/u],
    [86, /was not started/u],
    [1, /odd$/u],
  ] as const) {
    const failure = new LibvirtError('LIBVIRT', 'odd', { data: { libvirtCode } });
    const own = limits();
    const { connections } = lenders(() => Promise.reject(failure));
    const [report] = await withAgents([guest('g')], query, { connections, limits: own });
    assert.equal(report?.problems[0]?.code, 'AGENT');
    assert.match(report?.problems[0]?.message ?? '', said);
    assert.equal(own.left.size, 0);
  }
});

test('a libvirt that takes no connection is one problem, and not one for each guest', async () => {
  const failure = new LibvirtError('LIBVIRT_CONNECT', 'refused');
  const connections = { take: () => Promise.reject(failure), release: async () => {} };
  const reports = await withAgents([guest('a'), guest('b')], query, {
    connections,
    limits: limits(),
  });
  assert.deepEqual(
    reports.map(({ guest: name, problems: [problem] }) => [name, problem?.message ?? null]),
    [
      ['a', null],
      ['b', null],
      [URI, 'the agents of 2 guests are not asked: refused'],
    ],
  );
});

test('who has no agent is not asked', async () => {
  const { made, connections } = lenders(() => Promise.resolve(ANSWER));
  const { agent: _, ...without } = guest('without');
  const idle = { ...guest('idle'), agent: 'disconnected' } as const;
  const off = [guest('off', 'shut off'), guest('paused', 'paused'), guest('image', null, null)];
  const all = [...off, idle, without];
  const codes = async (mode: 'prefer' | 'only') => {
    const reports = await withAgents(all, { ...query, mode }, { connections, limits: limits() });
    return reports.map(({ problems: [problem] }) => problem?.code ?? null);
  };
  assert.deepEqual(await codes('prefer'), [null, 'AGENT', null, 'AGENT', 'AGENT']);
  assert.deepEqual(await codes('only'), Array(5).fill('AGENT'));
  assert.equal(made.count, 0);
});

test('an answer that is none is a problem, whatever it is', async () => {
  for (const answer of [
    {},
    { 'fs.count': -1 },
    { 'fs.count': 'many' },
    { 'fs.count': 10n ** 12n },
  ]) {
    const { connections } = lenders(() => Promise.resolve(answer as Fields));
    const [report] = await withAgents([guest('g')], query, { connections, limits: limits() });
    assert.match(report?.problems[0]?.code ?? '', /^(?:AGENT|LIMIT)$/u);
    assert.equal(report?.filesystems[0]?.usedBytes, 1);
  }
});
