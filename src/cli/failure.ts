// Errors that end a run: the line that they print, and the exit code. It is 1 if something was not read or nothing matched,
// 2 for wrong usage, 3 if virt-df could not start, and 70 for a bug (EX_SOFTWARE of sysexits.h).
import { SourceError, VirtDfError } from '../errors.js';
import { clean } from '../report/text.js';
import { printError } from './output.js';
import { inSources } from './stack-places.js';

export const EXIT_OK = 0;
export const EXIT_PROBLEM = 1;
const EXIT_USAGE = 2;
export const EXIT_NO_START = 3;
const EXIT_BUG = 70;

/** The exit code of an error that was thrown out of a command. */
export function exitCodeOf(error: unknown): number {
  if (isUsage(error)) return EXIT_USAGE;
  // Only writing the output throws this as far as here; errors of reading are in the reports.
  if (error instanceof SourceError && error.code === 'IO') return EXIT_PROBLEM;
  return error instanceof VirtDfError ? EXIT_NO_START : EXIT_BUG;
}

/** Prints one line on stderr, with advice; a bug says that it is one, and where if `debug`. */
export function reportError(error: unknown, debug: boolean, advice = ''): void {
  printError(`virt-df: ${describe(error)}${advice}\n`);
  if (!debug || !(error instanceof Error)) return;
  // The stack begins with the message as it is.
  const lines = inSources((error.stack ?? '').split('\n')).map((line) => clean(line));
  printError(`${lines.join('\n')}\n`);
}

function describe(error: unknown): string {
  if (error instanceof VirtDfError) {
    return `${error.code === 'USAGE' ? '' : `${error.code}: `}${clean(error.message)}`;
  }
  if (isParseError(error)) return oneLine(error.message);
  const message = error instanceof Error ? error.message : String(error);
  const next = 'please report it with the output of the same command and --debug';
  return `this is a bug, ${next}: ${clean(message)}`;
}

export function isUsage(error: unknown): error is Error {
  if (error instanceof VirtDfError)
    return error.code === 'USAGE' || error.code === 'BAD_FORMAT_FILE';
  return isParseError(error);
}

/** oclif's errors about flags and arguments, told by the exit code that they carry. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error;
}

/**
 * oclif's message in one line: it writes its advice, and lists, on lines of their own. Its note about flags is wrong for
 * flags that take one value each, and is left out.
 */
function oneLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim().replace(/ {2,}/u, ', '));
  const said = lines
    .filter((line) => line !== '' && !/^(?:See more help|Note: |Alternatively, )/u.test(line))
    .join(' ');
  return clean(said.replace(/^Parsing (--[a-z-]+) /u, '$1: '));
}
