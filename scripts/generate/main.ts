// Writes generated/ from formats/.
// Usage: npm run generate [-- FILE.ksy...]; without files all of formats/, and modules without a specification are removed.
// The catalog is written anew each time: it needs the descriptions of all formats, and no compiler.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { CatalogEntry } from '../../src/kaitai/index.js';
import { printCatalog, printSignatures } from './catalog.js';
import { GenerateError } from './errors.js';
import { entryOf, generateFile, specificationFiles, targetOf } from './folder.js';

const CATALOG = 'generated/catalog.ts';
const SIGNATURES = 'generated/signatures.ts';

async function main(files: readonly string[]): Promise<void> {
  const all = specificationFiles();
  for (const file of files.length === 0 ? all : files) {
    await reported(async () => {
      const module = await generateFile(file, readFileSync(file, 'utf8'));
      writeIfNew(targetOf(file), module);
    });
  }
  const entries: CatalogEntry[] = [];
  for (const file of all) {
    await reported(() => entries.push(entryOf(file, readFileSync(file, 'utf8'))));
  }
  // Errors are printed above. A catalog without a format that failed would take that format out of the program.
  if (entries.length === all.length) {
    writeIfNew(CATALOG, printCatalog(entries));
    writeIfNew(SIGNATURES, printSignatures(entries));
  }
  if (files.length === 0) removeOrphans(new Set([CATALOG, SIGNATURES, ...all.map(targetOf)]));
}

const problems = new Set<string>();

/** Prints the error of a specification, and goes on with the next. */
async function reported(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof GenerateError)) throw error;
    if (!problems.has(error.message)) process.stderr.write(`${error.message}\n`);
    problems.add(error.message);
    process.exitCode = 1;
  }
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

await main(process.argv.slice(2).map((file) => normalize(file).replaceAll('\\', '/')));
