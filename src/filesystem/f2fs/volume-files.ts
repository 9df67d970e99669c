// An f2fs after what a mount does, and one file of it, as the parts of the reader of files share them.
// References: Linux 6.1 fs/f2fs/f2fs.h: f2fs_is_checkpointed_node, F2FS_NODE_INO; include/linux/f2fs_fs.h: qf_ino.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { DfCount, FileKind, FileWalk, VolumeRange } from '../files.js';
import { volumeRange } from '../files.js';
import type { Inode } from './inode.js';
import type { Recovery } from './recovery-state.js';
import { BLOCK_BYTES, type Superblock } from './superblock.js';
import { isHere, isInMain, isWritten, type Volume } from './volume.js';

export const ROOT_INODE = 3;
/** Nodes of lower numbers than the root's do not exist. */
const RESERVED_NODES = 3;
const QUOTAS = ['user quota', 'group quota', 'project quota'] as const;

/** A filesystem whose files are read. */
export interface F2fsVolume {
  readonly volume: Volume;
  readonly volumes: readonly ByteSource[];
  readonly walk: FileWalk;
  /** With the orphans freed, and with the files in their places that were fsynced behind the checkpoint. */
  readonly after: Recovery;
  /** As the checkpoint has it, where the orphans still are. */
  readonly before: Recovery;
  /** The files that a mount deletes. */
  readonly orphans: ReadonlySet<number>;
  /** The bitmaps of segments from which blocks of orphans went, and nothing else did. */
  readonly afterOrphans: ReadonlyMap<number, Uint8Array>;
  /** The inodes that the filesystem has for itself, by number. */
  readonly systemNames: ReadonlyMap<number, string>;
  /** Bounds how many nodes and blocks of directories are read in all. @throws FormatError LIMIT */
  spend(blockCount: number): void;
}

/** One file, in trusted numbers. */
export interface F2fsFile {
  readonly inode: Readonly<Inode>;
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Where its nodes are looked up: of an orphan they are gone after the mount. */
  readonly state: Recovery;
  readonly countedAs: DfCount;
}

export function systemNames({ quotaInodes }: Superblock): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [i, name] of QUOTAS.entries()) names.set(quotaInodes[i] ?? 0, name);
  names.delete(0);
  return names;
}

/** Whether a file may have this number. */
export function isNodeNumber({ volume: { checkpoint } }: F2fsVolume, number: number): boolean {
  const end = checkpoint.nodeLimit + RESERVED_NODES;
  return Number.isInteger(number) && number >= ROOT_INODE && number < end;
}

/** @throws FormatError OUT_OF_BOUNDS for blocks that no node and no file may have, or that the volume does not. */
export function blocksAt(
  { volume, volumes }: F2fsVolume,
  first: number,
  count: number,
): VolumeRange {
  if (!isInMain(volume, first) || !isInMain(volume, first + count - 1)) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `f2fs: block ${first} of a file is not in the main area`,
    );
  }
  return volumeRange(volumes, first * BLOCK_BYTES, count * BLOCK_BYTES);
}

/** Whether a block lies where one of a node or of a file can be read. */
export function isReadable(volume: Volume, block: number): boolean {
  return isWritten(block) && isInMain(volume, block) && isHere(volume, block);
}
