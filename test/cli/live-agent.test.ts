// virt-df --live of a guest that runs, whose agent answers, and stops. One boot serves all tests, which are about moments in its life;
// scripts/check-live-guest.mjs compares at many.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  type AgentGuest,
  DEVICES,
  kernelNumbers,
  missingAgentGuest,
  numbersOf,
  printed,
  startAgentGuest,
} from '../guests/agent-guest.js';
import { temporaryFolder } from '../guests/fixtures.js';
import { df } from './libvirt-rows.js';

/** Where libvirt keeps what it knows of a domain that runs. */
const STATUS = '/run/libvirt/qemu';

describe('virt-df --live', { skip: missingAgentGuest() }, () => {
  const folder = temporaryFolder();
  let guest: AgentGuest;

  before(async () => {
    guest = await startAgentGuest(folder.path, `virtdf-test-${process.pid}-agent`);
  });

  after(() => {
    guest?.remove();
    folder.remove();
  });

  /** null: this libvirt does not keep it there. */
  const agentTimeout = () => {
    const path = `${STATUS}/${guest.name}.xml`;
    if (!existsSync(path)) return null;
    return /<agentTimeout>(.*)<\/agentTimeout>/u.exec(readFileSync(path, 'utf8'))?.[1] ?? '-2';
  };
  const definition = () =>
    createHash('sha256').update(guest.virsh('dumpxml', guest.name)).digest('hex');

  test('after sync all filesystems are equal to df inside, by disk and by agent', async () => {
    const before = definition();
    const kernel = await kernelNumbers(guest);
    const live = printed(guest, '--live').rows;
    assert.deepEqual(Object.keys(kernel).sort(), Object.values(DEVICES).sort());
    assert.deepEqual(numbersOf(printed(guest).rows), kernel);
    assert.deepEqual(numbersOf(live), kernel);
    assert.deepEqual(
      Object.fromEntries(
        live.map(({ device, mountpoint, live: { match = '', mountpoints = [] } = {} }) => [
          device,
          [mountpoint, match, mountpoints.slice(1)],
        ]),
      ),
      {
        '/dev/sda1': ['/mnt/part', 'device', ['/mnt/bind']],
        '/dev/sdb': ['/mnt/xfs', 'device', ['/mnt/again']],
        '/dev/vg/one': ['/mnt/one', 'numbers', []],
        '/dev/vg/two': ['/mnt/two', 'numbers', []],
        '/dev/sdd': ['/mnt/btrfs', 'device', []],
      },
    );
    assert.ok(live.every(({ basis, stale }) => basis === 'agent' && !stale));
    assert.equal(definition(), before);
    assert.ok(['-2', null].includes(agentTimeout()));
  });

  test('in between the agent has the numbers of now, and the disk those of a moment since the sync', async () => {
    const synced = await kernelNumbers(guest);
    await guest.inside(
      'for d in part xfs one; do dd if=/dev/urandom of=/mnt/$d/new bs=64k count=64; done',
    );
    const now = await kernelNumbers(guest);
    const written = printed(guest, '--live').rows;
    for (const { device, used_bytes, live } of written) {
      const [then, used] = [synced[device]?.used ?? 0, now[device]?.used ?? 0];
      const isOfAgent = live?.match !== 'ambiguous';
      if (isOfAgent) assert.equal(used_bytes, used, device);
      const disk = (isOfAgent ? live?.disk_used_bytes : used_bytes) ?? 0;
      assert.ok(Math.min(then, used) <= disk && disk <= Math.max(then, used), device);
    }
    await guest.inside('sync');
    const again = await kernelNumbers(guest);
    const { rows } = printed(guest, '--live');
    assert.deepEqual(numbersOf(rows), again);
    assert.ok(rows.every(({ used_bytes, live }) => live?.disk_used_bytes === used_bytes));
  });

  test('with `only` no disk is read', async () => {
    const kernel = await kernelNumbers(guest);
    const { rows, reads, status } = printed(guest, '--live=only');
    assert.deepEqual([reads, status], [0, 0]);
    const used = Object.entries(kernel).map(([device, own]) => [
      Object.entries(DEVICES).find(([, name]) => name === device)?.[0],
      own.used,
      own.avail,
    ]);
    const own = rows.map(({ mountpoint, used_bytes, avail_bytes }) => [
      mountpoint,
      used_bytes,
      avail_bytes,
    ]);
    assert.deepEqual(own.sort(), used.sort());
  });

  test('an agent that stopped is a problem of its guest, whose disks are read', async () => {
    await guest.inside(
      '(sleep 1; kill -STOP $(pidof qemu-ga); sleep 6; kill -CONT $(pidof qemu-ga)) >/dev/null 2>&1 </dev/null &',
    );
    await guest.inside('sleep 0');
    const beganMs = Date.now();
    const { status, rows, problems } = await stopped();
    assert.ok(Date.now() - beganMs < 30_000);
    assert.equal(status, 1);
    assert.deepEqual(
      problems.map(({ device, code }) => [device, code]),
      [[null, 'AGENT']],
    );
    assert.equal(rows.length, Object.keys(DEVICES).length);
    assert.ok(rows.every(({ basis, mountpoint }) => basis !== 'agent' && mountpoint === null));
    assert.ok(['-2', null].includes(agentTimeout()));
  });

  /** When it has stopped, a second later. */
  const stopped = async () => {
    const endMs = Date.now() + 30_000;
    for (;;) {
      const answer = printed(guest, '--live', '--timeout', '4');
      if (answer.problems.length > 0 || Date.now() > endMs) return answer;
    }
  };

  test('a connection that cannot write is not enough', () => {
    const { status, stderr } = df(['-d', guest.name, '--live', '--read-only-connection']);
    assert.equal(status, 2);
    assert.match(stderr, /--read-only-connection forbids it/u);
  });
});
