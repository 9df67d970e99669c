// The places of a stack: of the sources where the build's map is, as in a clone; of the bundle in the package, which has none.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { BIN, ENV } from './support.js';

/** The stack of a mistake in the flags, and whether each of its places in a source is a line of it. */
const MISTAKE = ['--debug', '--sort', 'nonsense'];

function stackOf(bin: string): string {
  const argv = [bin, ...MISTAKE];
  return spawnSync(process.execPath, argv, { encoding: 'utf8', env: ENV }).stderr;
}

function placesIn(stack: string): readonly string[] {
  return [...stack.matchAll(/^ {4}at (src\/\S+?):(\d+):\d+$/gmu)].map(
    ([, file = '', line = '']) => {
      assert.ok(existsSync(file), file);
      const text = readFileSync(file, 'utf8').split('\n')[Number(line) - 1];
      assert.ok(text !== undefined, `${file}:${line}`);
      return text;
    },
  );
}

test('a clone shows places of the sources; those of the package are told by a clone', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-places-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'parts'));
  const parts = readdirSync(join(dirname(BIN), 'parts')).filter((name) => name.endsWith('.js'));
  for (const name of [
    'virt-df.js',
    'core.js',
    'package.json',
    ...parts.map((part) => `parts/${part}`),
  ]) {
    copyFileSync(join(dirname(BIN), name), join(folder, name));
  }
  const here = stackOf(BIN);
  assert.match(placesIn(here)[0] ?? '', /new UsageError|UsageError\(/u);
  const there = stackOf(join(folder, 'virt-df.js'));
  assert.match(there, /core\.js:\d+:\d+\)?\n/u);
  assert.match(there, /scripts\/places\.ts of its sources says where that is/u);
  assert.deepEqual(placesIn(there), []);
  const told = execFileSync(process.execPath, ['build/scripts/places.js'], {
    input: there,
    encoding: 'utf8',
  });
  assert.deepEqual(placesIn(told), placesIn(here));
});
