// No file imports, by whatever way, one that imports it: by value, by type, or when it is called.
// Reference: Tarjan, "Depth-first search and linear graph algorithms" (1972)
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const paths = ['src', 'scripts', 'generated'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => /\.(?:ts|mjs)$/u.test(path)),
);

/** `import … from`, `export … from`, `import(…)` and types by `import('…')`. */
const IMPORT = /(?:\bfrom|\bimport\(|\bimport)\s*'(\.[^']+)'/gu;

const imports = new Map(
  paths.map((path) => {
    const named = [...readFileSync(path, 'utf8').matchAll(IMPORT)].map(([, name = '']) =>
      normalize(join(dirname(path), name)),
    );
    return [path, named.map((name) => name.replace(/\.js$/u, '.ts'))];
  }),
);

/** The sets of files that reach each other. */
function circles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (path: string): number => {
    let low = order.size;
    order.set(path, low);
    const own = low;
    open.push(path);
    for (const next of graph.get(path) ?? []) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, lowest.get(next) ?? order.get(next) ?? low);
    }
    lowest.set(path, low);
    if (low === own) {
      const circle = open.splice(open.indexOf(path));
      if (circle.length > 1) found.push(circle.sort());
    }
    return low;
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return found;
}

test('a circle is found, however long', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', ['e']],
    ['e', []],
  ]);
  assert.deepEqual(circles(graph), [['a', 'b', 'c']]);
});

test('no imports go in a circle', () => {
  const count = [...imports.values()].flat().filter((name) => imports.has(name)).length;
  assert.ok(count > 1000, `${count} imports are known`);
  assert.deepEqual(circles(imports), []);
});
