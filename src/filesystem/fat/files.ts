// The files of a FAT volume. It has no inodes: a file is known by where its directory's entry lies, as the kernel knows
// it (i_pos), and all files are found by walking the directories from the root.
// References: Linux 6.18 fs/fat/inode.c: fat_fill_inode, fat_read_root, fat_calc_dir_size; fs/fat/fat.h: i_pos.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MAX_BLOCK_VISITS } from '../../limits.js';
import type {
  DirectoryEntry,
  FileExtent,
  FileId,
  FileNode,
  FileReader,
  FileWalk,
  StoredExtent,
  VolumeRange,
} from '../files.js';
import { guestName, volumeRange } from '../files.js';
import { readSlot, SLOT_BYTES, type Slot, type Stretch, slotPages } from './directory.js';
import { FIRST_CLUSTER, type Geometry } from './geometry.js';
import { metadataRanges } from './layout.js';
import { type ClusterRun, chainRuns, clustersWith, type Table, tableOf } from './table.js';

/** MSDOS_ROOT_INO: no entry lies so near to the beginning. */
const ROOT: FileId = { tree: 0, number: 1 };
const PAGE = 256;
const UNKNOWN = {
  mode: null,
  userId: null,
  groupId: null,
  generation: null,
  accessedNs: null,
  modifiedNs: null,
  changedNs: null,
  createdNs: null,
} as const;

interface Volume {
  readonly source: ByteSource;
  readonly volumes: readonly ByteSource[];
  readonly geometry: Geometry;
  readonly table: Table;
  readonly walk: FileWalk;
  spend(clusterCount: number): void;
}

/** A file as far as its content goes: an entry of a directory, or the root. */
type Content = Pick<Slot, 'isDirectory' | 'firstCluster' | 'sizeBytes'> & { readonly id: FileId };

export function fatFiles(source: ByteSource, geometry: Geometry, walk: FileWalk): FileReader {
  const volumes = [source];
  const table = tableOf(source, geometry);
  const volume: Volume = { source, volumes, geometry, table, walk, spend: budget(geometry) };
  return {
    volumes,
    roots: [ROOT],
    files: () => allFiles(volume),
    file: (id) => fileAt(volume, id),
    free: () => freeRanges(volume),
    metadata: () => metadataRanges(volumes, geometry, table),
  };
}

/** A cluster is one file's: whoever comes to more than all of them, several times, goes in circles. */
function budget({ clusterCount }: Geometry): (count: number) => void {
  const limit = MAX_BLOCK_VISITS * clusterCount;
  let visited = 0;
  return (count) => {
    visited += count;
    if (visited <= limit) return;
    const message = `fat: files have more than ${limit} clusters, and there are ${clusterCount}`;
    throw new FormatError('LIMIT', message, { data: { limit, clusterCount } });
  };
}

/** Directory by directory: a directory that two entries lead to is entered once. */
async function* allFiles(volume: Volume): AsyncGenerator<readonly FileNode[]> {
  const root = rootOf(volume);
  yield [await nodeOf(volume, root, null)];
  const entered = new Set<number>([root.firstCluster]);
  const queue: Content[] = [root];
  for (let directory = queue.shift(); directory !== undefined; directory = queue.shift()) {
    for await (const slots of slotsOf(volume, directory)) {
      const page: FileNode[] = [];
      for (const slot of slots) {
        const content = contentOf(slot);
        page.push(await nodeOf(volume, content, slot));
        if (!slot.isDirectory || slot.firstCluster === 0) continue;
        if (entered.has(slot.firstCluster)) {
          const words = `two directories begin at cluster ${slot.firstCluster}`;
          volume.walk.onDoubt({ id: content.id, error: new FormatError('LOOP', `fat: ${words}`) });
          continue;
        }
        entered.add(slot.firstCluster);
        queue.push(content);
      }
      yield page;
    }
  }
}

function contentOf(slot: Slot): Content {
  return { ...slot, id: { tree: 0, number: slot.offsetBytes / SLOT_BYTES } };
}

function rootOf({ geometry: { root } }: Volume): Content {
  const firstCluster = 'firstCluster' in root ? root.firstCluster : 0;
  return { id: ROOT, isDirectory: true, firstCluster, sizeBytes: 0 };
}

async function fileAt(volume: Volume, { tree, number }: FileId): Promise<FileNode | null> {
  const { source, geometry } = volume;
  if (tree !== 0) return null;
  if (number === ROOT.number) return nodeOf(volume, rootOf(volume), null);
  const offset = number * SLOT_BYTES;
  const { root, dataOffsetBytes, endBytes } = geometry;
  const first = 'offsetBytes' in root ? root.offsetBytes : dataOffsetBytes;
  if (!Number.isSafeInteger(offset) || offset < first || offset + SLOT_BYTES > endBytes)
    return null;
  const bytes = await source.read(offset, SLOT_BYTES);
  const slot = readSlot(bytes, offset, geometry.entryBits === 32);
  return slot === null ? null : nodeOf(volume, contentOf(slot), slot);
}

async function nodeOf(volume: Volume, content: Content, slot: Slot | null): Promise<FileNode> {
  const { volumes, geometry } = volume;
  const { id, isDirectory } = content;
  const sizeBytes = isDirectory ? await directoryBytes(volume, content) : content.sizeBytes;
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
    extents: () => extentsOf(volume, content, sizeBytes),
    entries: () => entriesOf(volume, content),
  };
}

async function directoryBytes(volume: Volume, directory: Content): Promise<number> {
  let sizeBytes = 0;
  for await (const { lengthBytes } of stretchesOf(volume, directory)) sizeBytes += lengthBytes;
  return sizeBytes;
}

/** The root directory of FAT12 and FAT16, which has no clusters. */
function fixedRoot({ geometry: { root } }: Volume, { id }: Content) {
  return id === ROOT && 'offsetBytes' in root ? root : null;
}

async function* stretchesOf(volume: Volume, directory: Content): AsyncGenerator<Stretch> {
  const root = fixedRoot(volume, directory);
  if (root !== null) {
    yield { offsetBytes: root.offsetBytes, lengthBytes: root.sizeBytes };
    return;
  }
  for await (const run of runsOf(volume, directory)) yield stretch(volume.geometry, run);
}

function stretch(geometry: Geometry, { firstCluster, clusterCount }: ClusterRun): Stretch {
  const { dataOffsetBytes, clusterBytes } = geometry;
  const offsetBytes = dataOffsetBytes + (firstCluster - FIRST_CLUSTER) * clusterBytes;
  return { offsetBytes, lengthBytes: clusterCount * clusterBytes };
}

/** The runs of a file up to a damaged one, of which the walk is told. */
async function* runsOf(volume: Volume, { id, firstCluster }: Content): AsyncGenerator<ClusterRun> {
  const { table, geometry, walk, spend } = volume;
  if (firstCluster === 0) return;
  try {
    yield* chainRuns(table, geometry, firstCluster, spend);
  } catch (error) {
    if (!(error instanceof FormatError) || error.code === 'LIMIT') throw error;
    walk.onDoubt({ id, error });
  }
}

function slotsOf(volume: Volume, directory: Content): AsyncGenerator<readonly Slot[]> {
  const isFat32 = volume.geometry.entryBits === 32;
  return slotPages(volume.source, isFat32, stretchesOf(volume, directory));
}

async function* entriesOf(
  volume: Volume,
  directory: Content,
): AsyncGenerator<readonly DirectoryEntry[]> {
  if (!directory.isDirectory) return;
  for await (const slots of slotsOf(volume, directory)) {
    yield slots.flatMap((slot): DirectoryEntry[] => {
      const { id } = contentOf(slot);
      if (isName(slot.name)) {
        const kind = slot.isDirectory ? 'directory' : 'file';
        return [{ name: guestName(slot.name), id, kind }];
      }
      const error = new FormatError('INVALID', 'fat: a name is empty or has a slash or a zero');
      volume.walk.onDoubt({ id, error });
      return [];
    });
  }
}

function isName(name: Uint8Array): boolean {
  return name.length > 0 && !name.includes(0) && !name.includes(0x2f);
}

async function* extentsOf(
  volume: Volume,
  content: Content,
  sizeBytes: number,
): AsyncGenerator<readonly FileExtent[]> {
  const { volumes, geometry, walk } = volume;
  const root = fixedRoot(volume, content);
  if (root !== null) {
    // A mount takes a root directory without room for any entry.
    if (root.sizeBytes === 0) return;
    const at = volumeRange(volumes, root.offsetBytes, root.sizeBytes);
    yield [{ kind: 'inline', offsetBytes: 0, lengthBytes: root.sizeBytes, at }];
    return;
  }
  let offsetBytes = 0;
  let page: StoredExtent[] = [];
  for await (const run of runsOf(volume, content)) {
    const { offsetBytes: start, lengthBytes } = stretch(geometry, run);
    const at = volumeRange(volumes, start, lengthBytes);
    page.push({ kind: 'data', offsetBytes, lengthBytes, at, isShared: false, countedAs: 'used' });
    offsetBytes += lengthBytes;
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
  if (offsetBytes >= sizeBytes) return;
  const words = `a file of ${sizeBytes} bytes has clusters for ${offsetBytes}`;
  walk.onDoubt({ id: content.id, error: new FormatError('INVALID', `fat: ${words}`) });
}

async function* freeRanges(volume: Volume): AsyncGenerator<readonly VolumeRange[]> {
  const { volumes, geometry, table } = volume;
  let page: VolumeRange[] = [];
  for await (const run of clustersWith(table, geometry, 0)) {
    const { offsetBytes, lengthBytes } = stretch(geometry, run);
    page.push(volumeRange(volumes, offsetBytes, lengthBytes));
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
