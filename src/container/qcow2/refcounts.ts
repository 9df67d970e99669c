// Compares the reference counts that an image keeps with those that its tables give.
// References: QEMU docs/interop/qcow2.rst "Host cluster management"; QEMU block/qcow2-refcount.c compare_refcounts(),
// check_refblocks(), get_refcount_ro0() to get_refcount_ro6().
import { qcow2TableEntryRecords } from '../../../generated/container/qcow2.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int } from '../../validation/guest.js';
import { CHUNK_CLUSTERS, type ClusterCounts, MANY, SHARED } from '../tables/cluster-counts.js';
import { type Entries, offsetAt } from './entries.js';
import { type Header, readBase } from './header.js';
import type { Counting } from './references.js';

interface Comparison {
  /** Clusters whose stored count is larger than the number of their uses. */
  readonly leakedClusterCount: number;
  /** The last cluster whose count is not 0; -1 without one. */
  readonly highest: number;
}

/** QEMU's own limit. */
const MAX_TABLE_BYTES = 8 * MIB;
const BLOCK_BYTES_AT_ONCE = MIB;

/**
 * Counts the clusters of the refcount table and its blocks too, and then compares.
 * @throws FormatError when the refcount table is not in the file.
 */
export async function compareRefcounts(counting: Counting): Promise<Comparison> {
  const { header, counts, scope, file } = counting;
  const { clusterBytes, refcountBits } = header;
  const table = await readTable(counting);
  const blockClusters = (clusterBytes * 8) / refcountBits;
  const blocks = new Map<number, number>();
  for (let i = 0; i < table.length; i++) {
    const offset = offsetAt(table, i);
    if (offset === 0 || offset % clusterBytes !== 0 || offset >= file.sizeBytes) continue;
    counts.add(offset / clusterBytes, 1, 1, SHARED);
    // A block that is named twice is damage: it counts for its first place, or each name would cost a read.
    if (i * blockClusters < counts.clusterCount && !blocks.has(offset)) blocks.set(offset, i);
  }
  const stored = storedCount(refcountBits);
  let [leakedClusterCount, highest] = [0, -1];
  const pending = [...blocks];
  const blocksAtOnce = Math.max(1, Math.floor(BLOCK_BYTES_AT_ONCE / clusterBytes));
  for (let i = 0; i < pending.length; i += blocksAtOnce) {
    scope.check();
    const some = pending.slice(i, i + blocksAtOnce).map(async ([offset, index]) => {
      const bytes = await file.read(offset, Math.min(clusterBytes, file.sizeBytes - offset));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return { view, firstCluster: index * blockClusters };
    });
    for (const { view, firstCluster } of await Promise.all(some)) {
      const heldCount = Math.floor((view.byteLength * 8) / refcountBits);
      const count = Math.min(heldCount, counts.clusterCount - firstCluster);
      const found = compareBlock({ view, stored, firstCluster, count }, counts);
      leakedClusterCount += found.leakedClusterCount;
      highest = Math.max(highest, found.highest);
    }
  }
  return { leakedClusterCount, highest };
}

async function readTable({ file, header, counts }: Counting): Promise<Entries> {
  const { offset, lengthBytes } = await tablePlace(file, header);
  counts.addRange(offset, lengthBytes, 1, SHARED);
  return qcow2TableEntryRecords(await file.read(offset, lengthBytes));
}

/** Where the refcount table lies. @throws FormatError. */
export async function tablePlace(file: ByteSource, header: Pick<Header, 'clusterBytes'>) {
  const base = await readBase(file);
  const { clusterBytes } = header;
  const what = 'qcow2: refcount_table_clusters';
  const lengthBytes =
    int(base.numRefcountTableClusters, what, 0, MAX_TABLE_BYTES / clusterBytes) * clusterBytes;
  const room = file.sizeBytes - lengthBytes;
  const offset = int(base.ofsRefcountTable, 'qcow2: refcount_table_offset', 0, room);
  if (offset % clusterBytes !== 0) {
    throw new FormatError(
      'INVALID',
      `qcow2: the refcount table is at ${offset}, no multiple of the cluster size ${clusterBytes}`,
    );
  }
  return { offset, lengthBytes };
}

/** A refcount block: the counts of clusters that follow each other, numbers of 1 to 64 bits and nothing else. */
interface Block {
  readonly view: DataView;
  readonly stored: (view: DataView, index: number) => number;
  readonly firstCluster: number;
  readonly count: number;
}

function compareBlock(block: Block, counts: ClusterCounts): Comparison {
  const { view, stored, firstCluster, count } = block;
  let [leakedClusterCount, highest] = [0, -1];
  for (let i = 0; i < count; ) {
    const skipped = (firstCluster + i) % CHUNK_CLUSTERS;
    const chunk = counts.chunkAt(firstCluster + i - skipped);
    const end = Math.min(count, i - skipped + CHUNK_CLUSTERS);
    const toChunk = skipped - i;
    for (; i < end; i++) {
      const said = stored(view, i);
      if (said === 0) continue;
      highest = firstCluster + i;
      const used = chunk === null ? 0 : (chunk[toChunk + i] ?? 0);
      if (said > used && (used < MANY || said > counts.countOf(highest))) leakedClusterCount++;
    }
  }
  return { leakedClusterCount, highest };
}

/** The counts of one block. */
export function countsIn(block: Uint8Array, refcountBits: number): (index: number) => number {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const stored = storedCount(refcountBits);
  return (index) => stored(view, index);
}

/** Counts narrower than a byte fill it from its lowest bit on. */
function storedCount(bits: number): (view: DataView, index: number) => number {
  switch (bits) {
    case 64:
      return (view, i) => view.getUint32(i * 8) * 2 ** 32 + view.getUint32(i * 8 + 4);
    case 32:
      return (view, i) => view.getUint32(i * 4);
    case 16:
      return (view, i) => view.getUint16(i * 2);
    case 8:
      return (view, i) => view.getUint8(i);
    default: {
      const perByte = 8 / bits;
      const range = 2 ** bits;
      return (view, i) => {
        const byte = view.getUint8(Math.floor(i / perByte));
        return Math.floor(byte / range ** (i % perByte)) % range;
      };
    }
  }
}
