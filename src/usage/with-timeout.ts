// How long the work on one guest is waited for.
import { SourceError } from '../errors.js';

/** setTimeout's longest delay; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * A read that never returns (a dead NFS server) must not hold up the other guests: its guest is left as it is.
 * @throws SourceError TIMEOUT; what the work throws.
 */
export async function withTimeout<T>(work: Promise<T>, timeoutSeconds: number | null): Promise<T> {
  if (timeoutSeconds === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const message = `not finished within ${Math.ceil(timeoutSeconds)} s`;
    timer = setTimeout(
      () => reject(new SourceError('TIMEOUT', message)),
      Math.min(timeoutSeconds * 1000, MAX_TIMER_MS),
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // What the abandoned work still throws has been answered by the timeout.
  }
}
