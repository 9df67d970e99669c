// The checksum of an inode.
// References: Linux 6.1 fs/f2fs/inode.c: f2fs_inode_chksum.
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals } from '../../validation/guest.js';
import { continued, inodeSeed } from './checksum.js';
import { BLOCK_BYTES, type Superblock } from './superblock.js';

/** Behind the fields of an inode, the two first ones of its extra attributes. */
const CHECKSUM_AT = 368;
const NODE_NUMBER_AT = BLOCK_BYTES - 20;
const GENERATION_AT = 68;

/** Of the inode's number, its generation, and all of its node but the checksum. */
export function checkInodeChecksum(
  { uuidBytes }: Superblock,
  bytes: Uint8Array,
  checksum: GuestInteger,
  number: number,
): void {
  let computed = inodeSeed(uuidBytes);
  computed = continued(computed, bytes.subarray(NODE_NUMBER_AT, NODE_NUMBER_AT + 4));
  computed = continued(computed, bytes.subarray(GENERATION_AT, GENERATION_AT + 4));
  computed = continued(computed, bytes.subarray(0, CHECKSUM_AT));
  computed = continued(computed, new Uint8Array(4));
  computed = continued(computed, bytes.subarray(CHECKSUM_AT + 4));
  if (equals(checksum, computed)) return;
  throw new FormatError(
    'BAD_CHECKSUM',
    `f2fs: the checksum of inode ${number} does not match, its content gives 0x${computed.toString(16)}`,
    { data: { inode: number, computed } },
  );
}
