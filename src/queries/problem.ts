// An expected error as a row's problem. queries/ is the only layer that catches a format's error.
import { AmbiguousError, type ErrorCode, VirtDfError } from '../errors.js';
import { printable } from '../validation/guest.js';
import type { Problem } from './report.js';

const MAX_MESSAGE_LENGTH = 1000;

/** The problem of an expected error. Anything else is a bug: it is thrown on, and looks like one. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof VirtDfError)) throw error;
  const problem = { code: error.code, message: printable(error.message, MAX_MESSAGE_LENGTH) };
  return error instanceof AmbiguousError ? { ...problem, signatures: error.signatures } : problem;
}

/** With these doubts the numbers are those that Linux shows, or near: all that there is could be read. */
const NEAR: ReadonlySet<ErrorCode> = new Set(['IN_USE', 'CHANGING', 'ESTIMATE']);

/** Whether a doubt means that the kernel shows other numbers, or none: a log that is damaged or not all there. */
export function isContrary({ code }: Problem): boolean {
  return !NEAR.has(code);
}
