// Derives keys one at a time, the cheapest first, in processes of their own: a derivation takes seconds and up to a gibibyte, by
// the header's word, and cannot be stopped but by killing the process.
// References: kdf-child.ts, its other end.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SourceError } from '../../errors.js';
import { killBound, startBound } from '../../host/bound-process.js';
import type { Derivation } from '../secrets.js';
import { costSeconds, type Kdf, pbkdf2 } from './kdf.js';
import { newPace, noTimeFor } from './pace.js';

/** One that takes no longer costs less than a process. */
const CHEAP_SECONDS = 0.05;

export interface Deriver {
  /**
   * Rejects with the signal's reason when it is aborted, and the derivation ends.
   * @param endMs when the guest's time is over, in milliseconds since the epoch; null: never.
   * @throws SourceError TIMEOUT at once if that is before the key could be there; OVER_BUDGET if this host cannot derive it.
   */
  derive(derivation: Derivation, signal: AbortSignal, endMs?: number | null): Promise<Uint8Array>;
}

interface Waiting {
  readonly derivation: Derivation;
  /** By the rates of kdf.ts. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly endMs: number;
  readonly resolve: (key: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

export function newDeriver(): Deriver {
  const queue = new Queue();
  return {
    derive(derivation, signal, endMs = null) {
      const { kdf, passphrase, keyBytes } = derivation;
      const seconds = costSeconds(kdf, keyBytes);
      if (kdf.type === 'pbkdf2' && seconds <= CHEAP_SECONDS) {
        return pbkdf2(passphrase, kdf.salt, kdf.iterationCount, keyBytes, kdf.hash);
      }
      return new Promise((resolve, reject) => {
        const end = endMs ?? Number.POSITIVE_INFINITY;
        queue.add({ derivation, seconds, signal, endMs: end, resolve, reject });
      });
    },
  };
}

class Queue {
  private readonly pace = newPace();
  private waiting: readonly Waiting[] = [];
  private running: { readonly seconds: number; readonly startMs: number } | null = null;

  add(one: Waiting): void {
    this.waiting = [...this.waiting, one].sort((a, b) => a.seconds - b.seconds);
    this.next();
  }

  private async next(): Promise<void> {
    this.waiting = this.inTime();
    const [first, ...others] = this.waiting;
    if (this.running !== null || first === undefined) return;
    this.waiting = others;
    const startMs = Date.now();
    this.running = { seconds: first.seconds, startMs };
    try {
      first.resolve(await inProcess(first.derivation, first.signal));
      this.pace.measured(first.seconds, (Date.now() - startMs) / 1000);
    } catch (error) {
      first.reject(error);
    }
    this.running = null;
    this.next();
  }

  /** Those whose key can be there before their guest's time is over; the others are told. */
  private inTime(): readonly Waiting[] {
    const { pace, running } = this;
    const nowMs = Date.now();
    const leastMs = (seconds: number) => pace.leastSeconds(seconds) * 1000;
    const freeMs = running === null ? nowMs : running.startMs + leastMs(running.seconds);
    let aheadSeconds = Math.max(0, freeMs - nowMs) / 1000;
    return this.waiting.filter(({ derivation, seconds, signal, endMs, reject }) => {
      const ownSeconds = pace.leastSeconds(seconds);
      const leftSeconds = (endMs - nowMs) / 1000;
      const isInTime = aheadSeconds + ownSeconds <= leftSeconds;
      if (signal.aborted) reject(signal.reason);
      else if (isInTime) aheadSeconds += ownSeconds;
      else reject(noTimeFor(derivation.kdf, { ownSeconds, aheadSeconds, leftSeconds }));
      return isInTime && !signal.aborted;
    });
  }
}

function inProcess(derivation: Derivation, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = startBound(childPath());
    const end = (): void => {
      signal.removeEventListener('abort', abort);
      killBound(child);
    };
    const abort = (): void => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
    child.once('message', (said: Uint8Array | string) => {
      end();
      if (typeof said === 'string') reject(notDerived(derivation.kdf, said));
      else resolve(said);
    });
    child.on('error', ({ message }) => reject(notDerived(derivation.kdf, message)));
    child.once('exit', (code, killedBy) => {
      end();
      reject(notDerived(derivation.kdf, `its process ended with ${killedBy ?? code}`));
    });
    child.send(derivation, () => {}); // That it is gone is told by its exit.
  });
}

/** What the header asks for is bounded; this host may have less memory. */
function notDerived(kdf: Kdf, why: string): SourceError {
  const memory = 'memoryKib' in kdf ? ` over ${kdf.memoryKib} KiB` : '';
  return new SourceError(
    'OVER_BUDGET',
    `a key could not be derived by ${kdf.type}${memory}: ${why}`,
  );
}

/** It lies beside this file, or, in the bundle, beside or above this chunk. */
function childPath(): string {
  const candidates = ['./kdf-child.js', '../kdf-child.js'];
  const paths = candidates.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`none of ${paths.join(', ')} exists`);
  return found;
}
