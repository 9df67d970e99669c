// A chain of clusters: the FAT says which one follows. Clusters that follow each other on the disk come as one extent.
// References: exFAT specification, 4.1 FAT Region; Linux 6.1 fs/exfat/fatent.c: exfat_get_next_cluster.
import { exfatChainEntryRecords } from '../../../generated/filesystem/exfat.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import type { ByteSource } from '../../source/source.js';
import { equals, int } from '../../validation/guest.js';
import { type Boot, FIRST_CLUSTER } from './boot.js';

const ENTRY_BYTES = 4;
const CHUNK_ENTRIES = 1024;
const CHUNK_BYTES = 4 * KIB;
const END = 0xffffffff;

/** Clusters side by side. */
export interface Extent {
  readonly firstCluster: number;
  readonly clusterCount: number;
}

/**
 * The extents of a chain, until it ends or has given `maxClusters`.
 * @throws FormatError OUT_OF_BOUNDS for a cluster that does not exist, LOOP.
 */
export async function* chain(
  source: ByteSource,
  boot: Boot,
  firstCluster: number,
  maxClusters: number,
): AsyncGenerator<Extent> {
  const nextOf = fatReader(source, boot);
  // Whatever a ring looks like, it comes to the beginning of an extent again.
  const starts = new Set([firstCluster]);
  let extent: Extent = { firstCluster, clusterCount: 1 };
  for (let count = 1; count < maxClusters; count++) {
    const last = extent.firstCluster + extent.clusterCount - 1;
    const next = await nextOf(last);
    if (next === null) break;
    if (next === last + 1) {
      extent = { ...extent, clusterCount: extent.clusterCount + 1 };
    } else {
      if (starts.has(next))
        throw new FormatError('LOOP', `exfat: a chain comes to cluster ${next} again`);
      starts.add(next);
      yield extent;
      extent = { firstCluster: next, clusterCount: 1 };
    }
  }
  yield extent;
}

interface Held {
  readonly page: number;
  readonly bytes: Uint8Array;
}

/** What follows a cluster, null for the end. A page of the FAT is held, since most chains run along it. */
function fatReader(source: ByteSource, boot: Boot): (cluster: number) => Promise<number | null> {
  const { fatOffsetBytes, clusterCount } = boot;
  const lastCluster = clusterCount + FIRST_CLUSTER - 1;
  let held: Held = { page: -1, bytes: new Uint8Array() };
  return async (cluster) => {
    const page = Math.floor(cluster / CHUNK_ENTRIES);
    if (page !== held.page) {
      const first = page * CHUNK_ENTRIES;
      const length = Math.min(CHUNK_BYTES, (lastCluster + 1 - first) * ENTRY_BYTES);
      held = { page, bytes: await source.read(fatOffsetBytes + first * ENTRY_BYTES, length) };
    }
    const { next } = exfatChainEntryRecords(held.bytes).at(cluster % CHUNK_ENTRIES);
    if (equals(next, END)) return null;
    return int(next, `exfat: cluster after ${cluster}`, FIRST_CLUSTER, lastCluster);
  };
}

export function extentOffset(boot: Boot, { firstCluster }: Extent): number {
  return boot.dataOffsetBytes + (firstCluster - FIRST_CLUSTER) * boot.clusterBytes;
}
