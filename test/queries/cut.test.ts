// A filesystem that is cut, or whose superblock is damaged, has a row with its type, label and UUID, and with the reason.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import { slice } from '../../src/bytes/slice.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { dfOfSources } from './sources.js';

interface Expected {
  readonly filesystems: readonly {
    readonly type: string;
    readonly label: string | null;
    readonly uuid: string | null;
    readonly guest: {
      readonly f_frsize: number;
      readonly f_blocks: number;
      readonly f_bfree: number;
    };
  }[];
}

const scope = openScope({ deadlineMs: null });
after(() => scope.close());

async function cutImage(name: string): Promise<{ source: ByteSource; expected: Expected }> {
  const { content } = await openDisk(resolve('images', `${name}.qcow2`), { format: 'auto', scope });
  const words = readFileSync(`images/${name}.expected.json`, 'utf8');
  const sizeBytes = Math.floor((content.sizeBytes * 3) / 4 / 512) * 512;
  return { source: slice(content, 0, sizeBytes), expected: JSON.parse(words) };
}

for (const name of ['ext4-default', 'xfs-default', 'btrfs-single']) {
  test(`${name} that is cut`, async () => {
    const { source, expected } = await cutImage(name);
    const { filesystems } = await dfOfSources([source]);
    const [wanted] = expected.filesystems;
    const rows = filesystems.map(({ type, label, fsUuid, problem, sizeBytes }) => ({
      type,
      label,
      uuid: fsUuid,
      code: problem?.code,
      sizeBytes,
    }));
    const { type, label, uuid } = wanted ?? {};
    assert.deepEqual(rows, [{ type, label, uuid, code: 'TRUNCATED', sizeBytes: null }]);
  });
}

// Linux 6.1 mounts FAT and exFAT so, and shows what it showed before: it does not look where the volume ends. ntfs3 sees it,
// warns, and mounts read-only. Linux 6.18 does not look at EROFS's end either.
for (const name of ['fat32-34m', 'exfat-default', 'ntfs-default', 'erofs-plain']) {
  test(`${name} that is cut keeps the kernel's numbers`, async () => {
    const { source, expected } = await cutImage(name);
    const { filesystems } = await dfOfSources([source]);
    const [row] = filesystems;
    const [wanted] = expected.filesystems;
    assert.ok(row !== undefined && wanted !== undefined);
    const { f_frsize: unit, f_blocks: blocks, f_bfree: free } = wanted.guest;
    assert.deepEqual(
      [row.type, row.fsUuid, row.sizeBytes, row.freeBytes, row.label, row.problem],
      [wanted.type, wanted.uuid, blocks * unit, free * unit, wanted.label, null],
    );
    assert.deepEqual(
      row.doubts.map(({ code }) => code),
      ['TRUNCATED'],
    );
  });
}

// swapon refuses it: "Swap area shorter than signature indicates" (Linux 6.18).
test('a swap area that is cut keeps its name and says so', async () => {
  const { source } = await cutImage('swap-4k');
  const { volumes, problems } = await dfOfSources([source]);
  const found = volumes.map(({ type, label, fsUuid }) => [type, label, fsUuid]);
  assert.deepEqual(found, [['swap', 'swap-one', '5a5a5a5a-0000-4000-8000-000000000001']]);
  assert.deepEqual(
    problems.map(({ code, device }) => [code, device]),
    [['TRUNCATED', '/dev/sda']],
  );
});
