// A ByteSource -> usage.

import type { ByteRange, ByteSource } from '../bytes/source.js';
import type { VirtDfError } from '../errors.js';
import type { FileReader, FileWalk } from './files.js';
import type { View } from './view.js';

export type { View } from './view.js';

/** Where the numbers came from. */
export type Basis = 'superblock' | 'metadata' | 'log' | 'estimate' | 'agent';

/** statvfs(3)'s numbers. Blocks are f_frsize units; null is unknown or not counted by the format, never 0. */
export interface Usage {
  readonly blockSizeBytes: number;
  /** f_blocks */
  readonly blockCount: number;
  /** The blocks count what the files hold uncompressed (cramfs), so that they may be more than the volume has. */
  readonly isCompressed?: boolean;
  /** The blocks are those of the medium when it will be full, and an image has only those that were written (UDF on CD-R). */
  readonly isOpenEnded?: boolean;
  /** The blocks lie on other devices too, so that they may be more than the volume has. */
  readonly hasMoreDevices?: boolean;
  /** f_bfree; null: the format is understood only as far as its size. */
  readonly freeBlockCount: number | null;
  /** f_bavail */
  readonly availableBlockCount: number | null;
  /** Available blocks are counted apart from free ones, so that there may be more (btrfs with mixed block groups). */
  readonly isAvailableApart?: boolean;
  /** f_files; null where the kernel reports 0 because the format has no fixed number of inodes. */
  readonly fileCount: number | null;
  /** f_ffree */
  readonly freeFileCount: number | null;
  /**
   * How many of the used bytes are of files that were deleted and are still open; null or left out: not known. A mount frees
   * them, so that only `live` has any.
   */
  readonly deletedOpenBytes?: number | null;
  /** In the view `guest`: `live` has other numbers, since a mount frees something that a guest that runs has in use. */
  readonly isFreeing?: boolean;
  readonly basis: Basis;
  /**
   * The filesystem was not cleanly unmounted, and the changes in its log are not in the numbers; null if that cannot be
   * known, because the log is on another device.
   */
  readonly isStale: boolean | null;
  /**
   * Why the numbers may not be those that the kernel shows, one error for each reason: `BAD_CHECKSUM`, the journal has a
   * damaged transaction; `ESTIMATE`, a tree may have grown by a node. Empty where they are exact; never empty where they
   * are stale or an estimate.
   */
  readonly doubts: readonly VirtDfError[];
}

/** An opened filesystem or another thing that fills a volume (swap, a hibernation image). */
export interface Filesystem {
  /** `filesystem` is a df row; `swap` and `other` are listed under volumes. */
  readonly kind: 'filesystem' | 'swap' | 'other';
  /** blkid's word: `ext4`, `xfs`, `swap`. */
  readonly type: string;
  /** Printable; null if empty or none. */
  readonly label: string | null;
  /** The label itself where it is another; see `labelOf` of src/validation. */
  readonly labelBytes?: Uint8Array;
  readonly uuid: string | null;
  /** Its version in the format's words, or in blkid's where blkid has some; left out or null where it has none. */
  readonly version?: string | null;
  /** Where it ends by its own account; left out where that is not known. A signature behind this is a stale one. */
  readonly endBytes?: number;
  /**
   * From here to its end all bytes are its own, so that a signature there is a file's or an old one: where XFS's headers end,
   * where FAT's tables begin. Left out: from the sector of its own signature on.
   */
  readonly ownsFromBytes?: number;
  /** It is only recognised: a row says what it is and how large its volume, and `usage` throws UNSUPPORTED_FEATURE. */
  readonly isUnread?: boolean;
  /** Nothing can be written to it, as it says of itself; formats that are written once are known by their types. */
  readonly isReadOnly?: boolean;
  /**
   * Why it cannot be read although its superblock says what it is: it is cut, or a checksum is wrong. `usage` throws this, and
   * it counts only where nothing sound is found.
   */
  readonly fault?: VirtDfError;
  /** Set where a log that awaits its replay lies on another device. */
  readonly outerLog?: OuterLog;
  /** What its numbers leave out: `leaves out a realtime section of 64M`. */
  readonly remark?: string;
  /** Set where a part of its files lies on a device that nothing marks (XFS's realtime section). */
  readonly outerData?: OuterData;
  /** Set where the filesystem lies on more devices than this one, and is counted once, from all of them. */
  readonly share?: Share;
  /** Its subvolumes, which share its numbers (btrfs); left out where the format has none. @throws as `usage`. */
  subvolumes?(): Promise<Subvolumes>;
  /** What `usage` reads first, to be fetched at once where it lies on a server. @throws FormatError. */
  readsFirst?(): Promise<readonly ByteRange[]>;
  /** @throws FormatError, UnsupportedError. */
  usage(view: View): Promise<Usage>;
  /** Its files; left out where virt-df does not read them. @throws FormatError, UnsupportedError. */
  files?(walk: FileWalk): Promise<FileReader>;
}

/** The subvolumes of a filesystem, in the order of their numbers. */
export interface Subvolumes {
  /** `path` is printable, from the top of the filesystem, without a slash before it. */
  readonly list: readonly { readonly number: bigint; readonly path: string }[];
  /** false: there are more than are listed. */
  readonly isComplete: boolean;
}

/** A log on a device of its own. Without it the kernel does not mount the filesystem, and its numbers may be stale. */
export interface OuterLog {
  /** The type and UUID of its device: `jbd 0e2f...`. */
  readonly key: string;
  /** The problem of a guest whose device with the log was not given. */
  readonly missing: VirtDfError;
  /** The filesystem with its log; null: the log changes nothing of it. @throws FormatError, UnsupportedError. */
  join(log: ByteSource): Filesystem | null;
}

/** Data on another device. Without it the kernel does not mount the filesystem, and `usage` throws MISSING_DEVICE. */
export interface OuterData {
  /** The other device has at least so many bytes, and nothing else that is recognised. */
  readonly minBytes: number;
  /** The filesystem once such a device was found. */
  readonly whole: Filesystem;
}

/** One of several devices that a filesystem lies on. */
export interface Share {
  /** The key that the devices of one filesystem have in common. */
  readonly key: string;
  /**
   * The whole, from those of its devices that were found.
   * @throws FormatError, UnsupportedError.
   */
  join(sources: readonly ByteSource[]): Promise<Filesystem>;
}

export interface FilesystemFormat {
  /** The word of the format, its .ksy and its files: `ext`, `xfs`, `minix`. */
  readonly name: string;
  /**
   * Whether a source with a signature of its specification is of this format; left out where the signature is enough. Cheap;
   * false on foreign data, never a FormatError.
   */
  probe?(source: ByteSource): Promise<boolean>;
  /** Reads and checks the superblock. */
  open(source: ByteSource): Promise<Filesystem>;
}
