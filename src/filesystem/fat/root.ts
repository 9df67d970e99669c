// The root directory of FAT32 is a chain of clusters, which a mount follows to its end to know its size.
// References: Linux 6.1 fs/fat/inode.c: fat_read_root, fat_calc_dir_size; fs/fat/cache.c: fat_get_cluster.

import type { ByteSource } from '../../bytes/source.js';
import type { VirtDfError } from '../../errors.js';
import { FormatError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import { chainRuns } from './chain.js';
import type { Geometry } from './geometry.js';
import { tableOf } from './table.js';

/** Twice those of the largest directory, of 65536 entries in clusters of 512 bytes. */
const MAX_CLUSTERS = 8192;

/** Why Linux does not mount it: the chain comes to a free cluster, to none, or to itself. */
export async function rootDoubts(
  source: ByteSource,
  geometry: Geometry,
): Promise<readonly VirtDfError[]> {
  const { root } = geometry;
  // Linux takes a root at cluster 0 for an empty directory.
  if ('offsetBytes' in root || root.firstCluster === 0) return [];
  const doubt = await orDoubt(() => follow(source, geometry, root.firstCluster));
  return doubt === undefined ? [] : [doubt];
}

async function follow(source: ByteSource, geometry: Geometry, firstCluster: number): Promise<void> {
  let left = MAX_CLUSTERS;
  const spend = (clusterCount: number): void => {
    left -= clusterCount;
    if (left >= 0) return;
    const words = `the root directory has more than ${MAX_CLUSTERS} clusters`;
    throw new FormatError('LIMIT', `fat: ${words}, more than virt-df follows`);
  };
  const runs = chainRuns(tableOf(source, geometry), firstCluster, spend);
  while (!(await runs.next()).done);
}
