// What one guest may cost: its open files, its reads and its deadline. A guest's files are opened through its scope
// and closed with it, so no format has to close anything.
import type { Lru } from '../bytes/lru.js';
import type { ByteSource } from '../bytes/source.js';

/** The host's side of a file: what du(1) and ls(1) say. */
export interface HostFile extends ByteSource {
  /** The path as opened, symlinks resolved; a URL without user and password. */
  readonly path: string;
  /** st_blocks * 512: what the host stores; null for a block device and for what lies on a server. */
  readonly allocationBytes: number | null;
  /** Whether it is a block device; default: it is not, or only a part of one. */
  readonly isDevice?: boolean;
  /** st_size of a file, the size of a block device. */
  readonly physicalBytes: number;
}

export interface ReadStatistics {
  readonly readCount: number;
  readonly bytesRead: number;
}

export interface Scope {
  /**
   * Opens a regular file or block device read-only, without locks, or what a URL names on a server. The same path opened
   * twice is one HostFile.
   * @throws SourceError NOT_FOUND, PERMISSION, IO, NOT_ALLOWED (a FIFO, a directory, a character device).
   */
  open(path: string): Promise<HostFile>;
  /** Throws SourceError TIMEOUT when the deadline has passed or the scope is closed; long loops call it. */
  check(): void;
  /** Counts bytes that are made of others or of none: decompressed, or zeros that no file has. @throws FormatError LIMIT when the guest's budget is spent. */
  spend(bytes: number): void;
  /**
   * Whether all that was read through this scope can be had at one moment: no file was written to meanwhile, or what was
   * read of it reads the same again. false also where that cannot be told.
   * @param isStrict no file may have been written to at all, as far as that is known: what was refused because a file was
   *   shorter than another part of it says may be there by now.
   * @throws SourceError TIMEOUT, IO; FormatError LIMIT.
   */
  isSettled(isStrict: boolean): Promise<boolean>;
  /** What containers decompressed, by `path@offset`: one budget for all images of the guest. */
  readonly clusters: Lru<string>;
  readonly statistics: ReadStatistics;
  close(): Promise<void>;
}
