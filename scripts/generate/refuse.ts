// Step 2: refuses a specification that is unsafe or uses unsupported parts of Kaitai, before the compiler sees it.
// References: the compiler copies doc comments, `process`, opaque types and imports into the code that it writes.
import { ENCODINGS } from '../../src/kaitai/index.js';
import { IDENTIFIER, isReservedMember, isReservedType } from './names.js';
import {
  eachAttribute,
  eachType,
  findTypeSpec,
  type Specification,
  type TypeSpec,
} from './specification.js';
import type { Path } from './structure.js';

const EXPORTS = ['structure', 'records', 'fields'];
const PROCESSES = /^(?:zlib|xor\([^()]*\))$/u;
const BUILT_IN_TYPE = /^(?:[us][1248]|f[48])(?:le|be)?$|^b\d+(?:le|be)?$|^strz?$|^bool$/u;

/** @throws GenerateError for the first thing that is refused. */
export function refuseUnsafe(specification: Specification): void {
  const { root } = specification;
  if (!IDENTIFIER.test(specification.id)) specification.fail(['meta', 'id'], 'is not a plain name');
  for (const [type, path] of eachType(root)) {
    refuseMeta(specification, type, path);
    refuseNames(specification, type, path);
    for (const { attribute, path: at } of attributes(type, path)) {
      const { process } = attribute;
      if (process !== undefined && (typeof process !== 'string' || !PROCESSES.test(process))) {
        specification.fail([...at, 'process'], 'only zlib and xor(KEY) are allowed');
      }
      refuseEncoding(specification, attribute.encoding, [...at, 'encoding']);
      for (const name of typeNames(attribute.type))
        refuseUnknownType(specification, name, path, at);
    }
  }
}

function refuseMeta(specification: Specification, type: TypeSpec, path: Path): void {
  const meta = type.meta ?? {};
  for (const key of ['ks-opaque-types', 'ks-debug', 'imports']) {
    if (key in meta)
      specification.fail([...path, 'meta', key], 'is not allowed: put every type into this file');
  }
  if (meta.endian !== undefined && meta.endian !== 'le' && meta.endian !== 'be') {
    specification.fail(
      [...path, 'meta', 'endian'],
      'must be le or be; -virt-df/byte-orders compiles for both',
    );
  }
  refuseEncoding(specification, meta.encoding, [...path, 'meta', 'encoding']);
}

function refuseNames(specification: Specification, type: TypeSpec, path: Path): void {
  const exported = type['-export'];
  for (const word of exported === undefined ? [] : [exported].flat()) {
    if (!EXPORTS.includes(String(word))) {
      specification.fail([...path, '-export'], `must be ${EXPORTS.join(' or ')}`);
    }
  }
  if (exported !== undefined && (type.params ?? []).length > 0) {
    specification.fail([...path, 'params'], 'an exported type cannot have parameters');
  }
  for (const { id, attribute, path: at, isInstance } of eachAttribute(type, path)) {
    if (!IDENTIFIER.test(id)) specification.fail(at, 'a field needs an id');
    if (isReservedMember(id))
      specification.fail(at, `'${id}' clashes with a member of every JavaScript object`);
    if (isInstance && attribute.value === undefined && attribute.pos === undefined) {
      specification.fail(at, 'an instance needs a value or a pos');
    }
  }
  for (const name of Object.keys(type.types ?? {})) {
    if (!IDENTIFIER.test(name)) specification.fail([...path, 'types', name], 'is not a plain name');
    if (isReservedType(name)) {
      specification.fail([...path, 'types', name], `'${name}' hides a name that the compiler uses`);
    }
  }
}

function refuseEncoding(specification: Specification, encoding: unknown, path: Path): void {
  if (encoding === undefined || ENCODINGS.some((known) => known === encoding)) return;
  specification.fail(path, `the encoding must be one of ${ENCODINGS.join(', ')}`);
}

/** The compiler says so too, but with opaque types it would not. */
function refuseUnknownType(specification: Specification, name: string, path: Path, at: Path): void {
  if (BUILT_IN_TYPE.test(name) || findTypeSpec(specification.root, path, name) !== null) return;
  specification.fail([...at, 'type'], `there is no type '${name.slice(0, 80)}'`);
}

function* attributes(type: TypeSpec, path: Path) {
  yield* eachAttribute(type, path);
  for (const [index, attribute] of (type.params ?? []).entries()) {
    const isPlain =
      typeof attribute.type !== 'string' || !/^(?:struct|io|any)$|\[\]$/u.test(attribute.type);
    yield { attribute: isPlain ? attribute : {}, path: [...path, 'params', index] };
  }
}

/** The types that a field may have. */
export function typeNames(type: unknown): readonly string[] {
  if (typeof type === 'string') return [type];
  if (type === null || typeof type !== 'object' || !('cases' in type)) return [];
  const { cases } = type;
  if (cases === null || typeof cases !== 'object') return [];
  return Object.values(cases).filter((name) => typeof name === 'string');
}
