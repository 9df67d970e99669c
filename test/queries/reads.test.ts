// How much a df reads of a large disk in a container: its metadata, and the tables that lead there.
import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scanImages } from '../../src/index.js';
import { run } from '../run.js';
import { missing, toolEnv } from '../tools.js';

const TIB = 2 ** 40;
const MAX_READ_BYTES = 2 * 2 ** 20;

const MKFS = [
  { tool: 'mkfs.ext4', package: 'e2fsprogs', args: ['-q', '-F', '-J', 'size=4'] },
  { tool: 'mkfs.xfs', package: 'xfsprogs', args: ['-q', '-f'] },
];

for (const { tool, package: name, args } of MKFS) {
  const skip = missing({ [tool]: name, 'qemu-img': 'qemu-utils' });
  test(`of a sparse qcow2 of 1 TiB from ${tool}, less than 2 MiB are read`, { skip }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'virt-df-reads-'));
    try {
      const [raw, image] = [join(folder, 'raw'), join(folder, 'disk.qcow2')];
      await writeFile(raw, '');
      await truncate(raw, TIB);
      await run(tool, [...args, raw], { env: toolEnv });
      const convert = ['convert', '-O', 'qcow2', '-o', 'cluster_size=64k', raw, image];
      await run('qemu-img', convert);
      // As it is, and as one that was written to just now, which is read twice.
      for (const ageSeconds of [0, 3600]) {
        const time = Date.now() / 1000 - ageSeconds;
        await utimes(image, time, time);
        const [report] = await scanImages([image]);
        assert.deepEqual(report?.problems, []);
        const { bytesRead, readCount } = report?.statistics ?? { bytesRead: 0, readCount: 0 };
        t.diagnostic(`${ageSeconds} s old: ${readCount} reads, ${bytesRead} bytes`);
        assert.ok(bytesRead > 0 && bytesRead < MAX_READ_BYTES, `${bytesRead} bytes`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

const FAT_BYTES = 4 * 2 ** 20;

test('a FAT is read once, and again if it was just written', {
  skip: missing({ 'mkfs.vfat': 'dosfstools' }),
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'virt-df-reads-'));
  try {
    const image = join(folder, 'raw');
    await writeFile(image, '');
    await truncate(image, FAT_BYTES * 128 + 2 * FAT_BYTES);
    await run('mkfs.vfat', ['-F', '32', '-s', '1', image], { env: toolEnv });
    for (const [ageSeconds, times] of [
      [3600, 1],
      [0, 2],
    ] as const) {
      const time = Date.now() / 1000 - ageSeconds;
      await utimes(image, time, time);
      const [report] = await scanImages([image]);
      assert.deepEqual(report?.problems, []);
      const { bytesRead = 0, readCount = 0 } = report?.statistics ?? {};
      t.diagnostic(`${ageSeconds} s old: ${readCount} reads, ${bytesRead} bytes`);
      // Beside it, what the probes look at.
      const isFew = bytesRead >= times * FAT_BYTES && bytesRead < times * (FAT_BYTES + 2 ** 19);
      assert.ok(isFew, `${bytesRead} bytes of a FAT of ${FAT_BYTES}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
