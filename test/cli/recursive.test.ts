// --recursive: the images below a folder, and nothing else that lies there.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { answersOf } from '../../src/cli/answers.js';
import { EXT4, GPT, noImages, virtDf, XFS } from './support.js';

interface Listed {
  readonly disks: readonly { readonly path: string }[];
}

describe('a folder of images among other files', { skip: noImages }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  const outside = mkdtempSync(join(tmpdir(), 'virt-df-test-'));

  before(() => {
    const deep = join(folder, 'b', 'c');
    mkdirSync(deep, { recursive: true });
    copyFileSync(GPT, join(deep, 'gpt.img'));
    copyFileSync(EXT4, join(folder, 'ext4'));
    copyFileSync(EXT4, join(folder, 'b', 'ext4'));
    copyFileSync(XFS, join(outside, 'xfs.qcow2'));
    symlinkSync(outside, join(folder, 'link-to-folder'));
    symlinkSync(join(outside, 'xfs.qcow2'), join(folder, 'link.qcow2'));
    symlinkSync('.', join(folder, 'loop'));
    writeFileSync(join(folder, 'notes.txt'), 'nothing\n');
    writeFileSync(join(folder, 'notes.gz'), gzipSync('nothing\n'));
    writeFileSync(join(folder, 'empty'), '');
    copyFileSync(process.execPath, join(deep, 'program'));
    writeFileSync(join(folder, 'broken.qcow2'), 'QFI\xfb'.padEnd(4096, '\xff'), 'latin1');
  });

  test('what detection knows has rows, in the order of names; the rest is counted', (t) => {
    t.after(() => {
      rmSync(folder, { recursive: true });
      rmSync(outside, { recursive: true });
    });
    const { stdout, stderr, code } = virtDf(['--json', '-r', folder]);
    const { guests, filesystems } = JSON.parse(stdout);
    assert.deepEqual(
      guests.map(({ disks }: Listed) => relative(folder, disks[0]?.path ?? '')),
      ['b/c/gpt.img', 'b/ext4', 'broken.qcow2', 'ext4'],
    );
    assert.equal(
      filesystems.filter(({ problem }: { readonly problem: unknown }) => problem === null).length,
      4,
    );
    assert.equal(code, 1);
    assert.match(stderr, /4 files below the folder are no images; --debug names them/u);
    const { stderr: named } = virtDf(['-r', folder, '--debug']);
    for (const name of ['notes.txt', 'notes.gz', 'empty', 'program']) {
      assert.ok(named.includes(`virt-df: ${name} is no image\n`), name);
    }
    // An image that is given by its name is one, and is read once.
    const both = JSON.parse(virtDf(['--json', '-r', folder, join(folder, 'ext4')]).stdout);
    assert.equal(both.guests.length, 4);
    const lines = virtDf(['--ndjson', '-r', folder]).stdout.trimEnd().split('\n');
    assert.equal(lines.filter((line) => line.startsWith('{"kind":"guest"')).length, 4);
  });

  test('a folder that is not there, and one without images', () => {
    const empty = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
    const missing = virtDf(['-r', join(empty, 'nosuch')]);
    assert.deepEqual([missing.code, missing.stdout], [2, '']);
    assert.match(missing.stderr, /--recursive needs a folder that exists/u);
    const { code, stderr } = virtDf(['-r', empty]);
    assert.deepEqual([code, stderr], [1, 'virt-df: there is no file below the folder\n']);
    rmSync(empty, { recursive: true });
  });
});

test('answers stand beside their guests when some are missing', () => {
  const guest = (name: string) => ({
    name,
    uuid: null,
    state: null,
    uri: null,
    disks: [],
    problem: null,
  });
  const report = (name: string, readCount: number) => {
    const header = { guest: name, uuid: null, state: null, uri: null, partFiles: [] };
    return { ...header, statistics: { readCount, bytesRead: 0 } };
  };
  const answers = answersOf(
    ['a', 'b', 'c', 'a'].map(guest),
    new Map([
      [2, report('c', 1)],
      [3, report('a', 2)],
    ]),
  );
  assert.deepEqual(
    answers.map(({ guest, report }) => [guest.name, report.guest, report.statistics.readCount]),
    [
      ['c', 'c', 1],
      ['a', 'a', 2],
    ],
  );
});
