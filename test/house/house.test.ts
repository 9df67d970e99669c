// The rules of the house that neither the type-checker nor the linter can hold.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface Manifest {
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));

function files(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(ending));
}

/** Lines of the files that match, as `file:line: text`. */
function grep(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  );
}

test('the taint is opened in one place', () => {
  const outside = files('src', '.ts').filter(
    (path) => path !== 'src/validation/guest.ts' && !path.startsWith('src/kaitai/'),
  );
  assert.deepEqual(grep(outside, /\bas unknown as\b|\bas any\b|@ts-ignore|@ts-expect-error/u), []);
});

test('only the layers that know formats import generated parsers', () => {
  const layers = /^src\/(container|volume|filesystem|validation|kaitai)\//u;
  const others = files('src', '.ts').filter((path) => !layers.test(path));
  const imports = grep(others, /from '.*generated\//u).filter(
    (line) => !/generated\/(?:catalog|signatures)\.js/u.test(line),
  );
  assert.deepEqual(imports, []);
});

test('sizes and offsets are never shifted: shifts are for 32-bit values of checksums, hashes and bitmaps', () => {
  const bitwise =
    /crc|name-hash|id-hash|aggregates|kaitai|container\/(?:cipher|compression|keys\/stretch)/u;
  const paths = files('src', '.ts').filter((path) => !bitwise.test(path));
  // The formatter puts blanks around operators, and none into generic types; bigint shifts are exact.
  const shifts = grep(paths, / (<<|>>>?)=? /u).filter((line) => !/\d+n\b/u.test(line));
  assert.deepEqual(shifts, []);
});

test('every file begins with a comment that says what it is', () => {
  const bare = [...files('src', '.ts'), ...files('scripts', '.ts')].filter(
    (path) => !/^(#!.*\n)?(\/\/|\/\*)/u.test(readFileSync(path, 'utf8')),
  );
  assert.deepEqual(bare, []);
});

test('dependencies are few, chosen, and pinned', () => {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  for (const [name, version] of Object.entries({
    ...dependencies,
    ...optionalDependencies,
    ...devDependencies,
  })) {
    assert.match(version, /^\d+\.\d+\.\d+$/u, `${name} is pinned exactly`);
  }
  assert.equal(manifest.license, 'GPL-2.0-or-later');
});

test('the lock file names no host', () => {
  assert.deepEqual(grep(['package-lock.json'], /"resolved"/u), []);
});

test('each specification has its generated parser and says its licence', () => {
  for (const path of files('formats', '.ksy')) {
    const generated = path.replace(/^formats/u, 'generated').replace(/\.ksy$/u, '.ts');
    assert.match(readFileSync(generated, 'utf8').slice(0, 200), /Do not edit/u, generated);
    assert.match(readFileSync(path, 'utf8'), /^ {2}license: /mu, path);
  }
});
