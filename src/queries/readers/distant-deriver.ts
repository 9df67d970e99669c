// Has keys derived by the run's own process, where those of all guests are derived one after the other.
import type { Deriver } from '../../container/keys/deriver.js';
import { type Derived, type FromReader, receivedError } from './protocol.js';

export interface DistantDeriver {
  readonly deriver: Deriver;
  /** The answer came. */
  derived(answer: Derived): void;
}

export function distantDeriver(send: (message: FromReader) => void): DistantDeriver {
  const waiting = new Map<number, (answer: Derived) => void>();
  let last = 0;
  return {
    deriver: {
      derive(derivation, signal, endMs = null) {
        last += 1;
        const id = last;
        return new Promise((resolve, reject) => {
          signal.throwIfAborted();
          const abort = (): void => send({ kind: 'underive', id });
          signal.addEventListener('abort', abort);
          waiting.set(id, (answer) => {
            signal.removeEventListener('abort', abort);
            if ('key' in answer) resolve(answer.key);
            else reject(receivedError(answer.error));
          });
          send({ kind: 'derive', id, derivation, endMs });
        });
      },
    },
    derived(answer) {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    },
  };
}
