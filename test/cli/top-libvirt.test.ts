// `virt-df top` at a real libvirtd with real qemu domains (TCG); virsh is the judge of what is counted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { keptConnections } from '../../src/guests/libvirt/kept-connections.js';
import type { Counters } from '../../src/queries/top/counters.js';
import { topAnswer } from '../../src/queries/top/rates.js';
import { type Sample, topSample } from '../../src/queries/top.js';
import { makeExt4, missingQemu, QEMU, qemuDomains, temporaryFolder } from '../guests/fixtures.js';
import { makeWritingDisk } from '../guests/writing-guest.js';
import { violations } from '../report/schema.js';
import { df, disk, json } from './libvirt-rows.js';

const schema: unknown = JSON.parse(readFileSync('docs/virt-df-top-1.schema.json', 'utf8'));
/** Where two processors have fifteen programs, a BIOS takes half a minute. */
const DEADLINE_MS = 120_000;
const HANG_SECONDS = 2;

describe('virt-df top', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  const [busy, other] = [`${prefix}busy`, `${prefix}other`];
  const connections = keptConnections();

  before(() => {
    const writing = join(folder.path, 'busy.raw');
    makeWritingDisk(writing);
    const still = makeExt4(join(folder.path, 'other.raw'), 'other');
    virsh('start', '--paused', define('busy', disk(writing, 'raw', 'vda')));
    virsh('start', '--paused', define('other', disk(still, 'raw', 'vda')));
  });

  after(async () => {
    await connections.close();
    removeAll();
    folder.remove();
  });

  function sample(previous: Sample | null, timeoutSeconds = 60): Promise<Sample> {
    const query = { uris: [QEMU], all: false, select: [busy, other], timeoutSeconds };
    return topSample(query, previous, connections);
  }

  const countersIn = ({ guests }: Sample, name: string): Counters | null | undefined =>
    guests.find(({ guest }) => guest.name === name)?.counters;

  /** What virsh has of the same. */
  function virshCounters(name: string) {
    const text = virsh('domstats', name);
    const of = (field: string) => {
      const [, value] = new RegExp(`${field.replaceAll('.', '\\.')}=(\\d+)`, 'u').exec(text) ?? [];
      return value === undefined ? null : Number(value);
    };
    return {
      ...{ state: of('state.state'), reason: of('state.reason'), vcpuCount: of('vcpu.current') },
      memoryBytes: Number(of('balloon.current')) * 1024,
      disks: [
        {
          ...{
            disk: 'vda',
            readRequests: of('block.0.rd.reqs'),
            readBytes: of('block.0.rd.bytes'),
          },
          ...{ writeRequests: of('block.0.wr.reqs'), writeBytes: of('block.0.wr.bytes') },
        },
      ],
    };
  }

  test('the counters are virsh’s, and two samples make the rates', async () => {
    const first = await sample(null);
    virsh('resume', busy);
    const endMs = Date.now() + DEADLINE_MS;
    while ((virshCounters(busy).disks[0]?.writeBytes ?? 0) === 0) {
      assert.ok(Date.now() < endMs, 'it writes');
      await sleep(200);
    }
    virsh('suspend', busy);
    const second = await sample(first);
    for (const name of [busy, other]) {
      const { state, reason, vcpuCount, memoryBytes, disks } = countersIn(second, name) ?? {};
      assert.deepEqual({ state, reason, vcpuCount, memoryBytes, disks }, virshCounters(name));
    }
    const cpu = Number(/cpu\.time=(\d+)/u.exec(virsh('domstats', busy))?.[1]);
    const before = countersIn(first, busy)?.cpuNanoseconds ?? 0;
    const after = countersIn(second, busy)?.cpuNanoseconds ?? 0;
    assert.ok(0 < before && before <= after && after <= cpu, `${before} ${after} ${cpu}`);
    const answer = topAnswer(second, first);
    const [rates] = answer.guests.find(({ guest }) => guest === busy)?.disks ?? [];
    const [one, two] = [first, second].map(({ guests }) =>
      guests.find(({ guest }) => guest.name === busy),
    );
    const seconds = ((two?.atMs ?? 0) - (one?.atMs ?? 0)) / 1000;
    const written = countersIn(second, busy)?.disks[0]?.writeBytes ?? 0;
    assert.ok(written > 0);
    assert.equal(rates?.writeBytes, Math.round(written / seconds));
    assert.equal(
      answer.hosts[0]?.cpuCount,
      Number(/CPU\(s\): +(\d+)/u.exec(virsh('nodeinfo'))?.[1]),
    );
  });

  test('once: with the filesystems as df has them, and why a guest stands still', () => {
    const args = ['top', '-c', QEMU, '--json', '--timeout', '60', other];
    const { status, stdout, stderr } = df(args);
    assert.equal(status, 0, stderr);
    const output = JSON.parse(stdout);
    assert.deepEqual(violations(schema, '#', output), []);
    const [row] = json(['-c', QEMU, other], 0).filesystems;
    const [guest] = output.guests;
    assert.deepEqual([guest.state, guest.paused_reason, guest.jobs], ['paused', 'user', []]);
    const [found] = guest.filesystems;
    assert.deepEqual(
      [found.device, found.label, found.used_bytes, found.avail_bytes],
      [row?.device, row?.label, row?.used_bytes, row?.avail_bytes],
    );
  });

  test('a hypervisor that does not answer costs its own row, and is left alone for a while', async () => {
    const pid = Number(readFileSync(`/run/libvirt/qemu/${other}.pid`, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    try {
      const first = await sample(null, HANG_SECONDS);
      const codes = (found: Sample) => found.guests.map(({ guest }) => guest.problem?.code ?? null);
      assert.deepEqual(codes(first), [null, 'TIMEOUT']);
      assert.ok(countersIn(first, busy));
      const startMs = performance.now();
      const second = await sample(first, HANG_SECONDS);
      assert.ok(performance.now() - startMs < HANG_SECONDS * 1000);
      assert.deepEqual(codes(second), [null, 'TIMEOUT']);
      assert.equal(second.guests[1]?.atMs, first.guests[1]?.atMs);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
