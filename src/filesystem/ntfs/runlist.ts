// Where the clusters of a value lie: runs, each with a length and how far it is from the one before. Example: the bytes
// 21 05 00 01 11 03 10 are 5 clusters at 0x100 and 3 clusters at 0x110.
// References: ntfs-3g libntfs-3g/runlist.c (ntfs_mapping_pairs_decompress).
import { parseNtfsRuns } from '../../../generated/filesystem/ntfs.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import type { Geometry } from './geometry.js';

/** Of one value: far more than a volume gets in use, and as many as 64 MiB of memory hold. */
export const MAX_RUNS = 512 * 1024;
const MAX_NUMBER_BYTES = 8;

export interface ValueRun {
  /** Within the value. */
  readonly firstCluster: number;
  readonly clusterCount: number;
  /** On the volume; null: no clusters, all of it is zeros. */
  readonly volumeCluster: number | null;
}

/**
 * The runs in `bytes`, which go on from cluster `firstCluster` of the value.
 * @throws FormatError OUT_OF_BOUNDS when one does not lie on the volume, INVALID, LIMIT.
 */
export function readRuns(
  bytes: Uint8Array,
  firstCluster: number,
  { clusterCount }: Pick<Geometry, 'clusterCount'>,
  what: string,
): readonly ValueRun[] {
  const runs: ValueRun[] = [];
  let next = firstCluster;
  let at = 0;
  for (const run of parseNtfsRuns(bytes).runs) {
    const lengthBytes = int(run.numClusterBytes, `ntfs: a run of ${what}`, 0, MAX_NUMBER_BYTES);
    const moveBytes = int(run.numMoveBytes, `ntfs: a run of ${what}`, 0, MAX_NUMBER_BYTES);
    if (lengthBytes === 0 && moveBytes === 0) break;
    const length = signed(run.numClusters);
    if (!(length > 0 && next + length <= Number.MAX_SAFE_INTEGER)) {
      throw new FormatError('INVALID', `ntfs: a run of ${what} has ${length} clusters`);
    }
    if (moveBytes > 0) {
      at += signed(run.move);
      if (!(at >= 0 && at + length <= clusterCount)) {
        throw new FormatError(
          'OUT_OF_BOUNDS',
          `ntfs: a run of ${what} is ${length} clusters at ${at}, but the volume has only ${clusterCount}`,
          { data: { length, at, clusterCount } },
        );
      }
    }
    runs.push({
      firstCluster: next,
      clusterCount: length,
      volumeCluster: moveBytes > 0 ? at : null,
    });
    next += length;
  }
  return runs;
}

/** A little-endian number; one beyond 2^53 is only roughly right, and too large whatever it means. */
function signed(bytes: Uint8Array): number {
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += byte * scale;
    scale *= 256;
  }
  return (bytes.at(-1) ?? 0) < 0x80 ? value : value - scale;
}
