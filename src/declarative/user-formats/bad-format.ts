// The error of a user's .ksy that is refused: one line that begins with the file.
import { basename } from 'node:path';
import { UsageError } from '../../errors.js';
import { printable } from '../../validation/guest.js';

const MAX_PATH_LENGTH = 4096;
const MAX_PROBLEM_LENGTH = 2000;

/** `problem` may begin with the file's name and a line, as the generator's messages do: `minix.ksy:12:3: ...`. */
export function badFormat(path: string, problem: string, cause?: unknown): UsageError {
  const name = basename(path);
  const rest = problem.startsWith(`${path}:`)
    ? problem.slice(path.length)
    : problem.startsWith(`${name}:`)
      ? problem.slice(name.length)
      : `: ${problem}`;
  const line = printable(rest.replace(/\s+/gu, ' '), MAX_PROBLEM_LENGTH);
  return new UsageError('BAD_FORMAT_FILE', `${printable(path, MAX_PATH_LENGTH)}${line}`, { cause });
}
