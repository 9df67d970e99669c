// Runs the commands that docs/replay.md shows, each in turn, and compares what they print with what the page says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { missing, toolEnv } from '../tools.js';

const PAGE = 'docs/replay.md';
const skip = missing({
  'qemu-img': 'qemu-utils',
  debugfs: 'e2fsprogs',
  dumpe2fs: 'e2fsprogs',
  xfs_db: 'xfsprogs',
  xfs_logprint: 'xfsprogs',
});

const folder = mkdtempSync(join(tmpdir(), 'virt-df-replay-'));
after(() => rmSync(folder, { recursive: true }));

interface Step {
  readonly command: string;
  readonly output: string;
}

function steps(page: string): readonly Step[] {
  const found: Step[] = [];
  for (const [, body = ''] of page.matchAll(/^```console\n(.*?)^```$/gmsu)) {
    for (const [, command = '', output = ''] of body.matchAll(
      /^\$ ([^\n]*)\n((?:[^$][^\n]*\n)*)/gmu,
    )) {
      found.push({ command, output });
    }
  }
  return found;
}

test(`the commands of ${PAGE} print what it says`, { skip }, () => {
  const shown = steps(readFileSync(PAGE, 'utf8'));
  assert.ok(shown.length >= 9);
  symlinkSync(resolve('images'), join(folder, 'images'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/virt-df.js')}' "$@"\n`;
  writeFileSync(join(folder, 'virt-df'), program, { mode: 0o755 });
  const env = { ...toolEnv, PATH: `${folder}:${toolEnv.PATH}` };
  for (const { command, output } of shown) {
    const { stdout } = spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
    assert.equal(stdout, output, command);
  }
});
