// What the README shows is what happens.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const readme = readFileSync('README.md', 'utf8');
/** Blocks that show a command on the repository's own images and what it prints. */
const shown = [
  ...readme.matchAll(/```\n\$ virt-df ([^\n]*images\/[^\n|]*?)(?: \| cat)?\n([^`]+)```/gu),
];

test('the README has examples that can be run', () => {
  assert.ok(shown.length >= 2);
});

for (const [, words = '', output] of shown) {
  test(`virt-df ${words}`, () => {
    const args = ['dist/virt-df.js', ...words.trim().split(' ')];
    const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    assert.equal(stdout, output);
    // What diff shows is different.
    assert.equal(status, words.startsWith('diff') ? 1 : 0);
  });
}

test('the first command of the README is the one that shows a table', () => {
  const command = /```sh\nnpm ci && npx virt-df (.*)\nnpm test\n```/u.exec(readme)?.[1] ?? '';
  const out = execFileSync(process.execPath, ['dist/virt-df.js', ...command.split(' ')], {
    encoding: 'utf8',
  });
  assert.match(out, /\/dev\/sda2 +\d+ +\d+ +\d+ +\d+%\n/u);
});
