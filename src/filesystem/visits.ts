// Bounds how often readers of files come to what a filesystem has once: a ring of pointers, or a million files over one map, ends.
import { FormatError } from '../errors.js';
import { MAX_BLOCK_VISITS } from '../limits.js';

/** Called with how much is come to. @throws FormatError LIMIT */
export type Spend = (count: number) => void;

/**
 * A block is one file's, and is come to a few times: whoever comes to more goes in circles.
 * @param what as the subject of a sentence, with the format: `xfs: trees and directories`.
 * @param count how many the filesystem has of `unit`.
 */
export function visitsOf(
  what: string,
  unit: 'blocks' | 'bytes' | 'clusters',
  count: number,
  mostVisits = MAX_BLOCK_VISITS,
): Spend {
  const limit = mostVisits * count;
  let visited = 0;
  return (more) => {
    visited += more;
    if (visited <= limit) return;
    const message = `${what} have more than ${limit} ${unit}, and there are ${count}`;
    throw new FormatError('LIMIT', message, { data: { limit, count } });
  };
}
