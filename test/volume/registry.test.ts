// The registry: names, files of the same name, and signatures that never miss what a probe takes.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { groups, mayBegin, tables } from '../../src/volume/registry.js';
import { counted, sparseSource } from './support/sources.js';
import { bootRecord, PROTECTIVE } from './support/tables.js';

test('every format has one word: its entry, its specification, its source and its test', async () => {
  for (const entry of [...tables, ...groups]) {
    assert.equal((await entry.load()).name, entry.name);
    for (const path of [
      `formats/volume/${entry.name}.ksy`,
      `generated/volume/${entry.name}.ts`,
      `src/volume/${entry.name}.ts`,
      `test/volume/${entry.name}.test.ts`,
    ]) {
      assert.ok(existsSync(path), path);
    }
  }
});

test('GPT comes before MBR, as in the kernel', () => {
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['gpt', 'mbr'],
  );
});

test('signatures are found at both ends and nowhere outside', async () => {
  const [gpt, mbr] = tables;
  assert.ok(gpt && mbr);
  const signature = Buffer.from('EFI PART');
  for (const offset of [512, 4096, 65536 - 512, 65536 - 4096]) {
    assert.equal(await mayBegin(sparseSource(65536, [[offset, signature]]), gpt), true);
  }
  assert.equal(await mayBegin(sparseSource(65536, [[1024, signature]]), gpt), false);
  assert.equal(await mayBegin(sparseSource(512, [[0, bootRecord([PROTECTIVE])]]), mbr), true);
  for (const size of [0, 1, 7, 511, 519]) {
    const source = counted(sparseSource(size, []));
    for (const entry of [...tables, ...groups]) assert.equal(await mayBegin(source, entry), false);
  }
});
