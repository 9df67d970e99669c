// The file allocation table of exFAT. Only chains stand in it: the allocation bitmap says which clusters are free, and the
// entries of a file whose clusters lie side by side may hold anything.
// References: exFAT specification, 4.1 FAT Region; Linux 6.18 fs/exfat/fatent.c: exfat_ent_get; fs/exfat/exfat_fs.h:
// EXFAT_BAD_CLUSTER.
import { exfatChainEntryRecords } from '../../../generated/filesystem/exfat.js';
import type { ByteSource } from '../../bytes/source.js';
import { u32 } from '../../validation/guest.js';
import { type ClusterRun, FIRST_CLUSTER, type Table, type TablePage } from '../fat/chain.js';
import type { Boot } from './boot.js';

const ENTRY_BYTES = 4;
/** 4 KiB: most chains are short, and side by side. */
const PAGE_ENTRIES = 1024;
const BAD = 0xfffffff7;

/** The first copy of the table, as the kernel reads it. */
export function tableOf(source: ByteSource, boot: Boot, pageEntries = PAGE_ENTRIES): Table {
  const { fatOffsetBytes, clusterCount } = boot;
  const endCluster = clusterCount + FIRST_CLUSTER;
  let page: TablePage | null = null;
  return {
    format: 'exfat',
    endCluster,
    bad: BAD,
    async pageOf(cluster) {
      if (page !== null && cluster >= page.first && cluster < page.end) return page;
      const first = cluster - (cluster % pageEntries);
      const end = Math.min(first + pageEntries, endCluster);
      const lengthBytes = (end - first) * ENTRY_BYTES;
      const bytes = await source.read(fatOffsetBytes + first * ENTRY_BYTES, lengthBytes);
      const entries = exfatChainEntryRecords(bytes);
      page = { first, end, at: (one) => u32(entries.at(one - first).next) };
      return page;
    },
  };
}

/** Whoever bounds a walk by the clusters that it may have. */
export function unlimited(): void {}

export function runOffset(boot: Boot, { firstCluster }: ClusterRun): number {
  return boot.dataOffsetBytes + (firstCluster - FIRST_CLUSTER) * boot.clusterBytes;
}
