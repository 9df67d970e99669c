// What this host says of images and devices that are written to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isInUse, isMountedIn } from '../../src/host/in-use.js';
import { missing } from '../tools.js';
import { folderOf, serve } from './servers.js';

test('a device is in use where a disk’s filesystem is mounted for writing, whoever else says its name', () => {
  const is = (type: string, source: string, options = 'rw,seclabel') =>
    isMountedIn(`36 29 7:0 / /mnt rw,relatime shared:1 - ${type} ${source} ${options}\n`, [
      'loop1',
    ]);
  assert.ok(is('ext4', '/dev/loop1') && is('xfs', '/dev/loop1p2'));
  assert.ok(!is('ext4', '/dev/loop1', 'ro') && !is('ext4', '/dev/loop12'));
  // Whoever mounts a FUSE filesystem says what its source is called.
  assert.ok(!is('fuse.sshfs', '/dev/loop1') && !is('tmpfs', '/dev/loop1'));
});

test('a block device that a QEMU has open for writing is in use', {
  skip:
    (process.getuid?.() !== 0 && 'needs root, for a loop device') ||
    missing({ losetup: 'mount', 'qemu-nbd': 'qemu-utils' }),
}, async (t) => {
  const folder = await folderOf(t);
  const image = join(folder, 'image');
  writeFileSync(image, '');
  truncateSync(image, 1 << 20);
  const device = execFileSync('losetup', ['--find', '--show', image]).toString().trim();
  t.after(() => execFileSync('losetup', ['--detach', device]));
  assert.equal(await isInUse(device), false);
  const socket = join(folder, 'socket');
  await serve(t, ['qemu-nbd', '-t', '-f', 'raw', '-k', socket, device], socket);
  assert.equal(await isInUse(device), true);
});
