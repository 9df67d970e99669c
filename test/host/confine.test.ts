// A process that gave up its rights reads, and does nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const PROGRAM = join(import.meta.dirname, 'confined.js');
/** Landlock's version that has the right to truncate. */
const ALL = 3;

test('it can read a file, and neither write one nor run a program', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'confine-'));
  try {
    writeFileSync(join(folder, 'there'), 'as it was');
    const said = execFileSync(process.execPath, [PROGRAM, folder], { encoding: 'utf8' });
    const { landlock, done } = JSON.parse(said);
    if (landlock === null || landlock < ALL) {
      return t.skip(`this kernel has no Landlock of version ${ALL}: ${landlock}`);
    }
    assert.deepEqual(done, ['read']);
    assert.deepEqual(readdirSync(folder), ['there']);
    assert.equal(readFileSync(join(folder, 'there'), 'utf8'), 'as it was');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
