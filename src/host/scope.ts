// A scope holds the open files, the read budget and the deadline of one guest. A guest's files are opened through its scope
// and closed with it, so no format has to close anything.
import type { Lru } from '../bytes/lru.js';
import type { ByteSource } from '../bytes/source.js';
import type { VirtDfError } from '../errors.js';

/** An open file with its sizes on the host, as du(1) and ls(1) print them. */
export interface HostFile extends ByteSource {
  /** The path as opened, symlinks resolved; a URL without user and password. */
  readonly path: string;
  /** st_blocks * 512, the bytes that the host stores; null for a block device and for a file on a server. */
  readonly allocationBytes: number | null;
  /** What libvirt calls that it is read by; default: it is not read through libvirt. */
  readonly servedAs?: 'volume' | 'peek';
  /** Whether it is a block device; default: it is not, or only a part of one. */
  readonly isDevice?: boolean;
  /** st_size of a file, the size of a block device. */
  readonly physicalBytes: number;
  /** Paths of the other files of a file that was joined of several; default: none. */
  readonly joinedPaths?: readonly string[];
  /** Why not all of it is there, as far as it was read until now; default: nothing is known to be missing. */
  readonly cut?: () => VirtDfError | null;
}

export interface ReadStatistics {
  readonly readCount: number;
  readonly bytesRead: number;
}

export interface Scope {
  /**
   * Opens a regular file or block device read-only, without locks, or the file that a URL names on a server. The same
   * path opened twice is one HostFile.
   * @throws SourceError NOT_FOUND, PERMISSION, IO, NOT_ALLOWED (a FIFO, a directory, a character device).
   */
  open(path: string): Promise<HostFile>;
  /** Aborted when the scope is closed. */
  readonly signal: AbortSignal;
  /** Throws SourceError TIMEOUT when the deadline has passed or the scope is closed; long loops call it. */
  check(): void;
  /**
   * Counts bytes that are not read from a file but made: decompressed ones, or zeros that no file holds.
   * @throws FormatError LIMIT when the guest's budget is spent.
   */
  spend(bytes: number): void;
  /** Something to wait for where this guest has worked long enough without waiting for a file; usually there is nothing. */
  turn(): Promise<void> | null;
  /**
   * Whether everything read through this scope existed at one moment: no file was written to meanwhile, or each range that
   * was read reads the same again. Also false where that cannot be told.
   * @param isStrict no file that is known to have been written to will do, even if its ranges read the same. A reader that
   *   found a file too short needs this: a table named a cluster behind the end, which may have been appended since.
   * @throws SourceError TIMEOUT, IO; FormatError LIMIT.
   */
  isSettled(isStrict: boolean): Promise<boolean>;
  /** The clusters that containers decompressed, by `path@offset`: one budget for all images of the guest. */
  readonly clusters: Lru<string>;
  readonly statistics: ReadStatistics;
  close(): Promise<void>;
}
