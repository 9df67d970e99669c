// `virt-df jobs` at a real libvirtd with real qemu domains (TCG); virsh is the judge of each poll. One process would cost as much as
// ten polls, so that most are asked for here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { keptConnections } from '../../src/guests/libvirt/kept-connections.js';
import { MIB } from '../../src/limits.js';
import type { JobsReport } from '../../src/queries/jobs/record.js';
import { jobsOf } from '../../src/queries/jobs.js';
import { jobsJson } from '../../src/report/jobs/json.js';
import { missingQemu, QEMU, qemuDomains, run, temporaryFolder } from '../guests/fixtures.js';
import { makeWritingDisk } from '../guests/writing-guest.js';
import { violations } from '../report/schema.js';
import { df, disk } from './libvirt-rows.js';

interface DiskJob {
  readonly disk: string;
  readonly type: string;
  readonly meaning: string;
  readonly cur: number;
  readonly end: number;
  readonly bandwidth_bytes: number | null;
  readonly ready: boolean | null;
  readonly file: Readonly<Record<string, unknown>> | null;
}

interface Job {
  readonly operation: string;
  readonly mode: string | null;
  readonly state: string;
  readonly error: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly disk_temp_used_bytes: number | null;
  readonly memory: { readonly total_bytes: number } | null;
  readonly disks: readonly DiskJob[];
}

interface Guest {
  readonly guest: string;
  readonly state: string;
  readonly paused_reason: string | null;
  readonly stop: { readonly kind: string; readonly message: string } | null;
  readonly warnings: readonly { readonly seconds: number }[];
  readonly disk_errors: readonly unknown[];
  readonly jobs: readonly Job[];
}

interface Output {
  readonly guests: readonly Guest[];
  readonly problems: readonly { readonly guest: string; readonly code: string }[];
}

const schema: unknown = JSON.parse(readFileSync('docs/virt-df-jobs-1.schema.json', 'utf8'));
/** Where two processors have fifteen programs, a BIOS takes half a minute. */
const DEADLINE_MS = 120_000;
const HANG_SECONDS = 4;
/** A busy machine takes longer than a guest may that hangs. */
const COMMON = ['-c', QEMU, '--timeout', '60'];

describe('virt-df jobs', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  const [still, writing] = [`${prefix}still`, `${prefix}writing`];
  const mounted = at('small');
  const connections = keptConnections();

  before(() => {
    mkdirSync(mounted);
    run('mount', '-t', 'tmpfs', '-o', 'size=2M,mode=777', 'tmpfs', mounted);
    // More than a copy takes at once, whatever its limit: 16 MiB.
    writeFileSync(at('a.raw'), Buffer.alloc(24 * MIB, 1));
    run('qemu-img', 'create', '-q', '-f', 'qcow2', at('b.qcow2'), '8M');
    run('qemu-io', '-f', 'qcow2', '-c', 'write -q -P 1 0 4M', at('b.qcow2'));
    makeWritingDisk(at('writing.raw'));
    define('still', disk(at('a.raw'), 'raw', 'vda') + disk(at('b.qcow2'), 'qcow2', 'vdb'));
    define('writing', disk(at('writing.raw'), 'raw', 'vda'));
    chmodSync(folder.path, 0o777);
    virsh('start', '--paused', still);
    virsh('start', '--paused', writing);
  });

  after(async () => {
    await connections.close();
    removeAll();
    run('umount', mounted);
    folder.remove();
  });

  async function poll(...select: readonly string[]): Promise<Guest> {
    const output = await polled(...select);
    assert.deepEqual(output.problems, []);
    const [guest] = output.guests;
    assert.ok(guest);
    return guest;
  }

  function report(
    timeoutSeconds: number,
    previous: readonly JobsReport[],
    ...select: readonly string[]
  ) {
    return jobsOf({ uris: [QEMU], all: false, select, timeoutSeconds }, previous, connections);
  }

  async function polled(...select: readonly string[]): Promise<Output> {
    const info = { version: '', generatedAt: new Date().toISOString(), host: '' };
    const output: Output = JSON.parse(jobsJson(await report(60, [], ...select), info));
    assert.deepEqual(violations(schema, '#', output), []);
    return output;
  }

  /** `name: 123` of virsh, but for the time, which goes on. */
  function statsOf(domain: string, ...options: readonly string[]) {
    const text = virsh('domjobinfo', domain, '--rawstats', ...options);
    const pairs = [...text.matchAll(/^(\w+): (.*)$/gmu)];
    return withoutTime(
      Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.trim()])),
    );
  }

  function withoutTime(fields: Readonly<Record<string, unknown>>) {
    const { time_elapsed: _, ...rest } = fields;
    return Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [
        name,
        // virsh has 1 and 0.
        typeof value === 'boolean' ? String(Number(value)) : String(value),
      ]),
    );
  }

  const WORDS: Readonly<Record<string, string>> = {
    backup: 'Backup',
    copy: 'Block Copy',
    pull: 'Block Pull',
    commit: 'Block Commit',
    'active commit': 'Active Block Commit',
  };

  function blockJobOf(domain: string, disk: string): Readonly<Record<string, string>> {
    const text = virsh('blockjob', domain, disk, '--raw', '--bytes');
    const fields = [...text.matchAll(/^ ?(\w+)=(.*)$/gmu)];
    return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
  }

  /** The job of a disk in virsh's words. */
  function asVirsh({ type, cur, end, bandwidth_bytes }: DiskJob) {
    const bandwidth = String(bandwidth_bytes ?? 0);
    return { type: WORDS[type], bandwidth, cur: String(cur), end: String(end) };
  }

  /** What does not go on is equal; of what does, ours lies between virsh's before and after it. */
  function assertBetween<T extends Readonly<Record<string, string | undefined>>>(
    before: T,
    ours: Readonly<Record<string, string | undefined>>,
    after: T,
  ): void {
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(before).sort());
    for (const [name, value] of Object.entries(ours)) {
      const ends = [before[name], after[name]];
      const [low = 0, high = 0] = ends.map((end) => Number(end)).sort((a, b) => a - b);
      if (low === high || Number.isNaN(low)) assert.equal(value, ends[0], name);
      else assert.ok(low <= Number(value) && Number(value) <= high, `${name}: ${ends} ${value}`);
    }
  }

  async function until(isSo: () => boolean): Promise<void> {
    const endMs = Date.now() + DEADLINE_MS;
    while (!isSo()) {
      assert.ok(Date.now() < endMs, 'it comes to pass');
      await sleep(200);
    }
  }

  const hasNoJob = (domain: string) => () => /^Job type: +None/u.test(virsh('domjobinfo', domain));

  function backup(domain: string, mode: 'pull' | 'push', files: Readonly<Record<string, string>>) {
    const role = mode === 'pull' ? 'scratch' : 'target';
    const server = `<server transport='unix' socket='${at(`${domain}.sock`)}'/>`;
    const disks = Object.entries(files).map(
      ([name, path]) =>
        `<disk name='${name}' backup='yes' type='file'><driver type='qcow2'/><${role} file='${path}'/></disk>`,
    );
    const xml = at(`${domain}.backup.xml`);
    writeFileSync(
      xml,
      `<domainbackup mode='${mode}'>${mode === 'pull' ? server : ''}<disks>${disks.join('')}</disks></domainbackup>`,
    );
    virsh('backup-begin', domain, xml);
  }

  test('a backup that is pulled: each number is virsh’s, and the record stays when it has ended', async () => {
    backup(still, 'pull', { vda: at('vda.scratch'), vdb: at('vdb.scratch') });
    const { jobs, stop } = await poll(still);
    const [job] = jobs;
    assert.equal(stop, null);
    assert.deepEqual(
      jobs.map(({ operation, mode, state }) => [operation, mode, state]),
      [['backup', 'pull', 'running']],
    );
    assert.deepEqual(withoutTime(job?.fields ?? {}), statsOf(still));
    assert.deepEqual(
      job?.disks.map(({ disk, meaning }) => [disk, meaning]),
      [
        ['vda', 'preserved'],
        ['vdb', 'preserved'],
      ],
    );
    for (const one of job?.disks ?? []) assert.deepEqual(asVirsh(one), blockJobOf(still, one.disk));
    const stats = virsh('domstats', still, '--block', '--backing');
    const sizes =
      /path=.*vdb\.scratch\n(?:.*\n)*?.*allocation=(\d+)\n.*capacity=(\d+)\n.*physical=(\d+)/u;
    const [, allocation, capacity, physical] = sizes.exec(stats)?.map((text) => Number(text)) ?? [];
    const { filesystem, left_bytes, growth_bytes, ...file } = job?.disks[1]?.file ?? {};
    assert.deepEqual(file, {
      role: 'scratch',
      path: at('vdb.scratch'),
      device: false,
      capacity_bytes: capacity,
      allocation_bytes: allocation,
      physical_bytes: physical,
      full_in_seconds: null,
    });
    assert.ok(Number(left_bytes) > 0 && filesystem !== null && growth_bytes === null);

    virsh('domjobabort', still);
    await until(hasNoJob(still));
    const [ended] = (await poll(still)).jobs;
    assert.deepEqual([ended?.state, ended?.error], ['completed', 'Operation canceled']);
    const [again] = (await poll(still)).jobs;
    assert.deepEqual(again, ended);
    const kept = statsOf(still, '--completed', '--keep-completed', '--anystats');
    assert.deepEqual(withoutTime(ended?.fields ?? {}), kept);
  });

  test('a scratch file without room stops the guest, and the row that says so is first', async () => {
    backup(writing, 'pull', { vda: join(mounted, 'vda.scratch') });
    virsh('resume', writing);
    await until(() => virsh('domstate', writing, '--reason').includes('I/O error'));
    assert.match(virsh('domjobinfo', writing), /^Job type: +Unbounded/u);
    const guest = await poll(still, writing);
    assert.equal(guest.guest, writing);
    assert.deepEqual([guest.state, guest.paused_reason], ['paused', 'I/O error']);
    assert.equal(guest.stop?.kind, 'stopped');
    assert.match(guest.stop?.message ?? '', /vda: no space; the scratch file of vda, .*no room$/u);
    assert.deepEqual(guest.disk_errors, [{ disk: 'vda', error: 'no space' }]);
    const [job] = guest.jobs;
    assert.deepEqual(withoutTime(job?.fields ?? {}), statsOf(writing));
    for (const one of job?.disks ?? [])
      assert.deepEqual(asVirsh(one), blockJobOf(writing, one.disk));
    const text = df(['jobs', ...COMMON, still, writing]);
    assert.equal(text.status, 1);
    const [, row = ''] = text.stdout.split('\n');
    assert.match(row, new RegExp(`^${writing} +- +- +STOPPED .*no space; the scratch file`, 'u'));
  });

  test('a hypervisor that does not answer costs its own row', async () => {
    const pid = Number(readFileSync(`/run/libvirt/qemu/${writing}.pid`, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    try {
      const startMs = performance.now();
      const first = await report(HANG_SECONDS, [], writing, still);
      const tookMs = performance.now() - startMs;
      assert.ok(tookMs < (HANG_SECONDS + 5) * 1000, `${tookMs} ms`);
      const of = (reports: typeof first, name: string) =>
        reports.find(({ guest }) => guest === name);
      assert.deepEqual(
        first.flatMap(({ problems }) => problems.map(({ guest, code }) => [guest, code])),
        [[writing, 'TIMEOUT']],
      );
      assert.equal(of(first, still)?.jobs[0]?.state, 'completed');
      // It is left alone for a while: each question would hold a thread of libvirtd.
      const second = await report(HANG_SECONDS, first, writing, still);
      assert.deepEqual(of(second, writing), of(first, writing));
      assert.notEqual(of(second, still)?.askedAtMs, of(first, still)?.askedAtMs);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('a guest that ended with its job has the record of it', async () => {
    virsh('destroy', writing);
    const { state, stop, jobs } = await poll(writing);
    assert.deepEqual([state, stop], ['shut off', null]);
    const record = ['--completed', '--keep-completed', '--anystats'];
    const [job] = jobs;
    assert.equal(job?.operation, 'backup');
    assert.deepEqual(withoutTime(job?.fields ?? {}), statsOf(writing, ...record));
    const [, type] = /^Job type: +(\w+)/u.exec(virsh('domjobinfo', writing, ...record)) ?? [];
    assert.equal(job?.state, type?.toLowerCase());
  });

  test('jobs of disks, of which no job call tells: a copy that becomes a mirror, a commit, a pull', async () => {
    const slow = ['--bandwidth', '1', '--bytes'];
    const only = async (disk: string) => {
      const before = blockJobOf(still, disk);
      const { jobs } = await poll(still);
      const after = blockJobOf(still, disk);
      const [job, ended] = jobs;
      const [one] = job?.disks ?? [];
      assert.ok(job && one && ended?.operation === 'backup' && jobs.length === 2);
      assert.equal(one.disk, disk);
      assertBetween(before, asVirsh(one), after);
      return { state: job.state, operation: job.operation, ...one };
    };
    virsh('blockcopy', still, 'vda', at('copy.raw'), ...slow, '--format', 'raw', '--transient-job');
    const xml = virsh('dumpxml', still);
    const copy = await only('vda');
    assert.deepEqual([copy.operation, copy.state, copy.ready], ['copy', 'running', false]);
    assert.deepEqual([copy.file?.role, copy.file?.path], ['target', at('copy.raw')]);
    assert.equal(virsh('dumpxml', still), xml);
    virsh('blockjob', still, 'vda', '--bandwidth', '0');
    await until(() => virsh('dumpxml', still).includes("ready='yes'"));
    const mirror = await only('vda');
    assert.deepEqual([mirror.state, mirror.ready], ['ready', true]);
    virsh('blockjob', still, 'vda', '--abort');

    const spec = ['--diskspec', `vdb,file=${at('top.qcow2')}`, '--diskspec', 'vda,snapshot=no'];
    virsh('snapshot-create-as', still, 's', '--disk-only', '--atomic', '--no-metadata', ...spec);
    virsh('blockpull', still, 'vdb', ...slow);
    const pull = await only('vdb');
    assert.deepEqual([pull.operation, pull.meaning, pull.ready], ['pull', 'offset', null]);
    virsh('blockjob', still, 'vdb', '--abort');
    const device = '/machine/peripheral/virtio-disk1/virtio-backend';
    virsh('qemu-monitor-command', still, '--hmp', `qemu-io -d ${device} "write 0 2M"`);
    virsh('blockcommit', still, 'vdb', '--active', ...slow);
    const commit = await only('vdb');
    assert.deepEqual([commit.operation, commit.meaning], ['active commit', 'written']);
    virsh('blockjob', still, 'vdb', '--abort');
  });

  test('a dump while it runs: bytes of memory', async () => {
    const pipe = at('pipe');
    run('mkfifo', pipe);
    // Who opens it and does not read it stops the dump in its middle.
    const reader = spawn('sh', ['-c', `exec sleep 60 <'${pipe}'`], { stdio: 'ignore' });
    const dump = spawn('virsh', ['-c', QEMU, 'dump', still, '--memory-only', pipe], {
      stdio: 'ignore',
    });
    try {
      await until(() => Number(statsOf(still).memory_processed ?? 0) > 0);
      const before = statsOf(still);
      const [job] = (await poll(still)).jobs;
      assert.deepEqual([job?.operation, job?.state], ['dump', 'running']);
      assertBetween(before, withoutTime(job?.fields ?? {}), statsOf(still));
      assert.equal(job?.memory?.total_bytes, job?.fields.memory_total);
    } finally {
      const ended = once(dump, 'exit');
      reader.kill();
      await ended;
    }
  });
});
