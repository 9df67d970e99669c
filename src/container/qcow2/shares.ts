// Which clusters of a qcow2 image are used more than once, by its own reference counts: those that internal snapshots have too.
// References: QEMU docs/interop/qcow2.rst "Host cluster management"; QEMU block/qcow2-refcount.c qcow2_get_refcount().
import { qcow2TableEntryRecords } from '../../../generated/container/qcow2.js';
import type { ByteSource } from '../../bytes/source.js';
import { equals } from '../../validation/guest.js';
import type { Shares } from '../container.js';
import { offsetAt } from './entries.js';
import { type Header, readBase } from './header.js';
import { countsIn, tablePlace } from './refcounts.js';

/** null: the image has no snapshots. @throws FormatError when its refcount table is not in the file. */
export async function sharesOf(file: ByteSource, header: Header): Promise<Shares | null> {
  const { clusterBytes, refcountBits, hasDataFile } = header;
  if (hasDataFile || equals((await readBase(file)).numSnapshots, 0)) return null;
  const { offset, lengthBytes } = await tablePlace(file, header);
  const table = qcow2TableEntryRecords(await file.read(offset, lengthBytes));
  const blockClusters = (clusterBytes * 8) / refcountBits;
  let known = -1;
  let counts: (index: number) => number = () => 0;
  const blockAt = async (index: number): Promise<typeof counts> => {
    if (index === known) return counts;
    const at = index < table.length ? offsetAt(table, index) : 0;
    const isThere = at !== 0 && at % clusterBytes === 0 && at + clusterBytes <= file.sizeBytes;
    const bytes = isThere ? await file.read(at, clusterBytes) : new Uint8Array(clusterBytes);
    known = index;
    counts = countsIn(bytes, refcountBits);
    return counts;
  };
  return async (hostOffsetBytes, wantedBytes) => {
    const end = hostOffsetBytes + wantedBytes;
    let shared = 0;
    for (let at = hostOffsetBytes; at < end; ) {
      const cluster = Math.floor(at / clusterBytes);
      const next = Math.min(end, (cluster + 1) * clusterBytes);
      const countOf = await blockAt(Math.floor(cluster / blockClusters));
      if (countOf(cluster % blockClusters) > 1) shared += next - at;
      at = next;
    }
    return shared;
  };
}
