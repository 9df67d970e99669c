// The code cache is made by a run where the program is one's own, or in the user's cache, and used only where nobody else may have
// written it.
// References: docs/decisions/0006-code-cache.md; V8 src/snapshot/code-serializer.cc, SerializedCodeData::SanityCheck.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BIN, ENV, EXT4, noImages, XFS } from './support.js';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? noImages : 'needs root';
const FILES = ['virt-df.js', 'core.js', 'package.json'];
const CACHE = readdirSync(dirname(BIN)).find((name) => /^core-.*\.cache$/u.test(name)) ?? 'none';

interface Installed {
  readonly dist: string;
  readonly home: string;
  /** The folder in the home and the file in it. */
  readonly folder: string;
  readonly kept: string;
}

/** The program as the package has it, without a cache, and a home. */
function installed(t: TestContext): Installed {
  const root = mkdtempSync(join(tmpdir(), 'virt-df-cache-'));
  t.after(() => {
    chmodSync(join(root, 'dist'), 0o755);
    rmSync(root, { recursive: true });
  });
  chmodSync(root, 0o755);
  const [dist, home] = [join(root, 'dist'), join(root, 'home')];
  for (const folder of [dist, home]) mkdirSync(folder);
  for (const name of FILES) copyFileSync(join(dirname(BIN), name), join(dist, name));
  copyFileSync(EXT4, join(root, 'disk.qcow2'));
  const folder = join(home, '.cache', 'virt-df');
  return { dist, home, folder, kept: join(folder, CACHE) };
}

/** As `installed`, by another user, or where nothing can be written. */
function installedByAnother(t: TestContext): Installed {
  const program = installed(t);
  if (isRoot) for (const name of FILES) chownSync(join(program.dist, name), NOBODY, NOBODY);
  else chmodSync(program.dist, 0o555);
  return program;
}

function run({ dist, home }: Installed, args: readonly string[] = [], bin = 'virt-df.js'): string {
  const image = args.length > 0 ? [] : ['-t', join(dirname(dist), 'disk.qcow2')];
  const words = [join(dist, bin), ...args, ...image];
  const env = { ...ENV, HOME: home };
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8', env });
  assert.deepEqual([stderr, status], ['', 0]);
  return stdout;
}

/** What V8 made of the cache that the launcher gave it: `false` if it took it, `undefined` if it was given none. */
function refused(program: Installed, code = 'String(script.cachedDataRejected)'): string {
  const launcher = readFileSync(BIN, 'utf8');
  const asked = launcher.replace(
    'script.runInThisContext()',
    `console.log(${code}); process.reallyExit(0); (() => {})`,
  );
  assert.notEqual(asked, launcher);
  const folder = mkdtempSync(join(program.home, 'asked-'));
  const bin = join(folder, 'asked.js');
  writeFileSync(bin, asked.replaceAll('__dirname', JSON.stringify(program.dist)));
  const answer = run({ ...program, dist: folder }, ['-'], 'asked.js').trim();
  rmSync(folder, { recursive: true });
  return answer;
}

test('the first run that reads an image keeps what was compiled, and the next uses it', {
  skip: noImages,
}, (t) => {
  const program = installed(t);
  const { dist, home } = program;
  assert.equal(refused(program), 'undefined');
  const first = run(program);
  assert.deepEqual(readdirSync(dist).sort(), [...FILES, CACHE].sort());
  const { mode, mtimeMs } = statSync(join(dist, CACHE));
  assert.equal(mode & 0o777, statSync(join(dist, 'core.js')).mode & 0o666);
  assert.equal(refused(program), 'false');
  assert.equal(run(program), first);
  assert.equal(statSync(join(dist, CACHE)).mtimeMs, mtimeMs);
  assert.deepEqual(readdirSync(home), []);
});

test('one of another V8 is made anew', { skip: noImages }, (t) => {
  const program = installed(t);
  const path = join(program.dist, CACHE);
  run(program);
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(bytes.readUInt32LE(4) ^ 1, 4); // The hash of V8's version.
  writeFileSync(path, bytes);
  assert.equal(refused(program), 'true');
  run(program);
  assert.equal(refused(program), 'false');
});

test('one of another Node or another version stays beside it, the oldest are removed', {
  skip: noImages,
}, (t) => {
  const program = installed(t);
  const others = [1, 2, 3, 4].map((age) => {
    const name = CACHE.replace(/-v.*-/u, `-v0.0.${age}-`);
    writeFileSync(join(program.dist, name), 'not a cache');
    utimesSync(join(program.dist, name), 1000 - age, 1000 - age);
    return name;
  });
  run(program);
  assert.deepEqual(
    readdirSync(program.dist).sort(),
    [...FILES, CACHE, ...others.slice(0, 3)].sort(),
  );
});

test('a run that reads nothing keeps none', (t) => {
  for (const program of [installed(t), installedByAnother(t)]) {
    run(program, ['--version']);
    assert.deepEqual(readdirSync(program.dist).sort(), FILES.toSorted());
    assert.ok(!existsSync(program.kept));
  }
});

test('the build keeps what a run of one image compiles', { skip: noImages }, () => {
  const path = join(dirname(BIN), CACHE);
  const launcher = readFileSync(BIN, 'utf8').replace(
    'script.runInThisContext()',
    'process.once("exit", () => console.error(script.createCachedData().length)), $&',
  );
  const code = `require('node:module').prototype._compile.call(module, ${JSON.stringify(launcher.replace(/^#!.*/u, ''))}, ${JSON.stringify(BIN)})`;
  const args = ['-e', code, '--', BIN, '-t', EXT4];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: ENV });
  const { size } = statSync(path);
  assert.ok(Number(stderr) > 0 && Number(stderr) < size * 1.02, `${stderr} after, ${size} before`);
});

test('one that others may write to is not used', { skip: noImages }, (t) => {
  const program = installed(t);
  const path = join(program.dist, CACHE);
  run(program);
  for (const mode of [0o664, 0o646, 0o666]) {
    chmodSync(path, mode);
    assert.equal(refused(program), 'undefined', mode.toString(8));
  }
  chmodSync(path, 0o644);
  assert.equal(refused(program), 'false');
});

test('one of another owner than the program is not used', { skip: needsRoot }, (t) => {
  const program = installed(t);
  run(program);
  chownSync(join(program.dist, CACHE), NOBODY, NOBODY);
  assert.equal(refused(program), 'undefined');
});

test('who does not own the program has one in a cache of their own', { skip: noImages }, (t) => {
  const program = installedByAnother(t);
  const { dist, folder, kept } = program;
  if (isRoot) chmodSync(dist, 0o777);
  const first = run(program);
  assert.deepEqual(readdirSync(dist).sort(), FILES.toSorted());
  assert.deepEqual(readdirSync(folder), [CACHE]);
  assert.deepEqual([statSync(folder).mode & 0o777, statSync(kept).mode & 0o777], [0o700, 0o600]);
  const { mtimeMs } = statSync(kept);
  assert.equal(refused(program), 'false');
  assert.equal(run(program), first);
  assert.equal(statSync(kept).mtimeMs, mtimeMs);
});

test('that one is not used if others may have written it', { skip: noImages }, (t) => {
  const program = installedByAnother(t);
  const { folder, kept, home } = program;
  run(program);
  for (const [path, mode, own] of [
    [kept, 0o620, 0o600],
    [folder, 0o755, 0o700],
  ] as const) {
    chmodSync(path, mode);
    assert.equal(refused(program), 'undefined');
    chmodSync(path, own);
  }
  if (isRoot) {
    for (const path of [kept, folder, home]) {
      chownSync(path, NOBODY, NOBODY);
      assert.equal(refused(program), 'undefined', path);
      chownSync(path, 0, 0);
    }
  }
  assert.equal(refused(program), 'false');
  writeFileSync(kept, 'not a cache');
  assert.equal(refused(program), 'true');
  run(program);
  assert.equal(refused(program), 'false');
});

test('a home that is another user’s, missing or closed gets nothing', { skip: noImages }, (t) => {
  const program = installedByAnother(t);
  const { home } = program;
  renameSync(home, `${home}.away`);
  run(program);
  assert.ok(!existsSync(home));
  renameSync(`${home}.away`, home);
  if (isRoot) chownSync(home, NOBODY, NOBODY);
  else chmodSync(home, 0o555);
  run(program);
  assert.deepEqual(readdirSync(home), []);
  chmodSync(home, 0o755);
});

test('every part is taken from its cache in the next run, also where V8 was told to optimize later', {
  skip: noImages,
}, (t) => {
  const program = installed(t);
  const { dist } = program;
  cpSync(join(dirname(BIN), 'parts'), join(dist, 'parts'), { recursive: true });
  copyFileSync(XFS, join(dirname(dist), 'xfs.qcow2'));
  const image = ['-t', join(dirname(dist), 'xfs.qcow2')];
  const many = [1, 2, 3, 4, 5, 6].flatMap(() => image);
  run(program, image);
  run(program, ['du', ...image]);
  run(program, many);
  const caches = () =>
    readdirSync(dist)
      .filter((name) => name.endsWith('.cache'))
      .map((name) => [name, statSync(join(dist, name)).ino]);
  const made = caches();
  assert.ok(made.length >= 4, String(made));
  for (const args of [image, ['du', ...image], image, many]) run(program, args);
  assert.deepEqual(caches(), made);
  // Processes that read several guests leave none, and say here what they had to compile.
  const script = join(dist, 'virt-df.js');
  const launcher = readFileSync(script, 'utf8');
  const telling = launcher.replace(
    'if (script.cachedDataRejected !== false)',
    "if (script.cachedDataRejected) require('node:fs').writeSync(2, part.name + ' refused');\n$&",
  );
  assert.notEqual(telling, launcher);
  writeFileSync(script, telling);
  run(program, many);
});
