// What of an NTFS volume is no file's: the log, bad clusters, free ones, and what lies behind the last cluster.
// References: ntfs-3g include/ntfs-3g/layout.h (FILE_LogFile, FILE_BadClus, FILE_Bitmap); Linux fs/ntfs3/super.c
// (ntfs_init_from_boot: the copy of the boot sector).
import { runsOfParts } from '../../bytes/bit-runs.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { type MetadataRange, type VolumeRange, volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { DATA } from './attribute-types.js';
import { openValue, readFileRecord, unnamed } from './file-table.js';
import { readBytes, type Value } from './value.js';
import { BAD_CLUSTERS_FILE, LOG_FILE, type NtfsVolume } from './volume-files.js';

const BITMAP_FILE = 6;
const PAGE = 256;
const CHUNK_BYTES = MIB;
const BAD_NAME = Buffer.from('$Bad', 'utf16le');

type Page = readonly MetadataRange[];

export async function* metadataRanges(volume: NtfsVolume): AsyncGenerator<Page> {
  const log = unnamed(DATA, '$LogFile');
  const bad = { type: DATA, name: BAD_NAME, what: '$BadClus' };
  yield* toldOf(volume, null, rangesOf(volume, LOG_FILE, log, { name: 'log', kind: 'log' }));
  const words = { name: 'bad clusters', kind: 'bad' } as const;
  yield* toldOf(volume, null, rangesOf(volume, BAD_CLUSTERS_FILE, bad, words));
  yield behindClusters(volume);
}

async function* rangesOf(
  { table, volumes }: NtfsVolume,
  number: number,
  wanted: Parameters<typeof openValue>[2],
  words: Pick<MetadataRange, 'name' | 'kind'>,
): AsyncGenerator<Page> {
  const { clusterBytes } = table.geometry;
  const value = await openValue(table, await readFileRecord(table, number), wanted);
  let page: MetadataRange[] = [];
  for (const { volumeCluster, clusterCount } of value?.runs ?? []) {
    if (volumeCluster === null) continue;
    const at = volumeRange(volumes, volumeCluster * clusterBytes, clusterCount * clusterBytes);
    page.push({ at, ...words, countedAs: 'used' });
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** A rest that is too small for a cluster, and the copy of the boot sector in the sector behind all that count. */
function behindClusters({ table, volumes }: NtfsVolume): Page {
  const { clusterBytes, clusterCount, endBytes, sectorBytes } = table.geometry;
  const sizeBytes = volumes[0]?.sizeBytes ?? 0;
  const start = clusterCount * clusterBytes;
  const copyAt = endBytes - sectorBytes;
  const make = (name: string, from: number, to: number, kind: MetadataRange['kind']): Page => {
    const end = Math.min(to, sizeBytes);
    if (end <= from) return [];
    return [{ at: volumeRange(volumes, from, end - from), name, kind, countedAs: 'overhead' }];
  };
  return [
    ...make('behind the last cluster', start, copyAt, 'unused'),
    ...make('backup boot sector', copyAt, endBytes, 'metadata'),
    ...make('behind the filesystem', endBytes, sizeBytes, 'unused'),
  ];
}

export async function* freeRanges(volume: NtfsVolume): AsyncGenerator<readonly VolumeRange[]> {
  const { table, volumes } = volume;
  const { clusterBytes } = table.geometry;
  const file = await readFileRecord(table, BITMAP_FILE);
  const bitmap = await openValue(table, file, unnamed(DATA, '$Bitmap'));
  if (bitmap === null) throw new FormatError('INVALID', 'ntfs: $Bitmap has no content');
  let page: VolumeRange[] = [];
  for await (const [first, count] of runsOfParts(bits(volume, bitmap))) {
    page.push(volumeRange(volumes, first * clusterBytes, count * clusterBytes));
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function* bits({ table: { source, geometry } }: NtfsVolume, bitmap: Value) {
  const { clusterCount } = geometry;
  const needed = Math.ceil(clusterCount / 8);
  for (let done = 0; done < needed; done += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, needed - done);
    const bytes = await readBytes(source, geometry, bitmap, done, length);
    yield { bytes, bitCount: Math.min(length * 8, clusterCount - done * 8) };
  }
}
