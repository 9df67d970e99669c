// One form for the headers of LUKS1 and LUKS2: how the payload is encrypted, and how a key is derived for each key slot.
// References: LUKS1 On-Disk Format Specification 1.2.3; LUKS2 On-Disk Format Specification 1.1.1.

import type { ByteSource } from '../../bytes/source.js';
import type { VirtDfError } from '../../errors.js';
import type { Label } from '../../validation/guest.js';
import type { Kdf } from '../keys/kdf.js';

/** The longest key of any cipher: two keys of 256 bits for XTS. */
export const MAX_KEY_BYTES = 64;
/** cryptsetup always makes 4000 stripes. */
export const MAX_STRIPES = 8192;

/** A slot that holds the key of the payload, encrypted with a key that is derived from a passphrase. */
export interface KeySlot {
  /** The slot's number, as cryptsetup prints it. */
  readonly name: string;
  readonly kdf: Kdf;
  /** Length of the key that is in the slot. */
  readonly keyBytes: number;
  readonly stripeCount: number;
  /** The hash of the diffusion that joins the stripes. */
  readonly stripeHash: string;
  /** Where the encrypted stripes are. */
  readonly material: {
    readonly offsetBytes: number;
    readonly cipher: string;
    readonly mode: string;
    readonly keyBytes: number;
  };
  /** Tells whether the key that came out is the right one. */
  readonly digest: { readonly kdf: Kdf; readonly value: Uint8Array };
}

/** How the payload is encrypted, and where it is. */
export interface Payload {
  readonly cipher: string;
  readonly mode: string;
  readonly sectorBytes: number;
  readonly offsetBytes: number;
  /** null: up to the end. */
  readonly sizeBytes: number | null;
  /** Added to the number of a sector for its initial vector; in units of 512 bytes. */
  readonly firstVector: number;
}

export interface LuksHeader extends Label {
  readonly version: 1 | 2;
  readonly uuid: string | null;
  /** The source in which the slots' offsets count. */
  readonly source: ByteSource;
  readonly payload: Payload;
  /** In the order in which they are tried. */
  readonly slots: readonly KeySlot[];
  /** Slots that cannot be tried, and why. */
  readonly problems: readonly VirtDfError[];
}
