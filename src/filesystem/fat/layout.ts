// The parts of a FAT volume that are no file's: those before, between and behind the clusters, and the broken clusters.
// References: Microsoft FAT32 File System Specification 1.03, "Boot Sector and BPB", "FAT32 FSInfo Sector Structure and
// Backup Boot Sector".
import type { ByteSource } from '../../bytes/source.js';
import { type MetadataRange, volumeRange } from '../files.js';
import { FIRST_CLUSTER, type Geometry } from './geometry.js';
import { clustersWith, type Table } from './table.js';

const PAGE = 256;

export async function* metadataRanges(
  volumes: readonly ByteSource[],
  geometry: Geometry,
  table: Table,
): AsyncGenerator<readonly MetadataRange[]> {
  const make = (
    name: string,
    start: number,
    end: number,
    kind: MetadataRange['kind'],
  ): readonly MetadataRange[] => {
    if (end <= start) return [];
    return [{ at: volumeRange(volumes, start, end - start), name, kind, countedAs: 'overhead' }];
  };
  const { fatOffsetBytes, fatBytes, fatCount, dataOffsetBytes, clusterBytes } = geometry;
  const fats = Array.from({ length: fatCount }, (_, i) => {
    const start = fatOffsetBytes + i * fatBytes;
    return make(`FAT ${i + 1}`, start, start + fatBytes, 'metadata');
  });
  const fatsEnd = fatOffsetBytes + fatCount * fatBytes;
  yield [
    ...reservedSectors(geometry).flatMap(({ name, start, end, kind }) =>
      make(name, start, end, kind),
    ),
    ...fats.flat(),
    ...make('root directory', fatsEnd, dataOffsetBytes, 'metadata'),
  ];
  let page: MetadataRange[] = [];
  for await (const { firstCluster, clusterCount } of clustersWith(table, geometry, table.bad)) {
    const start = dataOffsetBytes + (firstCluster - FIRST_CLUSTER) * clusterBytes;
    const at = volumeRange(volumes, start, clusterCount * clusterBytes);
    page.push({ at, name: 'bad clusters', kind: 'bad', countedAs: 'used' });
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
  const clustersEnd = dataOffsetBytes + geometry.clusterCount * clusterBytes;
  const sizeBytes = volumes[0]?.sizeBytes ?? 0;
  yield [
    ...make('behind the last cluster', clustersEnd, geometry.endBytes, 'unused'),
    ...make('behind the filesystem', geometry.endBytes, sizeBytes, 'unused'),
  ];
}

/** The sectors before the first FAT, of which FAT32 uses some. */
function reservedSectors({ sectorBytes, fatOffsetBytes, infoSector, backupSector }: Geometry) {
  const names = new Map<number, string>([[0, 'boot sector']]);
  const add = (sector: number | null, name: string): void => {
    if (sector === null || names.has(sector) || sector * sectorBytes >= fatOffsetBytes) return;
    names.set(sector, name);
  };
  add(infoSector, 'FSInfo');
  add(backupSector, 'backup boot sector');
  const parts: { name: string; start: number; end: number; kind: MetadataRange['kind'] }[] = [];
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
