// What is read of an XFS does not grow with its size, only with the number of its groups: two sectors of each.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryRuns } from '../../src/bytes/source.js';
import type { View } from '../../src/filesystem/filesystem.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { missing } from '../tools.js';

const TIB = 2 ** 40;
const MAX_BYTES = 4 * 2 ** 20;
const TMPFS = 0x01021994;

/** Where a sparse file may have 16 TiB: not every filesystem allows it, a tmpfs does. */
function folder(): string {
  try {
    if (statfsSync('/dev/shm').type === TMPFS) return '/dev/shm';
  } catch {
    // There is none: the usual place may do.
  }
  return tmpdir();
}

async function cost(sizeBytes: number, options: readonly string[], view: View) {
  const directory = mkdtempSync(join(folder(), 'virt-df-xfs-cost-'));
  const path = join(directory, 'xfs.raw');
  try {
    execFileSync('truncate', ['-s', String(sizeBytes), path]);
    execFileSync('mkfs.xfs', ['-q', '-f', ...options, path]);
    const file = await open(path);
    let bytesRead = 0;
    try {
      const source = {
        sizeBytes,
        runs: memoryRuns,
        async read(offset: number, length: number) {
          bytesRead += length;
          return (await file.read(Buffer.alloc(length), 0, length, offset)).buffer;
        },
      };
      const usage = await (await xfs.open(source)).usage(view);
      return { bytesRead, usage };
    } finally {
      await file.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const skip = missing({ 'mkfs.xfs': 'xfsprogs' });
const shapes: readonly (readonly [string, readonly string[]])[] = [
  ['16 TiB', ['-l', 'size=64m']],
  ['16 TiB with a reverse map', ['-l', 'size=64m', '-m', 'rmapbt=1']],
  ['16 TiB in 2000 groups', ['-l', 'size=64m', '-d', 'agcount=2000']],
];

for (const [name, options] of shapes) {
  for (const view of ['guest', 'mount'] as const) {
    test(`less than 4 MiB are read of ${name}: ${view} view`, { skip }, async () => {
      const { bytesRead, usage } = await cost(16 * TIB, options, view);
      assert.ok(bytesRead < MAX_BYTES, `${bytesRead} bytes`);
      assert.ok(usage.blockCount * usage.blockSizeBytes > 15.9 * TIB);
      assert.equal(usage.isStale, false);
    });
  }
}
