// The four checksums that a btrfs superblock may name; every superblock and node bears one in its first 32 bytes.
// References: Linux fs/btrfs/fs.c: btrfs_csum; include/uapi/linux/btrfs_tree.h: enum btrfs_csum_type.
import { createHash } from 'node:crypto';
import { CRC32C_SEED, crc32c, inverted } from '../../bytes/crc32c.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { u16 } from '../../validation/guest.js';

export const CHECKSUM_BYTES = 32;

/** The checksum of all that lies behind a superblock's or node's own, as it is stored. */
export type Checksum = (content: Uint8Array) => Uint8Array;

/**
 * The checksum of a type; two of them are WebAssembly, which is loaded only then.
 * @throws UnsupportedError UNSUPPORTED_FEATURE for a type without a name.
 */
export async function checksumOf(type: GuestInteger): Promise<Checksum> {
  const number = u16(type);
  switch (number) {
    case 0:
      return crc;
    case 1:
      return (await import('./hashes.js')).xxhash64();
    case 2:
      return (content) => createHash('sha256').update(content).digest();
    case 3:
      return (await import('./hashes.js')).blake2b();
  }
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `btrfs: virt-df does not know checksum type ${number}`,
    { data: { type: number } },
  );
}

function crc(content: Uint8Array): Uint8Array {
  const stored = new Uint8Array(4);
  new DataView(stored.buffer).setUint32(0, inverted(crc32c(CRC32C_SEED, content)), true);
  return stored;
}

/** @throws FormatError BAD_CHECKSUM with both values. */
export function verify(checksum: Checksum, bytes: Uint8Array, what: string): void {
  const computed = Buffer.from(checksum(bytes.subarray(CHECKSUM_BYTES)));
  const stored = Buffer.from(bytes.subarray(0, computed.length));
  if (computed.equals(stored)) return;
  throw new FormatError(
    'BAD_CHECKSUM',
    `btrfs: the checksum of ${what} is ${stored.toString('hex')}, its content gives ${computed.toString('hex')}`,
    { data: { stored: stored.toString('hex'), computed: computed.toString('hex') } },
  );
}
