// What encrypted images and volumes are opened with.
import type { Kdf } from './keys/kdf.js';

/** A key that is to be made of a passphrase. */
export interface Derivation {
  readonly kdf: Kdf;
  readonly passphrase: Uint8Array;
  readonly keyBytes: number;
}

/** The passphrases for one image or volume, and how keys are made of them within the guest's time. */
export interface Secrets {
  /** Tried in this order. */
  readonly passphrases: readonly Uint8Array[];
  derive(derivation: Derivation): Promise<Uint8Array>;
}

export const NO_SECRETS: Secrets = {
  passphrases: [],
  derive: () => Promise.reject(new Error('there is no passphrase')),
};
