// The interface for files, which every reader of a filesystem's files has, whatever its format. `du`, `diff`, `map` and
// `reclaim` are questions over it; docs/adding-a-filesystem.md says what a reader must hold to, and a test checks it.
// References: docs/adding-a-filesystem.md, "Reading files"; The Sleuth Kit's tsk_fs.h, which has the same four walks
// (inode_walk, block_walk, file_walk, dir_walk).
import { checkedRange } from '../bytes/range.js';
import type { ByteSource } from '../bytes/source.js';
import type { VirtDfError } from '../errors.js';
import { printable } from '../validation/guest.js';
import type { View } from './view.js';

/** Bytes of one of the devices that a filesystem lies on. Only `volumeRange` makes one. */
export interface VolumeRange {
  /** Which of `FileReader.volumes`: 0 but for a filesystem on several devices (btrfs). */
  readonly volumeIndex: number;
  readonly offsetBytes: number;
  /** 1 or more. */
  readonly lengthBytes: number;
}

/** The identity of a file: an inode's number, and the subvolume (btrfs) or dataset that counts it; 0 where there is one. */
export interface FileId {
  readonly tree: number;
  readonly number: number;
}

/** `device`: a device file, a FIFO or a socket, which have no content. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'device';

/** A name as the guest's kernel shows it: any bytes but 0 and `/`, hostile ones too. */
export interface GuestName {
  /** UTF-8 on most guests; of a format with UTF-16, its UTF-8, half of a surrogate pair as the three bytes of its number. */
  readonly bytes: Uint8Array;
  /** For people: cleaned as `printable` does. Two names may have the same text. */
  readonly text: string;
  /** The bytes are the name's ciphertext, because the directory is encrypted. */
  readonly isEncrypted: boolean;
}

/** A name in a directory, never `.` or `..`. */
export interface DirectoryEntry {
  readonly name: GuestName;
  readonly id: FileId;
  /** null: the directory does not say. */
  readonly kind: FileKind | null;
}

/**
 * How df counts space that is taken. `overhead`: the kernel leaves it out of the size (inode tables, the journal's
 * blocks), so that it is neither used nor free. `free`: the next mount gives it back, and its numbers are df's: blocks of
 * a file that was deleted, or was being cut, while it was open; or the kernel takes it for free all the same (XFS, blocks
 * that it sets aside for its trees).
 */
export type DfCount = 'used' | 'overhead' | 'free';

/** A piece of a file, in whole blocks of the format: the last one may reach beyond `sizeBytes`. */
export type FileExtent =
  /** Zeros that take no space. */
  | { readonly kind: 'hole'; readonly offsetBytes: number; readonly lengthBytes: number }
  /**
   * Content within a record or tree that `metadata()` or a file of the filesystem's own (`$MFT`) has: it takes no space of its own. The record may encode it
   * (NTFS's update sequence, compression), so that `at` says where it lies, not that its bytes are the content.
   */
  | {
      readonly kind: 'inline';
      readonly offsetBytes: number;
      readonly lengthBytes: number;
      readonly at: VolumeRange;
    }
  | StoredExtent;

/** A piece that takes space. */
export interface StoredExtent {
  /**
   * `data` is content byte for byte; `unwritten` is allocated and reads as zeros; `compressed` and `encrypted` hold
   * content in another form. The others hold no content and have no place in the file (`offsetBytes` null): `map`, blocks
   * that say where the content lies (an indirect block, a node of an extent tree); `attributes`, extended attributes, and named
   * streams of NTFS;
   * `slack`, the rest of an allocation unit of which the file uses a part (bigalloc's clusters, the unreferenced part of
   * a btrfs extent).
   */
  readonly kind: 'data' | 'unwritten' | 'compressed' | 'encrypted' | 'map' | 'attributes' | 'slack';
  /** Where in the file it begins, and how many of the file's bytes it covers; null and 0 where it holds no content. */
  readonly offsetBytes: number | null;
  readonly lengthBytes: number;
  /** Where it lies. As long as `lengthBytes` where it is `data` or `unwritten`. */
  readonly at: VolumeRange;
  /** Further places with the same bytes (DUP, RAID1 of btrfs); left out where there is none. */
  readonly copies?: readonly VolumeRange[];
  /** Other files, or this one elsewhere, have the same space; null: only a look at the format's counts could tell. */
  readonly isShared: boolean | null;
  /** Set where it is shared, and only with other pieces of this file. */
  readonly isSharedWithin?: true;
  readonly countedAs: DfCount;
}

/** A file as stat(2) shows it. It takes a few hundred bytes of memory: whoever reads millions keeps none. */
export interface FileNode {
  readonly id: FileId;
  readonly kind: FileKind;
  /**
   * Set for a file that the filesystem keeps for itself and no path leads to, in the format's own words: `journal`,
   * `resize inode`, `user quota`, `$MFT`.
   */
  readonly system: string | null;
  /** st_size; of a directory the format's own number. */
  readonly sizeBytes: number;
  /** st_blocks * 512, by the kernel's formula, which du(1) adds up. Shared space is in it in full. */
  readonly allocatedBytes: number;
  /**
   * How many of `allocatedBytes` other files have too (reflinks, snapshots); null: that could not be read. Left out where the
   * format shares nothing between files.
   */
  sharedBytes?(): Promise<number | null>;
  /** st_nlink. 0: deleted while it was open, so that no name leads to it and its space is still taken. */
  readonly linkCount: number;
  /** Where its own record lies (an inode, a directory's entry); null where it has none (the root of FAT). */
  readonly record: VolumeRange | null;
  /** The other fields of stat(2). @throws FormatError for a record that cannot be. */
  stat(): FileStat;
  /**
   * Its pieces, ascending by their place in the file and gapless from 0 to `sizeBytes`, with those that have no place
   * in the file wherever the format comes to them. A damaged part ends them, and is told to the walk's `onDoubt`.
   * @throws SourceError; FormatError LIMIT.
   */
  extents(): AsyncIterable<readonly FileExtent[]>;
  /** The names in it, in the order of the disk; none if it is no directory. Damage and errors as `extents`. */
  entries(): AsyncIterable<readonly DirectoryEntry[]>;
  /**
   * Of a symbolic link, where it leads; null: that is damaged or encrypted. Left out of what is none, and where the format stores it in
   * another form.
   */
  target?(): Promise<Uint8Array | null>;
  /**
   * Its extended attributes in the order of the disk, as a program that has all rights sees them; null: that is damaged, which is
   * told. Left out where the format's attributes are not read.
   */
  attributes?(): Promise<readonly FileAttribute[] | null>;
  /**
   * The directories that have a name of it, as its own record says or, of a directory, what it says of the one above: a
   * hint of where to look, which damage makes false. Left out where it says nothing.
   */
  parents?(): Promise<readonly FileId[]>;
  /**
   * All its names, where its own record tells at which place of a directory each stands, and it stands there: so no directory
   * is read for them. null: damage hides one. Left out where nothing tells.
   */
  names?(): Promise<readonly FileName[] | null>;
}

/** An extended attribute as getxattr(2) gives it: an access control list of POSIX in the kernel's own form, not the disk's. */
export interface FileAttribute {
  /** With its namespace: `user.note`. */
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** A name of a file, in the directory that has it. */
export interface FileName {
  readonly directory: FileId;
  readonly entry: DirectoryEntry;
}

/** Times are nanoseconds since 1970, UTC; fields that the format does not keep are null. */
export interface FileStat {
  /** st_mode with the type's bits; null where the format has none, and the kernel makes one up. */
  readonly mode: number | null;
  readonly userId: number | null;
  readonly groupId: number | null;
  /** It tells a file from a later one with the same id (i_generation, NTFS's sequence number). */
  readonly generation: number | null;
  readonly accessedNs: bigint | null;
  readonly modifiedNs: bigint | null;
  /** Of the record: chmod and rename move it too. */
  readonly changedNs: bigint | null;
  readonly createdNs: bigint | null;
}

/** A stretch of the volume that belongs to no file. */
export interface MetadataRange {
  readonly at: VolumeRange;
  /** In the format's own words: `superblock`, `inode table`, `FAT 1`, `boot sector`. */
  readonly name: string;
  /**
   * `metadata`: structures. `log`. `reserved`: set aside for structures to come. `bad`: blocks marked as broken.
   * `unused`: nothing lies there and nothing ever will (before the first block, behind the last cluster).
   */
  readonly kind: 'metadata' | 'log' | 'reserved' | 'bad' | 'unused';
  readonly countedAs: DfCount;
}

/** Places where the kernel's fstrim ends one discard and begins another, although free space goes on: one every so many bytes. */
export interface TrimBorders {
  readonly firstBytes: number;
  readonly everyBytes: number;
}

/** A reason why an answer is not exact, such as a directory's block that is damaged: the rest is given all the same. */
export interface FileDoubt {
  /** null: it is not of one file. */
  readonly id: FileId | null;
  readonly error: VirtDfError;
}

/** One reading of a filesystem's files, by whoever asks for it. */
export interface FileWalk {
  /** Called for each thing that was left out or is not as the format says. No reason is dropped. */
  onDoubt(doubt: FileDoubt): void;
  /**
   * Set by whoever only asks where content lies: `isShared` may be null where the format's counts would tell, and `slack` be
   * inexact.
   */
  readonly needsNoCounts?: boolean;
  /** The guest runs: files that were deleted while they were open count as used; default: as free, since a mount frees them. */
  readonly isLive?: boolean;
}

/**
 * A tree of records in a format that never writes over a node in use: what changes is written elsewhere, with all nodes above it. So
 * two states of a filesystem have one node where nothing below it changed. Example: of a btrfs with 1,400 nodes a clone wrote 120
 * anew; those, and 92 that they stand for, are all that a comparison reads.
 */
export interface RecordTree {
  /** Where its paths begin. */
  readonly root: FileId;
  readonly top: RecordNode;
  /** It was made with all that another tree had (a snapshot). */
  readonly isSnapshot: boolean;
  /** The tree that has the directory in which it lies; null: it lies in none. */
  readonly above: number | null;
  /** How many names its directories have in all. Damage is told, and what lies there is not counted. */
  nameCount(): Promise<number>;
}

export interface RecordNode {
  /** 0: it has records; otherwise nodes of the level below. */
  readonly level: number;
  /** Its address, the transaction that wrote it, and where it stands in its tree: the same node has the same name. */
  readonly name: string;
  /** The number of that transaction: it is not less than that of any node below. */
  readonly transaction: bigint;
  /** Where it lies: each copy. None where no device has it. */
  at(): readonly VolumeRange[];
  /** Of a node with nodes below it, these from left to right. Of a damaged one none, which is told. */
  below(): Promise<readonly RecordNode[]>;
  /** Of a node with records, the files that these are of. Damage is told. */
  files(): Promise<readonly FileNode[]>;
}

/** Whether anybody asks for a byte of a range. */
export type IsWanted = (at: VolumeRange) => boolean;

/**
 * The files of a filesystem in the state in which a mount finds it: after the replay of its log, before orphans are
 * cleaned up. Each walk is bounded by limits.ts and by the guest's own budget of reads and time.
 */
export interface FileReader {
  /** The devices that all ranges are of, with the log's replay over them. */
  readonly volumes: readonly ByteSource[];
  /** Where paths begin; the first one is `/`. Others are subvolumes that no directory leads to. */
  readonly roots: readonly FileId[];
  /**
   * Of how many bytes of the volumes df counts one: 2 where data lie twice (btrfs RAID1), so that a mirrored GiB is one GiB
   * for df. Left out: 1.
   */
  readonly bytesPerDfByte?: number;
  /**
   * Set where files' pieces lie beside their records, and df nearly always counts them otherwise than st_blocks does: whoever adds
   * up both reads them at once. Left out elsewhere.
   */
  readonly hasPiecesBeside?: true;
  /**
   * Every file, those without a name and the filesystem's own too: each once, in pages, as the records lie on the disk.
   * A format without records (FAT) gives them directory by directory.
   */
  files(): AsyncIterable<readonly FileNode[]>;
  /**
   * Those of `files` whose records have a byte in a range that is wanted; others are not read. Left out where a file's
   * record moves when it is changed: here it stays at its place as long as the file is there, so that two states of a
   * filesystem with the same bytes in it have the same file.
   */
  filesIn?(isWanted: IsWanted): AsyncIterable<readonly FileNode[]>;
  /**
   * The trees that have the records of all files but the filesystem's own. Left out where a record that is changed stays where
   * it is, or is in no tree.
   */
  recordTrees?(): Promise<readonly RecordTree[]>;
  /** The file of an id; null if none is in use. @throws FormatError for a record that cannot be read. */
  file(id: FileId): Promise<FileNode | null>;
  /**
   * The files that have something in these ranges, and perhaps others, by what the format itself keeps of each block's owners
   * (XFS's reverse map, btrfs's back references). null: only `files` can tell, since it keeps nothing here, may lack some, or
   * there are too many. Left out where the format keeps no such thing. @throws FormatError where that is damaged.
   * @param ranges ascending within each volume, and apart.
   */
  ownersOf?(ranges: readonly VolumeRange[]): Promise<readonly FileId[] | null>;
  /**
   * The ranges that can be allocated: ascending, disjoint, as long as can be.
   * @param isWanted what is not may be left out, so that it is not read.
   */
  free(isWanted?: IsWanted): AsyncIterable<readonly VolumeRange[]>;
  /**
   * The ranges that belong to no file and are not free: disjoint, and a group's parts together rather than ascending.
   * @param isWanted as for `free`.
   */
  metadata(isWanted?: IsWanted): AsyncIterable<readonly MetadataRange[]>;
  /**
   * Free space that df counts as used, because the kernel keeps it back for itself (XFS, for its trees to grow): it has no
   * place, and whatever is `free` here is df's free and this. Left out where there is none.
   * @param view df's. @throws FormatError.
   */
  keptBackBytes?(view: View): Promise<number>;
  /**
   * What df counts as used and no device has, since the format's size is given in whole blocks, the last of which is a part of
   * one (SquashFS). Left out: nothing.
   */
  readonly roundedUpBytes?: number;
  /** Left out where fstrim discards each range of `free()` by one request. */
  readonly trimBorders?: TrimBorders;
  /** Set where the kernel has no fstrim for the format, so that only a copy leaves out what is free. */
  readonly isNeverTrimmed?: true;
}

/**
 * The only maker of ranges: whatever a guest says, a range lies within its device.
 * @throws FormatError OUT_OF_BOUNDS otherwise.
 */
export function volumeRange(
  volumes: readonly ByteSource[],
  offsetBytes: number,
  lengthBytes: number,
  volumeIndex = 0,
): VolumeRange {
  checkedRange(offsetBytes, lengthBytes, volumes[volumeIndex]?.sizeBytes ?? 0);
  return { volumeIndex, offsetBytes, lengthBytes };
}

/** A name from its bytes. */
export function guestName(bytes: Uint8Array, isEncrypted = false): GuestName {
  return new BytesName(bytes, isEncrypted);
}

/** A class, since the text of most names is never asked for, and to clean it takes longer than to read it. */
class BytesName implements GuestName {
  readonly bytes: Uint8Array;
  readonly isEncrypted: boolean;

  constructor(bytes: Uint8Array, isEncrypted: boolean) {
    this.bytes = bytes;
    this.isEncrypted = isEncrypted;
  }

  get text(): string {
    const { buffer, byteOffset, length } = this.bytes;
    const content = Buffer.from(buffer, byteOffset, length);
    return this.isEncrypted ? content.toString('base64url') : printable(content.toString('utf8'));
  }
}
