// Btrfs with a large extent tree: what a df reads of it. The filesystem is made by mkfs.btrfs in the test run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { mkdtemp, open, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { btrfs } from '../../src/filesystem/btrfs.js';
import { missing, toolEnv } from '../tools.js';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const FILES = 14_000;
const FOLDERS = 20;
/** An item of the extent tree: its head, the extent, and one reference. */
const EXTENT_ITEM_BYTES = 25 + 24 + 29;

const skip = missing({ 'mkfs.btrfs': 'btrfs-progs' });

test('of 64 GiB with 14,000 extents less than a MiB is read', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'virt-df-btrfs-'));
  t.after(() => rm(folder, { recursive: true }));
  const [files, image] = [join(folder, 'files'), join(folder, 'image.raw')];
  makeFiles(files);
  const handle = await open(image, 'w+');
  t.after(() => handle.close());
  await truncate(image, 64 * GIB);
  await promisify(execFile)('mkfs.btrfs', ['-q', '--rootdir', files, image], { env: toolEnv });
  assert.ok(FILES * EXTENT_ITEM_BYTES > MIB, 'the extent tree is larger than what may be read');

  let bytes = 0;
  const source: ByteSource = {
    sizeBytes: 64 * GIB,
    runs: memoryRuns,
    async read(offset, length) {
      bytes += length;
      const buffer = Buffer.alloc(length);
      await handle.read(buffer, 0, length, offset);
      return buffer;
    },
  };
  const usage = await (await btrfs.open(source)).usage('guest');
  assert.equal(usage.blockCount, (64 * GIB) / 4096);
  assert.ok(usage.blockCount - Number(usage.freeBlockCount) > FILES);
  assert.ok(bytes < MIB, `${bytes} bytes`);
});

/** Files that are too large to lie in an item, and take no room until they are copied. */
function makeFiles(folder: string): void {
  for (let number = 0; number < FOLDERS; number++) {
    const inner = join(folder, `${number}`);
    mkdirSync(inner, { recursive: true });
    for (let i = 0; i < FILES / FOLDERS; i++) {
      const file = openSync(join(inner, `${i}`), 'w');
      ftruncateSync(file, 4096);
      closeSync(file);
    }
  }
}
