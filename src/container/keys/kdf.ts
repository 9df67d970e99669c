// How keys are derived from passphrases, within a budget: whoever made the image wrote the header, and one that asks for hours or
// gigabytes is refused before anything is computed.
// References: RFC 8018 (PBKDF2), RFC 9106 (Argon2); cryptsetup lib/internal.h, DEFAULT_LUKS2_MEMORY_KB; stretch.ts (BitLocker).
import { getHashes, pbkdf2 as nodePbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { FormatError, UnsupportedError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { printable } from '../../validation/guest.js';
import { STRETCH_ROUNDS } from './stretch.js';

/** In a thread that cannot be stopped. */
export const pbkdf2 = promisify(nodePbkdf2);

export type Kdf = Pbkdf2 | Argon2 | Stretch;

export interface Pbkdf2 {
  readonly type: 'pbkdf2';
  readonly hash: string;
  readonly salt: Uint8Array;
  readonly iterationCount: number;
}

interface Argon2 {
  readonly type: 'argon2i' | 'argon2id';
  readonly salt: Uint8Array;
  readonly passCount: number;
  readonly memoryKib: number;
  readonly laneCount: number;
}

/** BitLocker's own: `passphrase` is the hash of one, and the key has 32 bytes. */
interface Stretch {
  readonly type: 'stretch';
  readonly salt: Uint8Array;
}

/** cryptsetup's own limit for the slots that it makes. */
export const MAX_ARGON2_MEMORY_KIB = MIB;
/** The limit for all attempts on one volume together. cryptsetup makes slots that take two seconds. */
const MAX_UNLOCK_SECONDS = 120;
/** The time that a processor of 2015 needs, rounded up; it is used only to refuse what would take too long. */
const PBKDF2_BLOCK_SECONDS = 1e-6;
const ARGON2_KIB_SECONDS = 2e-6;
const STRETCH_ROUND_SECONDS = 2e-6;
const HASH_BYTES: Readonly<Record<string, number>> = {
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  ripemd160: 20,
};

/** The time that may still be spent on one volume. */
export interface UnlockBudget {
  /** @throws FormatError LIMIT, with the cost of the derivation. */
  spend(kdf: Kdf, keyBytes: number): void;
}

/** @param format the word that messages begin with. */
export function unlockBudget(format: string): UnlockBudget {
  let spentSeconds = 0;
  return {
    spend(kdf, keyBytes) {
      const seconds = costSeconds(kdf, keyBytes);
      if (spentSeconds + seconds > MAX_UNLOCK_SECONDS) throw tooExpensive(kdf, seconds, format);
      spentSeconds += seconds;
    },
  };
}

/** What a derivation takes, by the rates above. */
export function costSeconds(kdf: Kdf, keyBytes: number): number {
  if (kdf.type === 'stretch') return STRETCH_ROUNDS * STRETCH_ROUND_SECONDS;
  if (kdf.type !== 'pbkdf2') return kdf.passCount * kdf.memoryKib * ARGON2_KIB_SECONDS;
  const blockCount = Math.ceil(keyBytes / (HASH_BYTES[kdf.hash] ?? 1));
  return kdf.iterationCount * blockCount * PBKDF2_BLOCK_SECONDS;
}

function tooExpensive(kdf: Kdf, seconds: number, format: string): FormatError {
  const what = costOf(kdf);
  return new FormatError(
    'LIMIT',
    `${format}: trying a key takes ${what}, about ${Math.ceil(seconds)} s; ` +
      `the limit for all of a volume's key slots and keys is ${MAX_UNLOCK_SECONDS} s`,
    { data: { seconds: Math.ceil(seconds), limitSeconds: MAX_UNLOCK_SECONDS } },
  );
}

function costOf(kdf: Kdf): string {
  switch (kdf.type) {
    case 'pbkdf2':
      return `${kdf.iterationCount} iterations of PBKDF2`;
    case 'stretch':
      return `${STRETCH_ROUNDS} rounds of SHA-256`;
    default:
      return `${kdf.passCount} passes of ${kdf.type} over ${kdf.memoryKib} KiB`;
  }
}

/**
 * The name of a hash as Node.js knows it.
 * @throws UnsupportedError UNSUPPORTED_FEATURE with the name.
 */
export function hashName(name: string, format: string): string {
  const hash = name.toLowerCase();
  if (Object.hasOwn(HASH_BYTES, hash) && getHashes().includes(hash)) return hash;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `${format}: the hash ${printable(name)} is not supported; ${Object.keys(HASH_BYTES).join(', ')} are`,
    { data: { hash: printable(name) } },
  );
}
