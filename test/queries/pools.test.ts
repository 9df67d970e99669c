// How large images can become, by qemu-img measure, and what lies under them, by df(1) and findmnt(8).
import assert from 'node:assert/strict';
import { linkSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountHolding, mountsIn } from '../../src/host/mounts.js';
import { poolsOf } from '../../src/queries/pools/group.js';
import { qcow2Bytes } from '../../src/queries/pools/growth.js';
import { withHosts } from '../../src/queries/pools/host.js';
import type { PoolImage, PoolsReport } from '../../src/queries/pools/record.js';
import { earlierPools } from '../../src/queries/pools/since.js';
import type { FilesystemRecord } from '../../src/queries/report.js';
import { run } from '../run.js';
import { missing } from '../tools.js';

const GIB = 1024 ** 3;

test('a qcow2 becomes as large as qemu-img measure says', {
  skip: missing({ 'qemu-img': 'qemu-utils' }),
}, async () => {
  for (const [sizeBytes, clusterBytes, entryBytes] of [
    [100 * GIB, 65_536, 8],
    [3 * GIB + 512, 65_536, 8],
    [GIB, 512, 8],
    [16 * 1024 * GIB, 2 * 1024 * 1024, 8],
    [10 * GIB, 65_536, 16],
    [0, 65_536, 8],
  ] as const) {
    const options = `cluster_size=${clusterBytes},extended_l2=${entryBytes === 16 ? 'on' : 'off'}`;
    const args = ['-O', 'qcow2', '-o', options, '--size', String(sizeBytes), '--output', 'json'];
    const { stdout } = await run('qemu-img', ['measure', ...args]);
    const theirs = JSON.parse(stdout.toString())['fully-allocated'];
    assert.equal(qcow2Bytes(sizeBytes, clusterBytes, entryBytes), theirs, options);
  }
});

test('a filesystem of this host is df(1)’s', async () => {
  const path = join(realpathSync(tmpdir()), 'x');
  const { stdout } = await run('df', ['-B1', '--output=target,fstype,size', tmpdir()]);
  const [target, type, size] = (stdout.toString().split('\n')[1] ?? '').split(/\s+/u);
  const [told] = await withHosts([report('one', [image(path, 0)])]);
  const on = told?.images[0]?.on;
  assert.deepEqual([on?.mountPoint, on?.type, on?.sizeBytes], [target, type, Number(size)]);
});

test('a filesystem that cannot be asked is a problem of each guest that has it', async () => {
  const gone = [image('/nothing/x', 0), image('/nothing/y', 0)];
  const reports = await withHosts([report('one', gone), report('two', gone)]);
  for (const { guest, images, problems } of reports) {
    assert.ok(images.every(({ on }) => on === null));
    assert.deepEqual(
      problems.map((problem) => [problem.guest, problem.disk, problem.code]),
      [[guest, '/dev/sda', 'NOT_FOUND']],
    );
  }
});

test('of several mounts the nearest and latest one counts', () => {
  const all = mountsIn(
    [
      '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
      '2 1 8:2 / /var\\040lib rw shared:3 - xfs /dev/sda2 rw',
      '3 1 8:3 / /var\\040lib rw - btrfs /dev/sda3 rw',
      '4 1 8:4 / /var rw - tmpfs tmpfs rw',
    ].join('\n'),
  );
  const devices = ['/var lib/a', '/variety', '/var lib'].map(
    (path) => mountHolding(all, path)?.device,
  );
  assert.deepEqual(devices, ['8:3', '8:1', '8:3']);
  assert.equal(mountHolding([], '/a'), null);
});

const ON = {
  id: '1',
  mountPoint: '/a',
  type: 'xfs',
  sizeBytes: 100,
  usedBytes: 60,
  availBytes: 40,
};

function image(
  path: string,
  growthBytes: number | null,
  others: Partial<PoolImage> = {},
): PoolImage {
  const files = [{ path, allocationBytes: 10, id: path, on: others.on ?? ON }];
  const disk = { disk: '/dev/sda', target: null, format: 'raw', isActive: true };
  return { ...disk, path, capacityBytes: 50, growthBytes, files, on: ON, ...others };
}

function report(
  guest: string,
  images: readonly PoolImage[],
  others: Partial<PoolsReport> = {},
): PoolsReport {
  const header = { guest, uuid: null, state: null, uri: null, partFiles: [] };
  const statistics = { readCount: 0, bytesRead: 0 };
  return { ...header, statistics, images, elsewhere: [], filesystems: [], problems: [], ...others };
}

const NOW = { earlier: null, nowMs: 0 };

test('a base and a shared disk count once', () => {
  const base = image('/a/base', 0, { isActive: false });
  const reports = [
    report('one', [image('/a/one', 41), base]),
    report('two', [image('/a/two', 5), base, image('/a/shared', 1)]),
    report('three', [image('/a/shared', 1), image('/a/odd', null)]),
  ];
  const [pool, ...others] = poolsOf(reports, NOW);
  assert.ok(pool);
  assert.deepEqual(others, []);
  const { guestCount, fileCount, allocationBytes, virtualBytes, growthBytes } = pool;
  assert.deepEqual([guestCount, fileCount, allocationBytes], [3, 5, 50]);
  assert.deepEqual([virtualBytes, growthBytes, pool.unknownGrowthCount], [200, 47, 1]);
  assert.deepEqual(pool.fillers, [
    { guest: 'one', disk: '/dev/sda', path: '/a/one', growthBytes: 41 },
  ]);
});

test('a file with two names counts once, and files count where each lies', async (t) => {
  const folders = [tmpdir(), '/dev/shm'].map((folder) => mkdtempSync(join(folder, 'pools-')));
  t.after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  const [one = '', other = ''] = folders.map((folder) => join(realpathSync(folder), 'a'));
  writeFileSync(one, '');
  writeFileSync(other, '');
  linkSync(one, `${one}.link`);
  const fileOf = (path: string) => ({ path, allocationBytes: 10, id: null, on: null });
  const both = image(one, 5, { files: [one, other].map(fileOf) });
  const linked = image(`${one}.link`, 5, { files: [fileOf(`${one}.link`)] });
  const told = await withHosts([report('a', [both]), report('b', [linked])]);
  const pools = poolsOf(told, NOW);
  const points = await Promise.all(folders.map(mountOf));
  assert.notEqual(points[0], points[1]);
  assert.deepEqual(
    points.map((point) => {
      const pool = pools.find(({ on }) => on.mountPoint === point);
      return [pool?.guestCount, pool?.fileCount, pool?.virtualBytes, pool?.growthBytes];
    }),
    [
      [2, 1, 50, 5],
      [1, 1, 0, 0],
    ],
  );
});

async function mountOf(folder: string): Promise<string> {
  const { stdout } = await run('df', ['--output=target', folder]);
  return stdout.toString().trim().split('\n').at(-1) ?? '';
}

test('what lies on a shared disk counts once', () => {
  const of = (guest: string, path: string, disk: string | null, usedBytes: number) => {
    const row = { disk, usedBytes, reclaimableBytes: null } as FilesystemRecord;
    return report(guest, [image(path, 0)], { filesystems: [row] });
  };
  const reports = [
    of('one', '/a/shared', '/dev/sda', 7),
    of('two', '/a/shared', '/dev/sda', 7),
    of('three', '/a/shared', null, 7),
    of('four', '/a/own', null, 2),
  ];
  assert.equal(poolsOf(reports, NOW)[0]?.guestUsedBytes, 9);
});

test('a directory of this host that a guest has is on none of its disks', () => {
  const row = { disk: null, usedBytes: 60, hostDevice: '98:1' } as FilesystemRecord;
  const others = { filesystems: [row] };
  const whole = [report('one', [image('/a/one', 0)], others)];
  assert.equal(poolsOf(whole, NOW)[0]?.guestUsedBytes, null);
  const partly = [report('one', [image('/a/one', 0)], { ...others, elsewhere: ['/dev/sdb'] })];
  assert.deepEqual(poolsOf(partly, NOW)[0]?.spreadGuests, []);
});

test('an earlier run with impossible numbers tells nothing', () => {
  for (const used of ['-1', '1.5', '1e308', '-1e400', '"1"', 'null']) {
    const pools = `[null, 1, {"mount_point": "/a", "used_bytes": ${used}}]`;
    const text = `{"schema": "virt-df-pools/1", "generated_at": "2020", "pools": ${pools}}`;
    assert.equal(earlierPools(text, 'x').usedBytes.size, 0, used);
  }
});

test('pools come in the order of the room that is left for what may come', () => {
  const other = { ...ON, id: '2', mountPoint: '/b', availBytes: 30 };
  const reports = [report('one', [image('/a/one', 20), image('/b/one', 5, { on: other })])];
  const pools = poolsOf(reports, NOW);
  assert.deepEqual(
    pools.map(({ on }) => on.mountPoint),
    ['/a', '/b'],
  );
});

test('how it fills is what was written since, and where that is nothing it is never full', () => {
  const trend = (usedBytes: number, nowMs: number) => {
    const earlier = { generatedMs: 1000, usedBytes: new Map([['/a', usedBytes]]) };
    const reports = [report('one', [image('/a/one', 0)])];
    return poolsOf(reports, { earlier, nowMs })[0]?.trend;
  };
  assert.deepEqual(trend(50, 6000), { sinceMs: 1000, bytesPerSecond: 2, secondsToFull: 20 });
  assert.deepEqual(trend(60, 6000), { sinceMs: 1000, bytesPerSecond: 0, secondsToFull: null });
  assert.equal(trend(70, 6000)?.secondsToFull, null);
  assert.equal(trend(50, 1000), null);
});
