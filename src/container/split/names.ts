// The names of the parts of a disk that was cut: numbers or letters of fixed width, counted up from the first.
// References: split(1) options -d and -a; E01's kind of names is in src/container/ewf/segments.ts.
import { basename } from 'node:path';
import { FormatError } from '../../errors.js';

/** The first part: .00, .01, .000, .001 ... or .aa, .aaa ... */
export const FIRST_PART = /\.(?:0{1,4}[01]|a{2,5})$/u;
const MAX_PARTS = 10_000;
const LETTERS = 26;

interface PartNames {
  /** The names of the parts behind the first, up to the first gap. */
  readonly names: readonly string[];
  /** The first name that is missing although a later one is there, and that later one; null if none is missing. */
  readonly gap: { readonly missing: string; readonly later: string } | null;
}

const NONE: PartNames = { names: [], gap: null };

/** @param siblings names of the files beside it. @throws FormatError LIMIT. */
export function partNames(path: string, siblings: readonly string[]): PartNames {
  const first = basename(path);
  if (!FIRST_PART.test(first)) return NONE;
  const ending = first.slice(first.lastIndexOf('.') + 1);
  const stem = first.slice(0, -ending.length);
  const there = new Set(siblings);
  // Where there is a .000, the .001 is the second part.
  if (ending.endsWith('1') && there.has(`${stem}${ending.slice(0, -1)}0`)) return NONE;
  const names: string[] = [];
  let [next = null, longer = null] = successors(ending);
  const found = (): string | null =>
    [next, longer].find((one) => one !== null && there.has(stem + one)) ?? null;
  for (let part = found(); part !== null; part = found()) {
    if (names.length === MAX_PARTS) {
      throw new FormatError('LIMIT', `split: there are more than ${MAX_PARTS} parts`);
    }
    names.push(stem + part);
    [next = null, longer = null] = successors(part);
  }
  const later = next === null ? null : firstLater(stem, next, siblings);
  return { names, gap: next === null || later === null ? null : { missing: stem + next, later } };
}

/** Endings of one width sort as they count. */
function firstLater(stem: string, ending: string, siblings: readonly string[]): string | null {
  const pattern = /^\d+$/u.test(ending) ? /^\d+$/u : /^[a-z]+$/u;
  const later = siblings.filter((name) => {
    const other = name.startsWith(stem) ? name.slice(stem.length) : '';
    return other.length === ending.length && pattern.test(other) && other > ending;
  });
  return later.sort()[0] ?? null;
}

/**
 * The endings that may follow, the likelier first. Where split(1) may choose the width, it keeps the last tenth,
 * or letter, to go on with longer endings that still sort as they count: 89 -> 9000, yz -> zaaa.
 */
function successors(ending: string): readonly string[] {
  const next = successor(ending);
  const longer = /^9*89+$/u.test(ending) || /^z*yz+$/u.test(ending) ? longerEnding(ending) : null;
  return [next, longer].filter((one) => one !== null);
}

/** 89 -> 9000, 9899 -> 990000: two more digits, one more of them a nine. */
function longerEnding(ending: string): string {
  const isNumber = /^\d+$/u.test(ending);
  const [last, first] = isNumber ? ['9', '0'] : ['z', 'a'];
  const kept = ending.length - ending.replace(/^[9z]+/u, '').length;
  return last.repeat(kept + 1).padEnd(ending.length + 2, first);
}

/** 009 -> 010, az -> ba; null behind the last of that width. */
function successor(ending: string): string | null {
  if (/^\d+$/u.test(ending)) {
    const next = String(Number(ending) + 1).padStart(ending.length, '0');
    return next.length === ending.length ? next : null;
  }
  let value = 0;
  for (const letter of ending) value = value * LETTERS + letterIndex(letter);
  value++;
  let next = '';
  for (let i = 0; i < ending.length; i++) {
    next = String.fromCharCode(97 + (value % LETTERS)) + next;
    value = Math.floor(value / LETTERS);
  }
  return value === 0 ? next : null;
}

function letterIndex(letter: string): number {
  return (letter.codePointAt(0) ?? 97) - 97;
}
