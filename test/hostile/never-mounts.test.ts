// What a run asks of the kernel: no image is mounted, attached to a loop device, locked, or opened for writing.
// References: strace(1); mount(2), fsopen(2), open_tree(2); loop(4): LOOP_SET_FD, LOOP_CTL_GET_FREE; ioctl_fslabel(2), BLK*.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { BIN, ENV, EXT4, GPT, noImages, XFS } from '../cli/support.js';
import { missing, toolEnv } from '../tools.js';

const MOUNTS = 'mount,umount2,fsopen,fsmount,fspick,move_mount,open_tree'.split(',');
const NEVER = [...MOUNTS, ...'flock,unshare,init_module,finit_module'.split(',')];
const CALLS = [...NEVER, 'ioctl', 'fcntl', 'openat', 'open'];
/** Commands for devices; those for terminals are asked of stdout. */
const DEVICE = /\b(?:BLK|LOOP_|DM_|BTRFS_IOC|EXT4_IOC|FS_IOC|FIFREEZE|FITHAW|FITRIM|MEM)/u;

test('no run mounts, attaches, locks or writes to an image', {
  skip: noImages || missing({ strace: 'strace' }),
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-mounts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const images = [EXT4, XFS, GPT].map((path) => {
    const copy = join(folder, basename(path));
    copyFileSync(path, copy);
    return copy;
  });
  const log = join(folder, 'calls');
  const trace = ['-f', '-y', '-e', `trace=${CALLS.map((call) => `?${call}`).join(',')}`, '-o', log];
  const args = [...trace, process.execPath, BIN, ...images.flatMap((path) => ['-t', path])];
  const { stdout, status } = spawnSync('strace', args, {
    encoding: 'utf8',
    env: { ...ENV, PATH: toolEnv.PATH },
  });
  assert.equal(status, 0);
  assert.equal(stdout.trim().split('\n').length, 5);
  const calls = readFileSync(log, 'utf8').split('\n');
  const called = (name: string) =>
    calls.filter((line) => new RegExp(`^\\d+ +${name}\\(`, 'u').test(line));
  assert.deepEqual(NEVER.flatMap(called), []);
  assert.deepEqual(
    called('ioctl').filter((line) => DEVICE.test(line)),
    [],
  );
  assert.deepEqual(
    called('fcntl').filter((line) => /F_(?:OFD_)?SETLKW?\b|F_SETLEASE/u.test(line)),
    [],
  );
  const opened = [...called('openat'), ...called('open')].filter((line) => line.includes(folder));
  assert.ok(opened.filter((line) => line.includes('O_RDONLY')).length >= images.length);
  assert.deepEqual(
    opened.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/u.test(line)),
    [],
  );
});
