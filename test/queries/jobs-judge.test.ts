// What `virt-df jobs` makes of the numbers: speeds, and when a guest will stop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainJobs } from '../../src/guests/libvirt/domain-jobs.js';
import { MIB } from '../../src/limits.js';
import { judged } from '../../src/queries/jobs/judge.js';
import type { DiskJobRecord, JobRecord, JobsReport } from '../../src/queries/jobs/record.js';
import { withSpeeds } from '../../src/queries/jobs/speed.js';
import { jobRecords } from '../../src/queries/jobs/translate.js';

const BACKUP = 5;
const NOW_MS = 1_000_000;

interface Given {
  readonly mode?: 'pull' | 'push';
  readonly curMib?: number;
  readonly endMib?: number;
  readonly physicalMib?: number;
  readonly leftMib?: number;
  readonly elapsedMs?: number;
  readonly askedAtMs?: number;
  readonly guest?: string;
  readonly type?: 'file' | 'block';
}

/** A guest with a backup of one disk, as libvirt would tell it. */
function report(given: Given): JobsReport {
  const { mode = 'pull', curMib = 10, endMib = 100, physicalMib = curMib, leftMib = 50 } = given;
  const { elapsedMs = 10_000, askedAtMs = NOW_MS, guest = 'web', type = 'file' } = given;
  const bytes = (mib: number) => BigInt(mib * MIB);
  const role = mode === 'pull' ? 'scratch' : 'target';
  const told: DomainJobs = {
    state: { state: 1, reason: 1 },
    current: { type: 2, fields: { operation: 9, time_elapsed: BigInt(elapsedMs) } },
    ended: null,
    disks: [
      {
        disk: 'vda',
        info: { type: BACKUP, bandwidth: 0n, cur: bytes(curMib), end: bytes(endMib) },
      },
    ],
    backup: {
      mode,
      isIncremental: false,
      disks: [{ disk: 'vda', role, path: '/s/vda', type, format: 'qcow2', index: '5' }],
    },
    mirrors: [],
    diskErrors: [],
    blockStats: {
      'block.count': 2,
      'block.0.name': 'vda',
      'block.0.backingIndex': 2,
      'block.0.physical': 1n,
      'block.1.name': 'vda',
      'block.1.backingIndex': 5,
      'block.1.allocation': bytes(curMib),
      'block.1.physical': bytes(physicalMib),
    },
    untold: [],
    askedAtMs,
  };
  const availBytes = leftMib * MIB;
  const filesystem = { device: '7', sizeBytes: 1000 * MIB, availBytes };
  const withFile = (disk: DiskJobRecord): DiskJobRecord =>
    disk.file === null || disk.file.isDevice
      ? disk
      : { ...disk, file: { ...disk.file, filesystem, leftBytes: availBytes } };
  const jobs = jobRecords(told).map(
    (job): JobRecord => ({ ...job, disks: job.disks.map(withFile) }),
  );
  const header = { guest, uuid: guest, state: 'running', uri: 'qemu:///system', askedAtMs };
  return { ...header, reason: null, stop: null, warnings: [], diskErrors: [], jobs, problems: [] };
}

const judge = (reports: readonly JobsReport[], before: readonly JobsReport[] = []) =>
  judged(withSpeeds(reports, before));
const diskOf = (one: JobsReport | undefined) => one?.jobs[0]?.disks[0];

test('the file is the one of its number among the rows of libvirt', () => {
  assert.equal(diskOf(report({ physicalMib: 3 }))?.file?.physicalBytes, 3 * MIB);
});

test('the first poll has the mean since the beginning, the next what was done since', () => {
  const first = judge([report({})]);
  assert.equal(diskOf(first[0])?.rateBytes, MIB);
  const next = report({ curMib: 20, physicalMib: 12, elapsedMs: 12_000, askedAtMs: NOW_MS + 2000 });
  const second = judge([next], first);
  assert.equal(diskOf(second[0])?.rateBytes, 5 * MIB);
  assert.equal(diskOf(second[0])?.file?.growthBytes, MIB);
  // Another backup, which began since.
  const anew = report({ curMib: 20, elapsedMs: 1000, askedAtMs: NOW_MS + 2000 });
  assert.equal(diskOf(judge([anew], first)[0])?.rateBytes, 20 * MIB);
});

test('a scratch file that will have no room is warned of, with the time; all files of its filesystem take part', () => {
  const [one] = judge([report({})]);
  assert.deepEqual(
    one?.warnings.map(({ disk, seconds }) => [disk, seconds]),
    [['vda', 50]],
  );
  assert.match(one?.warnings[0]?.message ?? '', /the guest stops when \/s\/vda has no room/u);
  const two = judge([report({ guest: 'a' }), report({ guest: 'b' })]);
  assert.deepEqual(
    two.map(({ warnings }) => warnings[0]?.seconds),
    [25, 25],
  );
});

test('of a device what is written counts, and its size is the room', () => {
  const [one] = judge([report({ type: 'block', physicalMib: 40 })]);
  const file = diskOf(one)?.file;
  assert.deepEqual([file?.leftBytes, file?.growthBytes], [30 * MIB, MIB]);
  assert.deepEqual(
    one?.warnings.map(({ seconds }) => seconds),
    [30],
  );
});

test('no warning where all that can be saved has room, or nothing grows', () => {
  for (const given of [{ leftMib: 90 }, { curMib: 0, physicalMib: 1, leftMib: 10 }]) {
    assert.deepEqual(judge([report(given)])[0]?.warnings, []);
  }
});

test('a push that ends in time is no reason to warn, and one that does not fails', () => {
  const pushed = { mode: 'push', curMib: 10, endMib: 40 } as const;
  assert.deepEqual(judge([report({ ...pushed, physicalMib: 1, leftMib: 20 })])[0]?.warnings, []);
  const [late] = judge([report({ ...pushed, leftMib: 20 })]);
  assert.match(late?.warnings[0]?.message ?? '', /^the job fails when/u);
});

test('guests that stop come first: stopped, with an error, or with no room for another cluster', () => {
  const full = report({ guest: 'full', leftMib: 0 });
  const failed = {
    ...report({ guest: 'error', leftMib: 900 }),
    diskErrors: [{ disk: 'vdb', error: 'no space' }],
  };
  const stopped = { ...report({ guest: 'stopped', leftMib: 900 }), reason: 'I/O error' };
  const fine = report({ guest: 'fine', leftMib: 900 });
  const warned = report({ guest: 'warned' });
  const all = judge([fine, warned, full, failed, stopped]);
  assert.deepEqual(
    all.map(({ guest, stop }) => [guest, stop?.kind ?? null]),
    [
      ['full', 'full'],
      ['error', 'error'],
      ['stopped', 'stopped'],
      // Both grow on one filesystem.
      ['warned', null],
      ['fine', null],
    ],
  );
  assert.match(all[0]?.stop?.message ?? '', /^the guest stops when it writes next: the scratch/u);
});

test('a scratch file that has all of its disk needs no room', () => {
  const [all] = judge([report({ curMib: 100, endMib: 100, leftMib: 0 })]);
  assert.deepEqual([all?.stop, all?.warnings], [null, []]);
});

test('a user’s pause is no stop', () => {
  assert.equal(judge([{ ...report({}), reason: 'user' }])[0]?.stop, null);
});
