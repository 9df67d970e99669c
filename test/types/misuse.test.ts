// Misuse of a guest's value does not compile. Every line under a @ts-expect-error in misuse/ must be an error, and the
// proper uses beside them must be none.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const FOLDER = 'test/types/misuse';
const DIRECTIVE = /^ *\/\/ @ts-expect-error.*$/gmu;

/** A folder as deep as misuse/, so that its relative imports hold. */
const CACHE = 'node_modules/.cache';
let copy: string;

before(() => {
  mkdirSync(CACHE, { recursive: true });
  copy = mkdtempSync(join(CACHE, 'misuse-'));
});
after(() => rmSync(copy, { recursive: true, force: true }));

function typeCheck(folder: string): { readonly status: number | null; readonly output: string } {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', folder],
    {
      encoding: 'utf8',
    },
  );
  return { status, output: stdout };
}

const sources = () => readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));

describe('misuse of a guest’s value', () => {
  it('does not compile', () => {
    const { status, output } = typeCheck(FOLDER);
    assert.equal(output, '');
    assert.equal(status, 0);
  });

  it('is an error of its own in every line (without the directives)', () => {
    cpSync(FOLDER, copy, { recursive: true });
    const expected: string[] = [];
    for (const name of sources()) {
      const lines = readFileSync(join(FOLDER, name), 'utf8').split('\n');
      for (const [i, line] of lines.entries()) {
        if (/@ts-expect-error/u.test(line)) expected.push(`${name}:${i + 2}`);
      }
      writeFileSync(join(copy, name), lines.join('\n').replace(DIRECTIVE, ''));
    }
    const { status, output } = typeCheck(copy);
    const found = new Set(
      [...output.matchAll(/(\w+\.ts)\((\d+),\d+\): error/gu)].map(
        ([, name, line]) => `${name}:${line}`,
      ),
    );
    assert.notEqual(status, 0);
    assert.ok(expected.length >= 70, `${expected.length} misuses`);
    assert.deepEqual(
      expected.filter((line) => !found.has(line)),
      [],
    );
  });

  it('would be noticed if it compiled: a directive over a proper use is an error', () => {
    cpSync(FOLDER, copy, { recursive: true });
    writeFileSync(
      join(copy, 'arithmetic.ts'),
      `import { int } from '../../../src/validation/guest.js';
import { guest } from './values.js';
// @ts-expect-error this is allowed
export const sum = int(guest.count, 'count', 0, 5) + 1;
`,
    );
    const { status, output } = typeCheck(copy);
    assert.notEqual(status, 0);
    assert.match(output, /arithmetic\.ts\(3,1\): error TS2578/u);
  });
});
