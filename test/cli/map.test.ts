// `virt-df map` as it is typed: the text, JSON by its schema, ddrescue's map files, exit codes.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { violations } from '../report/schema.js';
import { EXT4, GPT, noImages, virtDf } from './support.js';

const skip = noImages;
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-map-1.schema.json', 'utf8'));

interface Range {
  readonly offset_bytes: number;
  readonly length_bytes: number;
  readonly kind: string;
  readonly path: string | null;
  readonly paths?: readonly unknown[];
  readonly stored?: string;
}

function jsonOf(...args: readonly string[]): readonly Range[] {
  const { stdout } = virtDf(['map', '--json', ...args]);
  const document: unknown = JSON.parse(stdout);
  assert.deepEqual(violations(schema, '#', document), []);
  return document as readonly Range[];
}

test('columns in a pipe, a table on a terminal', { skip }, () => {
  const asked = ['map', GPT, '--offset', '0', '--offset', '0x100400,1K', '--sector', '40'];
  const { code, stdout, stderr } = virtDf(asked);
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(stdout.split('\n'), [
    '0\t1\t/dev/sda\ttable\t-\t-\t(gpt partition table)',
    '1049600\t1024\t/dev/sda1\tother\t-\t-\t(reserved)',
    '20480\t512\t/dev/sda\tgap\t-\t-\t-',
    '',
  ]);
  const [head, first] = virtDf([...asked, '--width', '80']).stdout.split('\n');
  assert.equal(head, ' OFFSET  LENGTH  DEVICE     KIND   FILE OFFSET  INODE  WHAT');
  assert.equal(
    first,
    '      0       1  /dev/sda   table            -      -  (gpt partition table)',
  );
});

test('JSON is a list that keeps to its schema, and so does each line of --ndjson', { skip }, () => {
  const ranges = jsonOf(EXT4);
  const [linked] = ranges.filter(({ paths }) => paths !== undefined);
  assert.equal(linked?.paths?.length, 2);
  const { stdout } = virtDf(['map', '--ndjson', EXT4]);
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    ranges,
  );
  const pieces = jsonOf(EXT4, '--file', '/large.bin');
  // Recorded images have no content.
  assert.ok(pieces.every(({ stored }) => stored === 'zero'));
});

test('a list on stdin, and the bad places of ddrescue', { skip }, () => {
  const list = virtDf(['map', EXT4, '--offset', '-'], {}, '# bad\n1K\n0x100000 2K\n');
  assert.equal(list.stdout.split('\n').length, 3, list.stdout + list.stderr);
  const none = virtDf(['map', EXT4, '--offset', '-'], {}, '# none\n');
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', '']);
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-map-'));
  try {
    const file = join(folder, 'rescue.map');
    const lines = ['# Mapfile', '0x00 +  1', '0x0 0x400 +', '0x400 0x400 -', '0x800 512 /'];
    writeFileSync(file, [...lines, '0xA00 0x600 ?', '0x1000 010000 *', ''].join('\n'));
    const ranges = jsonOf(EXT4, '--ddrescue', file);
    assert.equal(ranges[0]?.offset_bytes, 0x400);
    assert.equal(
      ranges.reduce((bytes, one) => bytes + one.length_bytes, 0),
      0x400 + 512 + 0o10000,
    );
    writeFileSync(file, '0 +\n0 100 x\n');
    assert.equal(virtDf(['map', EXT4, '--ddrescue', file]).code, 2);
    writeFileSync(file, '0 +\n0 100 +\n');
    const sound = virtDf(['map', EXT4, '--ddrescue', file]);
    assert.deepEqual([sound.code, sound.stdout], [0, '']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the map file of virt-bmap has the disk, partitions, directories and files', { skip }, () => {
  const { code, stdout } = virtDf(['map', '--export', 'bmap', GPT]);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.every((line) => /^1 [0-9a-f]+ [0-9a-f]+ [vpldf] \/dev\//u.test(line)));
  assert.equal(lines[0], '1 0 4000000 v /dev/sda');
  assert.ok(lines.some((line) => / f \/dev\/sda2 \/large\.bin$/u.test(line)));
  assert.ok(lines.some((line) => / d \/dev\/sda2 \/$/u.test(line)));
  assert.equal(virtDf(['map', '--format', 'bmap', GPT]).stdout, stdout);
});

test('exit codes: 0 for an answer, 1 for none, 2 for what cannot be meant', { skip }, () => {
  assert.equal(virtDf(['map', EXT4, '--offset', '8M']).code, 0);
  const behind = virtDf(['map', EXT4, '--offset', '1T']);
  assert.equal(behind.code, 1);
  assert.match(behind.stdout, /^1099511627776\t1\t-\tunread\t.*beyond the end of the disk/u);
  const half = jsonOf(EXT4, '--offset', '67108863,2', '--offset', '0');
  assert.deepEqual(
    half.map((one) => [one.offset_bytes, one.length_bytes, one.kind === 'unread']),
    [
      [67108863, 1, false],
      [0, 1, false],
      [67108864, 1, true],
    ],
  );
  assert.match(behind.stderr, /OUT_OF_BOUNDS: \/dev\/sda has 67108864 bytes/u);
  const missing = virtDf(['map', EXT4, '--file', '/nowhere']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /NOT_FOUND: no filesystem has the path \/nowhere/u);
  for (const words of [
    ['--offset', 'x'],
    ['--offset', '1,0'],
    ['--sector', '1', '--sector-size', '700'],
    ['--offset', '1', '--file', '/a'],
    ['--offset', '-', '--sector', '-'],
    ['--offset', '-', '--keys-from-stdin'],
    ['/a/path'],
  ]) {
    assert.equal(virtDf(['map', EXT4, ...words]).code, 2, words.join(' '));
  }
});
