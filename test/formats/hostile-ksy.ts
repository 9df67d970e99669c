// Specifications that try to run code, to read or write files, or not to end. Each puts `payload` where some version of
// some compiler once copied it into the code that it wrote.
// References: https://github.com/kaitai-io/kaitai_struct/issues/170 and what was tried on kaitai-struct-compiler 0.11.

/** A sound specification; `meta`, `top` and `seq` are added to it as they are. */
export function ksy(
  parts: { meta?: string; top?: string; seq?: string; name?: string } = {},
): string {
  const { meta = '', top = '', seq = '', name = 'hostile' } = parts;
  return `meta:
  id: ${name}
  title: A test
  license: CC0-1.0
  endian: le
${meta}  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0, magic: HOSTILE!}
    size: 64
    name: ${name}
    block-size: 512
    blocks: num_blocks
${top || 'doc: A test.\n'}seq:
  - id: magic
    contents: HOSTILE!
  - id: num_blocks
    type: u4
${seq}`;
}

/**
 * One specification with `payload`, JavaScript that would be seen to run, in every place whose text a compiler may copy
 * into a comment or a string of its code. It is sound, so that it is compiled.
 */
export function everywhere(payload: string): string {
  const comment = JSON.stringify(`*/ ${payload} /*`);
  const inString = JSON.stringify(`"); ${payload} ("`);
  return `meta:
  id: hostile
  title: ${inString}
  license: ${inString}
  endian: le
  -virt-df:
    kind: filesystem
    understood: usage
    probe:
      - {at: 0, magic: HOSTILE!}
    size: 64
    name: ${inString}
    block-size: 512
    blocks: num_blocks
doc: |
  @ts-nocheck
  */ ${payload} /*
doc-ref: [${comment}, ${comment}]
to-string: ${inString}
seq:
  - id: magic
    -orig-id: ${comment}
    contents: HOSTILE!
    doc: ${comment}
    doc-ref: ${comment}
  - id: num_blocks
    -orig-id: [${comment}]
    type: u4
    doc: ${comment}
    doc-ref: [${comment}]
instances:
  other:
    pos: 0
    contents: ${inString}
    doc: ${comment}
  text:
    value: ${inString}
    doc-ref: ${comment}
types:
  other:
    doc: ${comment}
    doc-ref: ${comment}
    seq:
      - id: a
        type: u1
        enum: meaning
        doc: ${comment}
enums:
  meaning:
    1:
      id: one
      -orig-id: ${comment}
      doc: ${comment}
      doc-ref: ${comment}
`;
}

/** Specifications that are refused, by what they try. */
export function injections(payload: string): ReadonlyMap<string, string> {
  const inString = JSON.stringify(`"); ${payload} ("`);
  return new Map([
    [
      'a condition of the name',
      ksy().replace('    name: hostile', `    name: [{when: ${inString}, value: a}]`),
    ],
    ['an expression', ksy().replace('blocks: num_blocks', `blocks: ${JSON.stringify(payload)}`)],
    ['a probe', ksy().replace('magic: HOSTILE!}', `magic: ${inString}}`)],
    ['an offset', ksy().replace('    size: 64', `    size: ${inString}`)],
    ['process', ksy({ seq: '  - id: x\n    size: 4\n    process: child_process.exec("id")\n' })],
    [
      'process of fs',
      ksy({ seq: `  - id: x\n    size: 4\n    process: fs.write_file(${inString})\n` }),
    ],
    [
      'an opaque type',
      ksy({ meta: '  ks-opaque-types: true\n', seq: '  - id: x\n    type: fs\n' }),
    ],
    ['an opaque type, quietly', ksy({ seq: '  - id: x\n    type: child_process\n' })],
    ['an import', ksy({ meta: '  imports: [../../../../etc/passwd]\n' })],
    ['an absolute import', ksy({ meta: '  imports: [/etc/passwd]\n' })],
    ['a field named constructor', ksy({ seq: '  - id: constructor\n    type: u1\n' })],
    ['a field named __proto__', ksy({ seq: '  - id: __proto__\n    type: u1\n' })],
    ['a field with code for a name', ksy({ seq: `  - id: ${inString}\n    type: u1\n` })],
    [
      'a type that shadows a global',
      `${ksy()}types:\n  uint8_array:\n    seq:\n      - id: a\n        type: u1\n`,
    ],
    [
      'an encoding',
      ksy({ seq: `  - id: x\n    type: str\n    size: 4\n    encoding: ${inString}\n` }),
    ],
    [
      'a text in an expression',
      ksy({
        top: `instances:\n  x:\n    value: ${JSON.stringify(`'${payload}' + "${payload}"`)}\n`,
      }),
    ],
    ['a label of an enum', `${ksy()}enums:\n  other:\n    1: ${inString}\n`],
    ['a YAML tag', ksy({ seq: '  - id: x\n    type: !!js/function "function(){}"\n' })],
    ['a key __proto__', `${ksy()}__proto__: {polluted: true}\n`],
    ['the id', ksy({ name: '../evil' })],
  ]);
}

/** Specifications that cost much time or memory. */
export function bombs(): ReadonlyMap<string, string> {
  const aliases = Array.from({ length: 30 }, (_, i) =>
    i === 0 ? 'a0: &a0 [1, 1, 1]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`,
  ).join('\n');
  return new Map([
    ['aliases that multiply', `${ksy()}${aliases}\n`],
    ['20000 additions', ksy().replace('blocks: num_blocks', `blocks: '1${' + 1'.repeat(20000)}'`)],
    [
      '5000 parentheses',
      ksy().replace('blocks: num_blocks', `blocks: '${'('.repeat(5000)}1${')'.repeat(5000)}'`),
    ],
    ['100000 brackets', `${ksy()}x: ${'['.repeat(100000)}\n`],
    [
      'instances that depend on each other',
      `${ksy()}instances:\n  a:\n    value: b\n  b:\n    value: a\n`,
    ],
    ['60000 keys', ksy() + Array.from({ length: 60000 }, (_, i) => `k${i}: 1\n`).join('')],
    ['2 MiB of text', `${ksy()}# ${'x'.repeat(2 * 1024 * 1024)}\n`],
  ]);
}
