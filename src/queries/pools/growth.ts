// How large an image can become, when its guest has written to all of its disk.
// References: QEMU block/qcow2.c: qcow2_calc_prealloc_size, qcow2_refcount_metadata_size; `qemu-img measure` prints the same.
import { hostNumbers, type Layer } from '../../container/container.js';

const ENTRY_BYTES = 8;
const EXTENDED_ENTRY_BYTES = 16;
const REFCOUNT_BYTES = 2;
/** The feature of a qcow2 whose clusters have subclusters. */
const EXTENDED = 'extended-l2';

/** What it can still take on the host, internal snapshots aside; null where its sizes are not known. */
export function growthBytes(layer: Layer): number | null {
  const { allocationBytes } = hostNumbers(layer);
  const full = fullBytes(layer);
  return full === null || allocationBytes === null ? null : Math.max(0, full - allocationBytes);
}

/** Of other formats than qcow2 the disk alone: their tables are a thousandth of it. */
function fullBytes({ format, capacityBytes, clusterBytes, features }: Layer): number | null {
  if (capacityBytes === null || format !== 'qcow2' || clusterBytes === null) return capacityBytes;
  const entryBytes = features.includes(EXTENDED) ? EXTENDED_ENTRY_BYTES : ENTRY_BYTES;
  return qcow2Bytes(capacityBytes, clusterBytes, entryBytes);
}

/** The bytes of a qcow2 with all clusters allocated. */
export function qcow2Bytes(
  capacityBytes: number,
  clusterBytes: number,
  entryBytes: number,
): number {
  const upTo = (count: number, unit: number) => Math.ceil(count / unit) * unit;
  const dataBytes = upTo(capacityBytes, clusterBytes);
  const secondEntries = upTo(dataBytes / clusterBytes, clusterBytes / entryBytes);
  const secondBytes = secondEntries * entryBytes;
  const firstEntries = upTo(secondBytes / clusterBytes, clusterBytes / ENTRY_BYTES);
  const bytes = clusterBytes + secondBytes + firstEntries * ENTRY_BYTES + dataBytes;
  return bytes + refcountBytes(bytes / clusterBytes, clusterBytes);
}

/** Of clusters with those of the counts themselves. */
function refcountBytes(clusterCount: number, clusterBytes: number): number {
  let [blocks, tables, all] = [0, 0, 0];
  for (let last = -1; all !== last; ) {
    last = all;
    blocks = Math.ceil((clusterCount + tables + blocks) / (clusterBytes / REFCOUNT_BYTES));
    tables = Math.ceil(blocks / (clusterBytes / ENTRY_BYTES));
    all = clusterCount + blocks + tables;
  }
  return (blocks + tables) * clusterBytes;
}
