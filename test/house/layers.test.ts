// A layer imports only what stands above it in one ordered list; docs/architecture.md shows the same list.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** What every layer may import, then the folders of src/ in the order in which bytes become rows. */
const LAYERS = [
  'errors',
  'limits',
  'similar',
  'group-by',
  'version',
  'bytes',
  'kaitai',
  'validation',
  'host',
  'container',
  'volume',
  'filesystem',
  'declarative',
  'guests',
  'stack',
  'queries',
  'report',
  'cli',
  'index',
];

/** `src/bytes/slice.ts` is of the layer `bytes`, `src/errors.ts` of `errors`. */
function layerOf(path: string): number {
  return LAYERS.indexOf(path.split('/')[1]?.replace(/\.[jt]s$/u, '') ?? '');
}

function imports(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/gu)].map(([, name = '']) =>
    normalize(join(dirname(path), name)),
  );
}

const paths = readdirSync('src', { recursive: true })
  .map((name) => join('src', String(name)))
  .filter((path) => path.endsWith('.ts'));

test('a layer imports only layers above it', () => {
  const climbs = paths.flatMap((path) =>
    imports(path)
      .filter((name) => name.startsWith('src/') && layerOf(name) > layerOf(path))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(climbs, []);
});

test('every folder of src/ is in the list, and docs/architecture.md shows them in its order', () => {
  assert.deepEqual(
    paths.filter((path) => layerOf(path) === -1),
    [],
  );
  const page = readFileSync('docs/architecture.md', 'utf8');
  const shown = [...page.matchAll(/^\| `src\/([a-z]+)` \|/gmu)].map(([, name = '']) => name);
  const folders = readdirSync('src', { withFileTypes: true }).filter((one) => one.isDirectory());
  assert.deepEqual(
    shown,
    LAYERS.filter((name) => folders.some((folder) => folder.name === name)),
  );
});

test('docs/architecture.md follows a byte through files and functions that there are', () => {
  const page = readFileSync('docs/architecture.md', 'utf8');
  const [, walk = ''] = /## One byte[^\n]*\n(.*?)\n## /su.exec(page) ?? [];
  const steps = [...walk.matchAll(/`((?:src|generated)\/[\w./-]+\.ts)`(?: `(\w+)`)?/gu)];
  assert.ok(steps.length >= 15);
  for (const [, path = '', name] of steps) {
    const text = readFileSync(path, 'utf8');
    if (name !== undefined)
      assert.match(text, new RegExp(`\\b${name}[(<]`, 'u'), `${path} ${name}`);
  }
});
