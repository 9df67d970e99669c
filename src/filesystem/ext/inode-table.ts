// Inodes that were read together, under one cursor: an object with all fields of each would take longer than all else that is
// done with it.
import {
  extInodeExtraRecords,
  extInodeRecords,
  type GuestExtInode,
  type GuestExtInodeExtra,
} from '../../../generated/filesystem/ext.js';
import { u16 } from '../../validation/guest.js';

/** As much of an inode as every filesystem has. */
export const INODE_HEAD_BYTES = 128;

/** What `head` and `extra` give shows another inode as soon as they are called again. */
export interface InodeTable {
  readonly bytes: Uint8Array;
  readonly inodeSizeBytes: number;
  /** The inode that begins at a byte. */
  head(at: number): GuestExtInode;
  /** What it has behind its head; null where inodes end there. */
  extra(at: number): GuestExtInodeExtra | null;
}

/** @param inodeSizeBytes 128, or 256 and more. */
export function inodeTable(bytes: Uint8Array, inodeSizeBytes: number): InodeTable {
  const heads = extInodeRecords(bytes);
  const extras = inodeSizeBytes > INODE_HEAD_BYTES ? extInodeExtraRecords(bytes) : null;
  return {
    bytes,
    inodeSizeBytes,
    head: (at) => heads.atByte(at),
    extra: (at) => extras?.atByte(at + INODE_HEAD_BYTES) ?? null,
  };
}

/** i_extra_isize; 0 where the inode ends before it. */
export function extraSizeAt(table: InodeTable, at: number): number {
  const extra = table.extra(at);
  const roomBytes = table.inodeSizeBytes - INODE_HEAD_BYTES;
  return extra === null ? 0 : Math.min(roomBytes, u16(extra.lenExtra));
}
