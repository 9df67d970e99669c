// Has keys derived by the run's own process, where those of all guests are derived one after the other.
import type { Deriver } from '../../container/luks/deriver.js';
import { SourceError } from '../../errors.js';
import type { FromReader } from './protocol.js';

export interface DistantDeriver {
  readonly deriver: Deriver;
  /** The answer came. */
  derived(id: number, key: Uint8Array | null): void;
}

export function distantDeriver(send: (message: FromReader) => void): DistantDeriver {
  const waiting = new Map<number, (key: Uint8Array | null) => void>();
  let last = 0;
  return {
    deriver: {
      derive(derivation, signal) {
        last += 1;
        const id = last;
        return new Promise((resolve, reject) => {
          signal.throwIfAborted();
          const abort = (): void => send({ kind: 'underive', id });
          signal.addEventListener('abort', abort);
          waiting.set(id, (key) => {
            signal.removeEventListener('abort', abort);
            if (key !== null) resolve(key);
            else reject(new SourceError('TIMEOUT', 'the key was not derived in time'));
          });
          send({ kind: 'derive', id, derivation });
        });
      },
    },
    derived(id, key) {
      waiting.get(id)?.(key);
      waiting.delete(id);
    },
  };
}
