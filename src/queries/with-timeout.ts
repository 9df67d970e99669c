// Time limits for the work on one guest.
import { SourceError } from '../errors.js';
import { MAX_TIMER_MS } from '../limits.js';

/**
 * How long the next of several pieces of work may take: half of what is left, so that one that hangs does not take the
 * time of those after it.
 * @returns a function that gives it in seconds, or null without limit.
 */
export function halfOfRest(timeoutSeconds: number | null): () => number | null {
  if (timeoutSeconds === null) return () => null;
  const endMs = Date.now() + timeoutSeconds * 1000;
  return () => Math.max(0, endMs - Date.now()) / 2000;
}

/**
 * A read that never returns (a dead NFS server) must not hold up the other guests: its guest is left as it is.
 * @param outcome the beginning of the message: `not finished` gives `not finished within 5 s`.
 * @throws SourceError TIMEOUT, and the work's own errors.
 */
export async function withTimeout<T>(
  work: Promise<T>,
  timeoutSeconds: number | null,
  outcome = 'not finished',
): Promise<T> {
  if (timeoutSeconds === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const message = `${outcome} within ${Math.ceil(timeoutSeconds)} s`;
    timer = setTimeout(
      () => reject(new SourceError('TIMEOUT', message)),
      Math.min(timeoutSeconds * 1000, MAX_TIMER_MS),
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // Errors of the abandoned work are answered by the timeout already.
  }
}
