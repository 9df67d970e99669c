// Counts how often each cluster of a file is used, and notes its owner if there is only one. Files have up to hundreds of
// millions of clusters and hostile ones claim as many, so memory is taken a chunk at a time, where a cluster is used.
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';

export interface ClusterCounts {
  /** Clusters of the file; those behind its end are not counted. */
  readonly clusterCount: number;
  /** Counts `times` more uses of clusters that follow each other. */
  add(firstCluster: number, runLength: number, times: number, owner: number): void;
  /** As `add`, for all clusters that a range of the file touches, even in part. */
  addRange(offsetBytes: number, lengthBytes: number, times: number, owner: number): void;
  countOf(cluster: number): number;
  /**
   * The counts of `CHUNK_CLUSTERS` clusters from a multiple of that on; for a count of `MANY`, `countOf` has the real
   * one.
   */
  chunkAt(firstCluster: number): Uint8Array | null;
  /** The only owner, `SHARED` when there are several, 0 when there is none. */
  ownerOf(cluster: number): number;
  /** The last cluster that is used; -1 if none is. */
  readonly highest: number;
  /** Clusters by their only owner. */
  clustersByOwner(ownerCount: number): Float64Array;
}

/** The owner of clusters that several own: one that two snapshots share counts for neither. */
export const SHARED = 65535;

/** 16 TiB of clusters of 64 KiB. */
const MAX_CLUSTERS = 2 ** 28;
const MAX_BYTES = 192 * MIB;
export const CHUNK_CLUSTERS = 2 ** 14;
/** A byte holds counts below this; the few clusters that are used more often are in a Map. */
export const MANY = 255;

/**
 * @param keepsOwners false: no owner is noted, which saves two bytes of memory for each cluster.
 * @param format the word that messages begin with.
 * @throws FormatError LIMIT for a file of too many clusters; so does `add` when those that are used need too much memory.
 */
export function clusterCounts(
  sizeBytes: number,
  clusterBytes: number,
  keepsOwners: boolean,
  format: string,
): ClusterCounts {
  const clusterCount = Math.ceil(sizeBytes / clusterBytes);
  if (clusterCount > MAX_CLUSTERS) {
    const message = `${format}: the file has ${clusterCount} clusters; the limit for counting is ${MAX_CLUSTERS}`;
    throw new FormatError('LIMIT', message, { data: { clusterCount } });
  }
  const chunkCount = Math.ceil(clusterCount / CHUNK_CLUSTERS);
  const counts: (Uint8Array | undefined)[] = new Array(chunkCount).fill(undefined);
  const owners: (Uint16Array | undefined)[] = new Array(chunkCount).fill(undefined);
  const often = new Map<number, number>();
  let usedBytes = 0;
  let highest = -1;

  function newChunk(index: number): Uint8Array {
    usedBytes += CHUNK_CLUSTERS * (keepsOwners ? 3 : 1);
    if (usedBytes > MAX_BYTES) {
      const message = `${format}: counting the clusters that are used takes more than ${MAX_BYTES} bytes of memory`;
      throw new FormatError('LIMIT', message);
    }
    const chunk = new Uint8Array(CHUNK_CLUSTERS);
    counts[index] = chunk;
    if (keepsOwners) owners[index] = new Uint16Array(CHUNK_CLUSTERS);
    return chunk;
  }

  function countOf(cluster: number): number {
    const count = counts[chunkOf(cluster)]?.[cluster % CHUNK_CLUSTERS] ?? 0;
    return count < MANY ? count : (often.get(cluster) ?? 0);
  }

  function add(firstCluster: number, runLength: number, times: number, owner: number): void {
    const end = Math.min(firstCluster + runLength, clusterCount);
    if (end > firstCluster && end - 1 > highest) highest = end - 1;
    for (let cluster = firstCluster; cluster < end; ) {
      const index = chunkOf(cluster);
      const chunk = counts[index] ?? newChunk(index);
      const owned = owners[index];
      const start = cluster % CHUNK_CLUSTERS;
      const stop = Math.min(CHUNK_CLUSTERS, start + end - cluster);
      for (let at = start; at < stop; at++) {
        const held = chunk[at] ?? 0;
        if (held + times < MANY) chunk[at] = held + times;
        else {
          const many = index * CHUNK_CLUSTERS + at;
          often.set(many, countOf(many) + times);
          chunk[at] = MANY;
        }
      }
      if (owned !== undefined) own(owned, start, stop, owner);
      cluster += stop - start;
    }
  }

  return {
    clusterCount,
    add,
    addRange(offsetBytes, lengthBytes, times, owner) {
      if (lengthBytes === 0) return;
      const first = Math.floor(offsetBytes / clusterBytes);
      const end = Math.min(Math.ceil((offsetBytes + lengthBytes) / clusterBytes), clusterCount);
      if (end > first) add(first, end - first, times, owner);
    },
    countOf,
    chunkAt: (firstCluster) => counts[chunkOf(firstCluster)] ?? null,
    ownerOf: (cluster) => owners[chunkOf(cluster)]?.[cluster % CHUNK_CLUSTERS] ?? 0,
    get highest() {
      return highest;
    },
    clustersByOwner(ownerCount) {
      const totals = new Float64Array(ownerCount);
      for (const chunk of owners) {
        if (chunk === undefined) continue;
        for (const owner of chunk) if (owner < ownerCount) totals[owner] = (totals[owner] ?? 0) + 1;
      }
      return totals;
    },
  };
}

function own(owners: Uint16Array, start: number, stop: number, owner: number): void {
  for (let at = start; at < stop; at++) {
    const held = owners[at] ?? 0;
    if (held !== owner) owners[at] = held === 0 ? owner : SHARED;
  }
}

function chunkOf(cluster: number): number {
  return Math.floor(cluster / CHUNK_CLUSTERS);
}
