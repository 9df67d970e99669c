// Goes through one layer's map from the first byte of the disk to the last, and counts what it passes.
import type { Layer } from '../../container/container.js';
import type { DiskExtent } from '../../container/tables/disk-extent.js';
import { reasonOf, type VirtDfError } from '../../errors.js';

/** How a layer holds a stretch of the disk. `end`: its disk is shorter. `unknown`: its tables could not be read. */
export type PlaceKind = DiskExtent['kind'] | 'end' | 'unknown';

/** Bytes of the guest's disk, by how the layer holds them. */
export interface Counts {
  readonly dataBytes: number;
  readonly compressedBytes: number;
  readonly compressedClusterCount: number;
  readonly zeroBytes: number;
  readonly zeroClusterCount: number;
}

export interface Cursor {
  readonly layer: Layer;
  /** The kind of the extent that the cursor stands in, which ends at `endBytes`. */
  readonly kind: PlaceKind;
  readonly endBytes: number;
  /** Why the layer's map could not be read to its end. */
  readonly problem: VirtDfError | null;
  /** Whether its tables were read, and lead to no bytes behind the end of its file, of which nobody knows what they were. */
  readonly isKnown: boolean;
  readonly counts: Counts;
  /** Goes to the next extent; false: it has to be fetched first. */
  step(): boolean;
  fetch(): Promise<void>;
}

/** A cursor at the disk's begin: `kind` is that of an extent without length until the first step. */
export function openCursor(layer: Layer): Cursor {
  const { map, clusterBytes, capacityBytes } = layer;
  const sizeBytes = capacityBytes ?? 0;
  const counts = { ...NO_COUNTS };
  let problem = layer.problem;
  let extents: readonly DiskExtent[] = [];
  let next = 0;
  let kind: PlaceKind = 'end';
  let endBytes = 0;
  let lastZeroCluster = -1;
  let lastBlock = -1;
  let isWhole = true;

  const stand = (newKind: PlaceKind, newEnd: number): true => {
    kind = newKind;
    endBytes = newEnd;
    return true;
  };
  const count = (extent: DiskExtent): void => {
    const { offsetBytes, lengthBytes } = extent;
    if (extent.kind === 'missing') isWhole = false;
    else if (extent.kind === 'data') counts.dataBytes += lengthBytes;
    else if (extent.kind === 'compressed') {
      counts.compressedBytes += lengthBytes;
      if (extent.blockOffsetBytes !== lastBlock) counts.compressedClusterCount += 1;
      lastBlock = extent.blockOffsetBytes;
    } else if (extent.kind === 'zero') {
      counts.zeroBytes += lengthBytes;
      const unit = clusterBytes ?? lengthBytes;
      const first = Math.floor(offsetBytes / unit);
      const last = Math.floor((offsetBytes + lengthBytes - 1) / unit);
      counts.zeroClusterCount += last - first + (first === lastZeroCluster ? 0 : 1);
      lastZeroCluster = last;
    }
  };
  return {
    layer,
    counts,
    get kind() {
      return kind;
    },
    get endBytes() {
      return endBytes;
    },
    get problem() {
      return problem;
    },
    get isKnown() {
      return problem === null && isWhole;
    },
    step() {
      if (problem !== null) return stand('unknown', Number.POSITIVE_INFINITY);
      if (endBytes >= sizeBytes) return stand('end', Number.POSITIVE_INFINITY);
      const extent = extents[next];
      if (extent === undefined) return false;
      next += 1;
      count(extent);
      return stand(extent.kind, extent.offsetBytes + extent.lengthBytes);
    },
    async fetch() {
      next = 0;
      try {
        const lengthBytes = sizeBytes - endBytes;
        extents = (await map?.(endBytes, lengthBytes)) ?? [
          { kind: 'data', offsetBytes: endBytes, lengthBytes, hostOffsetBytes: endBytes },
        ];
        if (extents.length === 0) throw new Error(`${layer.format}: the map has a gap`);
      } catch (error) {
        problem = reasonOf(error);
      }
    },
  };
}

const NO_COUNTS: Counts = {
  dataBytes: 0,
  compressedBytes: 0,
  compressedClusterCount: 0,
  zeroBytes: 0,
  zeroClusterCount: 0,
};
