// What a hostile agent says is cleaned and bounded; an answer that is none is an error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentFilesystems } from '../../../src/queries/agent/answer.js';
import { disks, fields, row, told } from './recorded.js';

test('an answer without fields is none: the agent stopped in the middle', () => {
  assert.throws(() => agentFilesystems({}), { code: 'AGENT', message: /in time/u });
  assert.deepEqual(agentFilesystems({ 'fs.count': 0 }), []);
});

test('counts are bounded', () => {
  for (const count of [5000, 2n ** 63n - 1n, -1, 1.5]) {
    assert.throws(() => agentFilesystems({ 'fs.count': count }), { code: /^(?:LIMIT|AGENT)$/u });
  }
  const [one] = agentFilesystems({
    'fs.count': 1,
    'fs.0.name': 'vda',
    'fs.0.disk.count': 2n ** 40n,
  });
  assert.equal(one?.disks.length, 256);
});

test('texts are cleaned and cut, and sizes that no disk has are unknown', () => {
  const [one] = agentFilesystems(
    fields([
      {
        ...{ name: `vda\u001b[2J${'x'.repeat(999)}`, mountpoint: `/a\n\u202e${'y'.repeat(9999)}` },
        ...{ fstype: 'ext4\u0007', 'total-bytes': 2n ** 64n - 1n, 'used-bytes': -1n },
        disks: [{ alias: 'vd\u0000a', serial: '\u200b' }],
      },
    ]),
  );
  const text = JSON.stringify(one);
  assert.ok(!/\p{C}|\\u00/u.test(text), text.slice(0, 200));
  assert.ok(text.length < 5000);
  assert.deepEqual([one?.totalBytes, one?.usedBytes], [null, null]);
});

test('mounts of one device are one, up to a number of paths; files that are mounted are none', () => {
  const mount = (index: number) => ({ name: 'vda', mountpoint: `/m${index}`, fstype: 'ext4' });
  const all = Array.from({ length: 200 }, (_, index) => mount(index));
  const found = agentFilesystems(
    fields([...all, { name: 'loop3', mountpoint: '/snap', fstype: 'squashfs' }]),
  );
  assert.deepEqual(
    found.map(({ name, mountpoints }) => [name, mountpoints.length, mountpoints[0]]),
    [['vda', 32, '/m0']],
  );
});

test('many that fit many take no time', () => {
  const rows = Array.from({ length: 4000 }, (_, index) =>
    row(`/dev/vg/${index}`, 'btrfs', index, 9),
  );
  const answer = Array.from({ length: 250 }, (_, index) => ({
    ...{ name: `dm-${index}`, mountpoint: `/${index}`, fstype: 'btrfs' },
    ...{ 'total-bytes': 99n, 'used-bytes': 1n },
  }));
  const beganMs = Date.now();
  const report = told(rows, disks('vda'), fields(answer));
  assert.equal(report.filesystems.length, 4000);
  assert.ok(Date.now() - beganMs < 5000);
});
