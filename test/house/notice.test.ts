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

interface Bom {
  readonly components: readonly Component[];
}

const parts = shippedParts();
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
  const args = [
    'sbom',
    '--omit=dev',
    '--package-lock-only',
    '--sbom-format=cyclonedx',
    '--offline',
  ];
  const theirs: Bom = JSON.parse(
    execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 2 ** 26 }),
  );
  assert.ok(theirs.components.length > 40);
  assert.deepEqual(committed.components.map(facts).sort(), theirs.components.map(facts).sort());
});

/** What two lists must agree in. */
function facts({ purl, scope, licenses, hashes }: Component): string {
  const [licence] = licenses;
  const said = (licence?.expression ?? licence?.license?.id ?? '').replace(/^\((.*)\)$/u, '$1');
  return `${purl} ${scope} ${said} ${hashes[0]?.content}`;
}

test('no code of a development tool is in dist/', () => {
  assert.deepEqual(
    parts.filter(({ isRuntime }) => !isRuntime).map(({ name }) => name),
    [],
  );
  assert.ok(parts.some(({ name, bundledIn }) => name === 'yaml' && bundledIn.length > 0));
});

test('docs/dependencies.md tells of each dependency that is chosen, in its version', () => {
  const page = readFileSync('docs/dependencies.md', 'utf8');
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
