// Lists of entries: of a volume's metadata, of one of its protectors, of a startup key's file.
// References: formats/volume/bitlocker.ksy; libbde documentation, "FVE metadata entry".
import {
  BitlockerType,
  type GuestBitlockerEntry,
  parseBitlockerEntry,
  parseBitlockerKey,
  parseBitlockerSealed,
} from '../../../generated/volume/bitlocker.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { WHAT } from './boot.js';

const ENTRY_BYTES = 8;
const KEY_HEADER_BYTES = 4;
const SALT_BYTES = 16;
const SEALED_HEADER_BYTES = 28;

export interface Entry {
  readonly header: GuestBitlockerEntry;
  /** What follows its header. */
  readonly body: Uint8Array;
}

/** A key that another one encrypts, with AES in CCM. */
export interface Sealed {
  readonly nonce: Uint8Array;
  readonly tag: Uint8Array;
  readonly bytes: Uint8Array;
}

/** The entries one behind the other, up to one of no length. @throws FormatError OUT_OF_BOUNDS. */
export function entriesOf(bytes: Uint8Array): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; bytes.length - at >= ENTRY_BYTES; ) {
    const header = parseBitlockerEntry(bytes.subarray(at, at + ENTRY_BYTES));
    if (equals(header.lenEntry, 0)) break;
    const length = int(
      header.lenEntry,
      `${WHAT}: size of an entry`,
      ENTRY_BYTES,
      bytes.length - at,
    );
    entries.push({ header, body: bytes.subarray(at + ENTRY_BYTES, at + length) });
    at += length;
  }
  return entries;
}

function ofType(entries: readonly Entry[], type: number): Entry | undefined {
  return entries.find(({ header }) => equals(header.type, type));
}

/** The key that is sealed in one of the entries. */
export function sealedIn(entries: readonly Entry[]): Sealed | null {
  const entry = ofType(entries, BitlockerType.SEALED);
  return entry === undefined ? null : sealedOf(entry);
}

/** @throws FormatError TRUNCATED. */
export function sealedOf({ body }: Entry): Sealed {
  const header = parseBitlockerSealed(longEnough(body, SEALED_HEADER_BYTES));
  return { nonce: header.nonce, tag: header.tag, bytes: body.subarray(SEALED_HEADER_BYTES) };
}

/** The key that lies open in one of the entries. */
export function keyIn(entries: readonly Entry[]): Uint8Array | null {
  const body = ofType(entries, BitlockerType.KEY)?.body;
  return body === undefined ? null : longEnough(body, KEY_HEADER_BYTES).subarray(KEY_HEADER_BYTES);
}

/** What the key is for, in the numbers of the metadata. */
export function encryptionIn(entries: readonly Entry[]): Parameters<typeof equals>[0] | null {
  const body = ofType(entries, BitlockerType.KEY)?.body;
  return body === undefined
    ? null
    : parseBitlockerKey(longEnough(body, KEY_HEADER_BYTES)).encryption;
}

/** The salt with which a password is made a key. */
export function saltIn(entries: readonly Entry[]): Uint8Array | null {
  const body = ofType(entries, BitlockerType.STRETCH_KEY)?.body;
  if (body === undefined) return null;
  const end = KEY_HEADER_BYTES + SALT_BYTES;
  return longEnough(body, end).subarray(KEY_HEADER_BYTES, end);
}

export function longEnough(body: Uint8Array, length: number): Uint8Array {
  if (body.length >= length) return body;
  const message = `${WHAT}: an entry has ${body.length} bytes where ${length} are needed`;
  throw new FormatError('TRUNCATED', message, { data: { length, sizeBytes: body.length } });
}
