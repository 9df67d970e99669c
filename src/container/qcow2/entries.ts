// Entries of L1, L2 and refcount tables as numbers. There are millions of them and each is looked at, so this is a scan
// of words and not of records; what an entry says is checked by those who ask.
// References: QEMU docs/interop/qcow2.rst "Cluster mapping"; QEMU block/qcow2.h L1E_OFFSET_MASK, L2E_OFFSET_MASK,
// QCOW_OFLAG_*; formats/container/qcow2.ksy l1_entry, l2_entry, l2_compressed_entry.

/** Bits of the upper half of an entry. */
export const COPIED = 0x80000000;
export const COMPRESSED = 0x40000000;
/** Bit of the lower half of an entry that is not extended. */
export const ZERO = 1;

const OFFSET_HIGH_MASK = 0x00ffffff;
const DESCRIPTOR_HIGH_MASK = 0x3fffffff;
const SECTOR_BYTES = 512;
const WORD = 2 ** 32;

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Offset of the table or cluster that an entry points to, from its two halves: exact, a multiple of 512, below 2^56. */
export function offsetOf(high: number, low: number): number {
  return (high & OFFSET_HIGH_MASK) * WORD + (low - (low % SECTOR_BYTES));
}

/** As `offsetOf`, of the entry that is at `position`. */
export function offsetAt(view: DataView, position: number): number {
  return offsetOf(view.getUint32(position), view.getUint32(position + 4));
}

/**
 * How many entries from `index` on have the same upper half, and lower halves that each are `step` more than the one
 * before: the clusters of a file that was written in order follow each other.
 */
export function runLength(
  view: DataView,
  entryBytes: number,
  index: number,
  end: number,
  step: number,
): number {
  const high = view.getUint32(index * entryBytes);
  let expected = view.getUint32(index * entryBytes + 4) + step;
  let next = index + 1;
  while (
    next < end &&
    view.getUint32(next * entryBytes + 4) === expected &&
    view.getUint32(next * entryBytes) === high
  ) {
    expected += step;
    next++;
  }
  return next - index;
}

/** Where the stream of a compressed cluster is. */
export interface Stream {
  /** Rounded above 2^53, which is behind the end of any file. */
  readonly offsetBytes: number;
  /** To the end of its last sector. */
  readonly lengthBytes: number;
}

/**
 * The descriptor of a compressed cluster: below, the offset in bytes, and above, how many more sectors of 512 bytes hold
 * the stream after the one that it begins in. Where they meet depends on the cluster size.
 */
export function streamOf(high: number, low: number, clusterBits: number): Stream {
  const highRange = 2 ** (62 - (clusterBits - 8) - 32);
  const descriptorHigh = high & DESCRIPTOR_HIGH_MASK;
  const offsetBytes = (descriptorHigh % highRange) * WORD + low;
  const sectorCount = Math.floor(descriptorHigh / highRange) + 1;
  return {
    offsetBytes,
    lengthBytes: sectorCount * SECTOR_BYTES - (offsetBytes % SECTOR_BYTES),
  };
}
