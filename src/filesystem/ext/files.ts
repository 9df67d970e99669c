// The files of an ext filesystem, in the state after its journal: inodes in the order of their tables.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_get_inode_loc; fs/ext4/ialloc.c: ext4_read_inode_bitmap;
// fs/ext4/orphan.c: ext4_orphan_cleanup.
import { isSet } from '../../bytes/bit-runs.js';
import type { ByteSource } from '../../bytes/source.js';
import { VirtDfError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import {
  type FileId,
  type FileNode,
  type FileReader,
  type FileWalk,
  type IsWanted,
  type VolumeRange,
  volumeRange,
} from '../files.js';
import { tell } from '../told.js';
import { visitsOf } from '../visits.js';
import { inodeCheck } from './checksum.js';
import type { Context } from './context.js';
import { allDescriptors, type NumberedDescriptor } from './descriptors.js';
import { directoriesAhead } from './directories-ahead.js';
import { fileNode, type InodePlace } from './file-node.js';
import { type BlockSpan, freeSpans, inodeBits } from './free-blocks.js';
import { inodeGroup } from './inode.js';
import { inodeTable } from './inode-table.js';
import { journalBlockCount, journalInode } from './journal.js';
import { metadataRanges } from './layout.js';
import { type ExtVolume, ROOT_INODE, systemNames } from './volume-files.js';

const PIECE_BYTES = 64 * KIB;
/** Files that are asked for by their places are asked for again one by one: so small a read stays in the host's cache. */
const WANTED_PIECE_BYTES = 32 * KIB;
const PAGE = 256;

/** @param log the journal's device, if it is another and was found. */
export async function extFiles(
  onDisk: Context,
  log: ByteSource | null,
  walk: FileWalk,
): Promise<FileReader> {
  const context = await afterLog(onDisk, log, walk);
  const volumes = [context.source];
  const { source, geometry } = context;
  const spend = visitsOf('ext: files', 'blocks', geometry.blockCount);
  const volume: ExtVolume = {
    context,
    volumes,
    walk,
    orphans: await orphansOf(context, walk),
    spend,
    check: inodeCheck(context),
    maps: { source, geometry, spend: () => spend(1) },
    systemNames: systemNames(context),
    journal: await journalOf(context, walk),
  };
  return {
    volumes,
    roots: [{ tree: 0, number: ROOT_INODE }],
    files: () => allFiles(volume, null),
    filesIn: (isWanted) => allFiles(volume, isWanted),
    file: (id) => fileAt(volume, id),
    free: (isWanted) => freeRanges(volume, isWanted),
    metadata: () => metadataRanges(volumes, context),
    trimBorders: trimBorders(geometry),
  };
}

/** The ends of groups. Linux 6.18 fs/ext4/mballoc.c: ext4_trim_fs. */
function trimBorders({ firstDataBlock, blocksPerGroup, blockSizeBytes }: Context['geometry']) {
  const everyBytes = blocksPerGroup * blockSizeBytes;
  return { firstBytes: firstDataBlock * blockSizeBytes + everyBytes, everyBytes };
}

/** As it is on the disk where the journal cannot be replayed. */
async function afterLog(context: Context, log: ByteSource | null, { onDoubt }: FileWalk) {
  const { hasJournal, needsRecovery } = context.features;
  if (!hasJournal || !needsRecovery) return context;
  const { replayJournal } = await import('./recovery.js');
  const replayed = await orDoubt(() => replayJournal(context, log, 'all'));
  if (replayed instanceof VirtDfError) {
    onDoubt({ id: null, error: replayed });
    return context;
  }
  for (const error of replayed.doubts) onDoubt({ id: null, error });
  return replayed.context;
}

/** The files that a mount deletes or cuts; none where it leaves that to e2fsck, or has long been done. */
async function orphansOf(
  context: Context,
  { onDoubt, isLive = false }: FileWalk,
): Promise<ExtVolume['orphans']> {
  if (isLive) return new Map();
  const { superblock, features } = context;
  const hasOrphans = features.hasOrphanFile || !equals(superblock.lastOrphan, 0);
  if (!hasOrphans || features.hasError || features.unknownReadOnly !== null) return new Map();
  const { orphansFree } = await import('./orphans.js');
  const found = await orDoubt(() => orphansFree(context, superblock, features));
  if (!(found instanceof VirtDfError)) return found.orphans;
  onDoubt({ id: null, error: found });
  return new Map();
}

async function journalOf(context: Context, { onDoubt }: FileWalk): Promise<ExtVolume['journal']> {
  const { superblock, features, geometry } = context;
  const found = await orDoubt(async () => {
    const inode = await journalInode(context, superblock, features);
    if (inode === null) return null;
    return { number: inode.number, blockCount: journalBlockCount(inode, geometry) };
  });
  if (!(found instanceof VirtDfError)) return found;
  onDoubt({ id: null, error: found });
  return null;
}

/** @param isWanted null: all are. */
async function* allFiles(
  volume: ExtVolume,
  isWanted: IsWanted | null,
): AsyncGenerator<readonly FileNode[]> {
  const { inodesPerGroup } = volume.context.geometry;
  for await (const descriptors of allDescriptors(volume.context)) {
    for (const descriptor of descriptors) {
      if (isWanted?.(recordRange(volume, descriptor, 0, inodesPerGroup)) === false) continue;
      const bits = await inodeBits(volume.context, descriptor);
      if (bits !== null) yield* filesOfGroup(volume, descriptor, bits, isWanted);
    }
  }
}

/** So many inodes of a group's table. */
function recordRange(
  { volumes, context: { geometry } }: ExtVolume,
  { inodeTable }: NumberedDescriptor,
  first: number,
  count: number,
): VolumeRange {
  const { inodeSizeBytes, blockSizeBytes } = geometry;
  const offset = inodeTable * blockSizeBytes + first * inodeSizeBytes;
  return volumeRange(volumes, offset, count * inodeSizeBytes);
}

/** Only those pieces of the table are read that have an inode in use. */
async function* filesOfGroup(
  volume: ExtVolume,
  descriptor: NumberedDescriptor,
  bits: Uint8Array,
  isWanted: IsWanted | null,
): AsyncGenerator<readonly FileNode[]> {
  const { group, inodeTable } = descriptor;
  const { source, geometry } = volume.context;
  const { inodesPerGroup, inodeSizeBytes, blockSizeBytes } = geometry;
  const perPiece = (isWanted === null ? PIECE_BYTES : WANTED_PIECE_BYTES) / inodeSizeBytes;
  for (let first = 0; first < inodesPerGroup; first += perPiece) {
    const used: number[] = [];
    const end = Math.min(first + perPiece, inodesPerGroup);
    if (isWanted?.(recordRange(volume, descriptor, first, end - first)) === false) continue;
    for (let index = first; index < end; index++) {
      if (!isSet(bits, index)) continue;
      if (isWanted?.(recordRange(volume, descriptor, index, 1)) !== false) used.push(index);
    }
    const [from, last] = [used[0], used.at(-1)];
    if (from === undefined || last === undefined) continue;
    const start = inodeTable * blockSizeBytes + from * inodeSizeBytes;
    const bytes = await source.read(start, (last - from + 1) * inodeSizeBytes);
    yield filesIn(volume, used, { bytes, first: from, group, offsetBytes: start });
  }
}

/** Inodes that were read together: those from index `first` of a group on. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly group: number;
  readonly offsetBytes: number;
}

/** @param used indexes in the group. */
function filesIn(volume: ExtVolume, used: readonly number[], piece: Piece): readonly FileNode[] {
  const { inodesPerGroup, inodeSizeBytes } = volume.context.geometry;
  const table = inodeTable(piece.bytes, inodeSizeBytes);
  const directories: number[] = [];
  const ahead = directoriesAhead(volume, table, directories);
  const nodes: FileNode[] = [];
  for (const index of used) {
    const at = (index - piece.first) * inodeSizeBytes;
    const number = piece.group * inodesPerGroup + index + 1;
    const offsetBytes = piece.offsetBytes + at;
    const node = nodeOrTell(volume, { number, table, at, offsetBytes, ahead });
    if (node === null) continue;
    nodes.push(node);
    if (node.kind === 'directory') directories.push(at);
  }
  return nodes;
}

function nodeOrTell(volume: ExtVolume, place: InodePlace): FileNode | null {
  try {
    return fileNode(volume, place);
  } catch (error) {
    tell(volume, place.number, error);
    return null;
  }
}

async function fileAt(volume: ExtVolume, { tree, number }: FileId): Promise<FileNode | null> {
  const { context } = volume;
  const { inodeCount, inodeSizeBytes, blockSizeBytes, inodesPerGroup } = context.geometry;
  if (tree !== 0 || !Number.isInteger(number) || number < 1 || number > inodeCount) return null;
  const place = await inodeGroup(context, number);
  const group = Math.floor((number - 1) / inodesPerGroup);
  const bits = await inodeBits(context, { ...place, group });
  if (bits === null || !isSet(bits, place.index)) return null;
  const offset = place.inodeTable * blockSizeBytes + place.index * inodeSizeBytes;
  const table = inodeTable(await context.source.read(offset, inodeSizeBytes), inodeSizeBytes);
  return fileNode(volume, { number, table, at: 0, offsetBytes: offset, ahead: null });
}

async function* freeRanges(
  volume: ExtVolume,
  isWanted?: IsWanted,
): AsyncGenerator<readonly VolumeRange[]> {
  const { context, volumes } = volume;
  const { blockSizeBytes } = context.geometry;
  const isWantedSpan = ({ block, count }: BlockSpan) =>
    isWanted?.(volumeRange(volumes, block * blockSizeBytes, count * blockSizeBytes)) !== false;
  let page: VolumeRange[] = [];
  for await (const { block, count } of freeSpans(context, isWantedSpan)) {
    page.push(volumeRange(volumes, block * blockSizeBytes, count * blockSizeBytes));
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
