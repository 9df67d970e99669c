// The code cache is made by a run where the program is one's own, and used only where nobody else may have written it.
// References: docs/decisions/0006-code-cache.md; V8 src/snapshot/code-serializer.cc, SerializedCodeData::SanityCheck.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { missing } from '../tools.js';
import { BIN, ENV, EXT4, noImages } from './support.js';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/** The program as the package has it: without a cache. */
function installed(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-cache-'));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const dist = join(folder, 'dist');
  mkdirSync(dist);
  for (const name of ['virt-df.js', 'core.js', 'package.json']) {
    copyFileSync(join(dirname(BIN), name), join(dist, name));
  }
  return dist;
}

/** Reads an image, as it comes from a copy of it that everybody may read. */
function run(dist: string, args: readonly string[], as: readonly string[] = []): string {
  const image = join(dirname(dist), 'disk.qcow2');
  copyFileSync(EXT4, image);
  const words = [...as, process.execPath, join(dist, 'virt-df.js'), ...args, image];
  const [command = '', ...rest] = words;
  const { stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', env: ENV });
  assert.equal(stderr, '');
  return stdout;
}

/** What V8 made of the cache that the launcher gave it: `false` if it took it, `undefined` if it was given none. */
function refused(dist: string): string {
  const bin = join(dist, 'virt-df.js');
  const text = readFileSync(bin, 'utf8').replace(
    'script.runInThisContext()',
    'console.log(String(script.cachedDataRejected)); process.exit();',
  );
  const asked = join(dist, 'asked.js');
  writeFileSync(asked, text);
  const { stdout } = spawnSync(process.execPath, [asked], { encoding: 'utf8', env: ENV });
  rmSync(asked);
  return stdout.trim();
}

test('the first run that reads an image keeps what was compiled, and the next uses it', {
  skip: noImages,
}, (t) => {
  const dist = installed(t);
  assert.equal(refused(dist), 'undefined');
  const first = run(dist, ['-t']);
  assert.deepEqual(readdirSync(dist), ['core.cache', 'core.js', 'package.json', 'virt-df.js']);
  const { mode, mtimeMs } = statSync(join(dist, 'core.cache'));
  assert.equal(mode & 0o777, statSync(join(dist, 'core.js')).mode & 0o666);
  assert.equal(refused(dist), 'false');
  assert.equal(run(dist, ['-t']), first);
  assert.equal(statSync(join(dist, 'core.cache')).mtimeMs, mtimeMs);
});

test('one of another V8 is made anew', { skip: noImages }, (t) => {
  const dist = installed(t);
  const path = join(dist, 'core.cache');
  run(dist, ['-t']);
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(bytes.readUInt32LE(4) ^ 1, 4); // The hash of V8's version.
  writeFileSync(path, bytes);
  assert.equal(refused(dist), 'true');
  run(dist, ['-t']);
  assert.equal(refused(dist), 'false');
});

test('a run that reads nothing keeps none', (t) => {
  const dist = installed(t);
  spawnSync(process.execPath, [join(dist, 'virt-df.js'), '--version'], { env: ENV });
  assert.ok(!readdirSync(dist).includes('core.cache'));
});

test('one that others may write to is not used', { skip: noImages }, (t) => {
  const dist = installed(t);
  const path = join(dist, 'core.cache');
  run(dist, ['-t']);
  for (const mode of [0o664, 0o646, 0o666]) {
    chmodSync(path, mode);
    assert.equal(refused(dist), 'undefined', mode.toString(8));
  }
  chmodSync(path, 0o644);
  assert.equal(refused(dist), 'false');
});

test('one of another owner than the program is not used', {
  skip: isRoot ? noImages : 'needs root',
}, (t) => {
  const dist = installed(t);
  const path = join(dist, 'core.cache');
  run(dist, ['-t']);
  chownSync(path, NOBODY, NOBODY);
  assert.equal(refused(dist), 'undefined');
});

test('who does not own the program keeps none, though the folder is open', {
  skip: isRoot ? noImages || missing({ setpriv: 'util-linux' }) : 'needs root',
}, (t) => {
  const dist = installed(t);
  chmodSync(dist, 0o777);
  run(dist, ['-t'], ['setpriv', `--reuid=${NOBODY}`, '--clear-groups']);
  assert.ok(!readdirSync(dist).includes('core.cache'));
});
