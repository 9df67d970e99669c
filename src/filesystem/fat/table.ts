// The file allocation table, entry by entry. Example: on FAT16 entry 5 is 9, so that cluster 9 follows cluster 5 in a chain;
// entry 9 is 0xffff, the end. An entry of 0 is a free cluster, one of 0xfff7 a bad one.
// References: Linux 6.18 fs/fat/fatent.c: fat12_ent_get, fat16_ent_get, fat32_ent_get; fs/fat/fat.h: FAT_ENT_FREE,
// BAD_FAT12, EOF_FAT12.
import {
  fatChainEntryRecords,
  fatShortChainEntryRecords,
} from '../../../generated/filesystem/fat.js';
import type { ByteSource } from '../../bytes/source.js';
import { KIB } from '../../limits.js';
import { u16, u32 } from '../../validation/guest.js';
import { FIRST_CLUSTER, type Table, type TablePage } from './chain.js';
import type { Geometry } from './geometry.js';

const PAGE_ENTRIES = 4096;
/** Of an entry of FAT32, the bits that are a cluster's number. */
const NUMBER_VALUES = 0x10000000;
const MAX_TABLE_12_BYTES = 8 * KIB;
/** The largest value of an entry less 8 is a bad cluster, and all above it are the end of a chain: 0xfff7 on FAT16. */
const BAD_BEFORE_LAST = 8;

/** The first copy of the table, which is the one that the kernel reads. */
export function tableOf(source: ByteSource, geometry: Geometry): Table {
  const { entryBits } = geometry;
  const last = entryBits === 32 ? NUMBER_VALUES - 1 : 2 ** entryBits - 1;
  const read = entryBits === 12 ? wholeTable12 : pageOfTable;
  let page: TablePage | null = null;
  return {
    format: 'fat',
    endCluster: geometry.clusterCount + FIRST_CLUSTER,
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
