// Compares what a generated parser made of bytes with what the plain compiler's code made of them on the same stream.
// Numbers, texts and bytes that were read are equal to the last digit; only what the emitted statements compute may be
// refused, or be wrong beyond 32 bits.
import assert from 'node:assert/strict';
import { FormatError } from '../../src/errors.js';
import { attempt, EXACT, isStricter, membersOf } from './compare.js';
import type { Loose } from './support.js';

export interface ExactComparison {
  /** Values that were the same. */
  equal: number;
  /** Values that the emitted code's 32-bit operators or memos get wrong. */
  excused: number;
  /** Values that an error takes the place of. */
  refused: number;
  /** Samples with which the plain code computes with a bigint and a number. */
  mixed: number;
}

/** Whether plain code was stopped: by the stream, or by JavaScript that has a bigint beside a number. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof FormatError) return true;
  return (
    error instanceof TypeError && /Cannot mix BigInt|BigInt value to a number/u.test(error.message)
  );
}

/** @throws AssertionError with the path of the first difference. `computed` are the members that are calculated. */
export function compareExactly(
  ours: Loose,
  theirs: Loose,
  computed: ReadonlySet<string>,
  path: string,
  result: ExactComparison,
): void {
  // After a failure their stream is at its end, and the value that a check of theirs refused is given out.
  let hasFailed = false;
  for (const name of membersOf(theirs)) {
    const at = `${path}.${name}`;
    const mine = attempt(() => ours[name]);
    const other = attempt(() => theirs[name]);
    if ('error' in other) {
      assert.ok(isRefusal(other.error), `${at}: ${String(other.error)}`);
      const isExplained = 'error' in mine || hasFailed || other.error instanceof TypeError;
      assert.ok(isExplained, `${at}: only theirs fails: ${String(other.error)}`);
      hasFailed = true;
      result.refused += 1;
    } else if ('error' in mine) {
      const isExcused = hasFailed || computed.has(name) || isStricter(mine.error);
      assert.ok(isExcused, `${at}: only ours fails: ${String(mine.error)}`);
      result.excused += 1;
    } else {
      compareValue(mine.value, other.value, computed.has(name), computed, at, result);
    }
  }
}

function compareValue(
  ours: Loose,
  theirs: Loose,
  isComputed: boolean,
  computed: ReadonlySet<string>,
  at: string,
  result: ExactComparison,
): void {
  if (Array.isArray(theirs)) {
    assert.equal(ours.length, theirs.length, at);
    for (const [i, value] of theirs.entries()) {
      compareValue(ours[i], value, isComputed, computed, `${at}[${i}]`, result);
    }
  } else if (theirs instanceof Uint8Array) {
    assert.ok(Buffer.from(ours).equals(Buffer.from(theirs)), at);
    result.equal += 1;
  } else if (typeof theirs === 'object' && theirs !== null) {
    compareExactly(ours, theirs, computed, at, result);
  } else if (isSame(ours, theirs)) {
    result.equal += 1;
  } else {
    const isBeyond = typeof ours === 'bigint' && (ours >= EXACT || ours < -EXACT);
    assert.ok(
      isComputed && (isBeyond || typeof ours === 'boolean'),
      `${at}: ${ours} and ${theirs}`,
    );
    result.excused += 1;
  }
}

/** A calculated integer is a bigint here and a number there; what was read is of one type. */
function isSame(ours: Loose, theirs: Loose): boolean {
  if (Object.is(ours, theirs)) return true;
  return typeof ours === 'bigint' && Number.isSafeInteger(theirs) && ours === BigInt(theirs);
}
