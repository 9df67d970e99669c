// Walks all tables of a qcow2 image for the numbers that nothing else tells: the end of the used part, leaked clusters, and
// the bytes that each snapshot holds alone.
// References: QEMU block/qcow2-refcount.c qcow2_check_refcounts(), whose figures these are.

import type { ByteSource } from '../../bytes/source.js';
import type { Scope } from '../../host/scope.js';
import type { Inspection } from '../container.js';
import { clusterCounts, SHARED } from '../tables/cluster-counts.js';
import type { Names } from './extensions.js';
import type { Header } from './header.js';
import { compareRefcounts } from './refcounts.js';
import { countReferences, ownerOfSnapshot } from './references.js';
import { readSnapshots } from './snapshots.js';

/** @throws FormatError when tables are not in the file; LIMIT when they are too large to be counted. */
export async function inspect(
  file: ByteSource,
  header: Header,
  names: Names,
  scope: Scope,
): Promise<Inspection> {
  const { clusterBytes } = header;
  const table = await readSnapshots(file, header);
  const { snapshots } = table;
  const keepsOwners = snapshots.length > 0 && ownerOfSnapshot(snapshots.length) < SHARED;
  const counts = clusterCounts(file.sizeBytes, clusterBytes, keepsOwners, 'qcow2');
  const counting = { file, header, names, table, counts, scope };
  await countReferences(counting);
  const { leakedClusterCount, highest } = await compareRefcounts(counting);
  const owned = counts.clustersByOwner(ownerOfSnapshot(snapshots.length));
  return {
    watermarkBytes: (Math.max(highest, counts.highest) + 1) * clusterBytes,
    leakedClusterCount,
    snapshots: snapshots.map((snapshot, index) => ({
      id: snapshot.id,
      name: snapshot.name,
      capacityBytes: snapshot.capacityBytes,
      vmStateBytes: snapshot.vmStateBytes,
      createdMs: snapshot.createdMs,
      ownBytes: keepsOwners ? (owned[ownerOfSnapshot(index)] ?? 0) * clusterBytes : null,
    })),
  };
}
