// Each generated parser as a target: every structure of the specification is read from the input's bytes, and every field of
// it. It is the cheapest of all.
import { parsers } from 'virtual:parsers';
import { catalog } from '../../../generated/catalog.js';
import type { ByteSource } from '../../../src/bytes/source.js';
import { VirtDfError } from '../../../src/errors.js';
import { KIB } from '../../../src/limits.js';
import type { Target } from '../target.js';

const MAX_BYTES = 4 * KIB;
const MAX_FIELDS = 400;
const MAX_RECORDS = 8;

type Structure = (bytes: Uint8Array, order?: 'le' | 'be') => unknown;

export const parserTargets: readonly Target[] = Object.entries(parsers).map(([name, load]) => ({
  name: `parser/${name}`,
  probes: catalog.find((spec) => spec.name === name)?.probes ?? [],
  async run(source) {
    const module = await load();
    const structures = Object.values(module).filter(
      (one): one is Structure => typeof one === 'function',
    );
    const bytes = await firstBytes(source);
    let soundCount = 0;
    for (const structure of structures) if (isRead(structure, bytes)) soundCount++;
    return `sound ${soundCount}`;
  },
}));

/** From the first byte that is not zero: a superblock is read where it begins. */
async function firstBytes(source: ByteSource): Promise<Uint8Array> {
  const [run] = await source.runs(0, source.sizeBytes);
  const at = run?.kind === 'zero' ? run.lengthBytes : 0;
  return source.read(at, Math.min(MAX_BYTES, source.sizeBytes - at));
}

function isRead(structure: Structure, bytes: Uint8Array): boolean {
  try {
    // The second argument is a byte order or a stride, each of which has a default but in the few that need an order.
    const isOrdered = structure.length > 1;
    walk(isOrdered ? structure(bytes, 'le') : structure(bytes), { left: MAX_FIELDS });
    if (isOrdered) walk(structure(bytes, 'be'), { left: MAX_FIELDS });
    return true;
  } catch (error) {
    if (error instanceof VirtDfError) return false;
    throw error;
  }
}

/** Reads every field, and every structure within: most are computed when they are asked for. */
function walk(value: unknown, budget: { left: number }): void {
  if (typeof value !== 'object' || value === null || budget.left-- <= 0) return;
  if (value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const one of value.slice(0, MAX_RECORDS)) walk(one, budget);
    return;
  }
  if ('at' in value && typeof value.at === 'function' && 'length' in value) {
    const count = Math.min(Number(value.length), MAX_RECORDS);
    for (let i = 0; i < count; i++) walk(value.at(i), budget);
    return;
  }
  for (const name of fieldsOf(value)) {
    try {
      walk(Reflect.get(value, name), budget);
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
    }
  }
}

const known = new WeakMap<object, readonly string[]>();

function fieldsOf(value: object): readonly string[] {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return Object.keys(value);
  const getters = known.get(prototype) ?? gettersOf(prototype);
  known.set(prototype, getters);
  const own = Object.keys(value).filter((name) => !name.startsWith('_'));
  return [...own, ...getters];
}

function gettersOf(prototype: object): readonly string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { get }]) => get !== undefined && !name.startsWith('_'))
    .map(([name]) => name);
}
