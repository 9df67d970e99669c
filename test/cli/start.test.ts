// Start-up: a plain run loads nothing that it does not need. scripts/bench measures what it takes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exitCodeOf } from '../../src/cli/failure.js';
import { FormatError, LibvirtError, UsageError } from '../../src/errors.js';
import { BIN, ENV, EXT4, noImages } from './support.js';

test('a plain run loads no third-party file and no needless part of Node', {
  skip: noImages,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const preload = join(folder, 'preload.cjs');
  const report = join(folder, 'report.json');
  writeFileSync(
    preload,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(report)},
      JSON.stringify({ files: Object.keys(require.cache), modules: process.moduleLoadList })));`,
  );
  spawnSync(process.execPath, ['-r', preload, BIN, '-t', EXT4], { env: ENV });
  const { files, modules } = JSON.parse(readFileSync(report, 'utf8'));
  assert.deepEqual(
    files.filter((file: string) => file !== preload),
    [BIN],
  );
  for (const module of ['crypto', 'http', 'child_process', 'worker_threads', 'util/parse_args']) {
    assert.ok(!modules.includes(`NativeModule ${module}`), module);
  }
});

test('the code cache fits the bundle', () => {
  const script = `
    const { readFileSync } = require('node:fs');
    const { Script } = require('node:vm');
    const launcher = readFileSync(${JSON.stringify(BIN)}, 'utf8')
      .replace('script.runInThisContext()', 'console.log(script.cachedDataRejected); process.reallyExit(0); (() => {})');
    require('node:module').prototype._compile.call(module, launcher.replace(/^#!.*/, ''), ${JSON.stringify(BIN)});`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.deepEqual([stdout, stderr], ['false\n', '']);
});

test('errors come to exit codes', () => {
  assert.equal(exitCodeOf(new UsageError('USAGE', 'x')), 2);
  assert.equal(exitCodeOf(new UsageError('BAD_FORMAT_FILE', 'x')), 2);
  assert.equal(exitCodeOf(new LibvirtError('LIBVIRT_CONNECT', 'x')), 3);
  assert.equal(exitCodeOf(new FormatError('INVALID', 'x')), 3);
  assert.equal(exitCodeOf(new TypeError('x is not a function')), 70);
  assert.equal(exitCodeOf('thrown'), 70);
});
