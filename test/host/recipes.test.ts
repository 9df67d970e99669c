// The recipe of docs/remote-disks.md as it stands there, with a file in place of Ceph's image: what QEMU exports is read.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXT4, noImages, virtDf } from '../cli/support.js';
import { missing } from '../tools.js';
import { folderOf, serve } from './servers.js';

const skip = missing({ 'qemu-storage-daemon': 'qemu-system-common' }) || noImages;

test('what qemu-storage-daemon exports as docs/remote-disks.md says is read', {
  skip,
}, async (t) => {
  const text = readFileSync('docs/remote-disks.md', 'utf8');
  const socket = join(await folderOf(t), 'df.sock');
  const recipe = /^qemu-storage-daemon \\\n((?: {2}--.*\n)+)virt-df -t '([^']*)'$/mu.exec(text);
  const file = /^\| a file \| `([^`]*)` \|$/mu.exec(text);
  assert.ok(recipe?.[1] && recipe[2] && file?.[1], 'the recipe is there');
  const words = recipe[1]
    .replaceAll('/run/df.sock', socket)
    .replace(/--blockdev \S+/u, `--blockdev ${file[1].replace('/PATH', EXT4)}`)
    .split(/[\s\\&]+/u)
    .filter((word) => word !== '');
  await serve(t, ['qemu-storage-daemon', ...words], socket);
  const there = virtDf(['--json', '-t', recipe[2].replace('/run/df.sock', socket)]);
  assert.equal(there.code, 0, there.stderr);
  const row = JSON.parse(there.stdout).filesystems[0];
  const own = JSON.parse(virtDf(['--json', '-t', EXT4]).stdout).filesystems[0];
  for (const column of ['type', 'uuid', 'size_bytes', 'used_bytes', 'avail_bytes', 'files_used']) {
    assert.deepEqual(row[column], own[column], column);
  }
});
