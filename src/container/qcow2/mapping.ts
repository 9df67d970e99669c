// Where the bytes of a range of the guest's disk are: L1 table -> L2 table -> cluster -> subcluster.
// References: QEMU docs/interop/qcow2.rst "Cluster mapping", "Extended L2 Entries";
// QEMU block/qcow2.h qcow2_get_cluster_type(), qcow2_get_subcluster_type(); block/qcow2-cluster.c.
import {
  type GuestQcow2L2Entry,
  type GuestQcow2L2ExtendedEntry,
  qcow2L1EntryRecords,
  qcow2L2CompressedEntryRecords,
  qcow2L2EntryRecords,
  qcow2L2ExtendedEntryRecords,
} from '../../../generated/container/qcow2.js';
import { FormatError } from '../../errors.js';
import type { ByteSource } from '../../source/source.js';
import { big, equals, hasFlag, int } from '../../validation/guest.js';
import { appendExtent, type Extent } from '../extents.js';
import { ENTRY_BYTES, type Layout, l2CoverageBytes, l2EntryBytes } from './header.js';

/** What a mapping reads: the image's layout, the file of its tables, and what is known of the file of its clusters. */
export interface Mapped {
  readonly layout: Layout;
  readonly tables: ByteSource;
  /** Clusters are in a file of their own, each at the offset that it has on the disk. */
  readonly hasDataFile: boolean;
}

const SECTOR_BYTES = 512;
const SUBCLUSTER_COUNT = 32;

/**
 * The extents of a range as far as one L2 table covers it, in order, without gaps, as few as possible.
 * @throws FormatError OUT_OF_BOUNDS, INVALID.
 */
export async function mapRange(
  image: Mapped,
  offset: number,
  wantedBytes: number,
): Promise<readonly Extent[]> {
  const { layout, tables } = image;
  const { clusterBytes, hasExtendedL2 } = layout;
  const coverage = l2CoverageBytes(layout);
  const index = Math.floor(offset / coverage);
  const length = Math.min(wantedBytes, (index + 1) * coverage - offset);
  const tableOffset = await l2TableOffset(image, index);
  if (tableOffset === null) return [{ kind: 'backing', offsetBytes: offset, lengthBytes: length }];
  const extents: Extent[] = [];
  const entryBytes = l2EntryBytes(layout);
  const firstCluster = Math.floor(offset / clusterBytes);
  const count = Math.ceil((offset + length) / clusterBytes) - firstCluster;
  const firstEntry = firstCluster % (clusterBytes / entryBytes);
  const bytes = await tables.read(tableOffset + firstEntry * entryBytes, count * entryBytes);
  const standard = qcow2L2EntryRecords(bytes, entryBytes);
  const extended = hasExtendedL2 ? qcow2L2ExtendedEntryRecords(bytes) : null;
  for (let i = 0; i < count; i++) {
    const clusterOffset = (firstCluster + i) * clusterBytes;
    const start = Math.max(offset, clusterOffset);
    const end = Math.min(offset + length, clusterOffset + clusterBytes);
    const cluster = { image, clusterOffset, start, end, extents };
    const entry = standard.at(i);
    if (entry.isCompressed) mapCompressed(cluster, bytes, entryBytes, i);
    else if (extended === null) mapStandard(cluster, entry);
    else mapSubclusters(cluster, extended.at(i));
  }
  return extents;
}

/** Offset of the L2 table; null if none of its clusters is allocated. */
async function l2TableOffset({ layout, tables }: Mapped, index: number): Promise<number | null> {
  const { l1OffsetBytes, clusterBytes } = layout;
  const bytes = await tables.read(l1OffsetBytes + index * ENTRY_BYTES, ENTRY_BYTES);
  const { ofsL2Table } = qcow2L1EntryRecords(bytes).at(0);
  if (equals(ofsL2Table, 0)) return null;
  const lastSector = Math.floor(tables.sizeBytes / SECTOR_BYTES);
  const offset =
    int(ofsL2Table, `qcow2: sector of L2 table ${index}`, 1, lastSector) * SECTOR_BYTES;
  return aligned(offset, clusterBytes, `L2 table ${index}`);
}

/** The part of one cluster that a range touches. */
interface ClusterPart {
  readonly image: Mapped;
  readonly clusterOffset: number;
  readonly start: number;
  readonly end: number;
  /** The extents found are added here. */
  readonly extents: Extent[];
}

function mapStandard(part: ClusterPart, entry: GuestQcow2L2Entry): void {
  const { image, clusterOffset, start, end, extents } = part;
  if (entry.isZero) {
    if (image.layout.version < 3) {
      throw invalid(
        `cluster at ${clusterOffset} is marked as zeros, which version 2 does not know`,
      );
    }
    appendExtent(extents, { kind: 'zero', offsetBytes: start, lengthBytes: end - start });
    return;
  }
  const host = hostOffset(part, entry);
  if (host === null)
    appendExtent(extents, { kind: 'backing', offsetBytes: start, lengthBytes: end - start });
  else
    appendExtent(extents, {
      kind: 'data',
      offsetBytes: start,
      lengthBytes: end - start,
      hostOffsetBytes: host + (start - clusterOffset),
    });
}

function mapSubclusters(part: ClusterPart, entry: GuestQcow2L2ExtendedEntry): void {
  const { image, clusterOffset, start, end, extents } = part;
  const host = hostOffset(part, entry);
  const subclusterBytes = image.layout.clusterBytes / SUBCLUSTER_COUNT;
  const first = Math.floor((start - clusterOffset) / subclusterBytes);
  const last = Math.floor((end - 1 - clusterOffset) / subclusterBytes);
  for (let i = first; i <= last; i++) {
    const isZero = hasFlag(entry.zeroSubclusters, 1n << BigInt(i));
    const isAllocated = hasFlag(entry.allocatedSubclusters, 1n << BigInt(i));
    if (isAllocated && (isZero || host === null)) {
      const where = `subcluster ${i} of the cluster at ${clusterOffset}`;
      throw invalid(`${where} is allocated, and ${isZero ? 'zeros' : 'its cluster is not'}`);
    }
    const from = Math.max(start, clusterOffset + i * subclusterBytes);
    const length = Math.min(end, clusterOffset + (i + 1) * subclusterBytes) - from;
    if (isZero) appendExtent(extents, { kind: 'zero', offsetBytes: from, lengthBytes: length });
    else if (!isAllocated || host === null)
      appendExtent(extents, { kind: 'backing', offsetBytes: from, lengthBytes: length });
    else
      appendExtent(extents, {
        kind: 'data',
        offsetBytes: from,
        lengthBytes: length,
        hostOffsetBytes: host + (from - clusterOffset),
      });
  }
}

/** Offset of the cluster in the file of clusters; null if it is not allocated. */
function hostOffset(
  { image, clusterOffset }: ClusterPart,
  entry: GuestQcow2L2Entry | GuestQcow2L2ExtendedEntry,
): number | null {
  const { layout, hasDataFile } = image;
  // Cluster 0 of an image is its header; of a data file it is the disk's first, and `isCopied` tells that it is there.
  if (equals(entry.ofsCluster, 0) && !(hasDataFile && entry.isCopied)) return null;
  const what = `qcow2: sector of the cluster at ${clusterOffset}`;
  const host = int(entry.ofsCluster, what, 0, 2 ** 44 - 1) * SECTOR_BYTES;
  if (hasDataFile && host !== clusterOffset) {
    throw invalid(
      `cluster at ${clusterOffset} is at ${host} of the data file, which must be the same`,
    );
  }
  return aligned(host, layout.clusterBytes, `cluster at ${clusterOffset}`);
}

/**
 * A compressed cluster's descriptor: below, the offset in bytes, and above, how many more sectors of 512 bytes hold the
 * stream after the one that it begins in. Where they meet depends on the cluster size.
 */
function mapCompressed(
  { image, clusterOffset, start, end, extents }: ClusterPart,
  bytes: Uint8Array,
  entryBytes: number,
  index: number,
): void {
  if (image.hasDataFile) {
    throw invalid(`cluster at ${clusterOffset} is compressed, which no image with a data file has`);
  }
  const { descriptor } = qcow2L2CompressedEntryRecords(bytes, entryBytes).at(index);
  const value = big(descriptor, 'qcow2: descriptor of a compressed cluster', 0n, 2n ** 62n - 1n);
  const offsetRange = 2n ** BigInt(62 - (image.layout.clusterBits - 8));
  const host = value % offsetRange;
  const size = image.tables.sizeBytes;
  if (host >= BigInt(size)) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `qcow2: the compressed cluster at ${clusterOffset} is at ${host} of a file of ${size} bytes`,
      { data: { clusterOffset, hostOffset: String(host), sizeBytes: size } },
    );
  }
  const hostOffsetBytes = Number(host);
  const sectorCount = Number(value / offsetRange) + 1;
  const hostLengthBytes = sectorCount * SECTOR_BYTES - (hostOffsetBytes % SECTOR_BYTES);
  extents.push({
    kind: 'compressed',
    offsetBytes: start,
    lengthBytes: end - start,
    hostOffsetBytes,
    hostLengthBytes: Math.min(hostLengthBytes, size - hostOffsetBytes),
    blockOffsetBytes: clusterOffset,
    blockBytes: image.layout.clusterBytes,
  });
}

function aligned(offset: number, clusterBytes: number, what: string): number {
  if (offset % clusterBytes === 0) return offset;
  throw invalid(`${what} is at ${offset}, no multiple of the cluster size ${clusterBytes}`);
}

function invalid(problem: string): FormatError {
  return new FormatError('INVALID', `qcow2: the ${problem}`);
}
