// A chain of clusters, of FAT or exFAT: the table's entry of a cluster is the one that follows it.
// References: Linux 6.18 fs/fat/cache.c: fat_get_cluster; fs/exfat/fatent.c: exfat_ent_get.
import { FormatError } from '../../errors.js';

/** Clusters 0 and 1 do not exist; their entries in the table hold other things. */
export const FIRST_CLUSTER = 2;

/** Some entries of the table. */
export interface TablePage {
  /** The first cluster, and the one behind the last. */
  readonly first: number;
  readonly end: number;
  /** The entry of a cluster that the page has. */
  at(cluster: number): number;
}

export interface Table {
  readonly format: 'fat' | 'exfat';
  /** Behind the last cluster. */
  readonly endCluster: number;
  /** An entry of a broken cluster; any above it ends a chain, and 0 is a free cluster's. */
  readonly bad: number;
  /** The page that has a cluster. */
  pageOf(cluster: number): Promise<TablePage>;
}

/** Clusters side by side on the disk, of FAT or exFAT. */
export interface ClusterRun {
  readonly firstCluster: number;
  readonly clusterCount: number;
}

/**
 * The runs of a chain. A ring is found after a few turns of it, whose runs have come out by then: whoever counts them
 * counts on the error.
 * @param spend counts clusters before they are followed. @throws FormatError LIMIT
 * @param maxClusters so many are followed, whatever comes behind them.
 * @throws FormatError OUT_OF_BOUNDS for a cluster that does not exist, INVALID for one that is free or bad, LOOP.
 */
export async function* chainRuns(
  table: Table,
  firstCluster: number,
  spend: (clusterCount: number) => void,
  maxClusters = Number.POSITIVE_INFINITY,
): AsyncGenerator<ClusterRun, void, undefined> {
  const { format, endCluster } = table;
  let left = maxClusters;
  // Brent's algorithm: the run at a power of two is remembered, and a ring comes to it again.
  let [remembered, runCount, turn] = [-1, 0, 1];
  for (let cluster = firstCluster; ; ) {
    if (cluster < FIRST_CLUSTER || cluster >= endCluster) throw outside(table, cluster);
    if (cluster === remembered)
      throw new FormatError('LOOP', `${format}: a chain comes to cluster ${cluster} again`);
    if (++runCount === turn) [remembered, turn] = [cluster, turn * 2];
    const run = await runFrom(table, cluster, left, spend);
    yield { firstCluster: cluster, clusterCount: run.count };
    left -= run.count;
    if (run.next === null || left === 0) return;
    cluster = run.next;
  }
}

/** How many clusters follow each other from `cluster` on, and the one that the chain goes on with; null at its end. */
async function runFrom(
  table: Table,
  cluster: number,
  maxClusters: number,
  spend: (clusterCount: number) => void,
) {
  const most = cluster + maxClusters - 1;
  let page = await table.pageOf(cluster);
  for (let last = cluster; ; last++) {
    if (last >= page.end) {
      spend(page.end - page.first);
      page = await table.pageOf(last);
    }
    const next = last === most ? null : page.at(last);
    if (next === last + 1) continue;
    spend(1 + last - Math.max(cluster, page.first));
    if (next === null || next > table.bad) return { count: last - cluster + 1, next: null };
    if (next === 0 || next === table.bad) {
      const words = next === 0 ? 'a free cluster' : 'a bad cluster';
      throw new FormatError('INVALID', `${table.format}: a chain has ${words}, number ${last}`);
    }
    return { count: last - cluster + 1, next };
  }
}

function outside({ format, endCluster }: Table, cluster: number): FormatError {
  const words = `a chain comes to cluster ${cluster}, and the last one is ${endCluster - 1}`;
  return new FormatError('OUT_OF_BOUNDS', `${format}: ${words}`, { data: { cluster, endCluster } });
}

/** Which clusters are free, or bad: the runs of those whose entry has a value, in a stretch of the table. */
export async function* clustersWith(
  table: Table,
  value: number,
  { firstCluster, clusterCount }: ClusterRun = allOf(table),
): AsyncGenerator<ClusterRun, void, undefined> {
  const end = firstCluster + clusterCount;
  let first = -1;
  for (let cluster = firstCluster; cluster < end; ) {
    const page = await table.pageOf(cluster);
    for (const pageEnd = Math.min(page.end, end); cluster < pageEnd; cluster++) {
      const isOne = page.at(cluster) === value;
      if (isOne && first < 0) first = cluster;
      if (isOne || first < 0) continue;
      yield { firstCluster: first, clusterCount: cluster - first };
      first = -1;
    }
  }
  if (first >= 0) yield { firstCluster: first, clusterCount: end - first };
}

function allOf({ endCluster }: Table): ClusterRun {
  return { firstCluster: FIRST_CLUSTER, clusterCount: endCluster - FIRST_CLUSTER };
}
