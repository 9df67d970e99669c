// The parser of LVM2's metadata text: what it takes, and what it refuses at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatError } from '../../src/errors.js';
import { parseText, type Section } from '../../src/validation/lvm2/text.js';
import { cpuTime } from '../cpu-time.js';

const parse = (text: string, values = 100_000): Section => parseText(text, { values });

function refused(text: string, code: string): void {
  const shownText = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  assert.throws(() => parse(text), { name: 'FormatError', code }, shownText);
}

test('values of all kinds', () => {
  const root = parse(`# a comment
  vg { id = "a-b"  n = 12 neg=-7 zero = 0 negzero = -0
    list = [ "a", 1, "b#{}", ] empty = []
    "quoted key" = "with \\"quotes\\" and \\\\ and \\n" # another comment
    inner{x=1}
  }
  word = +1.5e3 octal = 010 hex = 0x10 huge = 99999999999999999999 wide = 1${'0'.repeat(18)}
  \0 behind the end { `);
  const vg = root.get('vg');
  assert.ok(vg instanceof Map);
  assert.deepEqual(
    [...vg].filter(([key]) => key !== 'inner'),
    [
      ['id', 'a-b'],
      ['n', 12n],
      ['neg', -7n],
      ['zero', 0n],
      ['negzero', 0n],
      ['list', ['a', 1n, 'b#{}']],
      ['empty', []],
      ['quoted key', 'with "quotes" and \\ and \\n'],
    ],
  );
  assert.deepEqual([...(vg.get('inner') as Section)], [['x', 1n]]);
  assert.deepEqual(
    ['word', 'octal', 'hex', 'huge', 'wide'].map((key) => root.get(key)),
    ['+1.5e3', '010', '0x10', '99999999999999999999', 10n ** 18n],
  );
});

test('what is no text of lvm2 is refused', () => {
  for (const text of [
    '{',
    '}',
    '=',
    'a',
    'a =',
    'a = }',
    'a = [',
    'a = [ 1',
    'a = [ 1 2 ]',
    'a = [ , ]',
    'a = [ [ 1 ] ]',
    'a = "never ends',
    'a = "escaped end\\"',
    'a { b = 1',
    'a { b = 1 } }',
    'a = = 1',
    'a = 1 b',
    '[ 1 ]',
    'a = 1, b = 2',
    'a = 1\na = 2',
    's { }\ns { }',
    's { a = 1 a { } }',
    '"" = 1',
    `${'k'.repeat(256)} = 1`,
    'a = \u0001',
  ]) {
    refused(text, 'INVALID');
  }
});

test('names of JavaScript’s own are names as any other', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then'];
  const root = parse(names.map((name) => `${name} { polluted = "yes" ${name} = 1 }`).join('\n'));
  assert.deepEqual([...root.keys()], names);
  assert.equal('polluted' in {}, false);
  assert.equal(parse('a = 1').get('constructor'), undefined);
});

test('sizes, depths and counts are limited', () => {
  refused('a {'.repeat(100_000), 'LIMIT');
  refused(`${'a {'.repeat(17)}${'}'.repeat(17)}`, 'LIMIT');
  assert.ok(parse(`${'a {'.repeat(16)}${'}'.repeat(16)}`));
  refused(`a = [ ${'1,'.repeat(1_000_000)} 1 ]`, 'LIMIT');
  refused(`a = "${'x'.repeat(2_000_000)}"`, 'LIMIT');
  refused(`${'i'.repeat(1_000_000)} = 1`, 'INVALID');
  const budget = { values: 3 };
  parseText('a = 1 b = 2', budget);
  assert.throws(() => parseText('c = 3 d = 4', budget), { code: 'LIMIT' });
});

test('time grows with the text, not faster', () => {
  const kinds: readonly (readonly [string, (length: number) => string])[] = [
    ['spaces', (length) => ' '.repeat(length)],
    ['comments', (length) => '#'.repeat(length)],
    ['lines of comments', (length) => '#\n'.repeat(length / 2)],
    ['a word', (length) => 'a'.repeat(length)],
    ['open quotes', (length) => `a = "${'\\"'.repeat(length / 2)}`],
    ['backslashes', (length) => `a = "${'\\\\'.repeat(length / 2)}"`],
    ['brackets', (length) => `a = ${'['.repeat(length)}`],
    ['entries', (length) => Array.from({ length: length / 8 }, (_, n) => `k${n} = 1`).join('\n')],
  ];
  for (const [what, make] of kinds) {
    const timeOf = (length: number): number => {
      const text = make(length);
      const spentMs = cpuTime();
      try {
        parse(text, 10_000_000);
      } catch (error) {
        assert.ok(error instanceof FormatError, what);
      }
      return spentMs();
    };
    timeOf(100_000);
    const [short, long] = [timeOf(250_000), timeOf(1_000_000)];
    assert.ok(long < 16 * short + 200, `${what}: ${short} ms and ${long} ms`);
  }
});
