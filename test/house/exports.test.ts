// What a file of src/ exports, another file imports: the rest is dead, or is nobody else's business.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** What users of the package import, and what the shell runs. */
const ENTRIES = ['src/index.ts', 'src/cli/core.ts'];
/** Interfaces that more is built on than there is: readers of files, questions to the tree of a guest's storage. */
const INTERFACES = ['src/filesystem/files.ts', 'src/stack/node.ts', 'src/bytes/runs.ts'];

const files = new Map(
  ['src', 'scripts', 'generated', 'test']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))),
    )
    .filter((path) => /\.(?:ts|mjs)$/u.test(path))
    .map((path) => [path, readFileSync(path, 'utf8')] as const),
);

const FROM = /\b(?:import|export)\s+(?:type\s+)?(\*|\{[^}]*\})[^;']*\sfrom\s+'(\.[^']+)'/gu;
/** `const { a, b } = await import('…')` */
const UNPACKED = /(\{[^{}]*\})\s*=\s*await\s+import\(\s*'(\.[^']+)'/gu;
/** `(await import('…')).a`, `import('…').a` */
const NAMED = /\bimport\(\s*'(\.[^']+)'\s*\)\)?\.(\w+)/gu;

/** `path name` of all that is imported; `path *` where all of a file is. */
const imported = new Set<string>();
for (const [path, text] of files) {
  const note = (name: string, file: string) => {
    const target = normalize(join(dirname(path), file)).replace(/\.js$/u, '.ts');
    imported.add(`${target} ${name}`);
  };
  for (const pattern of [FROM, UNPACKED]) {
    for (const [, names = '', file = ''] of text.matchAll(pattern)) {
      for (const name of names.replace(/[{}]/gu, '').split(',')) {
        note(
          name
            .trim()
            .replace(/^type /u, '')
            .split(/ as |:/u)[0] ?? '',
          file,
        );
      }
    }
  }
  for (const [, file = '', name = ''] of text.matchAll(NAMED)) note(name, file);
}

const EXPORT = /^export (?:async )?(?:const|let|function\*?|interface|type|class) (\w+)/gmu;

test('every export of src/ is imported somewhere', () => {
  const all = [...files]
    .filter(([path]) => path.startsWith('src/') && ![...ENTRIES, ...INTERFACES].includes(path))
    .filter(([path]) => !imported.has(`${path} *`))
    .flatMap(([path, text]) =>
      [...text.matchAll(EXPORT)].map(([, name = '']) => `${path} ${name}`),
    );
  assert.ok(all.length > 1000, `${all.length} exports are known`);
  assert.deepEqual(
    all.filter((name) => !imported.has(name)),
    [],
  );
});
