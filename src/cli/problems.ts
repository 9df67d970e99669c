// The lines of stderr about guests and their problems, the same for every command.
import type { GuestHeader, ProblemRecord } from '../queries/report.js';
import { clean } from '../report/text.js';
import type { GuestSettings } from './guest-settings.js';
import { printError } from './output.js';
import { inSources } from './stack-places.js';

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

/** The lines of a command whose answers have a list of problems each, on stderr; with --debug the cost of each guest too. */
export function printProblems(
  reports: readonly (GuestHeader & { readonly problems: readonly ProblemRecord[] })[],
  settings: { readonly debug: boolean },
): void {
  const lines = reports.flatMap(({ problems }) => problemLines(problems, settings.debug));
  if (settings.debug) lines.push(...reports.map(debugLine));
  if (lines.length > 0) printError(`${lines.join('\n')}\n`);
}
