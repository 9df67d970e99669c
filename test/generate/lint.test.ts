// The lint of specifications: each rule finds its line, and what keeps the rules has no finding.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { lint } from '../../scripts/generate/index.js';
import { cpuTime } from '../cpu-time.js';

const HEAD = `meta:
  id: sample
  title: A sample
  license: CC0-1.0
  encoding: UTF-8
  endian: le
doc: A sample.
`;

/** What to change, as `line: message`. */
function findings(text: string): readonly string[] {
  return lint(text, 'sample.ksy').map(({ position, message }) => `${position.line}: ${message}`);
}

const CASES: readonly (readonly [name: string, text: string, expected: RegExp])[] = [
  ['a tab', `${HEAD}seq:\n  - id: a\n    type: u1\n    doc: a\tb\n`, /^11: tab/u],
  [
    'blanks at the end of a line',
    `${HEAD}seq: \n  - id: a\n    type: u1\n`,
    /^8: blanks at the end/u,
  ],
  ['CRLF', `${HEAD}seq:\r\n  - id: a\n    type: u1\n`, /^8: carriage return/u],
  ['no line end at the end', `${HEAD}seq:\n  - id: a\n    type: u1`, /^10: no line end/u],
  [
    'a document marker',
    `---\n${HEAD}seq:\n  - id: a\n    type: u1\n`,
    /^1: a specification has no document marker/u,
  ],
  [
    'a long line',
    `${HEAD}seq:\n  - id: a\n    type: u1\n    doc: ${'x'.repeat(100)}\n`,
    /^11: longer than 100/u,
  ],
  ['no title', HEAD.replace('  title: A sample\n', ''), /^2: \/meta: 'title' is missing/u],
  ['no license', HEAD.replace('  license: CC0-1.0\n', ''), /^2: \/meta: 'license' is missing/u],
  [
    'no doc',
    HEAD.replace('doc: A sample.\n', ''),
    /: \/meta: the specification has neither doc nor doc-ref/u,
  ],
  [
    'another id',
    HEAD.replace('id: sample', 'id: other'),
    /^2: \/meta\/id: meta\/id must be the name of the file/u,
  ],
  [
    'keys of meta in disorder',
    HEAD.replace('  endian: le\n', '').replace('  license', '  endian: le\n  license'),
    /^4: \/meta\/endian: the order should be/u,
  ],
  [
    'sections in disorder',
    `${HEAD}instances:\n  b:\n    value: 1\nseq:\n  - id: a\n    type: u1\n`,
    /^9: \/instances: the order should be/u,
  ],
  [
    'keys of a field in disorder',
    `${HEAD}seq:\n  - type: u1\n    id: a\n`,
    /^9: \/seq\/0\/type: the order should be id, type/u,
  ],
  [
    'a text without encoding',
    `${HEAD.replace('  encoding: UTF-8\n', '')}seq:\n  - id: a\n    size: 4\n    type: str\n`,
    /^8: \/seq\/0: a text needs an encoding/u,
  ],
  [
    'a text without end',
    `${HEAD}seq:\n  - id: a\n    type: strz\n`,
    /^9: \/seq\/0: a strz without size/u,
  ],
  [
    'items without size',
    `${HEAD}seq:\n  - id: a\n    type: b\n    repeat: eos\ntypes:\n  b:\n    instances:\n      c:\n        value: 1\n`,
    /^9: \/seq\/0: repeats something that may have no size/u,
  ],
  [
    'a count without bound',
    `${HEAD}seq:\n  - id: n\n    type: u4\n  - id: a\n    type: u1\n    repeat: expr\n    repeat-expr: n\n`,
    /^14: \/seq\/1\/repeat-expr: the count 'n' has no valid/u,
  ],
  [
    'a shift without bound',
    `${HEAD}seq:\n  - id: n\n    type: u1\ninstances:\n  a:\n    value: 1 << n\n`,
    /^13: \/instances\/a\/value: the shift by 'n'/u,
  ],
  [
    'a check that nobody makes',
    `${HEAD}instances:\n  magic:\n    pos: 0\n    contents: ABCD\n`,
    /: \/instances\/magic: an instance is checked only when it is read/u,
  ],
  [
    'a type that nothing uses',
    `${HEAD}seq:\n  - id: a\n    type: u1\ntypes:\n  b:\n    seq:\n      - id: c\n        type: u1\n`,
    /: \/types\/b: nothing uses this type/u,
  ],
  [
    'custom processes',
    `${HEAD}seq:\n  - id: a\n    size: 4\n    process: child_process.exec("id")\n`,
    /^11: \/seq\/0\/process: only zlib and xor/u,
  ],
  [
    'opaque types',
    HEAD.replace('  endian', '  ks-opaque-types: true\n  endian'),
    /^6: \/meta\/ks-opaque-types: is not allowed/u,
  ],
  [
    'imports',
    HEAD.replace('  endian', '  imports: [a]\n  endian'),
    /^6: .*\/meta\/imports: is not allowed/mu,
  ],
  [
    'an unknown encoding',
    HEAD.replace('UTF-8', 'IBM437'),
    /^5: \/meta\/encoding: the encoding must be one of/u,
  ],
  [
    'a reserved id',
    `${HEAD}seq:\n  - id: constructor\n    type: u1\n`,
    /^9: \/seq\/0: 'constructor' clashes/u,
  ],
  [
    'an unknown key of -virt-df',
    HEAD.replace('  endian: le\n', '  endian: le\n  -virt-df:\n    bloks: 1\n'),
    /^8: \/meta\/-virt-df\/bloks: unknown key/u,
  ],
  [
    'a value of an enum that a double does not hold',
    `${HEAD}enums:\n  a:\n    0xfffffffffffffff1: b\n`,
    /^10: .*the value of an enum must be an integer below 2\^53/u,
  ],
  [
    'an alias',
    `${HEAD}seq:\n  - &a\n    id: a\n    type: u1\n  - *a\n`,
    /YAML (?:aliases|anchors) are not allowed/u,
  ],
  ['a tag', `${HEAD}seq: !!seq []\n`, /YAML tags are not allowed/u],
  ['not a map', 'hello\n', /is not a map/u],
  ['broken YAML', 'a: [\n', /^\d+: /u],
];

describe('the lint of specifications', () => {
  for (const [name, text, expected] of CASES) {
    it(`finds ${name}`, () => {
      const found = findings(text);
      assert.ok(
        found.some((line) => expected.test(line)),
        `${expected} in:\n${found.join('\n')}`,
      );
    });
  }

  it('finds nothing in a good one', () => {
    assert.deepEqual(findings(`${HEAD}seq:\n  - id: a\n    type: u1\n`), []);
  });

  it('ends with types that hold each other many times', () => {
    const field = (name: string, to: number) =>
      `      - id: ${name}\n        type: t${to}\n        repeat: eos\n`;
    const types = Array.from({ length: 12 }, (_, i) => {
      const fields = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) =>
        field(name, (i + 1) % 12),
      );
      return `  t${i}:\n    seq:\n${fields.join('')}`;
    });
    const spentMs = cpuTime();
    const found = findings(`${HEAD}seq:\n  - id: a\n    type: t0\ntypes:\n${types.join('')}`);
    assert.ok(spentMs() < 2000);
    assert.ok(found.some((line) => line.includes('repeats something that may have no size')));
  });

  it('finds nothing in formats/', () => {
    const files = readdirSync('formats', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ksy'))
      .map((name) => `formats/${name}`);
    assert.ok(files.length > 0);
    const found = files.flatMap((file) =>
      lint(readFileSync(file, 'utf8'), file).map(
        ({ position, message }) => `${file}:${position.line}: ${message}`,
      ),
    );
    assert.deepEqual(found, []);
  });
});
