// An expected error as a row's problem. queries/ is the only layer that catches a format's error.
import { AmbiguousError, VirtDfError } from '../errors.js';
import { printable } from '../validation/guest.js';
import type { Problem } from './report.js';

const MAX_MESSAGE_LENGTH = 1000;

/** The problem of an expected error. Anything else is a bug: it is thrown on, and looks like one. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof VirtDfError)) throw error;
  const problem = { code: error.code, message: printable(error.message, MAX_MESSAGE_LENGTH) };
  return error instanceof AmbiguousError ? { ...problem, signatures: error.signatures } : problem;
}
