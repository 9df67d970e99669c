// What a qcow2 on a server is read from first, fetched at once: the L1 table, and what most probably lies behind it.
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { KIB } from '../../limits.js';
import { ENTRY_BYTES, type Layout } from './header.js';

/** The entries for the first 128 MiB, in clusters of 64 KiB: the disk's table and the beginning of its partitions. */
const L2_BYTES = 16 * KIB;
/** Of the disk itself: a table, or the head of a filesystem; and where signatures lie further behind. */
const HEAD_BYTES = 36 * KIB;
const SIGNATURES = { offsetBytes: 60 * KIB, lengthBytes: 12 * KIB } as const;
/** A larger table is read in parts. */
const MAX_L1_BYTES = 64 * KIB;

/**
 * QEMU writes a new image from front to back: header, refcounts, the L1 table, and with the first write to the disk's beginning,
 * where partitioners and mkfs begin, the first L2 table and the cluster. If it was another write, little is lost.
 */
export async function tablesAhead(file: ByteSource, layout: Layout): Promise<void> {
  const { l1OffsetBytes, l1EntryCount, clusterBytes } = layout;
  const l1Bytes = l1EntryCount * ENTRY_BYTES;
  const behind = Math.ceil((l1OffsetBytes + l1Bytes) / clusterBytes) * clusterBytes;
  const range = (offsetBytes: number, lengthBytes: number): ByteRange => {
    return { offsetBytes, lengthBytes };
  };
  await file.ahead?.([
    range(l1OffsetBytes, Math.min(l1Bytes, MAX_L1_BYTES)),
    range(behind, Math.min(L2_BYTES, clusterBytes)),
    range(behind + clusterBytes, HEAD_BYTES),
    range(behind + clusterBytes + SIGNATURES.offsetBytes, SIGNATURES.lengthBytes),
  ]);
}
