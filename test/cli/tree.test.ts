// `virt-df tree` as it is typed: the text, the list, JSON by its schema, exit codes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations } from '../report/schema.js';
import { BIN, GPT, noImages, noTerminal, onTerminal, virtDf, withoutProgress } from './support.js';

const skip = noImages;
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-tree-1.schema.json', 'utf8'));

test('a pipe has a line for each device, in ASCII', { skip }, () => {
  const { code, stdout, stderr } = virtDf(['tree', '--output', 'name,kind,type,label', GPT]);
  assert.deepEqual([code, stderr], [0, '']);
  const [head, guest, ...lines] = stdout.split('\n').map((line) => line.replace(/ {2,}/gu, '|'));
  assert.deepEqual([head, guest], ['NAME|KIND|TYPE|LABEL', GPT.split('/').at(-1)]);
  assert.deepEqual(
    lines.filter((line) => line.includes('/dev/')),
    [
      '`-/dev/sda|disk|gpt|-',
      '|-/dev/sda1|partition|reserved|BIOS boot',
      '|-/dev/sda2|partition|ext2|boot',
      '|-/dev/sda3|partition|swap|swap-gpt',
      '`-/dev/sda4|partition|ext4|root',
    ].map((line, index) => (index === 0 ? line : `  ${line}`.replace(/^ {2,}/u, '|'))),
  );
});

test('--list has each thing once, --bytes exact sizes', { skip }, () => {
  const { stdout } = virtDf(['tree', '--list', '--bytes', '--output', 'name,kind,size', GPT]);
  const lines = stdout.split('\n').map((line) => line.split(/ {2,}/u));
  assert.ok(lines.some(([name, kind]) => name === '/dev/sda2' && kind === 'partition'));
  assert.ok(lines.some(([name, kind]) => name === '/dev/sda2' && kind === 'filesystem'));
  assert.deepEqual(
    lines.find(([name, kind]) => name === '/dev/sda' && kind === 'disk'),
    ['/dev/sda', 'disk', `${64 * 1024 * 1024}`],
  );
});

test('JSON keeps to its schema', { skip }, () => {
  const { code, stdout } = virtDf(['tree', '--json', GPT, 'images/btrfs-subvolumes.qcow2']);
  assert.equal(code, 0);
  const document: unknown = JSON.parse(stdout);
  assert.deepEqual(violations(schema, '#', document), []);
});

test('a terminal is not overrun', { skip: skip || noTerminal }, () => {
  for (const width of [72, 120]) {
    const shown = withoutProgress(
      onTerminal(['tree', GPT], { COLUMNS: `${width}`, NO_COLOR: '1' }),
    );
    const lines = shown.split('\n');
    assert.equal(lines.filter((line) => /[├└]─/u.test(line)).length, 6, shown);
    for (const line of lines) assert.ok([...line].length <= width, line);
  }
});

test('what cannot be read is a line, a reason on stderr and exit code 1', () => {
  const { code, stdout, stderr } = virtDf(['tree', '/nonexistent.img']);
  assert.equal(code, 1);
  assert.match(stdout, /\/dev\/sda/u);
  assert.match(stderr, /NOT_FOUND/u);
  const withReason = virtDf(['tree', '--output', 'name,problem', '/nonexistent.img']);
  assert.match(withReason.stdout, /NOT_FOUND/u);
  assert.deepEqual([withReason.code, withReason.stderr], [1, '']);
});

test('an unknown column and flags that contradict each other are refused', () => {
  assert.equal(virtDf(['tree', '--output', 'colour', BIN]).code, 2);
  assert.equal(virtDf(['tree', '--json', '--list', BIN]).code, 2);
});
