// A user's format that asks for more than there is loses one row: the guest that has it says so, the others print.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { virtDf } from '../cli/support.js';
import { ksy } from './hostile-ksy.js';

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'virt-df-costly-'));
  mkdirSync(join(root, 'formats'));
});
after(() => rmSync(root, { recursive: true }));

/** A format whose last instance, the number of its blocks or its label, is doubled so often. */
function doubling(name: string, key: string, first: string, operator: string): string {
  const lines = Array.from(
    { length: 60 },
    (_, i) => `  x${i + 1}:\n    value: x${i} ${operator} x${i}\n`,
  );
  const instances = `instances:\n  x0:\n    value: ${JSON.stringify(first)}\n${lines.join('')}`;
  const blocks = key === 'blocks' ? 'blocks: x60' : 'blocks: num_blocks\n    label: x60';
  return ksy({ name })
    .replace('HOSTILE!', name.toUpperCase().padEnd(8, '!'))
    .replace('contents: HOSTILE!', 'size: 8')
    .replace('blocks: num_blocks', blocks)
    .concat(instances);
}

function image(name: string): string {
  const bytes = Buffer.alloc(64 * 1024);
  bytes.write(name.toUpperCase().padEnd(8, '!'));
  bytes.writeUInt32LE(100, 8);
  const path = join(root, `${name}.raw`);
  writeFileSync(path, bytes);
  return path;
}

test('values without end are an error of the guest that has them', () => {
  const formats = join(root, 'formats');
  writeFileSync(join(formats, 'squares.ksy'), doubling('squares', 'blocks', 'num_blocks', '*'));
  writeFileSync(join(formats, 'texts.ksy'), doubling('texts', 'label', "'0123456789'", '+'));
  writeFileSync(
    join(formats, 'sound.ksy'),
    ksy({ name: 'sound' }).replaceAll('HOSTILE!', 'SOUND!!!'),
  );
  const images = ['squares', 'sound', 'texts'].flatMap((name) => ['-t', image(name)]);
  const cache = { XDG_CACHE_HOME: join(root, 'cache') };
  const { stdout, stderr, code } = virtDf(['--formats', formats, '--json', ...images], cache);
  assert.equal(code, 1, stderr);
  const { filesystems, problems } = JSON.parse(stdout);
  const sizes = filesystems.map((row: Record<string, unknown>) => [row.type, row.size_bytes]);
  assert.deepEqual(sizes, [
    ['squares', null],
    ['sound', 51_200],
    ['texts', null],
  ]);
  const messages = problems.map((row: Record<string, unknown>) => [row.code, row.message]);
  assert.deepEqual(messages, [
    ['LIMIT', 'squares: x5 has more than 128 bits'],
    ['LIMIT', 'texts: x9 has 5120 characters, more than 4096'],
  ]);
});
