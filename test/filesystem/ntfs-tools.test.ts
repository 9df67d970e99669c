// NTFS made in the test run, of every cluster size and in partitions of disks with sectors of 4 KiB, against ntfsinfo.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { scanImages } from '../../src/index.js';
import { missing, toolEnv } from '../tools.js';

const MIB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'virt-df-ntfs-'));
after(() => rmSync(folder, { recursive: true }));
const skip = missing({ mkntfs: 'ntfs-3g', ntfscp: 'ntfs-3g', ntfsinfo: 'ntfs-3g' });
const skipTable = skip !== false ? skip : missing({ fdisk: 'fdisk' });

function run(tool: string, args: readonly string[], input = ''): string {
  return String(execFileSync(tool, args, { input, env: toolEnv, stdio: 'pipe' }));
}

/** A volume with three files in it, of which one was there before another grew. */
function made(name: string, sizeBytes: number, options: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  run('mkntfs', ['-F', '-f', '-q', ...options, path]);
  for (const [number, bytes] of [100, 3000, sizeBytes / 16].entries()) {
    const content = join(folder, 'content');
    writeFileSync(content, Buffer.alloc(bytes, 'x'));
    run('ntfscp', ['-f', path, content, `file${number}`]);
  }
  return path;
}

/** What ntfsinfo counts, in bytes. */
function expectedOf(path: string) {
  const text = run('ntfsinfo', ['-f', '-m', path]);
  const number = (words: string): number =>
    Number(new RegExp(`^\\s*${words}: (\\d+)`, 'mu').exec(text)?.[1]);
  const clusterBytes = number('Cluster Size');
  return {
    type: 'ntfs',
    blockSizeBytes: clusterBytes,
    sizeBytes: number('Volume Size in Clusters') * clusterBytes,
    freeBytes: number('Free Clusters') * clusterBytes,
    problem: null,
  };
}

async function rowsOf(image: string) {
  const [report] = await scanImages([image]);
  return (report?.filesystems ?? []).map(
    ({ type, blockSizeBytes, sizeBytes, freeBytes, problem }) => ({
      ...{ type, blockSizeBytes, sizeBytes, freeBytes, problem },
    }),
  );
}

describe('clusters', { skip }, () => {
  for (let clusterBytes = 512; clusterBytes <= 2 * MIB; clusterBytes *= 2) {
    test(`of ${clusterBytes} bytes`, async () => {
      const size = Math.max(8 * MIB, 24 * clusterBytes);
      const path = made('clusters', size, ['-c', String(clusterBytes)]);
      const expected = expectedOf(path);
      assert.equal(expected.blockSizeBytes, clusterBytes);
      assert.deepEqual(await rowsOf(path), [expected]);
    });
  }

  for (const sectorBytes of [1024, 2048, 4096]) {
    test(`in sectors of ${sectorBytes} bytes`, async () => {
      const path = made('sectors', 8 * MIB, ['-s', String(sectorBytes), '-c', '4096']);
      assert.deepEqual(await rowsOf(path), [expectedOf(path)]);
    });
  }
});

/** In sectors. */
const STARTS = [256, 2560];
/** What fdisk is told. */
const TABLES = {
  GPT: ['g', 'n', '1', '256', '2303', 'n', '2', '2560', '4607'],
  MBR: [
    'o',
    'n',
    'p',
    '1',
    '256',
    '2303',
    'n',
    'p',
    '2',
    '2560',
    '4607',
    't',
    '1',
    '7',
    't',
    '2',
    '7',
  ],
};

describe('partitions in sectors of 4 KiB', { skip: skipTable }, () => {
  for (const [label, words] of Object.entries(TABLES)) {
    test(`of ${label}`, async () => {
      const parts = ['4096', '16384'].map((cluster, i) =>
        made(`part${i}`, 8 * MIB, ['-s', '4096', '-c', cluster]),
      );
      const disk = join(folder, 'disk');
      writeFileSync(disk, '');
      truncateSync(disk, 24 * MIB);
      run('fdisk', ['-b', '4096', disk], [...words, 'w', ''].join('\n'));
      for (const [i, part] of parts.entries()) put(part, disk, STARTS[i] ?? 0);
      assert.deepEqual(await rowsOf(disk), parts.map(expectedOf));
    });
  }
});

function put(part: string, disk: string, startSector: number): void {
  const to = ['bs=4096', `seek=${startSector}`, 'conv=notrunc,sparse', 'status=none'];
  run('dd', [`if=${part}`, `of=${disk}`, ...to]);
}
