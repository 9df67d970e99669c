// The registry: names, files of the same name, and signatures that never miss what a probe takes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { candidates } from '../../src/kaitai/signature.js';
import { groups, tables } from '../../src/volume/registry.js';
import { counted, sparseSource } from './support/sources.js';
import { bootRecord, PROTECTIVE } from './support/tables.js';

/** GPT without its protective MBR: the same format, which stack/detection.ts looks for last. */
const UNPROTECTED = 'gpt_unprotected';
const known = [...tables, ...groups].filter(({ name }) => name !== UNPROTECTED);

test('every format has one word: its entry, its specification, its source and its test', async () => {
  const ofMany = readFileSync('test/volume/tables.test.ts', 'utf8');
  for (const entry of known) {
    assert.equal((await entry.load()).name, entry.name);
    // Tables that are a list of records share their tests.
    const isOfMany = ofMany.includes(`'${entry.name}'`);
    for (const path of [
      `formats/volume/${entry.name}.ksy`,
      `generated/volume/${entry.name}.ts`,
      `src/volume/${entry.name}.ts`,
      isOfMany ? 'test/volume/tables.test.ts' : `test/volume/${entry.name}.test.ts`,
    ]) {
      assert.ok(existsSync(path), path);
    }
  }
});

test('tables are in the order in which the kernel looks for them', () => {
  assert.deepEqual(
    tables.map(({ name }) => name),
    [
      'gpt',
      'pc98',
      'sgi',
      'ldm',
      'mbr',
      'sun',
      'amiga',
      'atari',
      'mac',
      'bsd',
      'disklabel64',
      UNPROTECTED,
    ],
  );
});

test('signatures are found where they may be and nowhere else', async () => {
  const names = async (source: ByteSource) =>
    (await candidates(source, known)).map(({ name }) => name);
  const signature = Buffer.from('EFI PART');
  for (const offset of [512, 4096]) {
    assert.deepEqual(await names(sparseSource(65536, [[offset, signature]])), ['gpt']);
  }
  assert.deepEqual(await names(sparseSource(65536, [[1024, signature]])), []);
  // A protective MBR is reason enough to look for the backup behind a damaged primary header.
  assert.deepEqual(await names(sparseSource(512, [[0, bootRecord([PROTECTIVE])]])), ['gpt', 'mbr']);
  for (const size of [0, 1, 7, 511, 519]) {
    assert.deepEqual(await names(counted(sparseSource(size, []))), []);
  }
});
