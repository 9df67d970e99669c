// `virt-df reclaim` as it is typed: the text, JSON by its schema, exit codes.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { reclaimCases, withCase } from '../queries/reclaim-cases.js';
import { violations } from '../report/schema.js';
import { EXT4, GPT, noImages, noTerminal, onTerminal, virtDf, withoutProgress } from './support.js';

const skip = noImages;
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-reclaim-1.schema.json', 'utf8'));
const PLANS = [
  ['Docker.raw', /^docker run .* docker\/desktop-reclaim-space$/mu],
  ['.colima/disk', /^colima ssh -- sudo fstrim --all$/mu],
] as const;
const UNREAD = 'images/minix-v1-14.qcow2';

test('a row for each filesystem, and the sum', { skip }, () => {
  const { code, stdout, stderr } = virtDf(['reclaim', '-t', GPT, '-t', EXT4]);
  assert.deepEqual([code, stderr], [0, '']);
  const [titles = '', ...rows] = stdout.trimEnd().split('\n');
  assert.match(titles, /^Filesystem +Type +Free +Stored +Reclaimable +Partial +Pinned +Copy$/u);
  const names = rows.map((row) => row.split(/ +/u)[0]);
  assert.deepEqual(names, [
    'gpt-ext4.qcow2:/dev/sda2',
    'gpt-ext4.qcow2:/dev/sda4',
    'ext4-default.qcow2:/dev/sda',
    'total',
  ]);
});

test('a disk that is swap alone is a row, and nothing beside it is missed', { skip }, () => {
  const { code, stdout, stderr } = virtDf(['reclaim', '-t', 'images/swap-4k.qcow2']);
  assert.deepEqual([code, stderr], [0, '']);
  const rows = stdout.trimEnd().split('\n').slice(1);
  assert.deepEqual(
    rows.map((row) => row.split(/ +/u).slice(0, 2)),
    [['swap-4k.qcow2:/dev/sda', 'swap']],
  );
});

test('a sum beside what is not known says that it is a lower bound', { skip }, () => {
  const { code, stdout } = virtDf(['reclaim', '-t', EXT4, '-t', UNREAD]);
  assert.equal(code, 1);
  assert.match(stdout, /^total .* a lower bound: 1 of 2 are not known$/mu);
  const { guests, summary } = JSON.parse(
    virtDf(['reclaim', '--json', '-t', EXT4, '-t', UNREAD]).stdout,
  );
  assert.deepEqual(
    [summary, guests[0].images[0], guests[1].images[0]].map((one) => one.unknown_filesystems),
    [1, 0, 1],
  );
});

test('JSON keeps to its schema, and has what fstrim gave back', { skip }, async () => {
  const one = reclaimCases().find(({ name }) => name === 'ext4-overlay-v2');
  assert.ok(one);
  await withCase(one, async ([path = '']) => {
    const { code, stdout } = virtDf(['reclaim', '--json', '-t', path, '-t', UNREAD]);
    assert.equal(code, 1);
    const document = JSON.parse(stdout);
    assert.deepEqual(violations(schema, '#', document), []);
    const [{ filesystems, images }] = document.guests;
    assert.equal(filesystems[0].reclaimable_bytes, one.given_back_bytes);
    assert.equal(images[0].way, 'none');
    assert.match(images[0].reason, /^qcow2 of version 2 /u);
    assert.equal(document.problems[0].code, 'UNSUPPORTED_FEATURE');
    const shown = virtDf(['reclaim', '--width', '70', '--block-size', '1', path]).stdout;
    assert.match(shown, /qcow2 of version 2 cannot mark/u);
    for (const line of shown.split('\n')) assert.ok(line.length <= 100, line);
  });
});

test('the plan has commands with what they give, and the path as a shell takes it', {
  skip,
}, async () => {
  const one = reclaimCases().find(({ name }) => name === 'ext4-snapshot');
  assert.ok(one);
  await withCase(one, async ([path = '']) => {
    const { code, stdout } = virtDf(['reclaim', '--plan', path]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^# Gives back 1\.0M; what stays: 2\.5M in .* in part, 1\.2M in .* snapshots have\.$/mu,
    );
    assert.match(stdout, /^fstrim --all /mu);
    assert.match(
      stdout,
      /^# A copy without the free space is 2\.2M smaller, without snapshots\.$/mu,
    );
    for (const [name, command] of PLANS) {
      const other = join(dirname(path), name);
      mkdirSync(dirname(other), { recursive: true });
      renameSync(path, other);
      assert.match(virtDf(['reclaim', '--plan', other]).stdout, command);
      renameSync(other, path);
    }
    const wide = virtDf(['--output', 'device,reclaimable', '--block-size', '1', '--total', path]);
    assert.match(wide.stdout, /^\/dev\/sda +1048576$/mu);
  });
});

test('each line of --ndjson keeps to the schema; the summary is last', { skip }, () => {
  const line: { readonly $ref: string } = JSON.parse(
    readFileSync('docs/virt-df-reclaim-ndjson-1.schema.json', 'utf8'),
  );
  const { code, stdout } = virtDf(['reclaim', '--ndjson', '-t', GPT, '-t', UNREAD]);
  assert.equal(code, 1);
  const [, ref = ''] = line.$ref.split(/(?=#)/u);
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
  for (const record of records) assert.deepEqual(violations(schema, ref, record), []);
  const kinds = records.map(({ kind }) => kind);
  assert.deepEqual([...kinds].sort(), ['guest', 'guest', 'problem', 'summary']);
  assert.equal(kinds.at(-1), 'summary');
});

test('a terminal has sizes for people, and is not overrun', { skip: skip || noTerminal }, () => {
  const shown = withoutProgress(
    onTerminal(['reclaim', '-t', GPT, '-t', EXT4], { COLUMNS: '72', NO_COLOR: '1' }),
  );
  assert.match(shown, /^gpt-ext.*sda2 +ext2 +[\d.]+M/mu);
  for (const line of shown.split('\n')) assert.ok([...line].length <= 80, line);
});

test('what cannot be read is a row that says why', { skip }, () => {
  const { code, stdout } = virtDf(['reclaim', UNREAD]);
  assert.equal(code, 1);
  assert.match(stdout, /^minix-v1-14\.qcow2:\/dev\/sda +minix +- .*UNSUPPORTED_FEATURE: /mu);
  assert.equal(virtDf(['reclaim', '--json', '-h', EXT4]).code, 2);
});
