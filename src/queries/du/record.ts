// The records of `virt-df du`: the files of each filesystem of a guest, and what of its used space no path leads to.
import type { FilesystemReasons } from '../files/filesystem.js';
import type { GuestHeader, ProblemRecord } from '../report.js';

/**
 * Why space is used that no path leads to, or why the files' own numbers (st_blocks) are not what df counts:
 * `system`: files of the filesystem's own (quota, $MFT). `deleted`: files that were deleted while they were open.
 * `metadata`, `log`, `reserved`, `bad`, `unused`: as MetadataRange has them, and `reserved` also for free space that the
 * kernel keeps back. `no-path`: files whose directory is damaged. `subvolume`: one that no directory leads to, or that
 * -x leaves out. `inline`: st_blocks counts content that lies in an inode or a tree. `shared`: blocks that several files
 * have, and that each counts. `compressed`: st_blocks counts what it would take uncompressed. `cut`: blocks behind the
 * end of a file that was being cut. `beyond`: st_blocks says less, or more, than the file has. `leaked`: marked as used,
 * and nobody's. `unaccounted`: the same where something could not be read.
 */
export type OtherKind =
  | 'system'
  | 'deleted'
  | 'metadata'
  | 'log'
  | 'reserved'
  | 'bad'
  | 'unused'
  | 'no-path'
  | 'subvolume'
  | 'inline'
  | 'shared'
  | 'compressed'
  | 'cut'
  | 'beyond'
  | 'leaked'
  | 'unaccounted';

export interface DuOther {
  readonly kind: OtherKind;
  /** In words; of metadata the format's own. */
  readonly name: string;
  /** Less than 0 where the files' numbers are more than what df counts. */
  readonly allocatedBytes: number;
  /** null: it is not of files. */
  readonly fileCount: number | null;
}

/** Files and directories as columns, each after the directory that it lies in. `listing.ts` reads it. */
export interface Listing {
  readonly count: number;
  /** The path of node 0: '' is the root, `/home` else. */
  readonly top: string;
  /** By node: where it has its numbers in `files`, and its name in `nameEnds`; -1: it is the top. */
  readonly fileOf: Int32Array;
  readonly entryOf: Int32Array;
  /** Nodes; -1 of the top. */
  readonly parents: Int32Array;
  readonly depths: Int32Array;
  /** 1: another path that sorts before this one leads to the same file, and has its bytes. */
  readonly isRepeated: Uint8Array;
  /** st_size, and st_blocks in bytes, of it and all below it, each file once. */
  readonly totalSizes: Float64Array;
  readonly totalAllocated: Float64Array;
  /** What of `totalAllocated` others have too, NaN where that is not known; empty where nothing is shared. */
  readonly totalShared: Float64Array;
  readonly files: ListedFiles;
  /** Where each name ends in `names`. */
  readonly nameEnds: Uint32Array;
  readonly names: Uint8Array;
  /** The nodes that are listed, in their order; the others are there for the paths of these. */
  readonly order: Int32Array;
}

interface ListedFiles {
  readonly trees: Float64Array;
  readonly numbers: Float64Array;
  /** As KINDS of gather.ts has them. */
  readonly kinds: Uint8Array;
  readonly links: Uint32Array;
  /** st_size, and st_blocks in bytes. */
  readonly sizes: Float64Array;
  readonly allocated: Float64Array;
  /** st_mtime in seconds; empty if nobody asked. */
  readonly modified: Float64Array;
}

export interface DuFilesystem extends FilesystemReasons {
  /** null: `problem` says why its files are not read. */
  readonly listing: Listing | null;
  /** With the listing's top, and all below it, these are df's used; empty for a path within a filesystem. */
  readonly other: readonly DuOther[];
  /** Space that df does not count as used: the kernel leaves it out of the size, or gives it back at the next mount. */
  readonly outside: readonly DuOther[];
}

export interface DuAnswer {
  readonly filesystems: readonly DuFilesystem[];
  readonly problems: readonly ProblemRecord[];
}

export type DuReport = GuestHeader & DuAnswer;
