// Which files are read in the process's own thread, by the mounts of a host, and that both ways read the same.
import assert from 'node:assert/strict';
import { constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  asksRightsAlone,
  type FileCalls,
  inThisThread,
  inThreads,
} from '../../src/host/file-calls.js';

const MOUNTS = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /dev rw,nosuid shared:2 - devtmpfs udev rw
24 22 0:30 / /srv/nfs rw shared:3 - nfs4 server:/export rw
25 24 254:1 / /srv/nfs/local\\040disk rw shared:4 - xfs /dev/vdb rw
26 22 0:40 / /export/one.img rw shared:5 - fuse /dev/fuse rw
27 22 254:2 / /twice rw shared:6 - ext4 /dev/vdc rw
28 27 0:41 / /twice rw shared:7 - cifs //server/share rw
`;

const threaded = inThreads('/');

test('files of local filesystems are read in this thread, others are not', () => {
  const callsFor = inThisThread(MOUNTS);
  const isInThread = (path: string) => callsFor(path) !== threaded;
  const local = ['/disk.img', '/srv/disk.img', '/srv/nfs/local disk/a/disk.img', '/devices.img'];
  for (const path of local) assert.ok(isInThread(path), path);
  const others = ['/dev/vdb', '/srv/nfs/a/disk.img', '/export/one.img', '/twice/disk.img'];
  for (const path of others) assert.ok(!isInThread(path), path);
});

test('it asks who reads it, where a path or what lies below it is on a server or a program', () => {
  for (const path of ['/disk.img', '/dev/vdb', '/srv/nfs/local disk/disk.img', '/export/two.img']) {
    assert.ok(asksRightsAlone([path], MOUNTS), path);
  }
  for (const path of ['/', '/srv', '/srv/nfs/disk.img', '/export', '/export/one.img', '/twice/a']) {
    assert.ok(!asksRightsAlone(['/disk.img', path], MOUNTS), path);
  }
});

test('where the host does not tell its mounts, all files are read in threads', () => {
  assert.equal(inThisThread('')('/disk.img'), threaded);
});

test('whether the kernel counts its reads is known of each filesystem', () => {
  const callsFor = inThisThread(`${MOUNTS}29 22 0:42 / /tank rw - zfs tank rw\n`);
  assert.equal(callsFor('/a.img'), callsFor('/srv/nfs/local disk/b.img'));
  assert.notEqual(callsFor('/tank/a.img'), callsFor('/a.img'));
  assert.notEqual(callsFor('/tank/a.img'), threaded);
});

test('both ways of reading give the same, and the same errors', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-calls-'));
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.from('0123456789'));
  const here = inThisThread('1 0 254:0 / / rw - ext4 /dev/vda rw\n')(path);
  try {
    assert.notEqual(here, threaded);
    assert.deepEqual(await outcomes(here, path), await outcomes(threaded, path));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** What each call says of the file, and of one that is not there. */
async function outcomes(calls: FileCalls, path: string): Promise<readonly unknown[]> {
  const descriptor = await calls.open(path, constants.O_RDONLY);
  const buffer = new Uint8Array(8);
  const size = (await calls.stat(path)).size;
  const read = await calls.read(descriptor, buffer, 4);
  const behind = await calls.read(descriptor, new Uint8Array(8), 10);
  const inode = (await calls.fstat(descriptor)).ino;
  await calls.close(descriptor);
  assert.equal(Buffer.from(buffer.subarray(0, read)).toString(), '456789');
  const codes = [];
  for (const call of [
    () => calls.stat(`${path}.none`),
    () => calls.open(`${path}.none`, constants.O_RDONLY),
    () => calls.fstat(descriptor),
    () => calls.read(descriptor, buffer, 0),
    () => calls.close(descriptor),
  ]) {
    try {
      codes.push(await call());
    } catch (error) {
      codes.push((error as NodeJS.ErrnoException).code);
    }
  }
  return [size, read, behind, inode, codes];
}
