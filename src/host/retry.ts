// Bounds how often and how long a server is asked: each answer has a time limit, and a lost connection is tried again.
import { SourceError } from '../errors.js';
import { MAX_TIMER_MS } from '../limits.js';
import type { SourceHandle } from './handle.js';
import type { Servers } from './servers.js';

/** Opens what a URL names. @throws as `openRemote`. */
export type OpenUrl = (url: URL, options: RemoteOptions) => Promise<SourceHandle>;

export interface RemoteOptions {
  /** When the guest's time ends, in milliseconds since the epoch; null is without limit. */
  readonly deadlineMs: number | null;
  /** Aborted when the scope closes, so that all waiting ends at once. */
  readonly signal: AbortSignal;
  /** The connections that the guests of a run share; default: they are this file's own. */
  readonly servers?: Servers;
  /** What opens URLs of further schemes (`libvirt:`), which the caller brings; default: nothing. */
  readonly clients?: ReadonlyMap<string, OpenUrl>;
  /** Whether a server outside may redirect to an address inside; default: it may not. */
  readonly allowsRedirects?: boolean;
  /** Whether an address is inside; default: those of this host and of networks that are not public. */
  readonly isInner?: (address: string) => boolean;
  /** How long a server may stay silent, in milliseconds. */
  readonly silenceMs?: number;
  /** The pauses before the second and each further attempt, in milliseconds. */
  readonly pausesMs?: readonly number[];
}

/** Less than half of the time that a guest has unless `--timeout` says otherwise: its other disks are read as well. */
const SILENCE_MS = 20_000;
const PAUSES_MS = [200, 800, 2400];
/** The connection was lost or the server is busy: asking again may help, since reading changes nothing. */
export class LostError extends SourceError {}

/**
 * How long the next answer may take: the server's limit, or the rest of the guest's time if that is less.
 * @throws TIMEOUT.
 */
export function silenceLimitMs({ deadlineMs, silenceMs = SILENCE_MS }: RemoteOptions): number {
  if (deadlineMs === null) return silenceMs;
  const leftMs = deadlineMs - Date.now();
  if (leftMs <= 0) throw new SourceError('TIMEOUT', 'the time allowed for this guest has ended');
  return Math.min(silenceMs, leftMs, MAX_TIMER_MS);
}

/** Runs `attempt` again after each LostError, as often as there are pauses; then throws the last one. */
export async function retried<T>(options: RemoteOptions, attempt: () => Promise<T>): Promise<T> {
  for (const pauseMs of options.pausesMs ?? PAUSES_MS) {
    try {
      return await attempt();
    } catch (error) {
      const { signal, deadlineMs } = options;
      const isLate = deadlineMs !== null && Date.now() + pauseMs >= deadlineMs;
      if (!(error instanceof LostError) || signal.aborted || isLate) throw error;
      await pause(pauseMs, signal);
    }
  }
  return attempt();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
