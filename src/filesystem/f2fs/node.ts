// A node: an inode, the addresses of a part of a file, or the numbers of other nodes. Its end says whose it is.
// References: Linux 6.1 fs/f2fs/node.h: ofs_of_node, is_recoverable_dnode, IS_INODE, f2fs_has_xattr_block.
import {
  f2fsPointerRecords,
  type GuestF2fsFooter,
  parseF2fsFooter,
} from '../../../generated/filesystem/f2fs.js';
import { hasFlag, u32, u64 } from '../../validation/guest.js';
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
const U32_VALUES = 2n ** 32n;

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
  const node = u32(guest.node);
  const inode = u32(guest.inode);
  const offset = offsetOf(guest);
  return {
    node,
    inode,
    offset,
    isInode: node === inode,
    holdsAttributes: offset === ATTRIBUTES_OFFSET,
    isFsynced: hasFlag(guest.flags, FSYNCED),
    isNamed: hasFlag(guest.flags, NAMED),
    checkpointVersion: u64(guest.checkpointVersion),
    nextBlock: u32(guest.nextBlock),
  };
}

function offsetOf({ flags }: GuestF2fsFooter): number {
  return Math.floor(u32(flags) / FLAG_VALUES);
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
    pointers[i] = u32(records.at(i).value);
  }
  return pointers;
}

/** The contents of a node that is no inode: addresses of blocks, or numbers of other nodes. */
export function readNodePointers(bytes: Uint8Array): Uint32Array {
  return readPointers(bytes.subarray(0, BLOCK_BYTES - FOOTER_BYTES));
}
