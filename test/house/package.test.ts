// What the package for npm has: the program, its specifications and pages, the notices; no map, no compiled code, no test.
// References: npm-pack(1); package.json(5), files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
const answer = execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const packed: readonly Packed[] = Object.values(JSON.parse(answer));
const paths = packed.flatMap(({ files }) => files.map(({ path }) => path));

/** Every file of it is one of these. */
const KINDS = [
  /^(?:LICENSE|NOTICE|README\.md|CHANGELOG\.md|SECURITY\.md|package\.json|sbom\.cdx\.json)$/u,
  /^dist\/(?:virt-df|core|index|generate|kdf-child|libvirt-child)\.js$/u,
  /^dist\/package\.json$/u,
  /^dist\/vendor\/[\w-]+\.cjs$/u,
  /^dist\/parts\/[\w-]+\.js$/u,
  /^dist\/types\/(?:src|generated|scripts\/generate)\/.*\.d\.ts$/u,
  /^formats\/.*\.ksy$/u,
  /^docs\/.*\.(?:md|schema\.json)$/u,
];

test('the package has nothing else', () => {
  assert.deepEqual(
    paths.filter((path) => !KINDS.some((kind) => kind.test(path))),
    [],
  );
});

test('the package has all that it needs', () => {
  for (const kind of KINDS)
    assert.ok(
      paths.some((path) => kind.test(path)),
      String(kind),
    );
  const bundled: Record<string, unknown> = JSON.parse(readFileSync('build/bundled.json', 'utf8'));
  const needed = [
    ...Object.keys(bundled),
    ...[
      'dist/virt-df.js',
      'dist/kdf-child.js',
      'dist/libvirt-child.js',
      'dist/types/src/index.d.ts',
    ],
    ...['LICENSE', 'NOTICE', 'sbom.cdx.json'],
  ];
  assert.deepEqual(
    needed.filter((path) => !paths.includes(path)),
    [],
  );
});

test('no file of it names a map', () => {
  const scripts = paths.filter((path) => /^dist\/.*\.c?js$/u.test(path));
  assert.ok(scripts.length > 8);
  assert.deepEqual(
    scripts.filter((path) => /^\/\/# sourceMappingURL=/mu.test(readFileSync(path, 'latin1'))),
    [],
  );
});
