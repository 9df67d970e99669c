// The parts of an exFAT volume that are no file's: boot regions, tables, the bitmap, the table of the letters' large forms, and
// broken clusters.
// References: exFAT specification, 2 Volume Structure, 7.1 Allocation Bitmap, 7.2 Up-case Table, 4.1.1 (0xfffffff7).
import type { ByteSource } from '../../bytes/source.js';
import { int } from '../../validation/guest.js';
import { type ClusterRun, chainRuns, clustersWith, FIRST_CLUSTER } from '../fat/chain.js';
import { clusterVolume, type NamedRun, named, type Part, tables } from '../fat/layout.js';
import type { FileWalk, MetadataRange } from '../files.js';
import { toldOf } from '../told.js';
import { bitmapParts, freeClusters } from './bitmap.js';
import type { Boot } from './boot.js';
import type { Root } from './root.js';
import { tableOf, unlimited } from './table.js';

/** Boot sector, its extensions, and the sector of the checksum. */
const BOOT_SECTORS = 12;
/** 256 KiB: all of the table that is about clusters in use is read. */
const PAGE_ENTRIES = 64 * 1024;

interface Volume {
  readonly source: ByteSource;
  readonly volumes: readonly ByteSource[];
  readonly walk: FileWalk;
}

export function metadataRanges(
  volume: Volume,
  boot: Boot,
  root: Root,
): AsyncGenerator<readonly MetadataRange[]> {
  return clusterVolume(volume.volumes, boot, before(boot), ownClusters(volume, boot, root));
}

function before(boot: Boot): readonly Part[] {
  const { sectorBytes, fatOffsetBytes, fatBytes, fatCount, dataOffsetBytes } = boot;
  const regionBytes = BOOT_SECTORS * sectorBytes;
  const fatsEnd = fatOffsetBytes + fatCount * fatBytes;
  // The tables may begin within the second region, which no kernel reads.
  const end = Math.min(2 * regionBytes, fatOffsetBytes);
  return [
    { name: 'boot region', start: 0, end: regionBytes, kind: 'metadata' },
    { name: 'backup boot region', start: regionBytes, end, kind: 'metadata' },
    { name: 'before the FAT', start: end, end: fatOffsetBytes, kind: 'unused' },
    ...tables(fatOffsetBytes, fatBytes, fatCount),
    { name: 'before the first cluster', start: fatsEnd, end: dataOffsetBytes, kind: 'unused' },
  ];
}

async function* ownClusters(
  { source, walk }: Volume,
  boot: Boot,
  root: Root,
): AsyncGenerator<NamedRun, void, undefined> {
  const parts = [
    named('allocation bitmap', 'metadata', bitmapRuns(source, boot, root)),
    named('up-case table', 'metadata', upCaseRuns(source, boot, root)),
    named('bad clusters', 'bad', badRuns(source, boot, root)),
  ];
  for (const part of parts) {
    yield* toldOf({ walk }, null, part);
  }
}

async function* bitmapRuns(
  source: ByteSource,
  boot: Boot,
  root: Root,
): AsyncGenerator<ClusterRun, void, undefined> {
  for await (const { run } of bitmapParts(source, boot, root)) yield run;
}

async function* upCaseRuns(
  source: ByteSource,
  boot: Boot,
  { upCase }: Root,
): AsyncGenerator<ClusterRun, void, undefined> {
  if (upCase === undefined) return;
  const { clusterBytes, clusterCount } = boot;
  const end = clusterCount + FIRST_CLUSTER;
  const what = 'exfat: first cluster of the table of large letters';
  const firstCluster = int(upCase.firstCluster, what, FIRST_CLUSTER, end - 1);
  const most = clusterCount * clusterBytes;
  const sizeBytes = int(upCase.lenTable, 'exfat: bytes of the table of large letters', 1, most);
  const clusters = Math.ceil(sizeBytes / clusterBytes);
  yield* chainRuns(tableOf(source, boot), firstCluster, unlimited, clusters);
}

/** Broken clusters are marked in the table, and in use by the bitmap: where all are free, the table is not read. */
async function* badRuns(
  source: ByteSource,
  boot: Boot,
  root: Root,
): AsyncGenerator<ClusterRun, void, undefined> {
  const table = tableOf(source, boot, PAGE_ENTRIES);
  let next = FIRST_CLUSTER;
  for await (const { firstCluster, clusterCount } of freeClusters(source, boot, root)) {
    if (firstCluster > next) {
      const used = { firstCluster: next, clusterCount: firstCluster - next };
      yield* clustersWith(table, table.bad, used);
    }
    next = firstCluster + clusterCount;
  }
  const clusterCount = table.endCluster - next;
  if (clusterCount > 0) yield* clustersWith(table, table.bad, { firstCluster: next, clusterCount });
}
