// A hostile specification runs nothing. Each payload is first shown to be live: in what the plain compiler writes, it runs.
// References: https://github.com/kaitai-io/kaitai_struct/issues/170 (the compiler's security expectations are not written).
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import { GenerateError } from '../../scripts/generate/index.js';
import { generateText, load } from './support.js';

const PAYLOAD = '*/ globalThis.ran = (globalThis.ran ?? 0) + 1; /*';

const HEAD = `meta:
  id: sample
  title: A sample
  license: CC0-1.0
  endian: le
`;
const SEQ = 'seq:\n  - id: a\n    type: u1\n';
const quoted = JSON.stringify(PAYLOAD);

/** Where the compiler copies text into a comment. */
const COMMENTS: readonly (readonly [string, string])[] = [
  ['doc of the top type', `${HEAD}doc: ${quoted}\n${SEQ}`],
  [
    'doc of a type',
    `${HEAD}${SEQ}  - id: b\n    type: c\ntypes:\n  c:\n    doc: ${quoted}\n    ${SEQ.replaceAll('\n', '\n    ')}\n`,
  ],
  ['doc of a field', `${HEAD}${SEQ}    doc: ${quoted}\n`],
  [
    'doc of an instance',
    `${HEAD}${SEQ}instances:\n  b:\n    pos: 0\n    type: u1\n    doc: ${quoted}\n`,
  ],
  ['doc-ref as a text', `${HEAD}doc-ref: ${quoted}\n${SEQ}`],
  [
    'doc-ref as an address with a text',
    `${HEAD}doc-ref: ${JSON.stringify(`https://example.org/ ${PAYLOAD}`)}\n${SEQ}`,
  ],
  ['doc-ref as a list', `${HEAD}doc-ref: [plain, ${quoted}]\n${SEQ}`],
];

interface Compiler {
  compile(
    language: string,
    spec: unknown,
    importer: object,
    debug: boolean,
  ): Promise<Record<string, string>>;
}

async function plainCompiler(text: string): Promise<string> {
  const compiler = createRequire(import.meta.url)('kaitai-struct-compiler') as Compiler;
  const files = await compiler.compile('javascript', parse(text), {}, false);
  return files['Sample.js'] ?? '';
}

describe('a hostile specification', () => {
  for (const [name, text] of COMMENTS) {
    it(`runs nothing: ${name}`, async () => {
      const context: { ran?: number; exports: object; require: () => object } = {
        exports: {},
        require: () => ({}),
      };
      runInNewContext(await plainCompiler(text), context);
      assert.ok((context.ran ?? 0) > 0, 'the payload is live in the compiler’s own output');

      const parsers = await load(text, 'sample');
      assert.equal(parsers.parseSample?.(Uint8Array.of(5, 5)).a, 5);
      assert.equal('ran' in globalThis, false);
    });
  }

  it('gives no order to tools that read comments', async () => {
    const doc = '@ts-nocheck\n@ts-ignore\n// @ts-expect-error\nbiome-ignore all';
    const typescript = await generateText(`${HEAD}doc: ${JSON.stringify(doc)}\n${SEQ}`, 'sample');
    assert.doesNotMatch(typescript, /@ts-/u);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'process of a module',
      `${HEAD}${SEQ}  - id: b\n    size: 1\n    process: child_process.exec("id")\n`,
      /^sample\.ksy:11:14: \/seq\/1\/process: /u,
    ],
    [
      'opaque types',
      `${HEAD.replace('  endian', '  ks-opaque-types: true\n  endian')}${SEQ}  - id: b\n    type: fs\n`,
      /ks-opaque-types: is not allowed/u,
    ],
    ['an unknown type', `${HEAD}${SEQ}  - id: b\n    type: fs\n`, /there is no type 'fs'/u],
    [
      'an import of a path',
      `${HEAD}  imports: ['../../../etc/passwd']\n${SEQ}`,
      /^sample\.ksy:6:12: \/meta\/imports: is not allowed/u,
    ],
    [
      'an import of a root path',
      `${HEAD}  imports: [/etc/passwd]\n${SEQ}`,
      /imports: is not allowed/u,
    ],
    [
      'a type that hides what the output uses',
      `${HEAD}${SEQ}  - id: b\n    type: object\ntypes:\n  object:\n    ${SEQ.replaceAll('\n', '\n    ')}\n`,
      /'object' hides a name/u,
    ],
    [
      'a field of every object',
      `${HEAD}seq:\n  - id: to_string\n    type: u1\n`,
      /'to_string' clashes/u,
    ],
    [
      'code as an id',
      `${HEAD}seq:\n  - id: "a; globalThis.ran = 1"\n    type: u1\n`,
      /needs an id/u,
    ],
    [
      'code as the id of a type',
      `${HEAD}${SEQ}types:\n  "a}; globalThis.ran = 1":\n    seq: []\n`,
      /is not a plain name/u,
    ],
    [
      'code as an encoding',
      `${HEAD}${SEQ}  - id: b\n    size: 1\n    type: str\n    encoding: "'); globalThis.ran = 1; ('"\n`,
      /encoding must be one of/u,
    ],
    [
      'code as an expression',
      `${HEAD}${SEQ}instances:\n  b:\n    value: globalThis.ran = 1\n`,
      /^sample\.ksy:11:/u,
    ],
    ['a text over 256 KiB', `${HEAD}${SEQ}# ${'x'.repeat(1 << 18)}\n`, /larger than 262144 bytes/u],
    ['YAML aliases', `${HEAD}x: &a [1]\ny: [*a]\n${SEQ}`, /aliases|anchors/u],
    ['deep YAML', `${HEAD}x: ${'['.repeat(10000)}\n${SEQ}`, /nested too deeply/u],
    ['a prototype', `${HEAD}${SEQ}__proto__:\n  seq: []\n`, /__proto__/u],
  ];
  for (const [name, text, message] of refused) {
    it(`is refused with its line: ${name}`, async () => {
      await assert.rejects(generateText(text, 'sample'), (error) => {
        assert.ok(error instanceof GenerateError, String(error));
        assert.match(error.message, message);
        return true;
      });
      assert.equal('ran' in globalThis, false);
    });
  }

  it('keeps strings strings', async () => {
    const hostile = `'"\`\${globalThis.ran = 1}\\'); globalThis.ran = 1; ('`;
    const text = `${HEAD.replace('A sample', JSON.stringify(hostile))}${SEQ}instances:\n  b:\n    value: ${JSON.stringify(JSON.stringify(hostile))}\n`;
    const parsers = await load(text, 'sample');
    assert.equal(typeof parsers.parseSample?.(Uint8Array.of(1)).b, 'string');
    assert.equal('ran' in globalThis, false);
  });
});
