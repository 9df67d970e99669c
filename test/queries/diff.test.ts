// The paths in which two states of a filesystem differ, beside what a kernel (of FAT: mtools) shows of both.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import type { DiffChange, DiffReport } from '../../src/queries/diff/record.js';
import { bytesOf, type GuestPath } from '../../src/queries/files/guest-path.js';
import { missing } from '../tools.js';
import { diffOf } from './diff-support.js';

const noQemu = missing({ 'qemu-img': 'qemu-utils' });
const FOLDER = 'images/pairs';
const TRUTH = '.truth.json';
const NAMES = existsSync(FOLDER)
  ? readdirSync(FOLDER).flatMap((file) => (file.endsWith(TRUTH) ? file.replace(TRUTH, '') : []))
  : [];

type Truth = Readonly<Record<string, readonly ['added' | 'removed' | 'changed', string[]]>>;

function truthOf(name: string): Truth {
  return JSON.parse(readFileSync(`${FOLDER}/${name}${TRUTH}`, 'utf8'));
}

/** A character for each byte. */
function textOf(path: GuestPath): string {
  return Buffer.from(bytesOf(path)).toString('latin1');
}

function changesOf({ filesystems, problems }: DiffReport): readonly DiffChange[] {
  assert.deepEqual(problems, []);
  return filesystems.flatMap(({ changes }) => changes ?? assert.fail('it was not compared'));
}

/** As a walk over both states finds them: a path that a file had before, and one that it has now. */
function walked(changes: readonly DiffChange[]): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const { path, change, from } of changes) {
    if (change === 'renamed') {
      found.set(textOf(path), 'added');
      found.set(textOf(from ?? assert.fail('it has an old path')), 'removed');
    } else {
      found.set(textOf(path), ['added', 'removed'].includes(change) ? change : 'changed');
    }
  }
  return Object.fromEntries([...found].sort());
}

for (const name of NAMES) {
  test(`${name}: each path that differs, and no other; and what each byte of the overlay is`, async () => {
    const truth = truthOf(name);
    const expected = Object.entries(truth).map(([path, [change]]) => [path, change] as const);
    const [overlay, old] = ['overlay', 'old'].map((word) => `${FOLDER}/${name}.${word}.qcow2`);
    if (overlay === undefined || old === undefined) return;
    const isApart = existsSync(old);
    const images = { old: { kind: 'images', paths: [old], format: 'qcow2' } } as const;
    const states = isApart ? images : { hasOverlay: true };
    const report = await diffOf(overlay, { isExpanded: true, ...states });
    assert.deepEqual(walked(changesOf(report)), Object.fromEntries(expected.sort()));
    if (!isApart) checkOverlay(report, overlay);
  });
}

/** qemu-img says how much an overlay holds. */
function checkOverlay({ overlay }: DiffReport, path: string): void {
  if (overlay === null) assert.fail('it is an overlay');
  const { parts, dataBytes } = overlay;
  const sum = parts.reduce((bytes, { storedBytes }) => bytes + storedBytes, 0);
  assert.equal(sum, dataBytes);
  const kinds = new Set(parts.map(({ kind }) => kind));
  assert.ok(!kinds.has('unaccounted') && !kinds.has('outside'), [...kinds].join(' '));
  for (const { kind, name, differingBytes, storedBytes } of parts) {
    assert.ok(differingBytes !== null && differingBytes <= storedBytes, name);
    if (kind === 'unchanged' && name.startsWith('files')) assert.equal(differingBytes, 0, name);
  }
  if (noQemu !== false) return;
  const { stdout } = spawnSync('qemu-img', ['map', '--output=json', path], { encoding: 'utf8' });
  const own: { depth: number; data: boolean; length: number }[] = JSON.parse(stdout);
  const stored = own.filter(({ depth, data }) => depth === 0 && data);
  assert.equal(
    dataBytes,
    stored.reduce((bytes, { length }) => bytes + length, 0),
  );
}

test('a file that is gone already left its bytes in the overlay', async () => {
  const { overlay } = await diffOf(`${FOLDER}/ext4.overlay.qcow2`, { hasOverlay: true });
  const gone = overlay?.parts.find(({ kind }) => kind === 'temporary');
  // 60,000 bytes were written and deleted.
  assert.ok((gone?.differingBytes ?? 0) >= 58 * 1024, JSON.stringify(gone));
  const written = overlay?.parts.find(
    ({ path }) => path !== null && textOf(path) === '/data/d5.bin',
  );
  assert.equal(written?.differingBytes, 4096);
});

test('how a file differs, and how many of its bytes', async () => {
  const changes = changesOf(await diffOf(`${FOLDER}/ext4.overlay.qcow2`));
  const told = (path: string) => {
    const found = changes.find((one) => textOf(one.path) === path);
    if (found === undefined) return assert.fail(path);
    return [found.change, found.bytesChanged, found.from === null ? null : textOf(found.from)];
  };
  assert.deepEqual(told('/data/d5.bin'), ['modified', 4096, null]);
  assert.deepEqual(told('/data/same.bin'), ['metadata', 0, null], 'rewritten with the same bytes');
  assert.deepEqual(told('/data/d6.bin'), ['modified', 512, null], 'its mtime was set back');
  assert.deepEqual(told('/data/d7.bin'), ['modified', 37_000, null]);
  assert.deepEqual(told('/data/d8.bin'), ['modified', 43_000, null]);
  assert.deepEqual(told('/data/d9.bin'), ['replaced', 5000, null]);
  assert.deepEqual(told('/new/sparse'), ['added', 0, null]);
  assert.deepEqual(told('/new/other'), ['renamed', 0, '/usr/lib/pkg1/file1.txt']);
  assert.deepEqual(told('/var/log/syslog.1'), ['replaced', 914, '/var/log/syslog']);
  assert.deepEqual(told('/usr/lib/pkg3/file3.txt'), ['replaced', 2900, '/usr/lib/pkg3/file4.txt']);
  assert.deepEqual(told('/tree/moved/a/d'), ['modified', 512, '/moved/a/d']);
});

test('of a new file with holes, what is stored of its content', async () => {
  const changes = changesOf(await diffOf(`${FOLDER}/ext3.overlay.qcow2`));
  const island = changes.find(({ path }) => textOf(path) === '/new/island');
  // One block, and two that say where it lies.
  assert.deepEqual([island?.bytesChanged, island?.other?.allocatedBytes], [1024, 3 * 1024]);
});

test('a snapshot that only one state has is one line, and tells how much lies in it', async () => {
  const changes = changesOf(await diffOf(`${FOLDER}/btrfs-snapshots.overlay.qcow2`));
  const paths = Object.entries(truthOf('btrfs-snapshots'));
  for (const [change, path] of [
    ['added', '/come'],
    ['removed', '/gone'],
    ['added', '/plain/written'],
  ] as const) {
    const below = (one: string) => one.startsWith(`${path}/`);
    const found = changes.filter(({ path: one }) => {
      const text = textOf(one);
      return text === path || below(text);
    });
    const expected = paths.filter(([one, [kind]]) => below(one) && kind === change).length;
    assert.deepEqual(
      found.map((one) => [textOf(one.path), one.change, one.belowCount]),
      [[path, change, expected]],
    );
  }
});

test('the fields that differ are those that the kernel shows', async () => {
  const truth = truthOf('ext4');
  const changes = changesOf(await diffOf(`${FOLDER}/ext4.overlay.qcow2`));
  const replaced = changes.filter(({ change }) => change === 'replaced');
  const named = [
    ...replaced.map(({ path }) => textOf(path)),
    ...Object.keys(truth).filter((path) => truth[path]?.[0] !== 'changed'),
  ].map((path) => posix.dirname(path));
  for (const { path, change, fields, kind } of changes) {
    const [what, theirs = []] = truth[textOf(path)] ?? [];
    if (what !== 'changed' || !['modified', 'metadata'].includes(change)) continue;
    const known = theirs.filter((field) => kind !== 'directory' || field !== 'content');
    // What is in a directory, stat does not show.
    const hasOthers = kind === 'directory' && named.includes(textOf(path));
    const all = hasOthers ? [...known, 'entries'] : known;
    assert.deepEqual([...fields].sort(), all.sort(), textOf(path));
    if (kind === 'directory') assert.equal(change, hasOthers ? 'modified' : 'metadata');
  }
});

test('a name that changed in a directory whose times did not', async () => {
  const scope = openScope();
  const folder = await mkdtemp(join(tmpdir(), 'virt-df-diff-'));
  try {
    const { content } = await openDisk('images/ext2-1k.qcow2', { format: 'qcow2', scope });
    const bytes = Buffer.from(await content.read(0, content.sizeBytes));
    await writeFile(join(folder, 'old.raw'), bytes);
    const at = bytes.indexOf('lost+found');
    assert.ok(at > 0);
    bytes.write('lost+faund', at);
    await writeFile(join(folder, 'new.raw'), bytes);
    const answer = await diffOf(join(folder, 'new.raw'), {
      old: { kind: 'images', paths: [join(folder, 'old.raw')], format: 'raw' },
    });
    assert.deepEqual(
      changesOf(answer).map(({ change, path, from }) => [
        change,
        from === null ? null : textOf(from),
        textOf(path),
      ]),
      [['renamed', '/lost+found', '/lost+faund']],
    );
  } finally {
    await scope.close();
    await rm(folder, { recursive: true });
  }
});

test('bytes that no record tells of are found by their content', async () => {
  const path = '/data/d6.bin';
  const overlay = `${FOLDER}/fat16.overlay.qcow2`;
  const hasIt = async (hasContent: boolean | null) =>
    changesOf(await diffOf(overlay, { hasContent })).some((one) => textOf(one.path) === path);
  assert.deepEqual([await hasIt(null), await hasIt(false)], [true, false]);
  const withContent = await diffOf(`${FOLDER}/ext4.overlay.qcow2`, { hasContent: true });
  const without = await diffOf(`${FOLDER}/ext4.overlay.qcow2`);
  assert.deepEqual(changesOf(withContent), changesOf(without));
});
