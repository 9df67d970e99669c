// The files of ISO 9660 by the names that Linux shows: Rock Ridge's, or else Joliet's, or else its own.
// References: Linux fs/isofs/inode.c: isofs_fill_super, isofs_read_inode; fs/isofs/dir.c: do_isofs_readdir.
import type { RangeList } from '../../bytes/range-list.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { nameFault } from '../file-kinds.js';
import type { DirectoryEntry, FileNode, FileReader, FileStat, FileWalk } from '../files.js';
import { guestName, volumeRange } from '../files.js';
import { tell, UNHEARD } from '../told.js';
import { extentPages } from './extents.js';
import { directoryAt, fileAt, type IsoFile } from './file.js';
import { metadataRanges } from './layout.js';
import { targetOf } from './link.js';
import { firstBlockOf, stretchesOf } from './records.js';
import {
  type Descriptors,
  newBudget,
  readDescriptors,
  type Tree,
  type Volume,
  volumeOf,
} from './volume.js';
import { filePages, namePages, type OnEntry, rootNumber } from './walk.js';

const SECTOR_BYTES = 512;

/** @param window the descriptors. @throws FormatError */
export async function iso9660Files(
  source: ByteSource,
  window: Uint8Array,
  walk: FileWalk,
): Promise<FileReader> {
  const descriptors = await readDescriptors(window);
  const plain = volumeOf(source, descriptors, walk);
  const { shown, hidden, skippedBytes } = await treesOf(plain, descriptors);
  const volume: Volume = { ...plain, skippedBytes };
  // Each pass may read all directories.
  const pass = (onDoubt: FileWalk): Volume => ({
    ...volume,
    walk: onDoubt,
    spend: newBudget(source),
  });
  const nodes = (from: Volume, onEntry?: OnEntry) => nodePages(from, volume, shown, onEntry);
  return {
    volumes: volume.volumes,
    roots: [{ tree: 0, number: rootNumber(volume, shown) }],
    files: () => nodes(pass(walk)),
    async file({ tree, number }) {
      if (tree !== 0) return null;
      const file = await fileAt(pass(walk), shown.names, number);
      return file === null ? null : nodeOf(volume, shown, file);
    },
    async *free() {},
    metadata() {
      const silent = pass(UNHEARD);
      return metadataRanges(silent, descriptors.structures, hidden, ({ areas, associated }) =>
        nodePages(silent, silent, shown, ({ entry, extensions }) => {
          for (const area of extensions?.areas ?? []) addBlocks(volume, areas, area);
          if (!entry.last.isAssociated) return;
          for (const one of stretchesOf(volume, entry.sections)) addBlocks(volume, associated, one);
        }),
      );
    },
  };
}

/** The whole blocks in which a range lies. */
function addBlocks(
  { blockBytes }: Volume,
  list: RangeList,
  { offsetBytes, lengthBytes }: ByteRange,
): void {
  const end = Math.ceil((offsetBytes + lengthBytes) / blockBytes) * blockBytes;
  list.add(offsetBytes - (offsetBytes % blockBytes), end);
}

interface Trees {
  readonly shown: Tree;
  readonly hidden: Tree | null;
  readonly skippedBytes: number;
}

/** Joliet's names are shown where the root directory does not say that it has Rock Ridge's, or has nothing else. */
async function treesOf(volume: Volume, { primary, joliet }: Descriptors): Promise<Trees> {
  const own: Tree = { names: 'rock', rootBlock: firstBlockOf(primary.root) };
  const root = await directoryAt(volume, own.names, rootNumber(volume, own));
  const { hasReference = false, skippedBytes = null } = root?.extensions ?? {};
  const skipped = { skippedBytes: skippedBytes ?? 0 };
  if (joliet === null) return { shown: own, hidden: null, ...skipped };
  const other: Tree = { names: 'joliet', rootBlock: firstBlockOf(joliet.root) };
  const isRock = hasReference && root !== null && (await hasNames(volume, own, root));
  if (isRock) return { shown: own, hidden: other, ...skipped };
  return { shown: other, hidden: { ...own, names: 'plain' }, ...skipped };
}

async function hasNames(volume: Volume, tree: Tree, root: IsoFile): Promise<boolean> {
  for await (const page of namePages(volume, tree, root)) if (page.length > 0) return true;
  return false;
}

/** @param kept the volume of the pieces and names that are asked for later. */
async function* nodePages(
  volume: Volume,
  kept: Volume,
  tree: Tree,
  onEntry?: OnEntry,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  for await (const files of filePages(volume, tree, onEntry)) {
    yield files.map((file) => nodeOf(kept, tree, file));
  }
}

function nodeOf(volume: Volume, tree: Tree, file: IsoFile): FileNode {
  const { entry, number, kind, extensions, sizeBytes } = file;
  const { first } = entry;
  const contentBytes = first.isInterleaved
    ? 0
    : entry.sections.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  return {
    id: { tree: 0, number },
    kind,
    system: null,
    sizeBytes,
    // Of what is stored, whatever it decompresses to.
    allocatedBytes: Math.ceil(contentBytes / SECTOR_BYTES) * SECTOR_BYTES,
    linkCount: extensions?.posix?.linkCount ?? 1,
    record: volumeRange(volume.volumes, first.offsetBytes, first.lengthBytes),
    stat: () => statOf(file),
    extents: () => extentPages(volume, file),
    ...(kind === 'symlink'
      ? { target: () => orNull(() => targetOf(volume.source, extensions?.link ?? [])) }
      : {}),
    entries: () => entriesOf(volume, tree, file),
  };
}

function statOf({ entry: { first }, extensions }: IsoFile): FileStat {
  const { posix = null, times = null } = extensions ?? {};
  const { recordedNs } = first;
  return {
    mode: posix?.mode ?? null,
    userId: posix?.owner ?? null,
    groupId: posix?.group ?? null,
    generation: null,
    accessedNs: times?.accessedNs ?? recordedNs,
    modifiedNs: times?.modifiedNs ?? recordedNs,
    // Some writers put it in the place of the time of creation.
    changedNs: times?.changedNs ?? times?.createdNs ?? recordedNs,
    createdNs: times?.createdNs ?? null,
  };
}

async function* entriesOf(
  volume: Volume,
  tree: Tree,
  file: IsoFile,
): AsyncGenerator<readonly DirectoryEntry[], void, undefined> {
  if (file.kind !== 'directory') return;
  for await (const names of namePages(volume, tree, file)) {
    yield names.flatMap((found) => {
      const { number, name } = found;
      const fault = nameFault('iso9660', name);
      if (fault === null) return [{ name: guestName(name), id: { tree: 0, number }, kind: null }];
      tell(volume, number, fault);
      return [];
    });
  }
}
