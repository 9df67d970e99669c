// Derives keys one at a time, the cheapest first, in processes of their own: a derivation takes seconds and up to a gibibyte, by
// the header's word, and cannot be stopped but by killing the process.
// References: kdf-child.ts, its other end.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SourceError } from '../../errors.js';
import { killBound, startBound } from '../../host/bound-process.js';
import type { Derivation } from '../secrets.js';
import { costSeconds, type Kdf, pbkdf2 } from './kdf.js';

/** One that takes no longer costs less than a process. */
const CHEAP_SECONDS = 0.05;

export interface Deriver {
  /** Rejects with the signal's reason when it is aborted, and the derivation ends. */
  derive(derivation: Derivation, signal: AbortSignal): Promise<Uint8Array>;
}

interface Waiting {
  readonly derivation: Derivation;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly resolve: (key: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

export function newDeriver(): Deriver {
  const queue: Waiting[] = [];
  let isBusy = false;
  const next = async (): Promise<void> => {
    if (isBusy) return;
    const waiting = queue.shift();
    if (waiting === undefined) return;
    isBusy = true;
    try {
      waiting.resolve(await inProcess(waiting.derivation, waiting.signal));
    } catch (error) {
      waiting.reject(error);
    }
    isBusy = false;
    next();
  };
  return {
    derive(derivation, signal) {
      const { kdf, passphrase, keyBytes } = derivation;
      const seconds = costSeconds(kdf, keyBytes);
      if (kdf.type === 'pbkdf2' && seconds <= CHEAP_SECONDS) {
        return pbkdf2(passphrase, kdf.salt, kdf.iterationCount, keyBytes, kdf.hash);
      }
      return new Promise((resolve, reject) => {
        queue.push({ derivation, seconds, signal, resolve, reject });
        queue.sort((a, b) => a.seconds - b.seconds);
        next();
      });
    },
  };
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
  const memory = kdf.type === 'pbkdf2' ? '' : ` over ${kdf.memoryKib} KiB`;
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
