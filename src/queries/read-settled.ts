// Reads a guest whose images may be written to meanwhile: several times if need be, until no file changed during one.
import { VirtDfError } from '../errors.js';
import { openScope, type ScopeOptions } from '../host/local-scope.js';
import type { ReadStatistics, Scope } from '../host/scope.js';
import { withTimeout } from './with-timeout.js';

/** A guest that writes without pause has changed something every time; it is read this often at most. */
const MAX_ATTEMPTS = 4;

export interface SettledReading<T> {
  readonly value: T;
  /** false: its parts were read at different moments, between which the guest wrote to its images. */
  readonly isSettled: boolean;
  /** Of all attempts. */
  readonly statistics: ReadStatistics;
}

/**
 * @param timeoutSeconds for all attempts together; null is without limit.
 * @param isSound whether nothing in it failed: a failure counts only if no file was written to meanwhile.
 * @param work reads through the scope, which is closed afterwards. It catches what the guest's images make it throw.
 */
export async function readSettled<T>(
  timeoutSeconds: number | null,
  work: (scope: Scope, secondsLeft: number | null) => Promise<T>,
  isSound: (value: T) => boolean,
  scopeOptions: Pick<
    ScopeOptions,
    'allowsRedirects' | 'callsFor' | 'servers' | 'clients' | 'pageBytes'
  > = {},
): Promise<SettledReading<T>> {
  const deadlineMs = timeoutSeconds === null ? null : Date.now() + timeoutSeconds * 1000;
  const secondsLeft = (): number | null =>
    deadlineMs === null ? null : Math.max(0, deadlineMs - Date.now()) / 1000;
  const isOver = (): boolean => secondsLeft() === 0;
  let [readCount, bytesRead] = [0, 0];
  let last: T | null = null;
  for (let attempt = 1; ; attempt++) {
    const scope = openScope({ ...scopeOptions, deadlineMs, isWatchful: attempt > 1 });
    try {
      const value = await work(scope, secondsLeft());
      // An attempt that the time limit cut short knows less than the whole one before it, which is kept.
      const isCut = isOver() && last !== null;
      const isSettled =
        !isCut && (isOver() || (await isSettledNow(scope, !isSound(value), secondsLeft())));
      const kept: T = isCut && last !== null ? last : value;
      readCount += scope.statistics.readCount;
      bytesRead += scope.statistics.bytesRead;
      if (isSettled || isCut || attempt === MAX_ATTEMPTS) {
        return { value: kept, isSettled, statistics: { readCount, bytesRead } };
      }
      last = value;
    } finally {
      await scope.close();
    }
  }
}

/** A file that can no longer be read, or not in time, is not known to be unchanged. */
async function isSettledNow(
  scope: Scope,
  isStrict: boolean,
  secondsLeft: number | null,
): Promise<boolean> {
  try {
    return await withTimeout(scope.isSettled(isStrict), secondsLeft);
  } catch (error) {
    if (error instanceof VirtDfError) return false;
    throw error;
  }
}
