// The lint of a user's .ksy: findings with their lines.
import { VirtDfError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { describeFormat } from './describe.js';
import type { FormatFile } from './find.js';

const MAX_LINE_LENGTH = 5000;

/** The findings, one line each, beginning with the file; empty when there is nothing to say. */
export async function lintFormat(file: FormatFile): Promise<readonly string[]> {
  const { lint } = await import('../../../scripts/generate/lint.js');
  const text = Buffer.from(file.bytes).toString('utf8');
  const findings = lint(text, file.path).map(({ position, message }) =>
    printable(`${file.path}:${position.line}:${position.column}: ${message}`, MAX_LINE_LENGTH),
  );
  const problem = await descriptionProblem(file);
  return problem === null || findings.includes(problem) ? findings : [...findings, problem];
}

async function descriptionProblem(file: FormatFile): Promise<string | null> {
  try {
    await describeFormat(file);
    return null;
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return error.message;
  }
}
