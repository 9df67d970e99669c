// generated/ is what formats/ gives.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  entryOf,
  generateFile,
  specificationFiles,
  targetOf,
} from '../../scripts/generate/folder.js';
import { printCatalog, printSignatures } from '../../scripts/generate/index.js';

const HINT = 'run `npm run generate`';

describe('generated/', () => {
  it('is what formats/ gives', async () => {
    const expected = new Map<string, string>();
    const entries = [];
    for (const file of specificationFiles()) {
      const text = readFileSync(file, 'utf8');
      entries.push(entryOf(file, text));
      expected.set(targetOf(file), await generateFile(file, text));
    }
    expected.set('generated/catalog.ts', printCatalog(entries));
    expected.set('generated/signatures.ts', printSignatures(entries));
    for (const [path, text] of expected) {
      assert.ok(existsSync(path), `${path} is missing: ${HINT}`);
      assert.equal(readFileSync(path, 'utf8'), text, `${path} is not up to date: ${HINT}`);
    }
    const files = readdirSync('generated', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `generated/${name.replaceAll('\\', '/')}`);
    assert.deepEqual(
      files.filter((path) => !expected.has(path)),
      [],
      `without a specification: ${HINT}`,
    );
  });
});
