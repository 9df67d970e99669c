// What a run asks of the kernel: no image is mounted, attached to a loop device, locked, or opened for writing, and nothing is
// opened but images, the program and what the system gives every program.
// References: strace(1); mount(2), fsopen(2), open_tree(2); loop(4): LOOP_SET_FD, LOOP_CTL_GET_FREE; ioctl_fslabel(2), BLK*.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BIN, ENV, EXT4, GPT, noImages, XFS } from '../cli/support.js';
import { missing, toolEnv } from '../tools.js';

const MOUNTS = 'mount,umount2,fsopen,fsmount,fspick,move_mount,open_tree'.split(',');
const NEVER = [...MOUNTS, ...'flock,unshare,init_module,finit_module'.split(',')];
const CALLS = [...NEVER, 'ioctl', 'fcntl', 'openat', 'open'];
/** Commands for devices; those for terminals are asked of stdout. */
const DEVICE = /\b(?:BLK|LOOP_|DM_|BTRFS_IOC|EXT4_IOC|FS_IOC|FIFREEZE|FITHAW|FITRIM|MEM)/u;

/** What a Node opens wherever it runs, and what is asked of the processes of a run. */
const OF_THE_SYSTEM = [
  /^\/(?:usr\/)?lib(?:32|64|x32)?\//u,
  /^\/etc\/(?:ld\.so\.cache|locale\.alias|ssl\/openssl\.cnf)$/u,
  /^\/proc\/(?:\d+|self|meminfo|version_signature|sys)(?:\/|$)/u,
  /^\/sys\/(?:fs\/cgroup|devices\/system\/cpu)(?:\/|$)/u,
  /^\/dev\/(?:null|u?random)$/u,
];

/** A run under strace of one disk each, in this process or, where there are many, in others. */
function traced(t: TestContext, count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-mounts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const images = Array.from({ length: count }, (_, index) => {
    const path = [EXT4, XFS, GPT][index % 3] ?? EXT4;
    const copy = join(folder, `${index}-${basename(path)}`);
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
  const calls = readFileSync(log, 'utf8').split('\n');
  const called = (name: string) =>
    calls.filter((line) => new RegExp(`^\\d+ +${name}\\(`, 'u').test(line));
  return { folder, stdout, calls, called };
}

const skip = noImages || missing({ strace: 'strace' });

test('no run mounts, attaches, locks or writes to an image', { skip }, (t) => {
  const { folder, stdout, called } = traced(t, 3);
  assert.equal(stdout.trim().split('\n').length, 5);
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
  assert.ok(opened.filter((line) => line.includes('O_RDONLY')).length >= 3);
  assert.deepEqual(
    opened.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/u.test(line)),
    [],
  );
});

test('a run with processes opens images, its own files and the system’s libraries only', {
  skip,
}, (t) => {
  const { folder, calls, called } = traced(t, 6);
  const own = [folder, dirname(BIN), resolve('node_modules'), process.execPath];
  // What was opened in the end, its links resolved: strace shows the path of each descriptor.
  const opened = calls.flatMap((line) => / = \d+<(\/[^>]*)>$/u.exec(line)?.[1] ?? []);
  assert.ok(opened.filter((path) => path.startsWith(folder)).length >= 6);
  const others = opened.filter(
    (path) =>
      !own.some((place) => path === place || path.startsWith(`${place}/`)) &&
      !OF_THE_SYSTEM.some((pattern) => pattern.test(path)),
  );
  assert.deepEqual([...new Set(others)], []);
  assert.deepEqual(NEVER.flatMap(called), []);
});
