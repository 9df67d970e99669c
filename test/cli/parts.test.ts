// What a shell's glob gives of one machine: each disk counts once, as the newest of its chain.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { missing, toolEnv } from '../tools.js';

const skip = missing({ 'qemu-img': 'qemu-utils', mke2fs: 'e2fsprogs' });
let folder = '';
const at = (name: string): string => join(folder, name);
const run = (...[program = '', ...args]: readonly string[]) =>
  execFileSync(program, args, { cwd: folder, stdio: 'pipe', env: toolEnv });

before(() => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'virt-df-parts-'));
  writeFileSync(at('disk.raw'), '');
  truncateSync(at('disk.raw'), 8 * 1024 * 1024);
  run('mke2fs', '-q', '-F', '-t', 'ext4', 'disk.raw');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The names of the guests that df has rows for, what it says on stderr, and how it ends. */
function df(...args: readonly string[]) {
  const words = ['dist/virt-df.js', '--json', ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  const { guests, filesystems } = JSON.parse(stdout);
  return {
    guests: guests.map(({ guest }: { guest: string }) => guest),
    rows: filesystems.map((row: { guest: string; device: string; problem: unknown }) => {
      assert.equal(row.problem, null);
      return `${row.guest}:${row.device}`;
    }),
    stderr,
    status,
  };
}

/** All files of the folder with the ending, as a shell gives them, in this order and the other way round. */
function glob(ending: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map(at)
    .sort();
}

/** Fresh images; what the last test made is gone. */
function make(...commands: readonly (readonly string[])[]): void {
  for (const name of readdirSync(folder)) if (name !== 'disk.raw') rmSync(at(name));
  for (const command of commands) run('qemu-img', ...command);
}

const convert = (subformat: string) =>
  ['convert', '-O', 'vmdk', '-o', `subformat=${subformat}`, 'disk.raw', 'vm.vmdk'] as const;
const overlay = (format: string, base: string, name: string) =>
  ['create', '-q', '-f', format, '-b', base, '-F', format, name] as const;

for (const subformat of ['monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat']) {
  test(`${subformat}: descriptor and extent are one disk`, { skip }, () => {
    make(convert(subformat));
    const images = glob('.vmdk');
    assert.equal(images.length, 2);
    for (const given of [images, images.toReversed()]) {
      const { guests, rows, stderr, status } = df(...given);
      assert.deepEqual([guests, rows, status], [['vm.vmdk'], ['vm.vmdk:/dev/sda'], 0]);
      assert.match(stderr, /^virt-df: 1 image is read as parts? of others? .*\n$/u);
    }
    assert.deepEqual(df(...images, '--same-guest').rows.length, 1);
  });
}

test('of snapshots over a base the newest is the disk', { skip }, () => {
  make(convert('monolithicFlat'), overlay('vmdk', 'vm.vmdk', 'vm-000001.vmdk'));
  run('qemu-img', ...overlay('vmdk', 'vm-000001.vmdk', 'vm-000002.vmdk'));
  const { rows, stderr, status } = df(...glob('.vmdk'));
  assert.deepEqual([rows, status], [['vm-000002.vmdk:/dev/sda'], 0]);
  assert.match(stderr, /^virt-df: 3 images are read as parts of others/u);
  const together = df('--same-guest', ...glob('.vmdk'));
  assert.deepEqual(
    together.rows.map((row: string) => row.replace(/^.*:/u, '')),
    ['/dev/sda'],
  );
});

test('qcow2, and two machines in one folder', { skip }, () => {
  make(['convert', '-O', 'qcow2', 'disk.raw', 'a.qcow2'], overlay('qcow2', 'a.qcow2', 'a-1.qcow2'));
  run('qemu-img', 'convert', '-O', 'qcow2', 'disk.raw', 'b.qcow2');
  const { rows, stderr } = df(...glob('.qcow2'));
  assert.deepEqual(rows, ['a-1.qcow2:/dev/sda', 'b.qcow2:/dev/sda']);
  assert.match(stderr, /^virt-df: 1 image is/u);
  const ndjson = ['dist/virt-df.js', '--ndjson', ...glob('.qcow2')];
  const lines = execFileSync(process.execPath, ndjson, { encoding: 'utf8', stdio: 'pipe' });
  assert.doesNotMatch(lines, /"a\.qcow2"/u);
  // Each by itself has its row.
  assert.deepEqual(df(at('a.qcow2')).rows, ['a.qcow2:/dev/sda']);
  // With -t each is a guest of its own.
  const apart = df(...glob('.qcow2').flatMap((path) => ['-t', path]));
  assert.deepEqual([apart.rows.length, apart.stderr], [3, '']);
  // --classic prints what libguestfs prints.
  const classic = ['dist/virt-df.js', '--classic', ...glob('.qcow2')];
  assert.match(execFileSync(process.execPath, classic, { encoding: 'utf8' }), /^a\.qcow2:/mu);
});

test('the parts of a raw disk that was cut, and of a Longhorn replica', { skip }, () => {
  make();
  run('split', '-b', '3M', '-d', '-a', '3', 'disk.raw', 'cut.');
  const cut = readdirSync(folder).filter((name) => name.startsWith('cut.'));
  assert.equal(cut.length, 3);
  const { rows, status } = df(...cut.map(at));
  assert.deepEqual([rows, status], [['cut.000:/dev/sda'], 0]);
  make();
  run('cp', '--sparse=always', 'disk.raw', 'volume-snap-a.img');
  run('truncate', '-s', '8M', 'volume-head-001.img');
  writeFileSync(at('volume-snap-a.img.meta'), '{"Name":"volume-snap-a.img","Parent":""}');
  const head = '{"Name":"volume-head-001.img","Parent":"volume-snap-a.img"}';
  writeFileSync(at('volume-head-001.img.meta'), head);
  assert.deepEqual(df(...glob('.img')).rows, ['volume-head-001.img:/dev/sda']);
});
