// `virt-df du` as it is typed: the text, JSON by its schema, exit codes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations } from '../report/schema.js';
import { missing } from '../tools.js';
import {
  EXT4,
  GPT,
  noImages,
  noTerminal,
  onTerminal,
  virtDf,
  withoutProgress,
  XFS,
} from './support.js';

const skip = noImages;
const noNcdu = missing({ ncdu: 'ncdu' });
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-du-1.schema.json', 'utf8'));
const LOCKED = 'images/luks1-partition.qcow2';
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
  const { code, stdout, stderr } = virtDf(['du', '-d1', EXT4]);
  assert.deepEqual([code, stderr], [0, '']);
  const lines = stdout.split('\n');
  assert.ok(lines.includes('12\text4-default.qcow2:/dev/sda:/lost+found'), stdout);
  assert.ok(lines.includes('1\text4-default.qcow2:/dev/sda:(resize inode)'), stdout);
  assert.ok(!stdout.includes('hard-link'));
});

test('with -a the files too', { skip }, () => {
  assert.match(virtDf(['du', '-a', EXT4]).stdout, /^0\t.*:\/hard-link$/mu);
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

test('each line of --ndjson keeps to the schema; the summary is last', { skip }, () => {
  const line: { readonly $ref: string } = JSON.parse(
    readFileSync('docs/virt-df-du-ndjson-1.schema.json', 'utf8'),
  );
  const { code, stdout } = virtDf([
    'du',
    '--ndjson',
    '-a',
    '-t',
    GPT,
    '-t',
    'images/minix-v1-14.qcow2',
  ]);
  assert.equal(code, 1);
  const [, ref = ''] = line.$ref.split(/(?=#)/u);
  const records: readonly { readonly kind: string }[] = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
  for (const record of records) assert.deepEqual(violations(schema, ref, record), []);
  assert.equal(records.at(-1)?.kind, 'summary');
  const kinds = new Set(records.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), [
    'entry',
    'filesystem',
    'guest',
    'other',
    'outside',
    'problem',
    'summary',
  ]);
});

test('ncdu reads an export: all that is used is in it', { skip: skip || noNcdu }, () => {
  const { code, stdout } = virtDf(['du', '--export', 'ncdu', GPT]);
  assert.equal(code, 0);
  const [major, minor, about, top] = JSON.parse(stdout);
  assert.deepEqual([major, minor, about.progname], [1, 2, 'virt-df']);
  assert.equal(top.length, 3, 'a top, and two filesystems');
  const { stdout: printed } = spawnSync('ncdu', ['-f', '-', '-o', '-'], {
    input: stdout,
    encoding: 'utf8',
  });
  const names = (text: string) =>
    [...text.matchAll(/"name":"([^"]*)"/gu)].map(([, name]) => name).sort();
  assert.ok(names(stdout).length > 60);
  assert.deepEqual(names(printed), names(stdout));
});

test('an export of a path to a file has a top of its own', { skip }, () => {
  const { stdout } = virtDf(['du', '--export', 'ncdu', EXT4, '/large.bin']);
  const [, , , [top, file, ...others]] = JSON.parse(stdout);
  assert.deepEqual([top.name, others], ['ext4-default.qcow2:/dev/sda', []]);
  assert.deepEqual([file.name, file.dsize], ['large.bin', 15355 * 1024]);
});

test('the largest, the old ones, the order, how deep', { skip }, () => {
  const rows = (...args: readonly string[]) =>
    virtDf(['du', ...args, EXT4])
      .stdout.trimEnd()
      .split('\n')
      .map((line) => line.replace(/\t.*:/u, ' '));
  assert.deepEqual(rows('-s'), ['15583 /', '1 (resize inode)']);
  assert.deepEqual(rows('-a', '--top', '3'), [
    '15583 /',
    '15355 /large.bin',
    '55 /d3',
    '1 (resize inode)',
  ]);
  assert.deepEqual(rows('--top', '3', '--sort', 'name').slice(0, 3), [
    '15583 /',
    '55 /d3',
    '48 /d4',
  ]);
  assert.deepEqual(rows('--larger', '10K'), ['15355 /large.bin', '10 /d3/f028.txt']);
  assert.deepEqual(rows('--larger', '1M', '--older', '0'), ['15355 /large.bin']);
  assert.deepEqual(rows('--older', '100000'), ['']);
  assert.deepEqual(rows('--sort', 'size', '-d1').slice(0, 4), [
    '15583 /',
    '55 /d3',
    '48 /d4',
    '42 /d1',
  ]);
  assert.match(rows('-b', '-s')[0] ?? '', /^15\d{6} \/$/u);
  assert.deepEqual(rows('--apparent-size', '-x', '--larger', '10M', '-m'), ['15 /large.bin']);
});

test('a terminal has bars, and is not overrun', { skip: skip || noTerminal }, () => {
  for (const width of [30, 72, 120]) {
    const shown = withoutProgress(
      onTerminal(['du', '-t', GPT, '-t', XFS], { COLUMNS: `${width}`, NO_COLOR: '1' }),
    );
    assert.equal(shown.includes('█'), width > 50, shown);
    assert.match(shown, / \/d3\n/u);
    for (const line of shown.split('\n')) assert.ok([...line].length <= Math.max(width, 64), line);
  }
  const ascii = onTerminal(['du', '--ascii', GPT], { COLUMNS: '80', NO_COLOR: '1' });
  assert.match(ascii, / 100% {2}#{10} {2}\/\n/u);
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
  const saidOf = (...args: readonly string[]) => virtDf(['du', ...args]).stderr;
  assert.match(saidOf(GPT, '/dev/sda2'), /; a device ends with a colon \(\/dev\/sda2:\)\n/u);
  assert.match(
    saidOf(GPT, '/dev/sdz:/d0'),
    /NOT_FOUND: there is no \/dev\/sdz; df has the devices/u,
  );
});

test('why the one that was asked for cannot be read is told', { skip }, () => {
  const missingFile = virtDf(['du', 'none.qcow2', '/dev/sda1:/home']);
  assert.match(missingFile.stderr, /none\.qcow2/u);
  assert.doesNotMatch(missingFile.stderr, /there is no \/dev/u);
  const locked = virtDf(['du', LOCKED, '/dev/mapper/x:/']);
  assert.equal(locked.code, 1);
  assert.match(locked.stderr, /ENCRYPTED/u);
});

test('the view of another mount has the same sum', { skip }, () => {
  for (const image of [XFS, EXT4]) {
    const { guests } = jsonOf('--view', 'mount', image);
    const kinds = guests.flatMap(({ filesystems }) =>
      filesystems.flatMap(({ other }) => other.map(({ kind }) => kind)),
    );
    assert.ok(!kinds.includes('leaked') && !kinds.includes('unaccounted'), `${image}: ${kinds}`);
  }
});

test('a filesystem whose files are not read is a row with its reason, and exit status 1', {
  skip,
}, () => {
  const { code, stdout, stderr } = virtDf(['du', 'images/minix-v1-14.qcow2']);
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /UNSUPPORTED_FEATURE/u);
});

test('flags that contradict each other, and sizes that are none, are refused', () => {
  for (const args of [
    ['--json', '-h'],
    ['--json', '--ndjson'],
    ['--export', 'ncdu', '--top', '3'],
    ['-s', '-a'],
    ['-s', '--larger', '1M'],
    ['-b', '-k'],
    ['--larger', 'big'],
    ['--larger', 'si'],
    ['--larger=-1'],
    ['--export', 'csv'],
    ['--sort', 'age'],
    ['--top', '0'],
  ]) {
    const { code, stderr } = virtDf(['du', ...args, EXT4]);
    assert.equal(code, 2, `${args}: ${stderr}`);
  }
});

test('what is typed wrong is told of what was meant', () => {
  for (const [typed, meant] of [
    ['--threshold=1M', '--larger'],
    ['--max-dept=1', '--max-depth'],
    ['--min-use=3', 'virt-df df'],
  ]) {
    const { code, stderr } = virtDf(['du', typed ?? '', EXT4]);
    assert.equal(code, 2);
    assert.ok(stderr.includes(meant ?? ''), stderr);
    assert.ok(stderr.includes('virt-df du --help'), stderr);
  }
});

test('more guests than are read in one process are answered alike', { skip }, () => {
  const images = [EXT4, XFS, GPT, INLINE, 'images/fat16-2k.qcow2', 'images/ext4-4k.qcow2'];
  const all = virtDf(['du', '-a', ...images.flatMap((image) => ['-t', image])]);
  const apart = images.map((image) => virtDf(['du', '-a', image]).stdout);
  assert.deepEqual([all.code, all.stdout], [0, apart.join('')]);
});

test('more than a guest and a path is refused', () => {
  assert.equal(virtDf(['du', EXT4, '/a', '/b']).code, 2);
  assert.equal(virtDf(['du', '-t', EXT4, '/a', XFS]).code, 2);
});
