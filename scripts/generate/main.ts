// Writes generated/ from formats/.
// Usage: npm run generate [-- FILE.ksy...]; without files all of formats/, and what has no specification goes.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printCatalog } from './catalog.js';
import { GenerateError } from './errors.js';
import { generateFile, specificationFiles, targetOf } from './folder.js';

const CATALOG = 'generated/catalog.ts';

async function main(files: readonly string[]): Promise<void> {
  const all = specificationFiles();
  const wanted = files.length === 0 ? all : files;
  const entries = [];
  let failureCount = 0;
  for (const file of all) {
    try {
      const { typescript, entry } = await generateFile(file, readFileSync(file, 'utf8'));
      entries.push(entry);
      if (wanted.includes(file)) writeIfNew(targetOf(file), typescript);
    } catch (error) {
      if (!(error instanceof GenerateError)) throw error;
      if (wanted.includes(file)) {
        failureCount += 1;
        process.stderr.write(`${error.message}\n`);
      }
    }
  }
  writeIfNew(CATALOG, printCatalog(entries));
  if (files.length === 0) removeOrphans(new Set([CATALOG, ...all.map(targetOf)]));
  process.exitCode = failureCount > 0 ? 1 : 0;
}

function writeIfNew(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch {
    // It is not there yet.
  }
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}

/** Generated files whose specification is gone. */
function removeOrphans(expected: ReadonlySet<string>): void {
  for (const name of readdirSync('generated', { recursive: true, encoding: 'utf8' })) {
    const path = join('generated', name);
    if (path.endsWith('.ts') && !expected.has(path)) rmSync(path);
  }
}

await main(process.argv.slice(2));
