// Says where in the sources the places of a stack lie that the package's virt-df printed with --debug: the same sources give the
// same bundle, and its map. Usage: node scripts/build.mjs --with-tests && node build/scripts/places.js <STACK
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inSources } from '../src/cli/stack-places.js';

const lines = readFileSync(0, 'utf8').split('\n');
process.stdout.write(inSources(lines, pathToFileURL('dist/core.js').href).join('\n'));
