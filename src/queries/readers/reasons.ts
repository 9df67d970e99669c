// Why a guest was not read to its end, as the problem of its row.
import { InternalError, SourceError, type VirtDfError } from '../../errors.js';
import { MIB } from '../../limits.js';

export function timedOut(seconds: number | null): VirtDfError {
  return new SourceError('TIMEOUT', `not finished within ${Math.ceil(seconds ?? 0)} s`);
}

export function tooLate(): VirtDfError {
  return new SourceError('TIMEOUT', 'not finished within the time of the whole run (--deadline)');
}

/** @param how `SIGSEGV`, `code 1` */
export function crashed(how: string): VirtDfError {
  const next = 'please report it with the output of the same command and --debug';
  return new InternalError(
    'INTERNAL',
    `this is a bug, ${next}: the process that read it ended (${how})`,
  );
}

export function overBudget(bytes: number, allBytes: number, limitBytes: number): VirtDfError {
  const mib = (count: number) => `${Math.round(count / MIB)} MiB`;
  const words = `reading it took ${mib(bytes)} of memory, and all guests ${mib(allBytes)}; the limit is ${mib(limitBytes)}`;
  return new SourceError('OVER_BUDGET', `${words} (--max-memory sets it)`, {
    data: { bytes, allBytes, limitBytes },
  });
}
