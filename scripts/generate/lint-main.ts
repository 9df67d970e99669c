// Prints the lint's findings in formats/, or in the files given, one line each; exit status 1 if there are any.
// Usage: npm run lint:formats [-- FILE.ksy...]
import { readFileSync } from 'node:fs';
import { specificationFiles } from './folder.js';
import { lint } from './lint.js';

const given = process.argv.slice(2);
const files = given.length > 0 ? given : specificationFiles();
for (const file of files) {
  for (const { position, message } of lint(readFileSync(file, 'utf8'), file)) {
    process.stdout.write(`${file}:${position.line}:${position.column}: ${message}\n`);
    process.exitCode = 1;
  }
}
