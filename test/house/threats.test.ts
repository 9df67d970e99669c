// SECURITY.md names the tests of each class of attack; each class has some, and each test is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const CLASS_COUNT = 28;
const NOT_APPLICABLE = /^not applicable: \S.{20,}$/u;

interface Row {
  readonly name: string;
  readonly tests: string;
}

const rows = threats(readFileSync('SECURITY.md', 'utf8'));

/** The rows of the table: `| S1 | what | tests |`. */
function threats(page: string): readonly Row[] {
  return [...page.matchAll(/^\| (S\d+) \| [^|]+ \| (.*) \|$/gmu)].map(
    ([, name = '', tests = '']) => ({ name, tests }),
  );
}

/** What is wrong with the tests that a class names. */
function faults({ name, tests }: Row): readonly string[] {
  if (NOT_APPLICABLE.test(tests)) return [];
  const named = [...tests.matchAll(/`([^`›]+) › ([^`]+)`/gu)];
  if (named.length === 0) return [`${name} has no test`];
  if (named.length !== tests.split('<br>').length) return [`${name} has what is no test`];
  return named
    .filter(([, file = '', title = '']) => !isThere(join('test', file), title))
    .map(([, file, title]) => `${name}: ${file} has no test ‘${title}’`);
}

/** Whether the file has a test of that title: a text, a template as it is written, or what a table of cases gives. */
function isThere(path: string, title: string): boolean {
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  const calls = text.matchAll(
    /\b(?:test|it|describe)\(\s*(?:'([^'\n]+)'|"([^"\n]+)"|`([^`\n]+)`|([\w.]+),)/gu,
  );
  return [...calls].some(([, ...titles]) => titles.includes(title));
}

test('each class of attack has tests, and each of them is there', () => {
  const names = Array.from({ length: CLASS_COUNT }, (_, i) => `S${i + 1}`);
  assert.deepEqual(
    rows.map(({ name }) => name),
    names,
  );
  assert.deepEqual(rows.flatMap(faults), []);
});

test('a class without a test, or with one that is not there, is seen', () => {
  const [first] = rows;
  assert.ok(first !== undefined);
  for (const tests of [
    ...['', '-', 'not applicable:', 'not applicable: no', '`hostile/none.test.ts › x`'],
    ...['`house/threats.test.ts › no such title`', `${first.tests}<br>and others`],
  ]) {
    assert.notDeepEqual(faults({ name: 'S1', tests }), [], tests);
  }
  const reason = 'not applicable: virt-df has nothing that could be attacked so';
  assert.deepEqual(faults({ name: 'S1', tests: reason }), []);
});
