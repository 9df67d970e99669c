// The key of a volume: a protector gives the master key, and that gives it.
// References: cryptsetup lib/bitlk/bitlk.c (BITLK_get_volume_key, decrypt_key); dissect.fve dissect/fve/bde/bde.py (unlock).
import { createDecipheriv } from 'node:crypto';
import { unlockBudget } from '../../container/keys/kdf.js';
import { STRETCHED_BYTES } from '../../container/keys/stretch.js';
import type { Secrets } from '../../container/secrets.js';
import { UnsupportedError, VirtDfError } from '../../errors.js';
import { equals } from '../../validation/guest.js';
import { WHAT } from './boot.js';
import { encryptionIn, entriesOf, keyIn, type Sealed } from './entries.js';
import type { Metadata } from './metadata.js';
import { passwordHash, recoveryHash, startupKeyOf } from './passwords.js';
import type { Protector } from './protectors.js';

const TAG_BYTES = 16;

export interface VolumeKey {
  readonly bytes: Uint8Array;
  /** Whether the key is for an encryption, by its number. */
  isFor(encryption: number): boolean;
}

/** Gives the key that opens a protector, or null. */
type Attempt = { readonly protector: Protector; key(): Promise<Uint8Array | null> };

/**
 * @throws UnsupportedError ENCRYPTED when there is no key, or none that fits; FormatError LIMIT when trying costs too much.
 */
export async function volumeKey(metadata: Metadata, secrets: Secrets): Promise<VolumeKey> {
  let problem: VirtDfError | null = null;
  for (const { protector, key } of attempts(metadata, secrets)) {
    try {
      const opening = await key();
      const found = opening === null ? null : opened(metadata, protector, opening);
      if (found !== null) return found;
    } catch (error) {
      // Another protector may be sound.
      if (!(error instanceof VirtDfError)) throw error;
      problem ??= error;
    }
  }
  throw problem ?? locked(metadata, secrets.passphrases.length);
}

/** What takes no time first. */
function* attempts(metadata: Metadata, secrets: Secrets): Generator<Attempt, void, undefined> {
  const { passphrases } = secrets;
  const of = (kind: Protector['kind']) => metadata.protectors.filter((one) => one.kind === kind);
  for (const protector of of('clear key')) yield { protector, key: async () => protector.key };
  for (const startup of passphrases.map(startupKeyOf)) {
    for (const protector of of('startup key')) {
      if (startup === null || startup.guid !== protector.guid) continue;
      yield { protector, key: async () => startup.key };
    }
  }
  const stretched = stretcher(secrets);
  for (const given of passphrases) {
    const recovery = recoveryHash(given);
    for (const protector of recovery === null ? [] : of('recovery password')) {
      yield { protector, key: () => stretched(recovery, protector) };
    }
  }
  for (const given of passphrases) {
    const password = passwordHash(given);
    for (const protector of of('password')) {
      yield { protector, key: () => stretched(password, protector) };
    }
  }
}

type Stretcher = (hash: Uint8Array | null, protector: Protector) => Promise<Uint8Array | null>;

function stretcher({ derive }: Secrets): Stretcher {
  const budget = unlockBudget(WHAT);
  return async (passphrase, { salt }) => {
    if (passphrase === null || salt === null) return null;
    const kdf = { type: 'stretch', salt } as const;
    budget.spend(kdf, STRETCHED_BYTES);
    return derive({ kdf, passphrase, keyBytes: STRETCHED_BYTES });
  };
}

function opened(
  { volumeKey: sealed }: Metadata,
  { masterKey }: Protector,
  key: Uint8Array,
): VolumeKey | null {
  const master = masterKey === null ? null : unsealed(masterKey, key);
  const masterBytes = master === null ? null : keyIn(master);
  const entries = masterBytes === null || sealed === null ? null : unsealed(sealed, masterBytes);
  const bytes = entries === null ? null : keyIn(entries);
  const encryption = entries === null ? null : encryptionIn(entries);
  if (bytes === null || encryption === null) return null;
  return { bytes, isFor: (number) => equals(encryption, number) };
}

/** The entries that are sealed; null: it was another key. */
function unsealed(
  { nonce, tag, bytes }: Sealed,
  key: Uint8Array,
): ReturnType<typeof entriesOf> | null {
  if (key.length !== STRETCHED_BYTES) return null;
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-ccm', key, nonce, options).setAuthTag(tag);
  try {
    const clear = decipher.update(bytes);
    decipher.final();
    return entriesOf(clear);
  } catch (error) {
    if (error instanceof VirtDfError) throw error;
    return null;
  }
}

/** The error for a volume without a key that fits; its message tells how to give one. */
function locked({ guid, protectors }: Metadata, givenCount: number): UnsupportedError {
  const names = [...new Set(protectors.map(({ name }) => name))];
  const by = names.length === 0 ? 'nothing that is known' : names.join(', ');
  const volume = `the BitLocker volume ${guid ?? 'without a GUID'}, which is protected by ${by}`;
  const data = { guid, protectors: by, passphrases: givenCount };
  if (givenCount > 0) {
    const message = `${WHAT}: ${volume}, is not opened by what was given for it (${givenCount})`;
    return new UnsupportedError('ENCRYPTED', message, { data });
  }
  const kinds = ['startup key', 'recovery password', 'password'];
  const advice = protectors.some(({ kind }) => kinds.includes(kind))
    ? `to read it give --key ${guid ?? 'all'}:key:PASSWORD or --key ${guid ?? 'all'}:file:PATH`
    : 'no key that can be given opens it';
  return new UnsupportedError('ENCRYPTED', `${WHAT}: this is ${volume}; ${advice}`, { data });
}
