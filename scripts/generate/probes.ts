// `probe`, `offset` and `size` of `meta/-virt-df`: how a format is recognised, and which bytes are parsed.
import type { Spec, SpecProbe } from '../../src/kaitai/index.js';
import { integer, knownKeys, list, record, type Section } from './section.js';
import type { Specification } from './specification.js';
import type { Path } from './structure.js';

/** The bytes of the source that the parser is given. */
export function readWindow(
  specification: Specification,
  section: Section,
  path: Path,
): Spec['window'] {
  if (section.size === undefined) return null;
  const { align } = section;
  return {
    offsetBytes: readOffset(specification, section.offset ?? 0, [...path, 'offset']),
    ...(align === undefined
      ? {}
      : { alignBytes: integer(specification, align, [...path, 'align']) }),
    sizeBytes: integer(specification, section.size, [...path, 'size']),
  };
}

/** One alternative: `{at, magic}`, or `{all: [...]}`. */
export function readProbe(specification: Specification, value: unknown, path: Path): SpecProbe {
  const section = record(specification, value, path);
  const isAll = 'all' in section;
  knownKeys(
    specification,
    section,
    isAll ? ['all', 'order'] : ['at', 'align', 'magic', 'order'],
    path,
  );
  const magics = isAll ? list(section.all) : [section];
  const { order } = section;
  if (order !== undefined && order !== 'le' && order !== 'be') {
    return specification.fail([...path, 'order'], 'must be le or be');
  }
  const all = magics.map((inner, i) => {
    const at = isAll ? [...path, 'all', i] : path;
    const entry = record(specification, inner, at);
    if (isAll) knownKeys(specification, entry, ['at', 'align', 'magic'], at);
    return {
      at: readOffset(specification, entry.at, [...at, 'at']),
      ...(entry.align === undefined
        ? {}
        : { align: integer(specification, entry.align, [...at, 'align']) }),
      magic: readMagic(specification, entry.magic, [...at, 'magic']),
    };
  });
  return { all, ...(order === undefined ? {} : { order }) };
}

/** A negative offset counts from the source's end: -512 is the last sector. */
function readOffset(specification: Specification, value: unknown, path: Path): number {
  const isFromEnd = typeof value === 'number' && value < 0;
  return isFromEnd ? -integer(specification, -value, path) : integer(specification, value, path);
}

function readMagic(specification: Specification, value: unknown, path: Path): string {
  const bytes = list(value).flatMap((part): unknown[] =>
    typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [part],
  );
  const isBytes = bytes.every((byte) => typeof byte === 'number' && byte >= 0 && byte <= 255);
  if (bytes.length === 0 || !isBytes)
    return specification.fail(path, 'must be text or a list of bytes');
  return Buffer.from(bytes.map((byte) => Number(byte))).toString('latin1');
}
