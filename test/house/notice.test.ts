// What ships of others is named with its licence, in NOTICE and in the list of parts, and may be part of a work under the GPL.
// References: CycloneDX 1.6; npm-sbom(1)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isAllowed } from '../../scripts/notice/licences.js';
import { noticeText } from '../../scripts/notice/notice.js';
import { shippedParts } from '../../scripts/notice/parts.js';
import { sbomText } from '../../scripts/notice/sbom.js';

interface Component {
  readonly purl: string;
  readonly scope: string;
  readonly licenses: readonly {
    readonly license?: { readonly id: string };
    readonly expression?: string;
  }[];
  readonly hashes: readonly { readonly content: string }[];
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly dependencies?: Readonly<Record<string, string>>;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

interface Bom {
  readonly components: readonly Component[];
}

const parts = shippedParts();
const page = readFileSync('docs/dependencies.md', 'utf8');
const committed: Bom = JSON.parse(readFileSync('sbom.cdx.json', 'utf8'));

test('NOTICE has every package whose code ships or is installed (npm run notice)', () => {
  assert.equal(readFileSync('NOTICE', 'utf8'), noticeText(parts));
});

test('sbom.cdx.json is of these packages (npm run notice)', () => {
  assert.equal(readFileSync('sbom.cdx.json', 'utf8'), sbomText(parts));
});

test('a package without a notice would be missed', () => {
  const [first] = parts;
  assert.ok(first !== undefined);
  const other = { ...first, name: 'bidi-js', version: '1.1.0' };
  assert.notEqual(noticeText([...parts, other]), noticeText(parts));
});

/** Debian 13's npm has no such command. */
const isOld = Number.parseInt(execFileSync('npm', ['--version'], { encoding: 'utf8' }), 10) < 10;

test('npm names the same packages, licences and hashes', {
  skip: isOld ? 'npm sbom is there from npm 10 on' : false,
}, () => {
  const ask = (...omit: readonly string[]): readonly string[] => {
    const args = ['sbom', ...omit, '--package-lock-only', '--sbom-format=cyclonedx', '--offline'];
    const text = execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const theirs: Bom = JSON.parse(text);
    return theirs.components.map(facts);
  };
  const installed = new Set(ask('--omit=dev'));
  assert.ok(installed.size > 10);
  const ours = committed.components.map(facts);
  assert.deepEqual(
    [...installed].filter((one) => !ours.includes(one)),
    [],
  );
  // What is bundled is no dependency of the installed package: npm has it among those of the build, as optional.
  const all = new Set(ask().map(withoutScope));
  assert.deepEqual(
    ours.map(withoutScope).filter((one) => !all.has(one)),
    [],
  );
});

function withoutScope(facts: string): string {
  return facts.replace(/ (?:required|optional) /u, ' ');
}

/** What two lists must agree in. */
function facts({ purl, scope, licenses, hashes }: Component): string {
  const [licence] = licenses;
  const said = (licence?.expression ?? licence?.license?.id ?? '').replace(/^\((.*)\)$/u, '$1');
  return `${purl} ${scope} ${said} ${hashes[0]?.content}`;
}

test('no code of a development tool is in dist/', () => {
  const [, runs = ''] = /^## What runs$([\s\S]*?)^## /mu.exec(page) ?? [];
  const chosen = [...runs.matchAll(/^\| `([^`]+)` \d/gmu)].map(([, name = '']) => name);
  assert.ok(chosen.length > 8);
  const known = withTheirs(chosen);
  const bundled = parts.filter(({ bundledIn }) => bundledIn.length > 0).map(({ name }) => name);
  assert.ok(bundled.includes('yaml'));
  assert.deepEqual(
    bundled.filter((name) => !known.has(name)),
    [],
  );
});

test('what is installed with the package is koffi, and what users’ formats need', () => {
  const installed = parts.filter(({ isRuntime, isOptional }) => isRuntime && !isOptional);
  assert.deepEqual(
    installed.map(({ name }) => name),
    ['koffi'],
  );
  const known = withTheirs(['kaitai-struct-compiler', 'ts-morph', 'koffi']);
  const others = parts.filter(({ isRuntime, name }) => isRuntime && !known.has(name));
  assert.deepEqual(others, []);
});

/** Packages, and what they depend on. */
function withTheirs(names: readonly string[]): ReadonlySet<string> {
  const { packages }: Lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const found = new Set(names);
  for (const name of found) {
    const { dependencies = {}, optionalDependencies = {} } = packages[`node_modules/${name}`] ?? {};
    for (const one of Object.keys({ ...dependencies, ...optionalDependencies })) found.add(one);
  }
  return found;
}

test('docs/dependencies.md tells of each dependency that is chosen, in its version', () => {
  const manifest: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
    readFileSync('package.json', 'utf8'),
  );
  const chosen = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).map(([name, version]) => `\`${name}\` ${version}`),
  );
  assert.ok(chosen.length > 8);
  assert.deepEqual(
    chosen.filter((words) => !page.includes(`| ${words}`)),
    [],
  );
});

test('the licence of each package fits GPL-2.0-or-later', () => {
  const unfit = parts
    .filter(({ licence }) => !isAllowed(licence))
    .map(({ name, licence }) => `${name}: ${licence}`);
  assert.deepEqual(unfit, []);
});

test('licences that do not fit are refused', () => {
  for (const fits of ['MIT', 'MIT AND BSD-3-Clause', 'SSPL-1.0 OR (MIT AND ISC)']) {
    assert.ok(isAllowed(fits), fits);
  }
  for (const unfit of [
    ...['', 'NONE', 'UNLICENSED', 'GPL-2.0-only', 'MPL-2.0 AND MIT', 'BSD-4-Clause', 'EPL-2.0'],
    ...['MIT AND (SSPL-1.0 OR CDDL-1.0)', '(MIT', 'MIT ISC', 'toString'],
  ]) {
    assert.ok(!isAllowed(unfit), unfit);
  }
});
