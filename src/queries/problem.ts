// An error, caught, becomes a problem: the code and message that a row carries. queries/ is the only layer that does this;
// all layers below throw.
import { AmbiguousError, type ErrorCode, InternalError, reasonOf, wordedError } from '../errors.js';
import { secretsHidden } from '../host/location.js';
import { printable } from '../validation/guest.js';
import type { Problem } from './report.js';

const MAX_MESSAGE_LENGTH = 1000;

/**
 * The problem of anything that was thrown while a guest was read; an error of no known kind is a bug, and INTERNAL. `type` is
 * that of what was read.
 */
export function problemOf(error: unknown, type: string | null = null): Problem {
  const reason = reasonOf(error);
  const { message } = wordedError(reason, type);
  const problem = {
    code: reason.code,
    message: printable(secretsHidden(message), MAX_MESSAGE_LENGTH),
  };
  if (reason instanceof AmbiguousError) return { ...problem, signatures: reason.signatures };
  if (reason.data.isNoDisk === true) return { ...problem, isNoDisk: true };
  const stack = reason instanceof InternalError ? stackOf(reason.cause) : null;
  return stack === null ? problem : { ...problem, stack };
}

function stackOf(cause: unknown): readonly string[] | null {
  if (!(cause instanceof Error) || cause.stack === undefined) return null;
  // The message, which may have lines of its own, stands before the places.
  const lines = cause.stack.split('\n').filter((line) => /^\s+at /u.test(line));
  return lines.map((line) => printable(secretsHidden(line), MAX_MESSAGE_LENGTH));
}

const WRITTEN_MEANWHILE = 'the disk was written to while it was read';

export const CHANGING: Problem = { code: 'CHANGING', message: WRITTEN_MEANWHILE };

/** The problem of a disk that changed while it was read; the change may be its only cause, so the message names it. */
export function writtenMeanwhile(problem: Problem): Problem {
  return { ...problem, message: `${problem.message} (${WRITTEN_MEANWHILE})` };
}

/** Doubts of a guest that was read in full: its numbers are those that Linux shows, or close to them. */
const NEAR: ReadonlySet<ErrorCode> = new Set(['IN_USE', 'CHANGING', 'ESTIMATE']);

/** Whether a doubt means that the kernel shows other numbers, or none: a log that is damaged or not all there. */
export function isContrary({ code }: Pick<Problem, 'code'>): boolean {
  return !NEAR.has(code);
}
