// The lines of stderr about guests and their problems, the same for every command. A reason that the output tells is not said
// a second time.
import type { GuestHeader, Problem, ProblemRecord } from '../queries/report.js';
import { clean } from '../report/text.js';
import type { GuestSettings } from './guest-settings.js';
import { printError } from './output.js';
import { inSources } from './stack-places.js';

/** How much is said on stderr. */
export interface Talk {
  /** All reasons, their stacks, and what was read. */
  readonly debug: boolean;
  /** Nothing about guests. */
  readonly quiet: boolean;
}

/** A reason that an output tells in whole, with the device that it tells it of. */
export interface Told extends Pick<Problem, 'code' | 'message'> {
  readonly device: string | null;
}

/** The problems that the output does not tell. */
export function untold(
  problems: readonly ProblemRecord[],
  told: readonly Told[],
): readonly ProblemRecord[] {
  const keyOf = ({ device, code, message }: Told) => JSON.stringify([device, code, message]);
  const keys = new Set(told.map(keyOf));
  return problems.filter((problem) => !keys.has(keyOf(problem)));
}

/** Why there is no guest at all, and which libvirt was asked. */
export async function nothingFound(
  { libvirt }: Pick<GuestSettings, 'libvirt'>,
  askedUris: readonly string[],
): Promise<string> {
  const { placesText, sessionAdvice } = await import('../guests/libvirt/no-such-guest.js');
  const where = `at ${placesText(askedUris)}`;
  const advice = sessionAdvice(askedUris);
  const isRunningOnly = libvirt !== null && !libvirt.all && libvirt.select.length === 0;
  if (isRunningOnly) return `no guest is running ${where}; --all shows the others${advice}`;
  const globs = libvirt?.select.map((glob) => `'${clean(glob)}'`) ?? [];
  const what = globs.length > 0 ? `no guest matches ${globs.join(' or ')}` : 'no guest found';
  return `${what} ${where}${advice}`;
}

/** A line for each problem; with --debug a bug's call stack follows. */
export function problemLines(problems: readonly ProblemRecord[], debug: boolean): string[] {
  return problems.flatMap((problem) => {
    const { stack = [] } = problem;
    return [problemLine(problem), ...(debug ? inSources(stack).map((line) => clean(line)) : [])];
  });
}

/** `virt-df: GUEST DEVICE: CODE: message` */
export function problemLine({ guest, device, code, message }: ProblemRecord): string {
  const place = device === null ? clean(guest) : `${clean(guest)} ${clean(device)}`;
  return `virt-df: ${place}: ${code}: ${clean(message)}`;
}

/** `virt-df: GUEST: 12 reads, 49152 bytes`, the cost of reading a guest. */
export function debugLine({ guest, statistics: { readCount, bytesRead } }: GuestHeader): string {
  return `virt-df: ${clean(guest)}: ${readCount} reads, ${bytesRead} bytes`;
}

/**
 * The lines of a command whose answers have a list of problems each, but for those that its output tells; with --debug all
 * of them, and the cost of each guest.
 */
export function printProblems<
  R extends GuestHeader & { readonly problems: readonly ProblemRecord[] },
>(reports: readonly R[], { debug, quiet }: Talk, toldOf: (report: R) => readonly Told[]): void {
  if (quiet) return;
  const lines = reports.flatMap((report) =>
    problemLines(debug ? report.problems : untold(report.problems, toldOf(report)), debug),
  );
  if (debug) lines.push(...reports.map(debugLine));
  if (lines.length > 0) printError(`${lines.join('\n')}\n`);
}
