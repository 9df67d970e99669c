// The answers of a run, each beside the guest that it is about: all of them, or those that came before an interruption.
import type { GuestDefinition } from '../guests/guest.js';
import { withoutParts } from '../queries/parts.js';
import type { GuestHeader } from '../queries/report.js';

interface Answer<R> {
  readonly guest: GuestDefinition;
  readonly report: R;
}

/** @param reports by the index of their guest, as they came. */
export function answersOf<R extends GuestHeader>(
  guests: readonly GuestDefinition[],
  reports: ReadonlyMap<number, R>,
): readonly Answer<R>[] {
  return guests.flatMap((guest, index) => {
    const report = reports.get(index);
    return report === undefined ? [] : [{ guest, report }];
  });
}

/** Those that are printed, and how many are not. */
interface Printed<R> {
  readonly reports: readonly R[];
  /** Images that are parts of others that were given. */
  readonly partCount: number;
  /** Answers about files that are no images. */
  readonly strangers: readonly R[];
}

interface Sieve<R> {
  readonly joinsParts: boolean;
  /** Files of which nobody said that they are images. */
  readonly foundPaths: ReadonlySet<string>;
  /** Whether such a file is an image, by what was found in it. */
  isImage(report: R): boolean;
}

export async function printedOf<R extends GuestHeader>(
  answers: readonly Answer<R>[],
  { joinsParts, foundPaths, isImage }: Sieve<R>,
): Promise<Printed<R>> {
  const isFound = ({ guest }: Answer<R>) =>
    guest.uri === null && guest.disks.some(({ path }) => foundPaths.has(path ?? ''));
  const areStrange = answers.map((answer) => isFound(answer) && !isImage(answer.report));
  const images = answers.filter((_, index) => !areStrange[index]);
  const strangers = answers.filter((_, index) => areStrange[index]).map(({ report }) => report);
  const reports = images.map(({ report }) => report);
  if (!joinsParts) return { reports, partCount: 0, strangers };
  const guests = images.map(({ guest }) => guest);
  return { ...(await withoutParts(guests, reports)), strangers };
}
