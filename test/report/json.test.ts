// --json and --ndjson against the schema that ships.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RECORD_COLUMNS } from '../../src/report/columns.js';
import { json, ndjsonEnd, ndjsonGuest } from '../../src/report/json.js';
import { rowsOf } from '../../src/report/row.js';
import { HOST } from './fixtures.js';
import { violations } from './schema.js';

const schema: { readonly $id: string } = JSON.parse(
  readFileSync('docs/virt-df-1.schema.json', 'utf8'),
);
const LINE: { readonly $ref: string } = JSON.parse(
  readFileSync('docs/virt-df-ndjson-1.schema.json', 'utf8'),
);
const INFO = { version: '1.2.3', generatedAt: '2020-02-03T04:05:06.789Z', host: 'kvm07' };
const document = JSON.parse(json(HOST, HOST.flatMap(rowsOf), INFO));

test('--json is valid', () => {
  assert.deepEqual(violations(schema, '#', document), []);
});

test('the validator sees what is wrong', () => {
  const wrong = structuredClone(document);
  wrong.filesystems[0].size_bytes = '98G';
  delete wrong.summary.guests;
  wrong.problems[0].code = 'OOPS';
  assert.deepEqual(violations(schema, '#', wrong), [
    '/filesystems/0/size_bytes: is string',
    '/problems/0/code: OOPS is not listed',
    '/summary/guests: is missing',
  ]);
});

test('every line of --ndjson is valid, the summary last', () => {
  const text = HOST.map((report) => ndjsonGuest(report, rowsOf(report))).join('');
  const lines = (text + ndjsonEnd(HOST, INFO)).trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line));
  const [file, ref = ''] = LINE.$ref.split(/(?=#)/u);
  assert.equal(file, schema.$id);
  for (const record of records) assert.deepEqual(violations(schema, ref, record), []);
  assert.equal(records.at(-1).kind, 'summary');
  assert.deepEqual(
    records.slice(0, 4).map(({ kind }) => kind),
    ['guest', 'filesystem', 'filesystem', 'volume'],
  );
});

/** The parts of a schema that speak of an object's properties and do not say that it is one, each by its place. */
function untyped(value: unknown, place: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const isAbout = 'required' in value && Array.isArray(value.required);
  const isUntyped = isAbout && !('type' in value && [value.type].flat().includes('object'));
  const below = Object.entries(value).flatMap(([key, one]) => untyped(one, `${place}/${key}`));
  return isUntyped ? [place, ...below] : below;
}

test('each schema is clean under ajv’s strict types', () => {
  const names = readdirSync('docs').filter((name) => name.endsWith('.schema.json'));
  assert.ok(names.length > 4);
  for (const name of names) {
    const text = readFileSync(`docs/${name}`, 'utf8');
    assert.deepEqual(untyped(JSON.parse(text), name), []);
  }
  assert.deepEqual(untyped({ allOf: [{ required: ['a'] }] }, ''), ['/allOf/0']);
});

test('the schema names every column and every error code', () => {
  const { filesystem, code } = JSON.parse(readFileSync('docs/virt-df-1.schema.json', 'utf8')).$defs;
  const names = RECORD_COLUMNS.map(({ name }) => name);
  const withBytes = names.flatMap((name) => (name === 'label' ? [name, 'label_bytes'] : [name]));
  // Only with --live.
  assert.deepEqual(Object.keys(filesystem.properties), [...withBytes, 'live']);
  assert.deepEqual(filesystem.required, names);
  const source = readFileSync('src/errors.ts', 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gmu)].map(([, name]) => name);
  assert.deepEqual(code.enum, codes);
});

test('what is unknown is null, and a problem is an object', () => {
  const [record] = document.filesystems.filter((f: { guest: string }) => f.guest === 'db2');
  assert.equal(record.size_bytes, null);
  assert.equal(record.use_percent, null);
  assert.deepEqual(record.problem, {
    code: 'ENCRYPTED',
    message: 'this is a LUKS2 volume, and it is encrypted',
  });
});

test('a problem of a guest as a whole is among the problems, not the filesystems', () => {
  assert.ok(!document.filesystems.some((f: { guest: string }) => f.guest === 'gone.img'));
  assert.equal(document.problems.at(-1).code, 'NOT_FOUND');
  assert.equal(document.summary.problems, 2);
});
