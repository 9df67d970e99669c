// The part of a disk that an entry of a partition table covers, as far as the disk has it: an entry for 1..3 GiB on a
// disk of 2 GiB covers 1..2 GiB, with a warning.
// References: Linux block/partitions/core.c (blk_add_partition): a partition that reaches over the end of the disk is
// cut there, one that begins behind the end is left out.

import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, type VirtDfError } from '../errors.js';

/** The part of a disk that an entry names. */
interface PartitionRange {
  /** How many of the entry's bytes the disk has. */
  readonly sizeBytes: number;
  /** Where they end on the disk; 0 if it has none. */
  readonly endBytes: number;
  /** The bytes, or the error that keeps all of them from being read. */
  readonly source: ByteSource | VirtDfError;
  /** Set when the end is missing although the rest can be read. */
  readonly warning: VirtDfError | null;
}

/** The bytes `start`..`end` (exclusive) of the disk as far as it has them; `what` names the partition in messages. */
export function partitionRange(
  disk: ByteSource,
  what: string,
  start: bigint,
  end: bigint,
): PartitionRange {
  const diskSize = BigInt(disk.sizeBytes);
  const data = { start: `${start}`, end: `${end}`, diskBytes: disk.sizeBytes };
  if (start < 0n) {
    const message = `${what} begins ${-start} bytes before what it lies on`;
    return unreadable(new FormatError('INVALID', message, { data }));
  }
  if (end <= start) {
    const message = `${what} ends at byte ${end}, before its start at ${start}`;
    return unreadable(new FormatError('INVALID', message, { data }));
  }
  if (start >= diskSize) {
    const message = `${what} begins at byte ${start}, behind the end of the disk at ${diskSize}`;
    return unreadable(new FormatError('OUT_OF_BOUNDS', message, { data }));
  }
  const isCut = end > diskSize;
  const sizeBytes = Number((isCut ? diskSize : end) - start);
  const message = `${what} ends at byte ${end}, but the disk has only ${diskSize}: it is cut there`;
  return {
    sizeBytes,
    endBytes: Number(start) + sizeBytes,
    source: slice(disk, Number(start), sizeBytes),
    warning: isCut ? new FormatError('OUT_OF_BOUNDS', message, { data }) : null,
  };
}

function unreadable(problem: VirtDfError): PartitionRange {
  return { sizeBytes: 0, endBytes: 0, source: problem, warning: null };
}
