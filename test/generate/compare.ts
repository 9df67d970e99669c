// Compares what two parsers made of the same bytes, field by field, and knows where Kaitai's is wrong.

import assert from 'node:assert/strict';
import { FormatError } from '../../src/errors.js';
import { encode } from '../../src/kaitai/escaped-text.js';
import type { Loose } from './support.js';

export interface Comparison {
  /** Values that were the same. */
  equal: number;
  /** Values that Kaitai's numbers cannot hold, or that its stream gets from a place that does not exist. */
  excused: number;
}

/** Numbers above this are where Kaitai's 32-bit operators and doubles go wrong. */
export const EXACT = 2n ** 31n;

/** @throws AssertionError with the path of the first difference. `computed` are the members that are calculated. */
export function compare(
  ours: Loose,
  theirs: Loose,
  computed: ReadonlySet<string>,
  path: string,
  result: Comparison,
): void {
  // Once a check of theirs has failed, the value that it refused is given out: the check runs only once.
  let hasFailed = false;
  for (const name of membersOf(theirs)) {
    const at = `${path}.${name}`;
    const mine = attempt(() => ours[name]);
    const other = attempt(() => theirs[name]);
    if ('error' in mine || 'error' in other) {
      compareErrors(mine, other, hasFailed, at, result);
      hasFailed ||= 'error' in other;
      continue;
    }
    compareValues(mine.value, other.value, computed.has(name), computed, at, result);
  }
}

export type Attempt = { readonly value: Loose } | { readonly error: unknown };

export function attempt(run: () => Loose): Attempt {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}

/** Whether a failure is one that Kaitai's stream should have had: it clamps offsets and cuts lengths. */
export function isStricter(error: unknown): boolean {
  return error instanceof FormatError && ['OUT_OF_BOUNDS', 'LIMIT'].includes(error.code);
}

function compareErrors(
  mine: Attempt,
  other: Attempt,
  hasFailed: boolean,
  at: string,
  result: Comparison,
): void {
  if ('error' in mine) {
    assert.ok(mine.error instanceof FormatError, `${at}: ${String(mine.error)}`);
    const isExcused = 'error' in other || hasFailed || isStricter(mine.error);
    assert.ok(isExcused, `${at}: only ours fails: ${mine.error.message}`);
    result.excused += 1;
    return;
  }
  assert.fail(`${at}: only theirs fails: ${String('error' in other && other.error)}`);
}

export function membersOf(structure: Loose): readonly string[] {
  const own = Object.keys(structure).filter((name) => !name.startsWith('_'));
  const getters = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(structure)))
    .filter(([, { get }]) => get !== undefined)
    .map(([name]) => name);
  return [...own, ...getters];
}

function compareValues(
  ours: Loose,
  theirs: Loose,
  isComputed: boolean,
  computed: ReadonlySet<string>,
  at: string,
  result: Comparison,
): void {
  if (theirs instanceof Uint8Array) {
    assert.ok(Buffer.from(ours).equals(Buffer.from(theirs)), at);
  } else if (Array.isArray(theirs)) {
    assert.equal(ours.length, theirs.length, at);
    for (const [i, value] of theirs.entries()) {
      compareValues(ours[i], value, isComputed, computed, `${at}[${i}]`, result);
    }
    return;
  } else if (typeof theirs === 'object' && theirs !== null) {
    compare(ours, theirs, computed, at, result);
    return;
  } else if (typeof theirs === 'number') {
    if (!isSameNumber(ours, theirs)) {
      const isBeyond = isComputed && typeof ours === 'bigint' && (ours >= EXACT || ours < -EXACT);
      assert.ok(isBeyond, `${at}: ${ours} and ${theirs}`);
      result.excused += 1;
      return;
    }
  } else if (typeof theirs === 'string') {
    if (!isSameText(ours, theirs)) assert.equal(ours, theirs, at);
  } else {
    assert.equal(ours, theirs, at);
  }
  result.equal += 1;
}

/** What is not of the encoding is half of a surrogate pair here, and U+FFFD, Windows-1252 or Latin-1 there. */
function isSameText(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  const bytes = encode(ours);
  const asTheirs = ['utf-8', 'windows-1252'].map((name) => new TextDecoder(name).decode(bytes));
  // Of UTF-16, of which a last byte that is half of a unit is no text here.
  const units = ours.replace(/\p{Surrogate}/gu, '\ufffd');
  return [...asTheirs, Buffer.from(bytes).toString('latin1'), units, `${units}\ufffd`].includes(
    theirs,
  );
}

/** A bigint is compared as the double that Kaitai has of it. */
function isSameNumber(ours: Loose, theirs: number): boolean {
  return Object.is(Number(ours), theirs) || Number(ours) === theirs;
}
