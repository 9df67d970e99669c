// The entries of a block of a directory, for replays and for whoever lists names.
// References: Linux 6.18 fs/ext4/dir.c: __ext4_check_dir_entry; fs/ext4/ext4.h: ext4_rec_len_from_disk.
import { extDirectoryEntryRecords } from '../../../generated/filesystem/ext.js';
import { FormatError } from '../../errors.js';
import { u8, u16, u32 } from '../../validation/guest.js';

export const ENTRY_HEAD_BYTES = 8;
const ALIGNMENT = 4;
const U16_MAX = 0xffff;
export const LARGE_BLOCK = 0x10000;

/** Called with a name in a directory, or with room for one (inode 0). */
type VisitEntry = (
  inode: number,
  name: Uint8Array,
  /** 1, a file; 2, a directory; ... 7, a symbolic link; 0 without the feature filetype. */
  fileType: number,
  /** Bytes to the next entry. */
  roomBytes: number,
) => void;

/**
 * Goes through the entries of a block, or of the part of a directory that lies in its inode.
 * @throws FormatError INVALID for an entry that the kernel refuses, behind the entries before it.
 */
export function visitEntries(bytes: Uint8Array, visit: VisitEntry): void {
  const entries = extDirectoryEntryRecords(bytes);
  for (let at = 0; at < bytes.length; ) {
    if (at + ENTRY_HEAD_BYTES > bytes.length) throw damaged(at);
    const entry = entries.atByte(at);
    const stored = u16(entry.lenEntry);
    const isWhole = bytes.length + ALIGNMENT > U16_MAX && (stored === 0 || stored === U16_MAX);
    const roomBytes = isWhole ? LARGE_BLOCK : stored;
    const nameBytes = u8(entry.lenName);
    const least = Math.ceil((ENTRY_HEAD_BYTES + nameBytes) / ALIGNMENT) * ALIGNMENT;
    if (roomBytes % ALIGNMENT !== 0 || roomBytes < least || at + roomBytes > bytes.length) {
      throw damaged(at);
    }
    const nameAt = at + ENTRY_HEAD_BYTES;
    const name = bytes.subarray(nameAt, nameAt + nameBytes);
    visit(u32(entry.inode), name, u8(entry.fileType), roomBytes);
    at += roomBytes;
  }
}

function damaged(at: number): FormatError {
  return new FormatError('INVALID', `ext: a directory's entry at byte ${at} is damaged`);
}
