// Images whose names are not UTF-8: bytes are all that Linux knows of a name, and Node gives U+FFFD for them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openScope } from '../../src/host/local-scope.js';
import { BIN, ENV, EXT4, noImages, virtDf } from '../cli/support.js';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-not-utf8-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const bytes = (text: string) => Buffer.from(text, 'latin1');

async function read(path: string): Promise<string> {
  const scope = openScope();
  try {
    const file = await scope.open(path);
    const text = Buffer.from(await file.read(0, file.sizeBytes)).toString();
    return `${file.path.slice(file.path.lastIndexOf('/') + 1)}: ${text}`;
  } finally {
    await scope.close();
  }
}

test('the one file of a folder that looks so is it; of several none is taken', async (t) => {
  const folder = folderOf(t);
  writeFileSync(bytes(`${folder}/a\xff.img`), 'first');
  writeFileSync(join(folder, 'other'), 'other');
  const path = join(folder, 'a\ufffd.img');
  assert.equal(await read(path), 'a\ufffd.img: first');
  mkdirSync(bytes(`${folder}/d\xe4`));
  writeFileSync(bytes(`${folder}/d\xe4/\xc3x`), 'deep');
  assert.equal(await read(join(folder, 'd\ufffd', '\ufffdx')), '\ufffdx: deep');
  symlinkSync(bytes('a\xff.img'), join(folder, 'link'));
  assert.equal(await read(join(folder, 'link')), 'a\ufffd.img: first');
  await assert.rejects(read(join(folder, 'b\ufffd')), { code: 'NOT_FOUND' });
  for (const name of [bytes(`${folder}/a\xfe.img`), path]) {
    writeFileSync(name, 'second');
    await assert.rejects(read(path), { code: 'AMBIGUOUS', message: /may be each of 2 files/u });
    rmSync(name);
  }
  // Reached by other names they are two files of one guest.
  writeFileSync(bytes(`${folder}/a\xfe.img`), 'second');
  symlinkSync(bytes('a\xfe.img'), join(folder, 'link2'));
  const scope = openScope();
  t.after(() => scope.close());
  const [one, two] = [
    await scope.open(join(folder, 'link')),
    await scope.open(join(folder, 'link2')),
  ];
  assert.deepEqual([one.sizeBytes, two.sizeBytes], [5, 6]);
  assert.notEqual(one.path, two.path);
});

test('such a word of the command line is an image, with the same rows', { skip: noImages }, (t) => {
  const folder = folderOf(t);
  copyFileSync(EXT4, bytes(`${folder}/disk-\xe9.qcow2`));
  const rows = (stdout: string) => JSON.parse(stdout).filesystems[0];
  const expected = rows(virtDf(['--json', EXT4]).stdout);
  for (const word of ['disk-\\351.qcow2', './disk-\\351.qcow2', `${folder}/disk-\\351.qcow2`]) {
    const command = `"$0" "$1" --json "$(printf '${word}')"`;
    const options = { cwd: folder, env: ENV, encoding: 'utf8' } as const;
    const { stdout, status } = spawnSync('sh', ['-c', command, process.execPath, BIN], options);
    assert.equal(status, 0);
    const { guest, path, ...row } = rows(stdout);
    assert.deepEqual([guest, path], ['disk-\ufffd.qcow2', `${folder}/disk-\ufffd.qcow2`]);
    assert.deepEqual({ ...expected, ...row }, expected);
  }
});
