// Each reason is said once: in the rows if they have room for it, else on stderr; --quiet and JSON are silent there.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { violations } from '../report/schema.js';
import { EXT4, GPT, noImages, noTerminal, onTerminal, virtDf } from './support.js';

const skip = noImages;
const GONE = '/nonexistent/folder/with/a/long/name/a.img';
const REASON = `NOT_FOUND: ${GONE} does not exist`;
const columnsSchema: unknown = JSON.parse(
  readFileSync('docs/virt-df-columns-1.schema.json', 'utf8'),
);
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-1.schema.json', 'utf8'));

/** How often a text has the message. */
function count(text: string): number {
  return text.split('does not exist').length - 1;
}

test('every output tells a reason once, there or on stderr', { skip }, () => {
  const inOutput: readonly (readonly string[])[] = [
    ...[[], ['--csv'], ['--json'], ['--ndjson'], ['--plain'], ['--output', 'guest,problem']],
    ...[['--json', '--output', 'guest'], ['--output=-used']],
  ];
  const onStderr: readonly (readonly string[])[] = [
    ...[['--classic'], ['--output', 'guest'], ['--csv', '--output', 'guest']],
    ['--csv', '--output=-problem'],
  ];
  for (const flags of [...inOutput, ...onStderr]) {
    const { code, stdout, stderr } = virtDf(['-t', GONE, '-t', EXT4, ...flags]);
    assert.equal(code, 1);
    const isOnStderr = onStderr.includes(flags);
    assert.equal(stderr, isOnStderr ? `virt-df: a.img /dev/sda: ${REASON}\n` : '', flags.join(' '));
    // The one object of JSON has a list of all, and the row its own.
    const isWhole = flags[0] === '--json' && flags.length === 1;
    if (!isOnStderr) assert.equal(count(stdout), isWhole || flags[0] === '--ndjson' ? 2 : 1);
    const debug = virtDf(['-t', GONE, ...flags, '--debug']);
    assert.equal(count(debug.stderr), 1, flags.join(' '));
    assert.deepEqual(virtDf(['-t', GONE, '-t', EXT4, ...flags, '-q']).stderr, '');
  }
});

test('chain and tree too', { skip }, () => {
  for (const [args, isOnStderr] of [
    [['chain'], false],
    [['chain', '--json'], false],
    [['chain', '--xml'], false],
    [['tree'], true],
    [['tree', '--json'], false],
  ] as const) {
    const { code, stdout, stderr } = virtDf([...args, '-t', GONE]);
    assert.equal(code, 1);
    assert.deepEqual([count(stderr), count(stdout) > 0], [isOnStderr ? 1 : 0, !isOnStderr]);
    assert.equal(virtDf([...args, '-t', GONE, '--quiet']).stderr, '');
  }
});

test('on a terminal, however narrow, the whole reason once', { skip: skip || noTerminal }, () => {
  for (const args of [[], ['chain']]) {
    const text = onTerminal([...args, '-t', GONE], { COLUMNS: '40' });
    assert.equal(text.replaceAll(/\s+/gu, '').split('doesnotexist').length - 1, 1, text);
  }
});

test('--quiet keeps what ends the run', () => {
  assert.notEqual(virtDf(['-q', '--nosuchflag']).stderr, '');
  assert.equal(virtDf(['-q', '-t', EXT4, '-a', EXT4]).stderr, '');
});

test('JSON says why nothing at all was found, and is silent on stderr', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const blank = join(folder, 'blank.img');
  writeFileSync(blank, Buffer.alloc(1 << 20));
  const { code, stdout, stderr } = virtDf(['-t', blank, '--json']);
  assert.deepEqual([code, stderr], [1, '']);
  const document = JSON.parse(stdout);
  assert.deepEqual(violations(schema, '#', document), []);
  const message = 'no filesystem found; /dev/sda is empty (1048576 bytes)';
  const problem = { guest: 'blank.img', disk: null, device: null, code: 'NO_FILESYSTEM', message };
  assert.deepEqual([document.problems, document.summary.problems], [[problem], 1]);
  const lines = virtDf(['-t', blank, '--ndjson']).stdout.trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line));
  assert.deepEqual(records.at(-2), { kind: 'problem', ...problem });
  // Exit status 0: it is no problem.
  const beside = virtDf(['-t', EXT4, '-t', blank, '--json']);
  assert.deepEqual([beside.code, JSON.parse(beside.stdout).problems], [0, []]);
});

test('--json and --ndjson with --output have these columns of the filesystems alone', {
  skip,
}, () => {
  const args = ['-t', GPT, '-t', GONE, '--output', 'guest,size,state'];
  const { code, stdout } = virtDf([...args, '--json', '--total']);
  const document = JSON.parse(stdout);
  assert.equal(code, 1);
  assert.deepEqual(violations(columnsSchema, '#', document), []);
  assert.deepEqual(document.columns, ['guest', 'size_bytes', 'state']);
  const whole = JSON.parse(virtDf(['-t', GPT, '-t', GONE, '--json']).stdout);
  const expected = whole.filesystems.map(({ guest, size_bytes }: Record<string, unknown>) => ({
    guest,
    size_bytes,
    state: null,
  }));
  assert.deepEqual(document.filesystems, expected);
  assert.deepEqual(document.problems, whole.problems);
  assert.equal(document.summary.size_bytes, whole.summary.size_bytes);
  const lines = virtDf([...args, '--ndjson'])
    .stdout.trimEnd()
    .split('\n');
  const records = lines.map((line) => JSON.parse(line));
  const kinds = records.map(({ kind }) => kind);
  assert.deepEqual(kinds.toSorted(), [
    'filesystem',
    'filesystem',
    'filesystem',
    'problem',
    'summary',
  ]);
  assert.equal(records.at(-1).schema, 'virt-df-columns/1');
  // A variable that is about tables changes no document.
  const { schema: name } = JSON.parse(
    virtDf(['-t', GPT, '--json'], { VIRT_DF_OUTPUT: 'guest' }).stdout,
  );
  assert.equal(name, 'virt-df/1');
});

test('flags of sizes beside JSON change no number, and a line says so', { skip }, () => {
  const bytes = JSON.parse(virtDf(['-t', GPT, '--json']).stdout).filesystems;
  for (const flag of ['-h', '-H', '-k', '-m', '-BM']) {
    const { code, stdout, stderr } = virtDf(['-t', GPT, '--json', flag]);
    assert.deepEqual([code, JSON.parse(stdout).filesystems], [0, bytes]);
    assert.match(stderr, /^virt-df: sizes in JSON are bytes, .*\n$/u);
  }
});
