// The blocks that descriptor and revoke blocks name: "block 7, with its copy in the next block of the journal".
// References: Linux 6.18 fs/jbd2/recovery.c: count_tags, read_tag_block, scan_revoke_records,
// jbd2_descriptor_block_csum_verify.
import {
  jbd2RevokedBlockRecords,
  jbd2Tag3Records,
  jbd2TagRecords,
  jbd2WideRevokedBlockRecords,
  jbd2WideTagRecords,
  parseJbd2BlockTail,
  parseJbd2Revoke,
} from '../../../../generated/filesystem/jbd2.js';
import { crc32c } from '../../../bytes/crc32c.js';
import { FormatError } from '../../../errors.js';
import type { GuestInteger } from '../../../kaitai/index.js';
import { equals, u16, u32, u64 } from '../../../validation/guest.js';
import type { JournalHead } from './superblock.js';

const HEADER_BYTES = 12;
const REVOKE_HEADER_BYTES = 16;
const TAIL_BYTES = 4;
const UUID_BYTES = 16;
const FLAG_ESCAPED = 1;
const FLAG_SAME_UUID = 2;
const FLAG_LAST = 8;
const U32_VALUES = 2 ** 32;

/** Called for each tag: the filesystem's block, whether its first word was changed, the checksum of the copy. */
type OnTag = (block: number, isEscaped: boolean, checksum: number) => void;

function tailBytes({ checksum }: JournalHead): number {
  return checksum === 'csum_v2' || checksum === 'csum_v3' ? TAIL_BYTES : 0;
}

/** Calls `onTag` for every tag of the descriptor block that begins at a byte, in the order of the copies behind it. */
export function readTags(
  head: JournalHead,
  read: TagReader,
  blockStart: number,
  onTag: OnTag,
): void {
  const { tagBytes } = head;
  const end = blockStart + head.blockSizeBytes - tailBytes(head);
  for (let at = blockStart + HEADER_BYTES; at + tagBytes <= end; at += tagBytes) {
    const flags = read(at, onTag);
    if ((flags & FLAG_LAST) !== 0) return;
    // As a rule only the first tag has a UUID behind it.
    if ((flags & FLAG_SAME_UUID) === 0) at += UUID_BYTES;
  }
}

/** Calls `onTag` for the tag at a byte, and gives the tag's flags. */
export type TagReader = (offsetBytes: number, onTag: OnTag) => number;

/** A reader of the tags in some bytes. */
export function tagReader(head: JournalHead, bytes: Uint8Array): TagReader {
  const { is64bit } = head;
  const blockOf = (low: GuestInteger, high: GuestInteger | undefined) =>
    u32(low) + (high === undefined ? 0 : u32(high) * U32_VALUES);
  if (head.checksum === 'csum_v3') {
    const tags = jbd2Tag3Records(bytes);
    return (at, onTag) => {
      const tag = tags.atByte(at);
      const flags = u32(tag.flags);
      const block = blockOf(tag.blockLo, is64bit ? tag.blockHi : undefined);
      onTag(block, (flags & FLAG_ESCAPED) !== 0, u32(tag.checksum));
      return flags;
    };
  }
  const tags = jbd2TagRecords(bytes);
  const wide = is64bit ? jbd2WideTagRecords(bytes) : null;
  return (at, onTag) => {
    const tag = tags.atByte(at);
    const flags = u16(tag.flags);
    const block = blockOf(tag.blockLo, wide?.atByte(at).blockHi);
    onTag(block, (flags & FLAG_ESCAPED) !== 0, u16(tag.checksum));
    return flags;
  };
}

/**
 * Calls `onBlock` for every block that a revoke block names.
 * @throws FormatError INVALID if it claims more than fits: the kernel does not mount such a filesystem.
 */
export function readRevoked(
  head: JournalHead,
  bytes: Uint8Array,
  onBlock: (block: number) => void,
): void {
  const used = u32(parseJbd2Revoke(bytes).lenUsed);
  if (used > bytes.length - tailBytes(head)) {
    const message = `ext: a revoke block of the journal claims ${used} bytes of ${bytes.length}`;
    throw new FormatError('INVALID', message);
  }
  const records = bytes.subarray(REVOKE_HEADER_BYTES, Math.max(used, REVOKE_HEADER_BYTES));
  if (head.is64bit) {
    const wide = jbd2WideRevokedBlockRecords(records);
    for (let i = 0; i < wide.length; i++) {
      const block = u64(wide.at(i).block);
      // A block that no filesystem has is revoked in vain.

      if (block <= Number.MAX_SAFE_INTEGER) onBlock(Number(block));
    }
    return;
  }
  const narrow = jbd2RevokedBlockRecords(records);
  for (let i = 0; i < narrow.length; i++) {
    onBlock(u32(narrow.at(i).block));
  }
}

/** Whether a descriptor or revoke block is as it was written; without checksums it is taken as it is. */
export function isSound(head: JournalHead, bytes: Uint8Array): boolean {
  if (tailBytes(head) === 0) return true;
  const at = bytes.length - TAIL_BYTES;
  const computed = crc32c(crc32c(head.checksumSeed, bytes, 0, at), new Uint8Array(TAIL_BYTES));
  return equals(parseJbd2BlockTail(bytes.subarray(at)).checksum, computed);
}
