// A chain of clusters: the FAT says which one follows. Clusters that follow each other on the disk come as one run.
// References: exFAT specification, 4.1 FAT Region; Linux 6.1 fs/exfat/fatent.c: exfat_get_next_cluster.
import { exfatChainEntryRecords } from '../../../generated/filesystem/exfat.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, int } from '../../validation/guest.js';
import type { ClusterRun } from '../fat/table.js';
import { type Boot, FIRST_CLUSTER } from './boot.js';

const ENTRY_BYTES = 4;
const CHUNK_ENTRIES = 1024;
const CHUNK_BYTES = 4 * KIB;
const END = 0xffffffff;

/**
 * The runs of a chain, until it ends or has given `maxClusters`.
 * @throws FormatError OUT_OF_BOUNDS for a cluster that does not exist, LOOP.
 */
export async function* chain(
  source: ByteSource,
  boot: Boot,
  firstCluster: number,
  maxClusters: number,
): AsyncGenerator<ClusterRun> {
  const pageOf = fatReader(source, boot);
  let page = await pageOf(firstCluster);
  // Whatever a ring looks like, it comes to the beginning of a run again.
  const starts = new Set([firstCluster]);
  let run: ClusterRun = { firstCluster, clusterCount: 1 };
  for (let count = 1; count < maxClusters; count++) {
    const last = run.firstCluster + run.clusterCount - 1;
    // Waiting at each cluster would take longer than all else: most chains run along a page.
    if (!page.has(last)) page = await pageOf(last);
    const next = page.next(last);
    if (next === null) break;
    if (next === last + 1) {
      run = { ...run, clusterCount: run.clusterCount + 1 };
    } else {
      if (starts.has(next))
        throw new FormatError('LOOP', `exfat: a chain comes to cluster ${next} again`);
      starts.add(next);
      yield run;
      run = { firstCluster: next, clusterCount: 1 };
    }
  }
  yield run;
}

/** A page of the FAT. */
interface Page {
  has(cluster: number): boolean;
  /** The cluster that follows another one; null for the end. @throws FormatError OUT_OF_BOUNDS */
  next(cluster: number): number | null;
}

/** Reads the page of the FAT that has a cluster's entry. */
function fatReader(source: ByteSource, boot: Boot): (cluster: number) => Promise<Page> {
  const { fatOffsetBytes, clusterCount } = boot;
  const lastCluster = clusterCount + FIRST_CLUSTER - 1;
  return async (cluster) => {
    const first = cluster - (cluster % CHUNK_ENTRIES);
    const length = Math.min(CHUNK_BYTES, (lastCluster + 1 - first) * ENTRY_BYTES);
    const bytes = await source.read(fatOffsetBytes + first * ENTRY_BYTES, length);
    const entries = exfatChainEntryRecords(bytes);
    return {
      has: (other) => other >= first && other < first + CHUNK_ENTRIES,
      next(other) {
        const { next } = entries.at(other - first);
        if (equals(next, END)) return null;
        return int(next, `exfat: cluster after ${other}`, FIRST_CLUSTER, lastCluster);
      },
    };
  };
}

export function runOffset(boot: Boot, { firstCluster }: ClusterRun): number {
  return boot.dataOffsetBytes + (firstCluster - FIRST_CLUSTER) * boot.clusterBytes;
}
