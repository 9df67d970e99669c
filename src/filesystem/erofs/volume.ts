// An EROFS as its superblock describes it.
// References: Linux fs/erofs/super.c: erofs_read_superblock; fs/erofs/internal.h: erofs_iloc.
import { parseErofs } from '../../../generated/filesystem/erofs.js';
import type { ByteSource } from '../../bytes/source.js';
import { UnsupportedError } from '../../errors.js';
import { hasFlag, int, u16, u32, u64 } from '../../validation/guest.js';
import type { FileWalk } from '../files.js';
import { type Spend, visitsOf } from '../visits.js';
import type { WrittenOnce } from '../written-once.js';

export const SLOT_BYTES = 32;
const [MIN_LOG_BLOCK, MAX_LOG_BLOCK] = [9, 16];
/** 48-bit addresses, and metadata that are compressed. */
const NEWER = 0x80n;
const NS_PER_SECOND = 1_000_000_000n;
const MAX_NS = 999_999_999;
/** How often the bytes of a volume may be read as names and maps: each walk over the files reads them again. */
const MAX_PASSES = 32;

export interface Volume extends WrittenOnce {
  readonly source: ByteSource;
  readonly walk: FileWalk;
  readonly blockBytes: number;
  /** Where inode 0 would be. */
  readonly metadataBytes: number;
  readonly root: number;
  /** Of all files whose inodes keep no time. */
  readonly builtNs: bigint;
  readonly spend: Spend;
}

/** @throws FormatError, UnsupportedError */
export function openVolume(source: ByteSource, window: Uint8Array, walk: FileWalk): Volume {
  const guest = parseErofs(window);
  if (hasFlag(guest.featureIncompat, NEWER)) {
    const message = 'erofs: files of volumes with addresses of 48 bits are not read';
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const blockBytes = 2 ** int(guest.logBlock, 'erofs: blkszbits', MIN_LOG_BLOCK, MAX_LOG_BLOCK);
  const blocks = Math.floor(source.sizeBytes / blockBytes);
  const seconds = BigInt.asIntN(64, u64(guest.builtAt));
  return {
    source,
    volumes: [source],
    walk,
    blockBytes,
    endBytes: u32(guest.numBlocksLo) * blockBytes,
    metadataBytes: int(guest.metadataBlock, 'erofs: block of the inodes', 0, blocks) * blockBytes,
    root: u16(guest.rootNidOrBlocksHi),
    builtNs:
      seconds * NS_PER_SECOND +
      BigInt(int(guest.builtAtNanoseconds, 'erofs: nanoseconds', 0, MAX_NS)),
    spend: visitsOf('erofs: directories and maps', 'bytes', source.sizeBytes, MAX_PASSES),
  };
}
