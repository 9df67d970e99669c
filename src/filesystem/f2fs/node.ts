// A node: an inode, the addresses of a part of a file, or the numbers of other nodes. Its end says whose it is.
// References: Linux 6.1 fs/f2fs/node.h: ofs_of_node, is_recoverable_dnode, IS_INODE, f2fs_has_xattr_block.
import {
  f2fsPointerRecords,
  type GuestF2fsFooter,
  parseF2fsFooter,
} from '../../../generated/filesystem/f2fs.js';
import { big, hasFlag, int } from '../../validation/guest.js';
import type { Checkpoint } from './checkpoint.js';
import { BLOCK_BYTES } from './superblock.js';

const FOOTER_BYTES = 24;
const ADDRESS_BYTES = 4;
/** Bits of the flags that are not the node's place in its file. */
const FLAG_VALUES = 8;
const FSYNCED = 0x2n;
const NAMED = 0x4n;
/** The place of a node with extended attributes. */
const ATTRIBUTES_OFFSET = 2 ** 29 - 1;
const CRC_RECOVERY = 0x40n;
const NO_CRC_RECOVERY = 0x200n;
const U32_MAX = 0xffffffff;
const U32_VALUES = 2n ** 32n;
const U64_MAX = 2n ** 64n - 1n;

export interface Footer {
  readonly node: number;
  readonly inode: number;
  /** Its place in the file: 0 is the inode. */
  readonly offset: number;
  readonly isInode: boolean;
  readonly holdsAttributes: boolean;
  readonly isFsynced: boolean;
  /** The file was made after the checkpoint, and its name is to be restored. */
  readonly isNamed: boolean;
  readonly checkpointVersion: bigint;
  readonly nextBlock: number;
}

export function readFooter(bytes: Uint8Array): Footer {
  const guest = parseF2fsFooter(bytes.subarray(BLOCK_BYTES - FOOTER_BYTES));
  const node = int(guest.node, 'f2fs: nid', 0, U32_MAX);
  const inode = int(guest.inode, 'f2fs: ino', 0, U32_MAX);
  const offset = offsetOf(guest);
  return {
    node,
    inode,
    offset,
    isInode: node === inode,
    holdsAttributes: offset === ATTRIBUTES_OFFSET,
    isFsynced: hasFlag(guest.flags, FSYNCED),
    isNamed: hasFlag(guest.flags, NAMED),
    checkpointVersion: big(guest.checkpointVersion, 'f2fs: cp_ver', 0n, U64_MAX),
    nextBlock: int(guest.nextBlock, 'f2fs: next_blkaddr', 0, U32_MAX),
  };
}

function offsetOf({ flags }: GuestF2fsFooter): number {
  return Math.floor(int(flags, 'f2fs: flags of a node', 0, U32_MAX) / FLAG_VALUES);
}

/** Whether a node was written after the checkpoint and before another one. */
export function isAfter(checkpoint: Checkpoint, { checkpointVersion }: Footer): boolean {
  const { version } = checkpoint;
  // fsck.f2fs leaves the checksum out.
  if (checkpoint.has(NO_CRC_RECOVERY)) {
    return version % U32_VALUES === checkpointVersion % U32_VALUES;
  }
  if (!checkpoint.has(CRC_RECOVERY)) return version === checkpointVersion;
  return (version | (BigInt(checkpoint.checksum) * U32_VALUES)) === checkpointVersion;
}

/** Addresses or numbers of nodes, as many as the bytes are. */
export function readPointers(bytes: Uint8Array): Uint32Array {
  const records = f2fsPointerRecords(bytes);
  const pointers = new Uint32Array(Math.floor(bytes.length / ADDRESS_BYTES));
  for (let i = 0; i < pointers.length; i++) {
    pointers[i] = int(records.at(i).value, 'f2fs: address', 0, U32_MAX);
  }
  return pointers;
}

/** What a node that is no inode holds. */
export function readNodePointers(bytes: Uint8Array): Uint32Array {
  return readPointers(bytes.subarray(0, BLOCK_BYTES - FOOTER_BYTES));
}
