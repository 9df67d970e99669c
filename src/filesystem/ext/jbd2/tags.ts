// What descriptor and revoke blocks name.
// References: Linux 6.18 fs/jbd2/recovery.c: count_tags, read_tag_block, scan_revoke_records,
// jbd2_descriptor_block_csum_verify.
import {
  jbd2RevokedBlockRecords,
  jbd2Tag3Records,
  jbd2TagBlockHiRecords,
  jbd2TagRecords,
  jbd2WideRevokedBlockRecords,
  parseJbd2BlockTail,
  parseJbd2Revoke,
} from '../../../../generated/filesystem/jbd2.js';
import { FormatError } from '../../../errors.js';
import { crc32c } from '../../../validation/crc32c.js';
import { big, equals, hasFlag, int } from '../../../validation/guest.js';
import type { JournalHead } from './superblock.js';

const HEADER_BYTES = 12;
const REVOKE_HEADER_BYTES = 16;
const TAIL_BYTES = 4;
const UUID_BYTES = 16;
const SHORT_TAG_BYTES = 8;
const FLAG_ESCAPED = 1n;
const FLAG_SAME_UUID = 2n;
const FLAG_LAST = 8n;
const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
const U32_VALUES = 2 ** 32;
const U64_MAX = 2n ** 64n - 1n;

/** Called for each tag: the filesystem's block, whether its first word was changed, the checksum of the copy. */
export type OnTag = (block: number, isEscaped: boolean, checksum: number) => void;

function tailBytes({ checksum }: JournalHead): number {
  return checksum === 'csum_v2' || checksum === 'csum_v3' ? TAIL_BYTES : 0;
}

/** Calls `onTag` for every tag of a descriptor block, in the order of the copies behind it. */
export function readTags(head: JournalHead, bytes: Uint8Array, onTag: OnTag): void {
  const { tagBytes, is64bit, checksum } = head;
  const end = bytes.length - tailBytes(head);
  for (let at = HEADER_BYTES; at + tagBytes <= end; at += tagBytes) {
    const tag = bytes.subarray(at, at + tagBytes);
    const old = checksum === 'csum_v3' ? null : jbd2TagRecords(tag, tagBytes).at(0);
    const { blockLo, flags, checksum: stored } = old ?? jbd2Tag3Records(tag).at(0);
    let block = int(blockLo, 'ext: t_blocknr', 0, U32_MAX);
    if (is64bit) {
      const { blockHi } =
        old === null
          ? jbd2Tag3Records(tag).at(0)
          : jbd2TagBlockHiRecords(tag.subarray(SHORT_TAG_BYTES), tagBytes - SHORT_TAG_BYTES).at(0);
      block += int(blockHi, 'ext: t_blocknr_high', 0, U32_MAX) * U32_VALUES;
    }
    const sum = int(stored, 'ext: t_checksum', 0, old === null ? U32_MAX : U16_MAX);
    onTag(block, hasFlag(flags, FLAG_ESCAPED), sum);
    if (hasFlag(flags, FLAG_LAST)) return;
    if (!hasFlag(flags, FLAG_SAME_UUID)) at += UUID_BYTES;
  }
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
  const used = int(parseJbd2Revoke(bytes).lenUsed, 'ext: r_count', 0, U32_MAX);
  if (used > bytes.length - tailBytes(head)) {
    const message = `ext: a revoke block of the journal claims ${used} bytes of ${bytes.length}`;
    throw new FormatError('INVALID', message);
  }
  const records = bytes.subarray(REVOKE_HEADER_BYTES, Math.max(used, REVOKE_HEADER_BYTES));
  if (head.is64bit) {
    const wide = jbd2WideRevokedBlockRecords(records);
    for (let i = 0; i < wide.length; i++) {
      const block = big(wide.at(i).block, 'ext: revoked block', 0n, U64_MAX);
      // What no filesystem has is revoked in vain.
      if (block <= Number.MAX_SAFE_INTEGER) onBlock(Number(block));
    }
    return;
  }
  const narrow = jbd2RevokedBlockRecords(records);
  for (let i = 0; i < narrow.length; i++) {
    onBlock(int(narrow.at(i).block, 'ext: revoked block', 0, U32_MAX));
  }
}

/** Whether a descriptor or revoke block is as it was written; without checksums it is taken as it is. */
export function isSound(head: JournalHead, bytes: Uint8Array): boolean {
  if (tailBytes(head) === 0) return true;
  const at = bytes.length - TAIL_BYTES;
  const computed = crc32c(crc32c(head.checksumSeed, bytes, 0, at), new Uint8Array(TAIL_BYTES));
  return equals(parseJbd2BlockTail(bytes.subarray(at)).checksum, computed);
}
