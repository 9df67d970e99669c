// What protects the master key of a volume: each protector has the key, sealed with one that it gives.
// References: formats/volume/bitlocker.ksy; cryptsetup lib/bitlk/bitlk.c (get_vmk_protection, parse_vmk_entry);
// dissect.fve dissect/fve/bde/c_bde.py (FVE_KEY_PROTECTOR).
import {
  BitlockerRole,
  type GuestBitlockerProtector,
  parseBitlockerProtector,
} from '../../../generated/volume/bitlocker.js';
import { equals, int, uuidText } from '../../validation/guest.js';
import { WHAT } from './boot.js';
import {
  type Entry,
  entriesOf,
  keyIn,
  longEnough,
  type Sealed,
  saltIn,
  sealedIn,
} from './entries.js';

const PROTECTOR_BYTES = 28;
/** A kind is a multiple of this; what is added to it says in which order protectors are tried. */
const PRIORITIES = 0x100;
const MAX_PROTECTION = 0x7fff;

/** A suspended volume has its key in the clear; `unreadable` ones need a chip, a card or a server. */
type Kind = 'clear key' | 'startup key' | 'recovery password' | 'password';

export interface Protector {
  readonly kind: Kind | 'unreadable';
  /** In words: `TPM`. */
  readonly name: string;
  readonly guid: string | null;
  readonly masterKey: Sealed | null;
  /** Of a clear key, the key. */
  readonly key: Uint8Array | null;
  /** Of passwords. */
  readonly salt: Uint8Array | null;
}

const KINDS: Readonly<Record<number, Kind>> = {
  0: 'clear key',
  512: 'startup key',
  2048: 'recovery password',
  8192: 'password',
};
/** Those whose key a chip, a card or a server has. */
const UNREADABLE: Readonly<Record<number, string>> = {
  256: 'TPM',
  768: 'TPM and startup key',
  1024: 'TPM and PIN',
  1280: 'TPM and PIN',
  1536: 'TPM, PIN and startup key',
  1792: 'TPM, PIN and startup key',
  4096: 'smart card',
};

/** @throws FormatError for entries that are damaged. */
export function protectorsOf(entries: readonly Entry[]): readonly Protector[] {
  return entries
    .filter(({ header }) => equals(header.role, BitlockerRole.PROTECTOR))
    .map(({ body }) => {
      const own = parseBitlockerProtector(longEnough(body, PROTECTOR_BYTES));
      const properties = entriesOf(body.subarray(PROTECTOR_BYTES));
      const number = protectionOf(own);
      const kind = KINDS[number];
      const name = kind ?? UNREADABLE[number] ?? `protector 0x${number.toString(16)}`;
      return {
        kind: kind ?? 'unreadable',
        name,
        guid: uuidText(own.guid, true),
        masterKey: sealedIn(properties),
        key: kind === 'clear key' ? keyIn(properties) : null,
        salt: saltIn(properties),
      };
    });
}

/** The kind without its priority among others of its kind. */
function protectionOf({ protection }: GuestBitlockerProtector): number {
  const number = int(protection, `${WHAT}: kind of a protector`, 0, MAX_PROTECTION);
  return number - (number % PRIORITIES);
}
