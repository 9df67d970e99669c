// Filesystems that have their log or data on another device: Linux 6.1 and 6.18 refuse to mount each of these without it, for
// reading too, so that none is a clean row.
import assert from 'node:assert/strict';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { scanImages, scanImageTrees } from '../../src/index.js';

const VIEWS = ['guest', 'mount'] as const;

const image = (name: string): string => resolve('images', `${name}.qcow2`);

async function seen(disks: readonly string[], view: (typeof VIEWS)[number]) {
  const [report] = await scanImages(disks, { view, sameGuest: true });
  const [row] = report?.filesystems ?? [];
  return {
    numbers: row === undefined ? null : [row.sizeBytes, row.availBytes],
    problem: row?.problem?.code ?? null,
    remark: row?.remark,
    problems: report?.problems.map(({ code, device }) => `${code} ${device}`),
  };
}

for (const name of ['xfs-external-log', 'ext4-external-journal', 'ext4-dirty-external-journal']) {
  test(`${name}: the device that is missing is a problem`, async () => {
    for (const view of VIEWS) {
      const alone = await seen([image(`${name}.1`)], view);
      assert.deepEqual(alone.problems, ['MISSING_DEVICE /dev/sda']);
      const both = await seen([image(`${name}.1`), image(`${name}.2`)], view);
      assert.deepEqual(both.problems, []);
      // The log of another filesystem is not the one that is missing.
      const other = name.startsWith('xfs') ? 'ext4-external-journal.2' : 'xfs-external-log.2';
      const wrong = await seen([image(`${name}.1`), image(other)], view);
      assert.deepEqual(wrong.problems, ['MISSING_DEVICE /dev/sda']);
    }
  });
}

test('xfs: a realtime section needs a device of its size, and the row says that it is left out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'virt-df-outer-'));
  try {
    const [small, large] = [join(folder, 'small'), join(folder, 'large')];
    for (const [path, sizeBytes] of [
      [small, 2 ** 26 - 512],
      [large, 2 ** 27],
    ] as const) {
      const file = await open(path, 'w');
      await file.truncate(sizeBytes);
      await file.close();
    }
    const data = image('xfs-realtime.1');
    const refused = {
      numbers: [null, null],
      problem: 'MISSING_DEVICE',
      remark: null,
      problems: ['MISSING_DEVICE /dev/sda'],
    };
    for (const view of VIEWS) {
      for (const others of [[], [small], [image('ext4-4k')]]) {
        assert.deepEqual(await seen([data, ...others], view), refused);
      }
      for (const others of [[image('xfs-realtime.2')], [small, large]]) {
        const { problem, numbers, remark } = await seen([data, ...others], view);
        assert.deepEqual([problem, numbers?.[0]], [null, 65536 * 4096]);
        assert.equal(remark, 'leaves out its realtime section of 67108864 bytes');
      }
      // A device can be of one filesystem only.
      const twice = await seen([data, data, large], view);
      assert.equal(twice.problems?.length, 1);
    }
    const [tree] = await scanImageTrees([data, large], { sameGuest: true });
    assert.match(JSON.stringify(tree), /"usedBytes":\d+/u);
  } finally {
    await rm(folder, { recursive: true });
  }
});
