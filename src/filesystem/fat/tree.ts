// The files of FAT and exFAT, which have no inodes: a file is known by where its directory's entry lies, and all are found
// by walking the directories from the root. What differs is how a directory's entries are read.
// References: Linux 6.18 fs/fat/fat.h: i_pos; fs/exfat/exfat_fs.h: i_pos.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { nameFault } from '../file-kinds.js';
import type {
  DirectoryEntry,
  FileId,
  FileNode,
  FileStat,
  FileWalk,
  VolumeRange,
} from '../files.js';
import { guestName, volumeRange } from '../files.js';
import { tell, toldOf } from '../told.js';
import { type ClusterRun, chainRuns, FIRST_CLUSTER, type Table } from './chain.js';

/** MSDOS_ROOT_INO, EXFAT_ROOT_INO: no entry lies so near to the beginning. */
export const ROOT: FileId = { tree: 0, number: 1 };
export const SLOT_BYTES = 32;
export const PAGE = 256;

/** stat's fields of a root directory, which no entry is about. */
export const UNKNOWN: FileStat = {
  mode: null,
  userId: null,
  groupId: null,
  generation: null,
  accessedNs: null,
  modifiedNs: null,
  changedNs: null,
  createdNs: null,
};

/** An entry of a directory: its file's name, kind and size, and the cluster with which the file begins. */
export interface Slot {
  /** Of the entry, on the volume. */
  readonly offsetBytes: number;
  /** As the guest shows it. */
  readonly name: Uint8Array;
  readonly isDirectory: boolean;
  /** 0: it has no clusters. */
  readonly firstCluster: number;
  /** 0 for a directory of FAT, whose size is that of its clusters. */
  readonly sizeBytes: number;
  readonly stat: FileStat;
}

/** A stretch of the volume that holds a part of a file. */
export interface Stretch {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Where the clusters lie. */
interface Clusters {
  readonly clusterBytes: number;
  /** Where cluster 2 begins. */
  readonly dataOffsetBytes: number;
}

/** A file as far as its content goes: an entry of a directory, or the root, which has none. */
export interface TreeFile<S extends Slot>
  extends Pick<Slot, 'isDirectory' | 'firstCluster' | 'sizeBytes'> {
  readonly id: FileId;
  readonly slot: S | null;
}

export interface Tree<S extends Slot> {
  readonly volumes: readonly ByteSource[];
  readonly table: Table;
  readonly walk: FileWalk;
  /** @throws FormatError LIMIT */
  spend(clusterCount: number): void;
  /** The entries of a directory up to a damaged one, of which the walk is told. */
  slotsOf(directory: TreeFile<S>): AsyncIterable<readonly S[]>;
  nodeOf(file: TreeFile<S>): Promise<FileNode>;
}

export function fileOf<S extends Slot>(slot: S): TreeFile<S> {
  const { offsetBytes, isDirectory, firstCluster, sizeBytes } = slot;
  const id = { tree: 0, number: offsetBytes / SLOT_BYTES };
  return { id, slot, isDirectory, firstCluster, sizeBytes };
}

/** Directory by directory: a directory that two entries lead to is entered once. */
export async function* allFiles<S extends Slot>(
  tree: Tree<S>,
  root: TreeFile<S>,
): AsyncGenerator<readonly FileNode[]> {
  const { format } = tree.table;
  yield await nodeOrTell(tree, root);
  const entered = new Set<number>([root.firstCluster]);
  // It grows meanwhile.
  const queue: TreeFile<S>[] = [root];
  for (const directory of queue) {
    for await (const slots of slotsOrTell(tree, directory)) {
      const page: FileNode[] = [];
      for (const slot of slots) {
        const file = fileOf(slot);
        page.push(...(await nodeOrTell(tree, file)));
        if (!slot.isDirectory || slot.firstCluster === 0) continue;
        if (entered.has(slot.firstCluster)) {
          const words = `two directories begin at cluster ${slot.firstCluster}`;
          tree.walk.onDoubt({ id: file.id, error: new FormatError('LOOP', `${format}: ${words}`) });
          continue;
        }
        entered.add(slot.firstCluster);
        queue.push(file);
      }
      yield page;
    }
  }
}

/** The file, or none where what it takes cannot be read. */
async function nodeOrTell<S extends Slot>(
  tree: Tree<S>,
  file: TreeFile<S>,
): Promise<readonly FileNode[]> {
  try {
    return [await tree.nodeOf(file)];
  } catch (error) {
    tell(tree, file.id, error);
    return [];
  }
}

function slotsOrTell<S extends Slot>(
  tree: Tree<S>,
  directory: TreeFile<S>,
): AsyncGenerator<readonly S[]> {
  return toldOf(tree, directory.id, tree.slotsOf(directory));
}

/** The same tree, and whether anything was told of it since. */
export function noting<T extends { readonly walk: FileWalk }>(tree: T) {
  let isDoubtful = false;
  const onDoubt: FileWalk['onDoubt'] = (doubt) => {
    isDoubtful = true;
    tree.walk.onDoubt(doubt);
  };
  return { tree: { ...tree, walk: { onDoubt } }, isDoubtful: () => isDoubtful };
}

/** The runs of a file up to a damaged one, of which the walk is told. */
export async function* runsOf<S extends Slot>(
  tree: Tree<S>,
  { id, firstCluster }: Pick<TreeFile<S>, 'id' | 'firstCluster'>,
): AsyncGenerator<ClusterRun> {
  if (firstCluster === 0) return;
  yield* toldOf(tree, id, chainRuns(tree.table, firstCluster, tree.spend));
}

export function stretchOf(
  { clusterBytes, dataOffsetBytes }: Clusters,
  { firstCluster, clusterCount }: ClusterRun,
): Stretch {
  const offsetBytes = dataOffsetBytes + (firstCluster - FIRST_CLUSTER) * clusterBytes;
  return { offsetBytes, lengthBytes: clusterCount * clusterBytes };
}

export async function* entriesOf<S extends Slot>(
  tree: Tree<S>,
  directory: TreeFile<S>,
): AsyncGenerator<readonly DirectoryEntry[]> {
  if (!directory.isDirectory) return;
  for await (const slots of slotsOrTell(tree, directory)) {
    yield slots.flatMap((slot): DirectoryEntry[] => {
      const { id } = fileOf(slot);
      const error = nameFault(tree.table.format, slot.name);
      if (error === null) {
        const kind = slot.isDirectory ? 'directory' : 'file';
        return [{ name: guestName(slot.name), id, kind }];
      }
      tree.walk.onDoubt({ id, error });
      return [];
    });
  }
}

/** What of a range the volume has: a volume that is cut has nothing behind its end. */
export function rangeWithin(
  volumes: readonly ByteSource[],
  offsetBytes: number,
  lengthBytes: number,
): readonly VolumeRange[] {
  const endBytes = Math.min(offsetBytes + lengthBytes, volumes[0]?.sizeBytes ?? 0);
  return endBytes > offsetBytes ? [volumeRange(volumes, offsetBytes, endBytes - offsetBytes)] : [];
}

/** Free clusters, as ranges. */
export async function* freeRanges(
  volumes: readonly ByteSource[],
  clusters: Clusters,
  runs: AsyncIterable<ClusterRun>,
): AsyncGenerator<readonly VolumeRange[]> {
  let page: VolumeRange[] = [];
  for await (const run of runs) {
    const { offsetBytes, lengthBytes } = stretchOf(clusters, run);
    page.push(...rangeWithin(volumes, offsetBytes, lengthBytes));
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
