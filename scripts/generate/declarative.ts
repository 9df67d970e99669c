// `meta/-virt-df`: the keys by which a specification says how its format is recognised, and how its numbers are computed.
// Each value is a Kaitai expression; the compiler is given it as an instance, so that it checks names and types.
// References: docs/adding-a-filesystem.md.
import type { Spec, SpecProbe } from '../../src/kaitai/index.js';
import type { ExtraInstance } from './compile.js';
import { lowerCamel } from './names.js';
import { readProbe, readWindow } from './probes.js';
import { knownKeys, list, record, type Section } from './section.js';
import type { Specification } from './specification.js';
import type { Path } from './structure.js';

/** The instances of the compiler's that an aggregate needs, by word. */
export interface Aggregate {
  readonly word: 'zero-bits' | 'zero-entries' | 'sum';
  /** For `sum`: the record type. */
  readonly type: string | null;
  /** Key of the claim (`perBit`) -> id of the instance. */
  readonly values: Readonly<Record<string, string>>;
}

/** One number or text that the format claims. */
export interface ClaimPlan {
  /** `blocks`, `inodes-free`. */
  readonly key: string;
  readonly value: string | Aggregate;
}

/** The plan for a format: its description, and the claims that the generated `read` computes. */
export interface Plan {
  readonly kind: Spec['kind'];
  readonly understood: Spec['understood'];
  readonly followsOrder: boolean;
  readonly probes: readonly SpecProbe[];
  readonly window: Spec['window'];
  readonly openedBy: string | null;
  readonly holdsDisk: boolean;
  readonly isEncrypted: boolean;
  /** Names of which the first whose condition holds is the type; empty: not declarative. */
  readonly types: readonly { readonly name: string; readonly when: string | null }[];
  /** The blocks count the uncompressed bytes of files, so that they may be more than the volume has (cramfs). */
  readonly isCompressed: boolean;
  readonly isMountedCut: boolean;
  /** Conditions, by the claim that they are the value of. */
  readonly conditions: readonly { readonly key: string; readonly id: string }[];
  readonly claims: readonly ClaimPlan[];
  readonly extras: readonly ExtraInstance[];
}

const PATH: Path = ['meta', '-virt-df'];
const KINDS = ['filesystem', 'swap', 'other', 'volume', 'partitions', 'container'] as const;
const UNDERSTOOD = ['usage', 'layout', 'detected'] as const;
const VALUES = [
  'block-size',
  'blocks',
  'overhead',
  'end',
  'free',
  'available',
  'inodes',
  'inodes-free',
  'label',
  'uuid',
  'version',
];
/** Conditions: whether the numbers are those of an earlier moment, and whether there are numbers at all. */
const CONDITIONS = ['stale', 'counted-if'];
const KEYS = [
  'kind',
  'understood',
  'byte-orders',
  'probe',
  'offset',
  'align',
  'size',
  'name',
  'compressed',
  'mounted-cut',
  'opened-by',
  'holds-disk',
  'encrypted',
  ...CONDITIONS,
  ...VALUES,
];
const AGGREGATES: Readonly<Record<Aggregate['word'], Readonly<Record<string, string | null>>>> = {
  'zero-bits': { at: null, bits: null, 'per-bit': '1', taken: '0' },
  'zero-entries': { at: null, count: null, width: null },
  sum: { at: null, count: null, size: null, value: null, base: '0' },
};
const PREFIX = 'virt_df';

/** @throws GenerateError with the line of a key or value that virt-df does not know. */
export function readPlan(specification: Specification, layer: Spec['layer']): Plan {
  const section = record(specification, specification.root.meta?.['-virt-df'] ?? {}, PATH);
  knownKeys(specification, section, KEYS, PATH);
  const extras: ExtraInstance[] = [];
  const claims = VALUES.filter((key) => key in section).map((key) => ({
    key,
    value: readValue(specification, key, section[key], extras),
  }));
  const conditions = CONDITIONS.filter((key) => key in section).map((key) => ({
    key,
    id: addExtra(extras, [], key.replaceAll('-', '_'), section[key], [...PATH, key]),
  }));
  const isCounted = claims.some(({ key }) => key === 'blocks');
  const kind = oneOf(specification, section, 'kind', KINDS, layer);
  const fallback = isCounted ? 'usage' : 'layout';
  const understood = oneOf(specification, section, 'understood', UNDERSTOOD, fallback);
  const openedBy = readOpenedBy(specification, section);
  // A file that is only recognised has nothing but its specification, which says all that is known of it.
  const isRefused = kind === 'container' && understood === 'detected';
  if (isRefused && openedBy === null) {
    specification.fail(PATH, "a container that is only recognised needs 'opened-by'");
  }
  const isDescribed = section.name !== undefined || claims.length > 0 || isRefused;
  const types = isDescribed ? readTypes(specification, section, extras) : [];
  return {
    kind,
    understood,
    openedBy,
    holdsDisk: section['holds-disk'] === true,
    isEncrypted: section.encrypted === true,
    followsOrder: readOrders(specification, section),
    probes: list(section.probe).map((probe, i) =>
      readProbe(specification, probe, [...PATH, 'probe', i]),
    ),
    window: readWindow(specification, section, PATH),
    types,
    isCompressed: section.compressed === true,
    isMountedCut: section['mounted-cut'] === true,
    conditions,
    claims,
    extras,
  };
}

/** What opens a format that is only recognised: a part of a sentence, in which FILE stands for the file's path. */
function readOpenedBy(specification: Specification, section: Section): string | null {
  const text = section['opened-by'];
  if (text === undefined) return null;
  if (typeof text === 'string' && text !== '') return text;
  return specification.fail([...PATH, 'opened-by'], 'must be a text');
}

function oneOf<T extends string>(
  specification: Specification,
  section: Section,
  key: string,
  words: readonly T[],
  fallback: T,
): T {
  const value = section[key];
  if (value === undefined) return fallback;
  return (
    words.find((word) => word === value) ??
    specification.fail([...PATH, key], `must be one of ${words.join(', ')}`)
  );
}

/** `byte-orders`: the file is written for little endian, and every number without an order follows the stream. */
function readOrders(specification: Specification, section: Section): boolean {
  const orders = section['byte-orders'];
  if (orders === undefined) return false;
  const path = [...PATH, 'byte-orders'];
  const isBoth =
    Array.isArray(orders) && orders.length === 2 && orders.includes('le') && orders.includes('be');
  if (!isBoth) return specification.fail(path, 'must be [le, be]');
  if (specification.root.meta?.endian !== 'le')
    return specification.fail(path, 'needs meta/endian: le');
  if (/\btype: *["']?(?:[us][248]|f[48])le\b/u.test(specification.text)) {
    return specification.fail(path, 'types with `le` of their own cannot follow the byte order');
  }
  return true;
}

function readTypes(
  specification: Specification,
  section: Section,
  extras: ExtraInstance[],
): Plan['types'] {
  const { name } = section;
  if (name === undefined) return [{ name: specification.id, when: null }];
  if (typeof name === 'string') return [{ name, when: null }];
  const types = list(name).map((entry, i) => {
    const path = [...PATH, 'name', i];
    const { value, when } = record(specification, entry, path);
    if (typeof value !== 'string') return specification.fail(path, 'needs a value');
    const id =
      when === undefined ? null : addExtra(extras, [], `name_${i}`, when, [...path, 'when']);
    return { name: value, when: id };
  });
  if (types.at(-1)?.when !== null)
    return specification.fail([...PATH, 'name'], 'the last name must have no condition');
  return types;
}

/** Adds an instance for an expression and gives its id. */
function addExtra(
  extras: ExtraInstance[],
  typePath: Path,
  id: string,
  value: unknown,
  source: Path,
): string {
  const unique = `${PREFIX}_${id}`;
  extras.push({ typePath, id: unique, expression: String(value), source });
  return unique;
}

function readValue(
  specification: Specification,
  key: string,
  value: unknown,
  extras: ExtraInstance[],
): string | Aggregate {
  const path = [...PATH, key];
  const id = key.replaceAll('-', '_');
  if (typeof value !== 'object' || value === null) return addExtra(extras, [], id, value, path);
  const [word, ...others] = Object.keys(value);
  if (others.length > 0 || (word !== 'zero-bits' && word !== 'zero-entries' && word !== 'sum')) {
    return specification.fail(path, `an aggregate is one of ${Object.keys(AGGREGATES).join(', ')}`);
  }
  const inner = [...path, word];
  const section = record(specification, record(specification, value, path)[word], inner);
  const parts = AGGREGATES[word];
  knownKeys(
    specification,
    section,
    [...Object.keys(parts), ...(word === 'sum' ? ['type'] : [])],
    inner,
  );
  const type = word === 'sum' ? sumType(specification, section.type, inner) : null;
  const values = Object.entries(parts).map(([part, fallback]): [string, string] => {
    const given = section[part] ?? fallback;
    if (given === null) return specification.fail(inner, `needs '${part}'`);
    const typePath = type !== null && part === 'value' ? ['types', type] : [];
    const extra = addExtra(extras, typePath, `${id}_${part.replaceAll('-', '_')}`, given, [
      ...inner,
      part,
    ]);
    return [lowerCamel(part.replaceAll('-', '_')), extra];
  });
  return { word, type, values: Object.fromEntries(values) };
}

function sumType(specification: Specification, type: unknown, path: Path): string {
  const found = typeof type === 'string' ? specification.root.types?.[type] : undefined;
  if (typeof type !== 'string' || found === undefined) {
    return specification.fail([...path, 'type'], 'must be one of the types of this file');
  }
  return type;
}
