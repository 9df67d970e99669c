// What encrypted images are opened with in tests: passphrases, and keys that are derived without a limit of time.
import { newDeriver } from '../src/container/keys/deriver.js';
import type { Secrets } from '../src/container/secrets.js';

export function secretsOf(passphrases: readonly Uint8Array[]): Secrets {
  const { derive } = newDeriver();
  const { signal } = new AbortController();
  return { passphrases, derive: (derivation) => derive(derivation, signal) };
}
