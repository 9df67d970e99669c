// The arithmetic of `virt-df reclaim`: how much of what an image stores lies in ranges that a guest discards, and how much of that
// the image gives back. A format frees whole clusters: of a discard that begins or ends within one, that cluster stays.
// References: QEMU 7.2 block/qcow2.c qcow2_co_pdiscard(), block/qcow2-cluster.c discard_in_l2_slice(), block/io.c
// bdrv_co_pdiscard(); fallocate(2): FALLOC_FL_PUNCH_HOLE.
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

/** A discard of a range of the disk, and the whole clusters in it. */
interface Discard {
  readonly toBytes: number;
  readonly firstWhole: number;
  readonly lastWhole: number;
}

/**
 * Adds one discard of a range of the disk: at once where all of it is in memory, since there are millions, and null then.
 * @throws as `Layer.map`.
 */
export function addDiscard(
  tally: Tallied,
  disk: TalliedDisk,
  fromBytes: number,
  toBytes: number,
): Promise<void> | null {
  const [firstWhole, lastWhole] = wholeUnits(fromBytes, toBytes, disk);
  const discard = { toBytes, firstWhole, lastWhole };
  const at = addKnown(tally, disk, fromBytes, discard);
  return at < toBytes ? addRest(tally, disk, at, discard) : null;
}

/** Adds what the page in memory has; gives where it ends. */
function addKnown(tally: Tallied, disk: TalliedDisk, from: number, discard: Discard): number {
  const { stored, sharedBytes } = disk;
  let at = from;
  while (at < discard.toBytes) {
    const extent = stored.extentAt(at);
    if (extent === null || (extent.kind === 'data' && sharedBytes !== null)) break;
    const end = Math.min(discard.toBytes, extent.offsetBytes + extent.lengthBytes);
    if (extent.kind === 'data') addData(tally, disk, discard, { at, end, pinnedBytes: 0 });
    else if (extent.kind === 'compressed') tally.compressedBytes += end - at;
    at = end;
  }
  return at;
}

async function addRest(
  tally: Tallied,
  disk: TalliedDisk,
  from: number,
  discard: Discard,
): Promise<void> {
  const { stored, sharedBytes } = disk;
  for (let at = from; at < discard.toBytes; at = addKnown(tally, disk, at, discard)) {
    const extent = stored.extentAt(at);
    if (extent === null) {
      await stored.fetch(at);
    } else if (extent.kind === 'data' && sharedBytes !== null) {
      const end = Math.min(discard.toBytes, extent.offsetBytes + extent.lengthBytes);
      const start = Math.max(at, discard.firstWhole);
      const wholeBytes = Math.min(end, discard.lastWhole) - start;
      const host = extent.hostOffsetBytes + (start - extent.offsetBytes);
      const pinnedBytes = wholeBytes > 0 ? await sharedBytes(host, wholeBytes) : 0;
      addData(tally, disk, discard, { at, end, pinnedBytes });
      at = end;
    }
  }
}

interface DataPart {
  readonly at: number;
  readonly end: number;
  readonly pinnedBytes: number;
}

function addData(
  tally: Tallied,
  { frees }: TalliedDisk,
  { firstWhole, lastWhole }: Discard,
  { at, end, pinnedBytes }: DataPart,
): void {
  const wholeBytes = Math.max(0, Math.min(end, lastWhole) - Math.max(at, firstWhole));
  tally.storedBytes += end - at;
  tally.partialBytes += end - at - wholeBytes;
  tally.pinnedBytes += pinnedBytes;
  tally.wholeBytes += wholeBytes;
  if (frees) tally.reclaimableBytes += wholeBytes - pinnedBytes;
}
