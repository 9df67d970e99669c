// Reading the maps of `meta/-virt-df`, which no compiler checks: every odd key and type is an error with its line.
import type { Specification } from './specification.js';
import type { Path } from './structure.js';

export type Section = Readonly<Record<string, unknown>>;

export function record(specification: Specification, value: unknown, path: Path): Section {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Section;
  return specification.fail(path, 'must be a map');
}

export function knownKeys(
  specification: Specification,
  section: Section,
  known: readonly string[],
  path: Path,
) {
  const odd = Object.keys(section).find((key) => !known.includes(key));
  if (odd !== undefined)
    specification.fail([...path, odd], `unknown key; known are ${known.join(', ')}`);
}

/** One or several. */
export function list(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value].flat();
}

export function integer(specification: Specification, value: unknown, path: Path): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return specification.fail(path, 'must be an integer that is not negative');
}
