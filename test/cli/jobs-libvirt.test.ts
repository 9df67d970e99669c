// `virt-df jobs` at a real libvirtd with real qemu domains (TCG); virsh is the judge of each poll.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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
const DEADLINE_MS = 20_000;
/** A busy machine takes longer than a guest may that hangs. */
const COMMON = ['-c', QEMU, '--timeout', '60'];

describe('virt-df jobs', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  const [still, writing] = [`${prefix}still`, `${prefix}writing`];
  const mounted = at('small');
  let xmlBefore = '';

  before(() => {
    mkdirSync(mounted);
    run('mount', '-t', 'tmpfs', '-o', 'size=2M,mode=777', 'tmpfs', mounted);
    for (const [name, format] of [
      ['a.raw', 'raw'],
      ['b.qcow2', 'qcow2'],
    ] as const) {
      run('qemu-img', 'create', '-q', '-f', format, at(name), '8M');
      run('qemu-io', '-f', format, '-c', 'write -q -P 1 0 4M', at(name));
    }
    makeWritingDisk(at('writing.raw'));
    define('still', disk(at('a.raw'), 'raw', 'vda') + disk(at('b.qcow2'), 'qcow2', 'vdb'));
    define('writing', disk(at('writing.raw'), 'raw', 'vda'));
    chmodSync(folder.path, 0o777);
    virsh('start', '--paused', still);
    virsh('start', '--paused', writing);
    xmlBefore = virsh('dumpxml', still) + virsh('dumpxml', writing);
  });

  after(() => {
    removeAll();
    run('umount', mounted);
    folder.remove();
  });

  function poll(domain: string, status: number): Guest {
    const { output, guest } = polled([domain], status);
    assert.deepEqual(output.problems, []);
    return guest;
  }

  function polled(args: readonly string[], status: number) {
    const result = df(['jobs', '--json', ...COMMON, ...args]);
    assert.equal(result.status, status, result.stdout + result.stderr);
    const output: Output = JSON.parse(result.stdout);
    assert.deepEqual(violations(schema, '#', output), []);
    const [guest] = output.guests;
    assert.ok(guest);
    return { output, guest };
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
      Object.entries(rest).map(([name, value]) => [name, value === true ? '1' : String(value)]),
    );
  }

  const WORDS: Readonly<Record<string, string>> = {
    backup: 'Backup',
    copy: 'Block Copy',
    pull: 'Block Pull',
    commit: 'Block Commit',
    'active commit': 'Active Block Commit',
  };

  function assertAsVirsh(domain: string, { disk, type, cur, end, bandwidth_bytes }: DiskJob): void {
    const text = virsh('blockjob', domain, disk, '--raw', '--bytes');
    const fields = [...text.matchAll(/^ ?(\w+)=(.*)$/gmu)].map(([, name, value]) => [name, value]);
    assert.deepEqual(Object.fromEntries(fields), {
      type: WORDS[type],
      bandwidth: String(bandwidth_bytes ?? 0),
      cur: String(cur),
      end: String(end),
    });
  }

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

  test('a backup that is pulled: each number is virsh’s, and the record stays when it has ended', () => {
    backup(still, 'pull', { vda: at('vda.scratch'), vdb: at('vdb.scratch') });
    const { jobs, stop } = poll(still, 0);
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
    for (const one of job?.disks ?? []) assertAsVirsh(still, one);
    const stats = virsh('domstats', still, '--block', '--backing');
    const sizes =
      /path=.*vdb\.scratch\n(?:.*\n)*?.*allocation=(\d+)\n.*capacity=(\d+)\n.*physical=(\d+)/u;
    const [, allocation, capacity, physical] = sizes.exec(stats)?.map((text) => Number(text)) ?? [];
    const { filesystem, left_bytes, growth_bytes, ...file } = job?.disks[1]?.file ?? {};
    assert.deepEqual(file, {
      role: 'scratch',
      path: at('vdb.scratch'),
      capacity_bytes: capacity,
      allocation_bytes: allocation,
      physical_bytes: physical,
      full_in_seconds: null,
    });
    assert.ok(Number(left_bytes) > 0 && filesystem !== null && growth_bytes === null);

    virsh('domjobabort', still);
    const [ended] = poll(still, 0).jobs;
    assert.deepEqual([ended?.state, ended?.error], ['completed', 'Operation canceled']);
    const [again] = poll(still, 0).jobs;
    assert.deepEqual(again, ended);
    const kept = statsOf(still, '--completed', '--keep-completed', '--anystats');
    assert.deepEqual(withoutTime(ended?.fields ?? {}), kept);
  });

  test('a scratch file without room stops the guest, and the row that says so is first', async () => {
    backup(writing, 'pull', { vda: join(mounted, 'vda.scratch') });
    virsh('resume', writing);
    const endMs = Date.now() + DEADLINE_MS;
    while (!virsh('domstate', writing, '--reason').includes('I/O error')) {
      assert.ok(Date.now() < endMs, 'it is stopped');
      await sleep(100);
    }
    assert.match(virsh('domjobinfo', writing), /^Job type: +Unbounded/u);
    const { guest, output } = polled([still, writing], 1);
    assert.deepEqual(output.problems, []);
    assert.equal(guest.guest, writing);
    assert.deepEqual([guest.state, guest.paused_reason], ['paused', 'I/O error']);
    assert.equal(guest.stop?.kind, 'stopped');
    assert.match(guest.stop?.message ?? '', /vda: no space; the scratch file of vda, .*no room$/u);
    assert.deepEqual(guest.disk_errors, [{ disk: 'vda', error: 'no space' }]);
    const [job] = guest.jobs;
    assert.deepEqual(withoutTime(job?.fields ?? {}), statsOf(writing));
    for (const one of job?.disks ?? []) assertAsVirsh(writing, one);
    const text = df(['jobs', ...COMMON, still, writing]);
    assert.equal(text.status, 1);
    const [, row = ''] = text.stdout.split('\n');
    assert.match(row, new RegExp(`^${writing} +- +- +STOPPED .*no space; the scratch file`, 'u'));
  });

  test('nothing is changed by asking', () => {
    virsh('domjobabort', writing);
    assert.equal(virsh('dumpxml', still) + virsh('dumpxml', writing), xmlBefore);
  });
});
