// The arithmetic of `virt-df reclaim`: how much of what an image stores lies in ranges that a guest discards, and how much of that
// the image gives back. A format frees whole clusters: of a discard that begins or ends within one, that cluster stays.
// References: QEMU 7.2 block/qcow2.c qcow2_co_pdiscard(), block/qcow2-cluster.c discard_in_l2_slice(), block/io.c
// bdrv_co_pdiscard(); fallocate(2): FALLOC_FL_PUNCH_HOLE.
import type { CompressedExtent, DataExtent } from '../../container/tables/extents.js';
import type { Stored } from './stored.js';

/** Bytes of the disk. */
export interface Tallied {
  /** Stored as they are. */
  storedBytes: number;
  /** Of those: given back, since they lie in whole clusters, and nothing else has these. */
  reclaimableBytes: number;
  /** Of those: in whole clusters, whether they are given back or not. */
  wholeBytes: number;
  /** Of those: in a cluster of which a part is in use, or that two discards share. */
  partialBytes: number;
  /** Of those: in clusters that an internal snapshot has too. */
  pinnedBytes: number;
  /** Stored compressed. */
  compressedBytes: number;
}

export function newTally(): Tallied {
  return {
    storedBytes: 0,
    reclaimableBytes: 0,
    wholeBytes: 0,
    partialBytes: 0,
    pinnedBytes: 0,
    compressedBytes: 0,
  };
}

/** The disk that is discarded in. */
export interface TalliedDisk {
  readonly stored: Stored;
  readonly sizeBytes: number;
  /** What the image frees at once. */
  readonly unitBytes: number;
  /** Whether a discard frees anything. */
  readonly frees: boolean;
  /** How many bytes of a stretch of the file lie in clusters that something else has too; null: nothing has. */
  readonly sharedBytes: ((hostOffsetBytes: number, lengthBytes: number) => Promise<number>) | null;
}

/** The whole clusters of a range; the last cluster of a disk may be cut. */
function wholeUnits(
  fromBytes: number,
  toBytes: number,
  { unitBytes, sizeBytes }: Pick<TalliedDisk, 'unitBytes' | 'sizeBytes'>,
): readonly [number, number] {
  const first = Math.ceil(fromBytes / unitBytes) * unitBytes;
  const last = toBytes === sizeBytes ? toBytes : Math.floor(toBytes / unitBytes) * unitBytes;
  return first < last ? [first, last] : [first, first];
}

/** Adds one discard of a range of the disk. @throws as `Layer.map`. */
export async function addDiscard(
  tally: Tallied,
  disk: TalliedDisk,
  fromBytes: number,
  toBytes: number,
): Promise<void> {
  const { stored } = disk;
  const whole = wholeUnits(fromBytes, toBytes, disk);
  for (let at = fromBytes; at < toBytes; ) {
    let extent = stored.extentAt(at);
    if (extent === null) {
      await stored.fetch(at);
      extent = stored.extentAt(at);
      if (extent === null) throw new Error(`the map has no extent at ${at}`);
    }
    const end = Math.min(toBytes, extent.offsetBytes + extent.lengthBytes);
    if (extent.kind === 'data') await addData(tally, disk, extent, { at, end, whole });
    else if (extent.kind === 'compressed') addCompressed(tally, extent, at, end);
    at = end;
  }
}

interface Part {
  readonly at: number;
  readonly end: number;
  readonly whole: readonly [number, number];
}

async function addData(
  tally: Tallied,
  { sharedBytes, frees }: TalliedDisk,
  { offsetBytes, hostOffsetBytes }: DataExtent,
  { at, end, whole: [first, last] }: Part,
): Promise<void> {
  const [from, to] = [Math.max(at, first), Math.min(end, last)];
  const wholeBytes = Math.max(0, to - from);
  tally.storedBytes += end - at;
  tally.partialBytes += end - at - wholeBytes;
  const isShared = sharedBytes !== null && wholeBytes > 0;
  const host = hostOffsetBytes + (from - offsetBytes);
  const pinnedBytes = isShared ? await sharedBytes(host, wholeBytes) : 0;
  tally.pinnedBytes += pinnedBytes;
  tally.wholeBytes += wholeBytes;
  if (frees) tally.reclaimableBytes += wholeBytes - pinnedBytes;
}

function addCompressed(tally: Tallied, _extent: CompressedExtent, at: number, end: number): void {
  tally.compressedBytes += end - at;
}
