// `virt-df jobs` as it is typed, at libvirt's test driver, which needs no daemon and knows of no jobs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type * as Library from '../../src/index.js';
import { violations } from '../report/schema.js';
import { missing } from '../tools.js';
import { BIN, ENV, virtDf } from './support.js';

const name: string = 'virt-df';
const { scanLibvirtJobs }: typeof Library = await import(name);

const TEST = ['-c', 'test:///default'];
const noLibvirt = missing({ virsh: 'libvirt-clients' });
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-jobs-1.schema.json', 'utf8'));
const line: { readonly $ref: string } = JSON.parse(
  readFileSync('docs/virt-df-jobs-ndjson-1.schema.json', 'utf8'),
);

test('what a driver does not tell, and a name that means no guest, are rows and problems', {
  skip: noLibvirt,
}, () => {
  const { code, stdout, stderr } = virtDf(['jobs', ...TEST, 'test', 'nosuch', '--debug']);
  assert.equal(code, 1);
  const rows = stdout.trimEnd().split('\n').slice(1);
  assert.equal(rows.length, 3, stdout);
  assert.match(rows[0] ?? '', /^test .*LIBVIRT: libvirt does not tell of the job that runs: /u);
  assert.match(rows[1] ?? '', /^test .*LIBVIRT: libvirt does not tell of the job of vda: /u);
  assert.match(rows[2] ?? '', /^nosuch .*NO_SUCH_GUEST: /u);
  assert.match(stderr, /test:\/\/\/default: jobs: 3 calls in [\d.]+ s \(state /u);
});

test('the library has the records', { skip: noLibvirt }, async () => {
  const [report] = await scanLibvirtJobs({ uris: ['test:///default'] });
  assert.deepEqual([report?.guest, report?.state, report?.jobs], ['test', 'running', []]);
  assert.deepEqual(
    report?.problems.map(({ code }) => code),
    ['LIBVIRT', 'LIBVIRT'],
  );
});

test('--watch prints anew in a pipe; each line keeps to the schema, and each summary ends a poll', {
  skip: noLibvirt,
}, async () => {
  const args = [BIN, 'jobs', ...TEST, '--ndjson', '--watch', '1'];
  const child = spawn(process.execPath, args, { env: ENV, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const piece of child.stdout.setEncoding('utf8')) {
    text += piece;
    if (text.split('"kind":"summary"').length > 2 && text.endsWith('\n')) child.kill();
  }
  const records = text
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one));
  const [, ref = ''] = line.$ref.split(/(?=#)/u);
  for (const record of records) assert.deepEqual(violations(schema, ref, record), []);
  const poll = ['guest', 'problem', 'problem', 'summary'];
  assert.deepEqual(
    records.map(({ kind }) => kind),
    [...poll, ...poll],
  );
});

test('flags that contradict each other, and names that are empty, are refused', () => {
  for (const args of [
    ['--json', '--ndjson'],
    ['-d', ''],
  ]) {
    assert.equal(virtDf(['jobs', ...TEST, ...args]).code, 2, args.join(' '));
  }
});
