// Runs the bundle once, as the launcher does, and keeps what V8 compiled: dist/core.cache.
// Usage: node scripts/bundle/code-cache.mjs dist [ARGUMENT...]
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Script } from 'node:vm';

const [folder = 'dist', ...argv] = process.argv.slice(2);
const path = resolve(folder, 'core.js');
const script = new Script(readFileSync(path, 'latin1'), { filename: path });

process.argv = [process.argv[0], path, ...argv];
process.on('exit', () => {
  process.exitCode = 0; // What the run itself comes to does not matter here.
  writeFileSync(resolve(folder, 'core.cache'), script.createCachedData());
});
const require = createRequire(path);
script.runInThisContext()({}, require, { exports: {} }, path, resolve(folder));
