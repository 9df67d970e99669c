// Two samples of a guest make its rates; one that was started anew between them has none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LibvirtError } from '../../src/errors.js';
import type { GuestReport } from '../../src/queries/report.js';
import { countersOf } from '../../src/queries/top/counters.js';
import { topAnswer } from '../../src/queries/top/rates.js';
import { fullByGuest } from '../../src/queries/top/slow.js';
import type { GuestSample, Sample } from '../../src/queries/top.js';

const URI = 'qemu:///system';
const HOST = { uri: URI, cpuCount: 4, memoryBytes: 8 * 2 ** 30 };

function sample(atMs: number, ...guests: readonly GuestSample[]): Sample {
  return { hosts: [HOST], guests, atMs };
}

function guest(
  atMs: number,
  fields: Readonly<Record<string, number | bigint | string>>,
): GuestSample {
  const definition = { name: 'web', uuid: 'u', state: null, uri: URI, disks: [], problem: null };
  return { guest: definition, counters: countersOf(fields), atMs, askedAtMs: atMs };
}

/** As virConnectGetAllDomainStats has them. */
function fields(cpuSeconds: number, written: bigint) {
  return {
    ...{ 'state.state': 1, 'state.reason': 1, 'cpu.time': BigInt(cpuSeconds * 1e9) },
    ...{ 'balloon.current': 1_048_576n, 'balloon.rss': 524_288n, 'vcpu.current': 2 },
    ...{ 'block.count': 2, 'block.0.name': 'vda', 'block.0.wr.bytes': written },
    ...{ 'block.0.wr.reqs': 10n, 'block.1.name': 'vdb', 'net.count': 2, 'net.0.name': 'vnet0' },
    ...{ 'net.0.rx.bytes': 4_000n, 'net.0.tx.bytes': 0n },
  };
}

test('rates are a second, of the time between the answers about this guest', () => {
  const first = sample(0, guest(1000, fields(10, 4096n)));
  const second = sample(9000, guest(3000, fields(12, 4096n + 2_000_001n)));
  assert.equal(topAnswer(first, null).guests[0]?.cpuPercent, null);
  const answer = topAnswer(second, first);
  const [web] = answer.guests;
  assert.equal(answer.seconds, 9);
  // A second of one of four processors each second.
  assert.deepEqual([web?.cpuPercent, web?.cpuSeconds, web?.vcpuCount], [25, 12, 2]);
  assert.deepEqual(
    [web?.memoryBytes, web?.memoryPercent, web?.residentBytes],
    [2 ** 30, 12.5, 2 ** 29],
  );
  assert.deepEqual(web?.disks, [
    { disk: 'vda', readRequests: null, writeRequests: 0, readBytes: null, writeBytes: 1_000_001 },
    { disk: 'vdb', readRequests: null, writeRequests: null, readBytes: null, writeBytes: null },
  ]);
  assert.deepEqual(
    web?.nets.map(({ net, receivedBytes, sentBytes }) => [net, receivedBytes, sentBytes]),
    [['vnet0', 0, 0]],
  );
});

test('a guest that was started anew has no rates, and one that hangs no numbers', () => {
  const first = sample(0, guest(1000, fields(10, 4096n)));
  const anew = topAnswer(sample(2000, guest(3000, fields(1, 0n))), first).guests[0];
  assert.deepEqual(
    [anew?.cpuPercent, anew?.disks[0]?.writeBytes, anew?.cpuSeconds],
    [null, null, 1],
  );
  const busier = topAnswer(sample(2000, guest(3000, fields(1, 9_000_000n))), first).guests[0];
  assert.deepEqual([busier?.cpuPercent, busier?.disks[0]?.writeBytes], [null, null]);
  const problem = new LibvirtError('TIMEOUT', 'it hangs');
  const [stopped] = sample(0, guest(3000, {})).guests;
  assert.ok(stopped);
  const hung = { ...stopped, guest: { ...stopped.guest, problem }, counters: null };
  const [row] = topAnswer(sample(2000, hung), first).guests;
  assert.deepEqual([row?.state, row?.cpuSeconds, row?.problems[0]?.code], [null, null, 'TIMEOUT']);
  const paused = guest(3000, { 'state.state': 3, 'state.reason': 5 });
  const [told] = topAnswer(sample(2000, paused), first).guests;
  assert.deepEqual([told?.state, told?.reason], ['paused', 'I/O error']);
});

test('filesystems: the fullest first, and how fast they grow', () => {
  const report = (usedBytes: number, otherBytes: number) => {
    const row = (device: string, used: number) => {
      const sizes = { sizeBytes: 1000, usedBytes: used, availBytes: 1000 - used };
      return { device, fsUuid: device, type: 'ext4', label: null, ...sizes };
    };
    const filesystems = [row('/dev/sda1', usedBytes), row('/dev/sda2', otherBytes)];
    // What else a report has nobody asks for here.
    return { guest: 'web', uuid: 'u', uri: URI, filesystems } as unknown as GuestReport;
  };
  const before = { reports: [report(500, 100)], atMs: 0 };
  const now = { reports: [report(600, 90)], atMs: 10_000 };
  const [[, found = []] = []] = [...fullByGuest(now, before)];
  assert.deepEqual(
    found.map(({ device, usePercent, growthBytes, fullInSeconds }) => {
      return [device, usePercent, growthBytes, fullInSeconds];
    }),
    [
      ['/dev/sda1', 60, 10, 40],
      ['/dev/sda2', 9, null, null],
    ],
  );
});
