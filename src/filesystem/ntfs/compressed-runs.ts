// A compressed value of NTFS is stored in units, mostly of 16 clusters. Example: a unit of 5 clusters and 11 without any is
// compressed into the 5; one of 16 clusters is stored as it is, and one of none is zeros.
// References: ntfs-3g libntfs-3g/compress.c (ntfs_is_cb_compressed, ntfs_compressed_attr_pread).
import { type FileExtent, volumeRange } from '../files.js';
import type { ValueRun } from './runlist.js';
import type { NtfsVolume } from './volume-files.js';

interface Stored {
  readonly volumeCluster: number;
  readonly clusterCount: number;
}

/** A unit that is being put together. */
interface Unit {
  /** Within the value. */
  readonly firstCluster: number;
  /** How many of its clusters are known, stored or not. */
  known: number;
  readonly stored: Stored[];
}

export function* compressedPieces(
  volume: NtfsVolume,
  runs: Iterable<ValueRun>,
  unitClusters: number,
): Generator<FileExtent> {
  let unit: Unit = { firstCluster: 0, known: 0, stored: [] };
  for (const { firstCluster, clusterCount, volumeCluster } of runs) {
    for (let done = 0; done < clusterCount; ) {
      const left = clusterCount - done;
      // Whole units of one kind come as one piece.
      if (unit.known === 0 && left >= unitClusters) {
        const count = left - (left % unitClusters);
        const at = volumeCluster === null ? null : volumeCluster + done;
        yield* wholeUnits(volume, firstCluster + done, count, at);
        done += count;
        unit = { firstCluster: firstCluster + done, known: 0, stored: [] };
        continue;
      }
      const count = Math.min(left, unitClusters - unit.known);
      if (volumeCluster !== null) {
        unit.stored.push({ volumeCluster: volumeCluster + done, clusterCount: count });
      }
      unit.known += count;
      done += count;
      if (unit.known < unitClusters) continue;
      yield* piecesOfUnit(volume, unit, unitClusters);
      unit = { firstCluster: firstCluster + done, known: 0, stored: [] };
    }
  }
  if (unit.known > 0) yield* piecesOfUnit(volume, unit, unitClusters);
}

function* wholeUnits(
  { volumes, table }: NtfsVolume,
  firstCluster: number,
  clusterCount: number,
  volumeCluster: number | null,
): Generator<FileExtent> {
  const { clusterBytes } = table.geometry;
  const offsetBytes = firstCluster * clusterBytes;
  const lengthBytes = clusterCount * clusterBytes;
  if (volumeCluster === null) {
    yield { kind: 'hole', offsetBytes, lengthBytes };
    return;
  }
  const at = volumeRange(volumes, volumeCluster * clusterBytes, lengthBytes);
  yield { kind: 'data', offsetBytes, lengthBytes, at, isShared: false, countedAs: 'used' };
}

/** Of a unit in several pieces, the last one stands for all bytes that the others have no room for. */
function* piecesOfUnit(
  { volumes, table }: NtfsVolume,
  { firstCluster, known, stored }: Unit,
  unitClusters: number,
): Generator<FileExtent> {
  const { clusterBytes } = table.geometry;
  const clusters = stored.reduce((sum, { clusterCount }) => sum + clusterCount, 0);
  if (clusters === 0) {
    const lengthBytes = known * clusterBytes;
    yield { kind: 'hole', offsetBytes: firstCluster * clusterBytes, lengthBytes };
    return;
  }
  // The last unit of a value may end with it.
  const kind = clusters === known && known === unitClusters ? 'data' : 'compressed';
  const end = kind === 'data' ? known : unitClusters;
  let done = 0;
  for (const [i, { volumeCluster, clusterCount }] of stored.entries()) {
    const covered = i === stored.length - 1 ? end - done : clusterCount;
    yield {
      kind,
      offsetBytes: (firstCluster + done) * clusterBytes,
      lengthBytes: covered * clusterBytes,
      at: volumeRange(volumes, volumeCluster * clusterBytes, clusterCount * clusterBytes),
      isShared: false,
      countedAs: 'used',
    };
    done += covered;
  }
}
