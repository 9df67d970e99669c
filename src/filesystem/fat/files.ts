// The files of a FAT volume, each known by where its directory's entry lies (i_pos).
// References: Linux 6.18 fs/fat/inode.c: fat_fill_inode, fat_read_root, fat_calc_dir_size; fs/fat/fat.h: i_pos.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { FileExtent, FileId, FileNode, FileReader, FileWalk, StoredExtent } from '../files.js';
import { volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { visitsOf } from '../visits.js';
import { clustersWith } from './chain.js';
import { readSlot, slotPages } from './directory.js';
import type { Geometry } from './geometry.js';
import { metadataRanges } from './layout.js';
import { tableOf } from './table.js';
import {
  allFiles,
  entriesOf,
  fileOf,
  freeRanges,
  noting,
  PAGE,
  ROOT,
  runsOf,
  SLOT_BYTES,
  type Slot,
  type Stretch,
  stretchOf,
  type Tree,
  type TreeFile,
  UNKNOWN,
} from './tree.js';

type FatFile = TreeFile<Slot>;

interface Volume extends Tree<Slot> {
  readonly source: ByteSource;
  readonly geometry: Geometry;
}

export function fatFiles(source: ByteSource, geometry: Geometry, walk: FileWalk): FileReader {
  const volumes = [source];
  const table = tableOf(source, geometry);
  const isFat32 = geometry.entryBits === 32;
  const volume: Volume = {
    source,
    volumes,
    geometry,
    table,
    walk,
    spend: visitsOf('fat: files', 'clusters', geometry.clusterCount),
    slotsOf: (directory) => slotPages(source, isFat32, stretchesOf(volume, directory)),
    nodeOf: (file) => nodeOf(volume, file),
  };
  return {
    volumes,
    roots: [ROOT],
    files: () => allFiles(volume, rootOf(volume)),
    file: (id) => fileAt(volume, id),
    free: () => toldOf(volume, null, freeRanges(volumes, geometry, clustersWith(table, 0))),
    metadata: () => toldOf(volume, null, metadataRanges(volumes, geometry, table)),
  };
}

function rootOf({ geometry: { root } }: Volume): FatFile {
  const firstCluster = 'firstCluster' in root ? root.firstCluster : 0;
  return { id: ROOT, slot: null, isDirectory: true, firstCluster, sizeBytes: 0 };
}

async function fileAt(volume: Volume, { tree, number }: FileId): Promise<FileNode | null> {
  const { source, geometry } = volume;
  if (tree !== 0) return null;
  if (number === ROOT.number) return nodeOf(volume, rootOf(volume));
  const offset = number * SLOT_BYTES;
  const { root, dataOffsetBytes, endBytes } = geometry;
  const first = 'offsetBytes' in root ? root.offsetBytes : dataOffsetBytes;
  if (!Number.isSafeInteger(offset) || offset < first || offset + SLOT_BYTES > endBytes)
    return null;
  const bytes = await source.read(offset, SLOT_BYTES);
  const slot = readSlot(bytes, offset, geometry.entryBits === 32);
  return slot === null ? null : nodeOf(volume, fileOf(slot));
}

async function nodeOf(volume: Volume, file: FatFile): Promise<FileNode> {
  const { volumes, geometry } = volume;
  const { id, isDirectory, slot } = file;
  const sizeBytes = isDirectory ? await directoryBytes(volume, file) : file.sizeBytes;
  return {
    id,
    kind: isDirectory ? 'directory' : 'file',
    system: null,
    sizeBytes,
    // By the size, whatever the chain has: the last cluster is counted in full.
    allocatedBytes: Math.ceil(sizeBytes / geometry.clusterBytes) * geometry.clusterBytes,
    linkCount: 1,
    record: slot === null ? null : volumeRange(volumes, slot.offsetBytes, SLOT_BYTES),
    stat: () => slot?.stat ?? UNKNOWN,
    extents: () => toldOf(volume, id, extentsOf(volume, file, sizeBytes)),
    entries: () => entriesOf(volume, file),
  };
}

async function directoryBytes(volume: Volume, directory: FatFile): Promise<number> {
  let sizeBytes = 0;
  for await (const { lengthBytes } of stretchesOf(volume, directory)) sizeBytes += lengthBytes;
  return sizeBytes;
}

/** The root directory of FAT12 and FAT16, which has no clusters. */
function fixedRoot({ geometry: { root } }: Volume, { id }: FatFile) {
  return id === ROOT && 'offsetBytes' in root ? root : null;
}

async function* stretchesOf(volume: Volume, directory: FatFile): AsyncGenerator<Stretch> {
  const root = fixedRoot(volume, directory);
  if (root !== null) {
    yield { offsetBytes: root.offsetBytes, lengthBytes: root.sizeBytes };
    return;
  }
  for await (const run of runsOf(volume, directory)) yield stretchOf(volume.geometry, run);
}

async function* extentsOf(
  volume: Volume,
  file: FatFile,
  sizeBytes: number,
): AsyncGenerator<readonly FileExtent[]> {
  const { volumes, geometry, walk } = volume;
  const root = fixedRoot(volume, file);
  if (root !== null) {
    // A mount takes a root directory without room for any entry.
    if (root.sizeBytes === 0) return;
    const at = volumeRange(volumes, root.offsetBytes, root.sizeBytes);
    yield [{ kind: 'inline', offsetBytes: 0, lengthBytes: root.sizeBytes, at }];
    return;
  }
  const clusters = noting(volume);
  let offsetBytes = 0;
  let page: StoredExtent[] = [];
  for await (const run of runsOf(clusters.tree, file)) {
    const { offsetBytes: start, lengthBytes } = stretchOf(geometry, run);
    const at = volumeRange(volumes, start, lengthBytes);
    page.push({ kind: 'data', offsetBytes, lengthBytes, at, isShared: false, countedAs: 'used' });
    offsetBytes += lengthBytes;
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
  // Where the clusters end in damage, that is the reason.
  if (offsetBytes >= sizeBytes || clusters.isDoubtful()) return;
  const words = `a file of ${sizeBytes} bytes has clusters for ${offsetBytes}`;
  walk.onDoubt({ id: file.id, error: new FormatError('INVALID', `fat: ${words}`) });
}
