// `virt-df du` as it is typed: the text, JSON by its schema, exit codes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations } from '../report/schema.js';
import { EXT4, GPT, noImages, virtDf, XFS } from './support.js';

const skip = noImages;
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-du-1.schema.json', 'utf8'));
const INLINE = 'images/ext4-inline-data.qcow2';

interface Document {
  readonly guests: readonly {
    readonly filesystems: readonly {
      readonly device: string;
      readonly used_bytes: number;
      readonly entries: readonly {
        readonly path: string;
        readonly allocated_bytes: number;
        readonly repeated?: boolean;
      }[];
      readonly other: readonly { readonly kind: string; readonly allocated_bytes: number }[];
    }[];
  }[];
}

function jsonOf(...args: readonly string[]): Document {
  const { stdout } = virtDf(['du', '--json', ...args]);
  const document: unknown = JSON.parse(stdout);
  assert.deepEqual(violations(schema, '#', document), []);
  return document as Document;
}

test('directories with all below them, and what no path leads to', { skip }, () => {
  const { code, stdout, stderr } = virtDf(['du', '-k', '-d1', EXT4]);
  assert.deepEqual([code, stderr], [0, '']);
  const lines = stdout.split('\n').map((line) => line.trim().replace(/ {2,}/u, '|'));
  assert.ok(lines.includes('12|/lost+found'), stdout);
  assert.ok(lines.includes('1|(resize inode)'), stdout);
  assert.ok(!stdout.includes('hard-link'));
});

test('with -a the files too', { skip }, () => {
  assert.match(virtDf(['du', '-a', EXT4]).stdout, /^ +0 {2}\/hard-link$/mu);
});

test('JSON keeps to its schema, and its rows are what is used', { skip }, () => {
  const { guests } = jsonOf('-a', '--test', INLINE, '--test', EXT4);
  assert.equal(guests.length, 2);
  for (const { used_bytes, entries, other } of guests.flatMap(({ filesystems }) => filesystems)) {
    const files = entries.filter(({ repeated }) => repeated !== true);
    const sum = [...files, ...other].reduce((bytes, one) => bytes + one.allocated_bytes, 0);
    assert.equal(sum, used_bytes);
    assert.equal(entries[0]?.path, '/');
  }
});

test('a path is looked for in all filesystems, or in one', { skip }, () => {
  const paths = (...args: readonly string[]) =>
    jsonOf(...args).guests.flatMap(({ filesystems }) =>
      filesystems.flatMap(({ device, entries }) => entries.map(({ path }) => `${device} ${path}`)),
    );
  assert.deepEqual(paths(GPT, '/d0'), ['/dev/sda2 /d0', '/dev/sda4 /d0']);
  assert.deepEqual(paths('-d0', GPT, '/dev/sda4:'), ['/dev/sda4 /']);
  assert.deepEqual(paths('-d0', '-t', GPT, '/dev/sda4:/d0/../d1/.'), ['/dev/sda4 /d1']);
  const { code, stderr } = virtDf(['du', GPT, '/d9']);
  assert.equal(code, 1);
  assert.match(stderr, /NOT_FOUND: no filesystem has the path \/d9/u);
});

test('a filesystem whose files are not read is a row with its reason, and exit status 1', {
  skip,
}, () => {
  const { code, stdout, stderr } = virtDf(['du', 'images/minix-v1-14.qcow2']);
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /UNSUPPORTED_FEATURE/u);
});

test('more than a guest and a path is refused', () => {
  assert.equal(virtDf(['du', EXT4, '/a', '/b']).code, 2);
  assert.equal(virtDf(['du', '-t', EXT4, '/a', XFS]).code, 2);
});
