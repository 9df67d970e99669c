// Style rules: the order of keys in a .ksy, and which it must have.
// References: https://doc.kaitai.io/ksy_style_guide.html.
import type { RawFinding } from './finding.js';
import { eachAttribute, eachType, type Specification, type TypeSpec } from './specification.js';
import type { Path } from './structure.js';

const META = [
  'id',
  'title',
  'application',
  'file-extension',
  'xref',
  'tags',
  'license',
  'ks-version',
  'imports',
  'encoding',
  'endian',
  'bit-endian',
  '-virt-df',
];
const SECTIONS = [
  'meta',
  '-export',
  'doc',
  'doc-ref',
  'to-string',
  'params',
  'seq',
  'instances',
  'types',
  'enums',
];
const ATTRIBUTE = [
  'id',
  '-orig-id',
  'io',
  'pos',
  'value',
  'size',
  'size-eos',
  'type',
  'enum',
  'contents',
  'pad-right',
  'terminator',
  'include',
  'consume',
  'eos-error',
  'encoding',
  'valid',
  'process',
  'repeat',
  'repeat-expr',
  'repeat-until',
  'if',
  'doc',
  'doc-ref',
];

export function styleFindings(specification: Specification): readonly RawFinding[] {
  const { root } = specification;
  return [
    ...metaFindings(root),
    ...[...eachType(root)].flatMap(([type, path]) => [
      ...orderFindings(Object.keys(type), SECTIONS, path),
      ...[...eachAttribute(type, path)].flatMap(({ attribute, path: at }) =>
        orderFindings(Object.keys(attribute), ATTRIBUTE, at),
      ),
    ]),
  ];
}

function metaFindings(root: TypeSpec): readonly RawFinding[] {
  const meta = root.meta ?? {};
  const path = ['meta'];
  const missing = ['title', 'license'].filter((key) => typeof meta[key] !== 'string');
  const findings = missing.map((key) => ({ path, message: `'${key}' is missing` }));
  if (root.doc === undefined && root['doc-ref'] === undefined) {
    findings.push({ path, message: 'the specification has neither doc nor doc-ref' });
  }
  return [...findings, ...orderFindings(Object.keys(meta), META, path)];
}

/** One finding when keys that have a place do not stand in it. */
function orderFindings(
  keys: readonly string[],
  order: readonly string[],
  path: Path,
): readonly RawFinding[] {
  const placed = keys.filter((key) => order.includes(key));
  const sorted = [...placed].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const wrong = placed.findIndex((key, i) => key !== sorted[i]);
  if (wrong < 0) return [];
  return [
    { path: [...path, placed[wrong] ?? ''], message: `the order should be ${sorted.join(', ')}` },
  ];
}
