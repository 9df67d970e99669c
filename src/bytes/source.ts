// The one idea of this layer: a ByteSource. A file, a partition, a logical volume, the disk inside a qcow2 are all one.

/** Random-access bytes of known size. Everything that virt-df reads is one of these. */
export interface ByteSource {
  /** Size in bytes; at most Number.MAX_SAFE_INTEGER. */
  readonly sizeBytes: number;
  /**
   * Reads exactly `lengthBytes` bytes. The result may be a view of a shared cache page: callers never write to it.
   * @throws FormatError OUT_OF_BOUNDS when the range does not lie within the source (the pointer that named it was wrong);
   *         SourceError when the bytes cannot be had.
   */
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /** As `read`, into memory of the caller's, who reads much and keeps nothing. Only sources that lie in a file have it. */
  readInto?(offsetBytes: number, target: Uint8Array): Promise<void>;
  /**
   * Where the bytes of a range come from, one step down: its first runs, in order and without gaps. There is at least one,
   * unless the range is empty; they need not reach its end, since a hostile table may name millions of runs.
   * @throws as `read`, where that depends on the place and not on the bytes.
   */
  runs(offsetBytes: number, lengthBytes: number): Promise<readonly SourceRun[]>;
  /**
   * The first pieces of a range, data and holes, in order and without gaps: at least one, perhaps not all of the range; null
   * where that cannot be told (a device, a server). A source that is not a file of the host has no such function.
   * @throws SourceError, FormatError OUT_OF_BOUNDS.
   */
  dataRanges?(offsetBytes: number, lengthBytes: number): Promise<readonly FilePiece[] | null>;
  /**
   * Fetches ranges that are read soon, all together; what lies behind the end is left out. It is a hint, and never fails. Only
   * what lies on a server has it: there many reads in one take no longer than one.
   */
  ahead?(ranges: readonly ByteRange[]): Promise<void>;
  /**
   * Whether `sizeBytes` is only the most that there may be: nobody has come to the end of the stream yet. A read behind the end
   * is `TRUNCATED`.
   */
  readonly isOpenEnded?: boolean;
  /** Of a mirror: the other halves, which have the same bytes and get what is written to it or discarded in it. */
  readonly otherHalves?: readonly ByteSource[];
  /** Whether a read there takes a pass over much that lies before. Without this function no read does. */
  isFar?(offsetBytes: number): boolean;
}

/** A part of a source. */
export interface ByteRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** A piece of a file: `data` may be zeros that were written, a `hole` reads as zeros and is stored nowhere. */
export interface FilePiece {
  readonly kind: 'data' | 'hole';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** The most runs that one call gives, of a source that is made of many parts. */
export const MAX_RUNS = 4096;

/** A part of a source whose bytes come from one place; offsets are the source's own. */
export type SourceRun = { readonly offsetBytes: number; readonly lengthBytes: number } & Origin;

export type Origin = HostOrigin | MadeOrigin | ParentOrigin | StreamOrigin;

/** The source is a file of the host or one on a server: the bytes are at the same offset there. */
interface HostOrigin {
  readonly kind: 'host';
  readonly path: string;
}

/** `zero`: zeros that lie nowhere. `memory`: bytes that a replay of a log made, or that were put there by a program. */
interface MadeOrigin {
  readonly kind: 'zero' | 'memory';
}

/** `data`: the bytes as they are in the parent. `encrypted`: as many bytes of the parent, which must be decrypted. */
export interface ParentOrigin {
  readonly kind: 'data' | 'encrypted';
  readonly parent: ByteSource;
  readonly parentOffsetBytes: number;
}

/** A part, or all, of one block that the parent holds as a stream. */
export interface StreamOrigin {
  readonly kind: 'compressed';
  readonly parent: ByteSource;
  /** Where the stream begins. */
  readonly parentOffsetBytes: number;
  /** The most bytes that the stream has. */
  readonly parentLengthBytes: number;
  /** How many bytes the stream decompresses to, at most. */
  readonly blockBytes: number;
  /** How many bytes of the block come before the run's first byte. */
  readonly skippedBytes: number;
}

/** The `runs` of a range that lies together in the parent. */
export function dataRuns(
  parent: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
  parentOffsetBytes: number,
): readonly SourceRun[] {
  return lengthBytes === 0
    ? []
    : [{ kind: 'data', offsetBytes, lengthBytes, parent, parentOffsetBytes }];
}

/** The `runs` of a range that is in memory and nowhere else. */
export async function memoryRuns(
  offsetBytes: number,
  lengthBytes: number,
): Promise<readonly SourceRun[]> {
  return lengthBytes === 0 ? [] : [{ kind: 'memory', offsetBytes, lengthBytes }];
}
