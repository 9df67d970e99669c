// QED: tables of two levels without reference counts, by QEMU from 2010 on.
// References: QEMU docs/interop/qed_spec.txt; block/qed.c; block/qed-check.c.
import { FormatError } from '../errors.js';
import type { Scope } from '../host/scope.js';
import { type ContainerFormat, type Inspection, layerOf } from './container.js';
import { HEADER_BYTES, type Header, readHeader } from './qed/header.js';
import { clusterCounts } from './tables/cluster-counts.js';
import { extentContent } from './tables/extents.js';
import { mapTwoLevels, walkTwoLevels } from './tables/two-levels.js';

export const qed: ContainerFormat = {
  name: 'qed',
  /** The registry has compared the magic number already; no shorter file is an image. */
  async probe(file) {
    return file.sizeBytes >= HEADER_BYTES;
  },
  async open(file, context) {
    const header = await readHeader(file);
    const { sizeBytes, clusterBytes, needsCheck } = header;
    const named = header.backing;
    const backing =
      named === null ? null : await context.openNamed(named.name, named.isRaw ? 'raw' : undefined);
    const map = (offset: number, length: number) => mapTwoLevels(header, offset, length);
    const content = extentContent({
      format: 'qed',
      sizeBytes,
      scope: context.scope,
      map,
      file,
      data: file,
      backing: backing?.content ?? null,
      decompress: null,
    });
    const layer = layerOf(file, 'qed', {
      features: needsCheck ? ['need-check'] : [],
      clusterBytes,
      capacityBytes: sizeBytes,
      backing: backing?.layer ?? null,
      cut: header.end.cut,
      map,
      inspect: () => inspect(header, context.scope),
    });
    return { content, layer };
  },
};

const USED = 1;

/** A cluster of the file that no table names has leaked, as `qemu-img check` has it. */
async function inspect(header: Header, scope: Scope): Promise<Inspection> {
  const { tables, clusterBytes, tableClusterCount, headerClusterCount } = header;
  const counts = clusterCounts(tables.sizeBytes, clusterBytes, false, 'qed');
  counts.add(0, headerClusterCount, 1, USED);
  const tableBytes = tableClusterCount * clusterBytes;
  counts.addRange(header.l1OffsetBytes, tableBytes, 1, USED);
  const walker = {
    l2Table: (offset: number) => counts.addRange(offset, tableBytes, 1, USED),
    cluster: (place: ReturnType<Header['place']>) => {
      if (place.kind === 'data') counts.addRange(place.hostOffsetBytes, clusterBytes, 1, USED);
    },
  };
  await walkTwoLevels(header, walker, scope, (error) => error instanceof FormatError);
  // A part of a cluster at the file's end is being written, and is not counted.
  const wholeCount = Math.floor(tables.sizeBytes / clusterBytes);
  let leakedClusterCount = 0;
  for (let cluster = 0; cluster < wholeCount; cluster++) {
    if (counts.countOf(cluster) === 0) leakedClusterCount++;
  }
  return {
    watermarkBytes: (counts.highest + 1) * clusterBytes,
    leakedClusterCount,
    snapshots: [],
  };
}
