// Extended attributes against what a kernel showed of the same files; scripts/images/attributes.py recorded them.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { FileAttribute, FileReader } from '../../src/filesystem/files.js';
import { files } from '../../src/index.js';
import { fileAt } from '../../src/queries/files/lookup.js';

const FOLDER = resolve('test/filesystem/attributes');

interface Truth {
  readonly name: string;
  /** Of each attribute its name, and its value in base64. */
  readonly files: readonly {
    readonly path: string;
    readonly attributes: readonly (readonly [string, string])[];
  }[];
}

const cases = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json.gz'))
  .map((name): Truth => JSON.parse(gunzipSync(readFileSync(join(FOLDER, name))).toString()));

for (const one of cases) {
  test(`${one.name}: attributes as getxattr(2) gives them`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'virt-df-attributes-'));
    try {
      const path = join(folder, 'disk.qcow2');
      writeFileSync(path, gunzipSync(readFileSync(join(FOLDER, `${one.name}.qcow2.gz`))));
      for await (const { reader } of files(path)) {
        assert.ok(reader);
        await compare(one, reader);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

async function compare({ files: truths }: Truth, reader: FileReader): Promise<void> {
  assert.ok(truths.some(({ attributes }) => attributes.length > 0));
  for (const { path, attributes } of truths) {
    const names = path.split('/').filter((name) => name !== '');
    const node = await fileAt(reader, names);
    assert.ok(node, path);
    const found = await node.attributes?.();
    assert.deepEqual(found?.toSorted(byName).map(shown), attributes, path);
  }
}

/** As libguestfs has them. */
function byName(a: FileAttribute, b: FileAttribute): number {
  return Buffer.compare(a.name, b.name);
}

function shown({ name, value }: FileAttribute): readonly [string, string] {
  return [Buffer.from(name).toString(), Buffer.from(value).toString('base64')];
}
