// The checksum and the UUID that a sector or block of version 5 bears.
// References: Linux 6.1 fs/xfs/libxfs/xfs_cksum.h: xfs_verify_cksum.

import { CRC32C_SEED, crc32c, inverted } from '../../bytes/crc32c.js';
import { FormatError } from '../../errors.js';
import { type Field, type GuestInteger, setField } from '../../kaitai/index.js';
import { equals, u32, uuidText } from '../../validation/guest.js';

const CHECKSUM_BYTES = 4;
const ZEROS = new Uint8Array(CHECKSUM_BYTES);

interface Stamp {
  /** The name of the sector or block, for the message. */
  readonly what: string;
  /** Where the checksum lies in the sector or block, whose own bytes count as zeros. */
  readonly offset: number;
  readonly stored: GuestInteger;
  readonly uuid: Uint8Array;
}

/** The CRC-32C of a sector or block whose checksum lies at `offset`, as it is stored. */
export function checksum(bytes: Uint8Array, offset: number): number {
  const head = crc32c(CRC32C_SEED, bytes, 0, offset);
  const middle = crc32c(head, ZEROS);
  return inverted(crc32c(middle, bytes, offset + CHECKSUM_BYTES));
}

/** Computes and stores it, as the kernel does when it writes. */
export function putChecksum(bytes: Uint8Array, field: Field): void {
  setField(bytes, field, checksum(bytes, field.at));
}

/**
 * Verifies checksum and UUID; version 4 has neither.
 * @throws FormatError BAD_CHECKSUM, or INVALID for metadata of another filesystem.
 */
export function checkSector(
  context: {
    readonly features: { readonly version: number };
    readonly metadataUuid: Uint8Array;
  },
  bytes: Uint8Array,
  stamp: Stamp,
): void {
  if (context.features.version < 5) return;
  checkChecksum(bytes, stamp);
  const { metadataUuid } = context;
  if (stamp.uuid.some((byte, i) => byte !== metadataUuid[i])) {
    throw new FormatError(
      'INVALID',
      `xfs: ${stamp.what} belongs to ${uuidText(stamp.uuid)}, not to ${uuidText(metadataUuid)}`,
    );
  }
}

/** @throws FormatError BAD_CHECKSUM with both values. */
export function checkChecksum(
  bytes: Uint8Array,
  { what, offset, stored }: Omit<Stamp, 'uuid'>,
): void {
  const computed = checksum(bytes, offset);
  if (equals(stored, computed)) return;
  const found = u32(stored);
  throw new FormatError(
    'BAD_CHECKSUM',
    `xfs: the checksum of ${what} is 0x${found.toString(16)}, its content gives 0x${computed.toString(16)}`,
    { data: { stored: found, computed } },
  );
}
