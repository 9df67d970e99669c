// The parts of a FAT volume that are no file's: those before, between and behind the clusters, and the broken clusters.
// References: Microsoft FAT32 File System Specification 1.03, "Boot Sector and BPB", "FAT32 FSInfo Sector Structure and
// Backup Boot Sector".
import type { ByteSource } from '../../bytes/source.js';
import type { MetadataRange } from '../files.js';
import { type ClusterRun, clustersWith, type Table } from './chain.js';
import type { Geometry } from './geometry.js';

import { PAGE, rangeWithin, stretchOf } from './tree.js';

/** A stretch of the volume that is no cluster; there may be none of it. */
export interface Part {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly kind: MetadataRange['kind'];
}

/** How the clusters lie on the volume, of FAT or exFAT. */
type Clusters = Pick<Geometry, 'clusterBytes' | 'clusterCount' | 'dataOffsetBytes' | 'endBytes'>;

export function metadataRanges(
  volumes: readonly ByteSource[],
  geometry: Geometry,
  table: Table,
): AsyncGenerator<readonly MetadataRange[]> {
  const { fatOffsetBytes, fatBytes, fatCount, dataOffsetBytes } = geometry;
  const parts: Part[] = [
    ...reservedSectors(geometry),
    ...tables(fatOffsetBytes, fatBytes, fatCount),
    {
      name: 'root directory',
      start: fatOffsetBytes + fatCount * fatBytes,
      end: dataOffsetBytes,
      kind: 'metadata',
    },
  ];
  const bad = named('bad clusters', 'bad', clustersWith(table, table.bad));
  return clusterVolume(volumes, geometry, parts, bad);
}

export function tables(start: number, lengthBytes: number, count: number): readonly Part[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `FAT ${i + 1}`,
    start: start + i * lengthBytes,
    end: start + (i + 1) * lengthBytes,
    kind: 'metadata',
  }));
}

/** Clusters that are no file's. */
export interface NamedRun extends ClusterRun {
  readonly name: string;
  readonly kind: MetadataRange['kind'];
}

export async function* named(
  name: string,
  kind: MetadataRange['kind'],
  runs: AsyncIterable<ClusterRun>,
): AsyncGenerator<NamedRun, void, undefined> {
  for await (const run of runs) yield { ...run, name, kind };
}

/** What lies before the clusters, those of them that are no file's, and what lies behind them. */
export async function* clusterVolume(
  volumes: readonly ByteSource[],
  geometry: Clusters,
  before: readonly Part[],
  own: AsyncIterable<NamedRun>,
): AsyncGenerator<readonly MetadataRange[]> {
  const { clusterBytes, clusterCount, dataOffsetBytes, endBytes } = geometry;
  const make = ({ name, start, end, kind }: Part): readonly MetadataRange[] =>
    rangeWithin(volumes, start, end - start).map((at) => ({
      at,
      name,
      kind,
      countedAs: 'overhead',
    }));
  yield before.flatMap(make);
  let page: MetadataRange[] = [];
  for await (const run of own) {
    const { offsetBytes, lengthBytes } = stretchOf(geometry, run);
    for (const at of rangeWithin(volumes, offsetBytes, lengthBytes)) {
      page.push({ at, name: run.name, kind: run.kind, countedAs: 'used' });
    }
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
  const start = dataOffsetBytes + clusterCount * clusterBytes;
  const end = volumes[0]?.sizeBytes ?? 0;
  yield [
    ...make({ name: 'behind the last cluster', start, end: endBytes, kind: 'unused' }),
    ...make({ name: 'behind the filesystem', start: endBytes, end, kind: 'unused' }),
  ];
}

/** The sectors before the first FAT, of which FAT32 uses some. */
function reservedSectors({
  sectorBytes,
  fatOffsetBytes,
  infoSector,
  backupSector,
}: Geometry): readonly Part[] {
  const names = new Map<number, string>([[0, 'boot sector']]);
  const add = (sector: number | null, name: string): void => {
    if (sector === null || names.has(sector) || sector * sectorBytes >= fatOffsetBytes) return;
    names.set(sector, name);
  };
  add(infoSector, 'FSInfo');
  add(backupSector, 'backup boot sector');
  const parts: Part[] = [];
  let end = 0;
  const sorted = [...names].sort(([a], [b]) => a - b);
  for (const [sector, name] of sorted) {
    const start = sector * sectorBytes;
    parts.push({ name: 'reserved sectors', start: end, end: start, kind: 'reserved' });
    end = start + sectorBytes;
    parts.push({ name, start, end, kind: 'metadata' });
  }
  parts.push({ name: 'reserved sectors', start: end, end: fatOffsetBytes, kind: 'reserved' });
  return parts;
}
