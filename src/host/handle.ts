// The interface through which the scope reads an open file, wherever it lies: on this host, or on a server.
import type { ByteRange, FilePiece } from '../bytes/source.js';
import type { CanRead } from './device-size.js';

/** What lies on a server is kept in pieces of this size; distant-cache.ts decides how many a request brings. */
export const REMOTE_PAGE_BYTES = 4 * 1024;
/** On a connection of its own requests go one behind the other without waiting, and each costs little. */
export const REMOTE_GAP_BYTES = 16 * 1024;
/** What the request brings along that opens a file. */
export const REMOTE_HEAD_BYTES = 16 * 1024;

const CLUSTER_BYTES = 64 * 1024;
/**
 * What QEMU puts into the fourth, fifth and sixth cluster of a new qcow2, behind the header and the refcounts: the L1 table, the
 * first L2 table (of the first 128 MiB), and with the first write to the disk's beginning, where partitioners and mkfs begin, the
 * disk's table or the head of a filesystem, and where signatures lie further behind.
 */
export const IMAGE_TABLES: readonly ByteRange[] = [
  { offsetBytes: 3 * CLUSTER_BYTES, lengthBytes: 4 * 1024 },
  { offsetBytes: 4 * CLUSTER_BYTES, lengthBytes: 16 * 1024 },
  { offsetBytes: 5 * CLUSTER_BYTES, lengthBytes: 36 * 1024 },
  { offsetBytes: 5 * CLUSTER_BYTES + 60 * 1024, lengthBytes: 12 * 1024 },
];

export interface SourceHandle {
  /** A path with its links resolved, or a URL without user and password: it is shown. */
  readonly location: string;
  /** The size of the pieces that are kept of it. A multiple of 4 KiB. */
  readonly pageBytes: number;
  /** How many bytes its host stores for it; null where that cannot be asked. */
  readonly allocationBytes: number | null;
  /**
   * As many bytes as one more request costs. A source of this host has no such function: there nothing is gained by putting
   * reads together, and by making them ahead.
   */
  gapBytes?(): number;
  /** What libvirt calls that it is read by; default: it is not read through libvirt. */
  readonly servedAs?: 'volume' | 'peek';
  /** What a request brings at least for which somebody waits; default: what distant-cache.ts says. */
  readonly leastBytes?: number;
  /** Whether it is a block device of this host; default: it is not. */
  readonly isDevice?: boolean;
  /** @param canRead by which the end is found where nothing tells it. @throws SourceError, FormatError LIMIT. */
  sizeBytes(canRead: CanRead): Promise<number>;
  /** Whether nothing was written to it since it was opened; null if that cannot be told (a device). */
  isUnwritten(): Promise<boolean | null>;
  /**
   * Whether it is likely to be written to while it is open: somebody wrote to it a short time ago, or nothing tells
   * when.
   */
  readonly isLively: boolean;
  /**
   * Fills the buffer from the offset; fewer bytes than its length only at the end. Without a promise where the file is read in this
   * thread. @throws SourceError.
   */
  fill(buffer: Uint8Array, offsetBytes: number): Promise<number> | number;
  /** As `dataRanges` of data-ranges.ts; a source that has none cannot tell. @throws SourceError. */
  dataRanges?(offsetBytes: number, lengthBytes: number): Promise<readonly FilePiece[] | null>;
  /** Closes it now, or after the reads that are under way: the file's number must not come to mean another file for them. */
  close(): Promise<void>;
}
