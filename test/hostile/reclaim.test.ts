// reclaim on damaged volumes and images: whatever is wrong with them, it ends, and counts no byte twice. The seeds are fixed.
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { btrfs } from '../../src/filesystem/btrfs.js';
import { exfat } from '../../src/filesystem/exfat.js';
import { ext } from '../../src/filesystem/ext.js';
import { f2fs } from '../../src/filesystem/f2fs.js';
import { fat } from '../../src/filesystem/fat.js';
import type { FilesystemFormat } from '../../src/filesystem/filesystem.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { KIB } from '../../src/limits.js';
import { discardsOf } from '../../src/queries/reclaim/discards.js';
import { imageNames } from '../filesystem/files/images.js';
import { random } from '../random.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { memoryEditor } from './memory-editor.js';
import { CONTENT_KINDS, mutate } from './mutations.js';

/** Of each image; more are tried by setting the variable. */
const CASES = Math.ceil(6 * Number(process.env.VIRT_DF_HOSTILE_FACTOR ?? 1));
const MAX_CASE_CPU_MS = 6000;

/** A disk that stores all of its bytes. */
function fullDisk(sizeBytes: number) {
  const extent = {
    kind: 'data',
    offsetBytes: 0,
    lengthBytes: sizeBytes,
    hostOffsetBytes: 0,
  } as const;
  const stored = { extentAt: () => extent, fetch: () => Promise.resolve() };
  return { stored, sizeBytes, unitBytes: 64 * KIB, frees: true, sharedBytes: null };
}

async function outcome(format: FilesystemFormat, source: ByteSource): Promise<string> {
  let doubtCount = 0;
  try {
    const { files } = await format.open(source);
    if (files === undefined) return 'none';
    const reader = await files({
      onDoubt: () => {
        doubtCount++;
      },
    });
    const disk = fullDisk(source.sizeBytes);
    const disks = new Map([[source, disk]]);
    const found = await discardsOf(reader, { devices: [source], disks, check: () => {} });
    const tally = found.tallies.get(disk);
    assert.ok(found.freeBytes <= source.sizeBytes);
    assert.equal(tally?.storedBytes ?? 0, found.freeBytes);
    assert.ok((tally?.reclaimableBytes ?? 0) <= found.freeBytes);
    return doubtCount + found.overlapCount > 0 ? 'doubts' : 'space';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  }
}

const families = [
  { format: ext, names: ['ext4-default'] },
  { format: xfs, names: ['xfs-default'] },
  { format: btrfs, names: ['btrfs-default'] },
  { format: f2fs, names: ['f2fs-default'] },
  { format: exfat, names: ['exfat-default'] },
  { format: fat, names: ['fat16-2k', 'fat32-34m'] },
];

for (const { format, names } of families) {
  const there = new Set(imageNames(format.name));
  for (const name of names.filter((one) => there.has(one))) {
    test(`${name}: reclaim of it, damaged ${CASES} times`, async () => {
      const scope = openScope({ maxReadCount: 2 ** 50, maxReadBytes: 2 ** 53 - 1 });
      try {
        const path = join(resolve('images'), `${name}.qcow2`);
        const { content } = await openDisk(path, { format: 'auto', scope });
        const editor = await memoryEditor(name, content, async (source) => {
          assert.equal(await outcome(format, source), 'space');
        });
        const seals = await filesystemSeals(editor);
        for (let index = 0; index < CASES; index++) {
          const what = mutate(
            editor,
            editor.ranges,
            random(`reclaim ${name} #${index}`),
            CONTENT_KINDS,
          );
          if (index % 4 !== 3) resealContent(editor, seals);
          const start = process.cpuUsage();
          await outcome(format, editor.source).catch((error: unknown) => {
            assert.fail(`#${index}: ${what}: ${error instanceof Error ? error.stack : error}`);
          });
          const { user, system } = process.cpuUsage(start);
          assert.ok((user + system) / 1000 < MAX_CASE_CPU_MS, `#${index}: ${what}: ${user} us`);
          editor.undo();
        }
      } finally {
        await scope.close();
      }
    });
  }
}
