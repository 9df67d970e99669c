// The file allocation table, entry by entry. Example: on FAT16 entry 5 is 9, so that cluster 9 follows cluster 5 in a chain;
// entry 9 is 0xffff, the end. An entry of 0 is a free cluster, one of 0xfff7 a bad one.
// References: Linux 6.18 fs/fat/fatent.c: fat12_ent_get, fat16_ent_get, fat32_ent_get; fs/fat/fat.h: FAT_ENT_FREE,
// BAD_FAT12, EOF_FAT12.
import {
  fatChainEntryRecords,
  fatShortChainEntryRecords,
} from '../../../generated/filesystem/fat.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { u16, u32 } from '../../validation/guest.js';
import { FIRST_CLUSTER, type Geometry } from './geometry.js';

const PAGE_ENTRIES = 4096;
/** Of an entry of FAT32, the bits that are a cluster's number. */
const NUMBER_VALUES = 0x10000000;
const MAX_TABLE_12_BYTES = 8 * KIB;
/** The largest value of an entry less 8 is a bad cluster, and all above it are the end of a chain: 0xfff7 on FAT16. */
const BAD_BEFORE_LAST = 8;

/** Some entries of the table. */
interface TablePage {
  /** The first cluster, and the one behind the last. */
  readonly first: number;
  readonly end: number;
  /** The entry of a cluster that the page has. */
  at(cluster: number): number;
}

export interface Table {
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

/** The first copy of the table, which is the one that the kernel reads. */
export function tableOf(source: ByteSource, geometry: Geometry): Table {
  const { entryBits } = geometry;
  const last = entryBits === 32 ? NUMBER_VALUES - 1 : 2 ** entryBits - 1;
  const read = entryBits === 12 ? wholeTable12 : pageOfTable;
  let page: TablePage | null = null;
  return {
    bad: last - BAD_BEFORE_LAST,
    async pageOf(cluster) {
      if (page === null || cluster < page.first || cluster >= page.end) {
        page = await read(source, geometry, cluster);
      }
      return page;
    },
  };
}

async function pageOfTable(
  source: ByteSource,
  { entryBits, clusterCount, fatOffsetBytes }: Geometry,
  cluster: number,
): Promise<TablePage> {
  const entryBytes = entryBits / 8;
  const first = cluster - (cluster % PAGE_ENTRIES);
  const end = Math.min(first + PAGE_ENTRIES, clusterCount + FIRST_CLUSTER);
  const bytes = await source.read(fatOffsetBytes + first * entryBytes, (end - first) * entryBytes);
  if (entryBits === 16) {
    const entries = fatShortChainEntryRecords(bytes);
    return { first, end, at: (one) => u16(entries.at(one - first).value) };
  }
  const entries = fatChainEntryRecords(bytes);
  return { first, end, at: (one) => u32(entries.at(one - first).value) % NUMBER_VALUES };
}

/** Two entries are three bytes. */
async function wholeTable12(
  source: ByteSource,
  { clusterCount, fatOffsetBytes }: Geometry,
): Promise<TablePage> {
  const end = clusterCount + FIRST_CLUSTER;
  const lengthBytes = Math.min(Math.ceil((end * 3) / 2), MAX_TABLE_12_BYTES);
  const bytes = await source.read(fatOffsetBytes, lengthBytes);
  const at = (cluster: number): number => {
    const index = Math.floor((cluster * 3) / 2);
    const word = (bytes[index] ?? 0) + 256 * (bytes[index + 1] ?? 0);
    return cluster % 2 === 0 ? word % 4096 : Math.floor(word / 16);
  };
  return { first: 0, end, at };
}

/**
 * The runs of a chain. A ring is found after a few turns of it, whose runs have come out by then: whoever counts them
 * counts on the error.
 * @param spend counts clusters before they are followed. @throws FormatError LIMIT
 * @throws FormatError OUT_OF_BOUNDS for a cluster that does not exist, INVALID for one that is free or bad, LOOP.
 */
export async function* chainRuns(
  table: Table,
  { clusterCount }: Geometry,
  firstCluster: number,
  spend: (clusterCount: number) => void,
): AsyncGenerator<ClusterRun, void, undefined> {
  const end = clusterCount + FIRST_CLUSTER;
  // Brent's algorithm: the run at a power of two is remembered, and a ring comes to it again.
  let [remembered, runCount, turn] = [-1, 0, 1];
  for (let cluster = firstCluster; ; ) {
    if (cluster < FIRST_CLUSTER || cluster >= end) throw outside(cluster, end);
    if (cluster === remembered)
      throw new FormatError('LOOP', `fat: a chain comes to cluster ${cluster} again`);
    if (++runCount === turn) [remembered, turn] = [cluster, turn * 2];
    const run = await runFrom(table, cluster, spend);
    yield { firstCluster: cluster, clusterCount: run.count };
    if (run.next === null) return;
    cluster = run.next;
  }
}

/** How many clusters follow each other from `cluster` on, and the one that the chain goes on with; null at its end. */
async function runFrom(table: Table, cluster: number, spend: (clusterCount: number) => void) {
  let page = await table.pageOf(cluster);
  for (let last = cluster; ; last++) {
    if (last >= page.end) {
      spend(page.end - page.first);
      page = await table.pageOf(last);
    }
    const next = page.at(last);
    if (next === last + 1) continue;
    spend(1 + last - Math.max(cluster, page.first));
    if (next > table.bad) return { count: last - cluster + 1, next: null };
    if (next === 0 || next === table.bad) {
      const words = next === 0 ? 'a free cluster' : 'a bad cluster';
      throw new FormatError('INVALID', `fat: a chain has ${words}, number ${last}`);
    }
    return { count: last - cluster + 1, next };
  }
}

function outside(cluster: number, end: number): FormatError {
  const words = `a chain comes to cluster ${cluster}, and the last one is ${end - 1}`;
  return new FormatError('OUT_OF_BOUNDS', `fat: ${words}`, { data: { cluster, end } });
}

/** Which clusters are free, or bad: the runs of those whose entry has a value. */
export async function* clustersWith(
  table: Table,
  { clusterCount }: Geometry,
  value: number,
): AsyncGenerator<ClusterRun, void, undefined> {
  const end = clusterCount + FIRST_CLUSTER;
  let first = -1;
  for (let cluster = FIRST_CLUSTER; cluster < end; ) {
    const page = await table.pageOf(cluster);
    for (; cluster < page.end; cluster++) {
      const isOne = page.at(cluster) === value;
      if (isOne && first < 0) first = cluster;
      if (isOne || first < 0) continue;
      yield { firstCluster: first, clusterCount: cluster - first };
      first = -1;
    }
  }
  if (first >= 0) yield { firstCluster: first, clusterCount: end - first };
}
