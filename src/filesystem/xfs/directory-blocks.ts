// The entries of a directory of XFS: of one of its blocks, or of the part that lies in its inode.
// References: Linux 6.18 fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_data_entry, struct xfs_dir2_sf_entry;
// xfs_dir2_data.c: __xfs_dir3_data_check; xfs_dir2_sf.c: xfs_dir2_sf_verify.
import {
  XfsDirectoryBlockFields,
  xfsBlockHeadRecords,
  xfsBtreePointerRecords,
  xfsDirectoryEntryRecords,
  xfsDirectoryRoomRecords,
  xfsDirectoryTailRecords,
  xfsInodeNumberRecords,
  xfsShortDirectoryEntryRecords,
  xfsShortDirectoryRecords,
} from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';

/** XDB3 and XD2B, a directory of one block; XDD3 and XD2D, a block of a larger one. */
const BLOCK_MAGICS: readonly number[] = [0x58444233, 0x58443242];
const MAGICS: readonly number[] = [...BLOCK_MAGICS, 0x58444433, 0x58443244];
/** The head of a block, and a table of its free room. */
const HEAD_BYTES = XfsDirectoryBlockFields.owner.at + 8 + 16;
const HEAD_BYTES_V4 = 16;
const TAIL_BYTES = 8;
const INDEX_ENTRY_BYTES = 8;
const ALIGNMENT = 8;
const ENTRY_HEAD_BYTES = 9;
const TAG_BYTES = 2;
const ROOM_TAG = 0xffff;
const ENTRY_INODE = "xfs: inode of a directory's entry";
const NAME_LENGTH = 'xfs: length of a name';

const SHORT_HEAD_BYTES = 2;
const SHORT_ENTRY_HEAD_BYTES = 3;
const SMALL_NUMBER_BYTES = 4;
const LARGE_NUMBER_BYTES = 8;

export interface NamedInode {
  readonly inode: number;
  readonly name: Uint8Array;
  /** 1, a file; 2, a directory; ... 7, a symbolic link; 0 where the directory does not say. */
  readonly fileType: number;
}

interface DirectoryForm {
  readonly version: 4 | 5;
  readonly hasFileTypes: boolean;
}

/**
 * The entries of a block, those of the directory itself and of its parent among them.
 * @throws FormatError BAD_MAGIC, INVALID for what the kernel refuses, behind the entries before it.
 */
export function* blockEntries(
  bytes: Uint8Array,
  { version, hasFileTypes }: DirectoryForm,
): Generator<NamedInode, void, undefined> {
  const end = bytes.length - indexBytes(bytes);
  const rooms = xfsDirectoryRoomRecords(bytes);
  const entries = xfsDirectoryEntryRecords(bytes);
  let at = version === 5 ? HEAD_BYTES : HEAD_BYTES_V4;
  while (at < end) {
    const room = rooms.atByte(at);
    if (equals(room.tag, ROOM_TAG)) {
      const length = int(room.lenRoom, "xfs: room in a directory's block", ALIGNMENT, end - at);
      if (length % ALIGNMENT !== 0) throw damaged(at);
      at += length;
      continue;
    }
    if (at + 2 * ALIGNMENT > end) throw damaged(at);
    const entry = entries.atByte(at);
    const inode = int(entry.inode, ENTRY_INODE, 0, Number.MAX_SAFE_INTEGER);
    const behind = at + ENTRY_HEAD_BYTES + int(entry.lenName, NAME_LENGTH, 1, end - at);
    const needed = behind + (hasFileTypes ? 1 : 0) + TAG_BYTES;
    const next = at + Math.ceil((needed - at) / ALIGNMENT) * ALIGNMENT;
    if (next > end) throw damaged(at);
    const name = bytes.subarray(at + ENTRY_HEAD_BYTES, behind);
    yield { inode, name, fileType: hasFileTypes ? (bytes[behind] ?? 0) : 0 };
    at = next;
  }
}

/** A directory of one block has its index at the end of it. */
function indexBytes(bytes: Uint8Array): number {
  const head = xfsBlockHeadRecords(bytes, bytes.length).at(0);
  const is = (magics: readonly number[]) => magics.some((one) => equals(head.magic, one));
  if (!is(MAGICS)) {
    throw new FormatError('BAD_MAGIC', "xfs: a directory's block does not begin as one");
  }
  if (!is(BLOCK_MAGICS)) return 0;
  const tail = xfsDirectoryTailRecords(bytes.subarray(bytes.length - TAIL_BYTES)).at(0);
  const room = Math.floor((bytes.length - TAIL_BYTES) / INDEX_ENTRY_BYTES);
  return TAIL_BYTES + INDEX_ENTRY_BYTES * int(tail.numIndexEntries, 'xfs: btp->count', 0, room);
}

/**
 * The entries of a directory that lies in its inode, which has none for itself and its parent.
 * @throws FormatError as `blockEntries`.
 */
export function* shortEntries(
  bytes: Uint8Array,
  { hasFileTypes }: DirectoryForm,
): Generator<NamedInode, void, undefined> {
  const heads = xfsShortDirectoryRecords(bytes);
  if (heads.length === 0) throw damaged(0);
  const { numEntries } = heads.at(0);
  const count = int(numEntries, 'xfs: entries of a directory', 0, bytes.length);
  const numberBytes = numberLength(bytes);
  const entries = xfsShortDirectoryEntryRecords(bytes);
  const small = xfsBtreePointerRecords(bytes);
  const large = xfsInodeNumberRecords(bytes);
  let at = SHORT_HEAD_BYTES + numberBytes;
  for (let i = 0; i < count; i++) {
    if (at + SHORT_ENTRY_HEAD_BYTES > bytes.length) throw damaged(at);
    const start = at + SHORT_ENTRY_HEAD_BYTES;
    const behind = start + int(entries.atByte(at).lenName, NAME_LENGTH, 1, bytes.length);
    const number = behind + (hasFileTypes ? 1 : 0);
    if (number + numberBytes > bytes.length) throw damaged(at);
    const isSmall = numberBytes === SMALL_NUMBER_BYTES;
    const field = isSmall ? small.atByte(number).block : large.atByte(number).number;
    yield {
      inode: int(field, ENTRY_INODE, 0, Number.MAX_SAFE_INTEGER),
      name: bytes.subarray(start, behind),
      fileType: hasFileTypes ? (bytes[behind] ?? 0) : 0,
    };
    at = number + numberBytes;
  }
}

/** How long the numbers of inodes in it are. */
function numberLength(bytes: Uint8Array): number {
  const { numLarge } = xfsShortDirectoryRecords(bytes).at(0);
  return equals(numLarge, 0) ? SMALL_NUMBER_BYTES : LARGE_NUMBER_BYTES;
}

/** The directory above one that lies in its inode. @throws FormatError INVALID. */
export function shortParent(bytes: Uint8Array): number {
  if (bytes.length < SHORT_HEAD_BYTES) throw damaged(0);
  const numberBytes = numberLength(bytes);
  if (bytes.length < SHORT_HEAD_BYTES + numberBytes) throw damaged(0);
  const field =
    numberBytes === SMALL_NUMBER_BYTES
      ? xfsBtreePointerRecords(bytes).atByte(SHORT_HEAD_BYTES).block
      : xfsInodeNumberRecords(bytes).atByte(SHORT_HEAD_BYTES).number;
  return int(field, 'xfs: the directory above', 0, Number.MAX_SAFE_INTEGER);
}

function damaged(at: number): FormatError {
  return new FormatError('INVALID', `xfs: a directory's entry at byte ${at} is damaged`);
}
