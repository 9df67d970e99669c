// What a user gives, as the keys that protectors take: the 48 digits of a recovery password, the file of a startup key, a
// password.
// References: libbde documentation, "Recovery password key", "User password key", "Startup key"; cryptsetup lib/bitlk/bitlk.c
// (get_recovery_key, get_startup_key, bitlk_kdf).
import { createHash } from 'node:crypto';
import {
  BitlockerRole,
  BitlockerType,
  parseBitlockerStartupKey,
} from '../../../generated/volume/bitlocker.js';
import { VirtDfError } from '../../errors.js';
import { equals, uuidText } from '../../validation/guest.js';
import { entriesOf, keyIn, longEnough } from './entries.js';

const GROUP_COUNT = 8;
/** Each group is a number of 16 bits times this, so that a wrong digit shows. */
const FACTOR = 11;
const MAX_GROUP = 2 ** 16 * FACTOR;
/** Of the file of a startup key, what lies before its entry. */
const FILE_HEADER_BYTES = 48;
const STARTUP_HEADER_BYTES = 24;

/** The hash of a recovery password; null: it is none. */
export function recoveryHash(given: Uint8Array): Uint8Array | null {
  const groups = Buffer.from(given).toString('latin1').trim().split('-');
  if (groups.length !== GROUP_COUNT) return null;
  const bytes: number[] = [];
  for (const group of groups) {
    const number = Number(group);
    if (!/^\d{6}$/u.test(group) || number % FACTOR !== 0 || number >= MAX_GROUP) return null;
    const word = number / FACTOR;
    bytes.push(word % 256, Math.floor(word / 256));
  }
  return sha256(Uint8Array.from(bytes));
}

/** The hash of a password; null: these bytes are no text. */
export function passwordHash(given: Uint8Array): Uint8Array | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(given);
    return sha256(sha256(Buffer.from(text, 'utf16le')));
  } catch {
    return null;
  }
}

interface StartupKey {
  /** Of the protector that it is for. */
  readonly guid: string | null;
  readonly key: Uint8Array;
}

/** What the file of a startup key has; null: it is none. */
export function startupKeyOf(given: Uint8Array): StartupKey | null {
  try {
    for (const { header, body } of entriesOf(given.subarray(FILE_HEADER_BYTES))) {
      const isStartup = equals(header.role, BitlockerRole.STARTUP_KEY);
      if (!isStartup || !equals(header.type, BitlockerType.EXTERNAL_KEY)) continue;
      const { guid } = parseBitlockerStartupKey(longEnough(body, STARTUP_HEADER_BYTES));
      const key = keyIn(entriesOf(body.subarray(STARTUP_HEADER_BYTES)));
      if (key !== null) return { guid: uuidText(guid, true), key };
    }
  } catch (error) {
    // Any bytes may be given as a key.
    if (!(error instanceof VirtDfError)) throw error;
  }
  return null;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
