// What a hostile agent says is cleaned and bounded; an answer that is none is an error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentFilesystems } from '../../../src/queries/agent/answer.js';
import { disks, fields, found, row, told } from './recorded.js';

test('an answer without fields is none: the agent stopped in the middle', () => {
  assert.throws(() => agentFilesystems({}), { code: 'AGENT', message: /in time/u });
  assert.deepEqual(agentFilesystems({ 'fs.count': 0 }), []);
});

test('counts are bounded', () => {
  for (const count of [20_000, 2n ** 63n - 1n, -1, 1.5]) {
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

test('many that fit many are too many, which is found at once', () => {
  const answer = (count: number) =>
    fields(
      Array.from({ length: count }, (_, index) => ({
        ...{ name: `dm-${index}`, mountpoint: `/${index}`, fstype: 'btrfs' },
        ...{ 'total-bytes': 99n, 'used-bytes': 1n },
        disks: [{ alias: 'vda' }],
      })),
    );
  const rows = Array.from({ length: 5000 }, (_, index) =>
    row(`/dev/vg/${index}`, 'btrfs', index, 9),
  );
  const beganMs = Date.now();
  assert.throws(() => told(rows, disks('vda'), answer(1000)), { code: 'LIMIT' });
  const report = told(rows.slice(0, 400), disks('vda'), answer(500));
  assert.deepEqual(new Set(found(report).map(([, match]) => match)), new Set(['ambiguous']));
  assert.throws(() => agentFilesystems(answer(1025)), { code: 'LIMIT' });
  assert.ok(Date.now() - beganMs < 5000);
});

/** As agents answer, of QEMU 7.2 on Linux and on Windows. */
function raw(...all: readonly object[]): string {
  return JSON.stringify({ return: all });
}

const VIRTIO = {
  ...{ 'bus-type': 'virtio', bus: 0, unit: 0, target: 0, dev: '/dev/vda' },
  'pci-controller': { bus: 0, slot: 8, domain: 0, function: 0 },
};
const SATA = {
  ...{ 'bus-type': 'sata', bus: 0, unit: 2, target: 0, serial: 'QM00005' },
  'pci-controller': { bus: 0, slot: 31, domain: 0, function: 2 },
};

test('the agent’s own answer: disks by their addresses, in the order of mounting', () => {
  const linux = { name: 'vda1', type: 'ext4', 'total-bytes': 100, 'used-bytes': 5, disk: [VIRTIO] };
  const windows = {
    ...{ name: '\\\\?\\Volume{0ba0c3d2-0000-0000-0000-100000000000}\\', type: 'NTFS' },
    ...{ mountpoint: 'C:\\', 'total-bytes': 200, 'used-bytes': 7, disk: [SATA] },
  };
  const text = raw(windows, { ...linux, mountpoint: '/bind' }, { ...linux, mountpoint: '/' });
  const own = disks(
    { target: 'sdb', address: '0000:00:1f.2/0.0.2' },
    { target: 'vda', address: '0000:00:08.0' },
  );
  const rows = [
    row('/dev/sda1', 'ntfs', 1, 199, { offsetBytes: 0x100000 }),
    row('/dev/sdb1', 'ext4', 1, 99),
  ];
  assert.deepEqual(found(told(rows, own, text)), [
    ['/dev/sda1', 'device', 'C:\\', 7],
    ['/dev/sdb1', 'device', '/ /bind', 5],
  ]);
});

test('an address that Windows does not know is none, and the serial number tells', () => {
  const unknown = { bus: -1, slot: -1, domain: -1, function: -1 };
  const disk = { ...SATA, 'pci-controller': unknown };
  const text = raw({
    name: 'sda',
    mountpoint: '/',
    type: 'ext4',
    'total-bytes': 100,
    'used-bytes': 5,
    disk: [disk],
  });
  const own = disks(
    { target: 'sda', address: '0000:00:1f.2/0.0.2' },
    { target: 'sdb', serial: 'QM00005' },
  );
  assert.deepEqual(found(told([row('/dev/sdb', 'ext4', 1, 99)], own, text)), [
    ['/dev/sdb', 'device', '/', 5],
  ]);
});

test('an answer in JSON that is none, or nothing like it, is an error or nothing', () => {
  assert.throws(() => agentFilesystems('{"return": ['), { code: 'INVALID' });
  assert.throws(() => agentFilesystems('['.repeat(1000)), { code: 'LIMIT' });
  assert.throws(() => agentFilesystems(JSON.stringify({ return: Array(20_000).fill({}) })), {
    code: 'LIMIT',
  });
  for (const text of ['{}', '{"return": 5}', '[]']) assert.deepEqual(agentFilesystems(text), []);
  for (const odd of [
    5,
    null,
    'x',
    [],
    { name: 5, mountpoint: {}, type: null, disk: 'no', 'used-bytes': '9' },
    { disk: [null, 5, { 'pci-controller': 7 }] },
  ]) {
    assert.ok(agentFilesystems(JSON.stringify({ return: [odd, odd] })).length <= 2);
  }
});
