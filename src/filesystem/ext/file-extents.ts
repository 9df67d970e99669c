// The pieces of a file of ext: its blocks, those of its map and of its attributes, holes, and content that lies in its inode.
// References: Linux 6.18 fs/ext4/extents.c: ext4_fiemap; fs/ext4/inline.c: ext4_get_max_inline_size,
// ext4_find_inline_data_nolock; fs/ext4/inode.c: ext4_inode_is_fast_symlink; fs/ext4/resize.c: reserve_backup_gdb.
import { ExtInodeFields, extBlockPointerRecords } from '../../../generated/filesystem/ext.js';
import { int } from '../../validation/guest.js';
import { type DfCount, type FileExtent, type StoredExtent, volumeRange } from '../files.js';
import { tell } from '../told.js';
import { inlineValue } from './attributes.js';
import { type BlockRun, blockRuns } from './block-map.js';
import { type ExtFile, type ExtVolume, RESIZE_INODE } from './volume-files.js';

const { blockMap: BLOCK_MAP } = ExtInodeFields;
const POINTER_BYTES = 4;
const DOUBLE_INDIRECT = 13;

export async function* extentPages(
  volume: ExtVolume,
  file: ExtFile,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  const { inode, number } = file;
  if (number === RESIZE_INODE) {
    const own = resizeExtents(volume, file);
    if (own.length > 0) yield own;
    return;
  }
  const content = inlineExtents(volume, file);
  if (content.length > 0) yield content;
  if (inode.attributeBlock !== 0) {
    const orphan = volume.orphans.get(number);
    yield placed(
      volume,
      'attributes',
      inode.attributeBlock,
      orphan === 'deleted' ? 'free' : 'used',
    );
  }
  if (!inode.hasBlocks) return;
  try {
    yield* blockExtents(volume, file);
  } catch (error) {
    tell(volume, number, error);
  }
}

/** Content in the inode itself: a short target of a link, and with inline_data the begin of a file or directory. */
function inlineExtents({ volumes }: ExtVolume, file: ExtFile): readonly FileExtent[] {
  const { inode, bytes, offsetBytes } = file;
  const isShortLink = inode.isSymlink && !inode.hasBlocks;
  if ((!inode.isInline && !isShortLink) || inode.sizeBytes === 0) return [];
  const first = Math.min(inode.sizeBytes, BLOCK_MAP.sizeBytes);
  const head: FileExtent = {
    kind: 'inline',
    offsetBytes: 0,
    lengthBytes: first,
    at: volumeRange(volumes, offsetBytes + BLOCK_MAP.at, first),
  };
  const rest = inode.sizeBytes - first;
  const value = rest > 0 ? inlineValue(bytes) : null;
  if (value === null) return [head];
  const lengthBytes = Math.min(rest, value.lengthBytes);
  if (lengthBytes === 0) return [head];
  const at = volumeRange(volumes, offsetBytes + value.offsetBytes, lengthBytes);
  return [head, { kind: 'inline', offsetBytes: first, lengthBytes, at }];
}

/**
 * The inode for growing online maps, through one block of pointers, the blocks that are reserved for descriptors, which
 * are metadata of their groups: only that block is its own.
 */
function resizeExtents(volume: ExtVolume, { inode }: ExtFile): readonly FileExtent[] {
  const { blockCount } = volume.context.geometry;
  const pointers = extBlockPointerRecords(inode.blockMap);
  if (inode.hasExtents || pointers.length * POINTER_BYTES < BLOCK_MAP.sizeBytes) return [];
  const block = int(pointers.at(DOUBLE_INDIRECT).block, 'ext: resize inode', 0, blockCount - 1);
  return block === 0 ? [] : placed(volume, 'map', block, 'used');
}

/** The block from which on a file's blocks count otherwise: one that is to be cut has used ones before, free ones behind. */
interface Boundary {
  readonly fileBlock: number;
  readonly before: DfCount;
  readonly behind: DfCount;
}

function boundaryOf(
  { context, orphans, journal }: ExtVolume,
  { inode, number }: ExtFile,
): Boundary {
  const { blockSizeBytes, clusterRatio } = context.geometry;
  const orphan = orphans.get(number);
  if (journal?.number === number) {
    return { fileBlock: journal.blockCount, before: 'overhead', behind: 'used' };
  }
  if (orphan === 'deleted') return { fileBlock: 0, before: 'free', behind: 'free' };
  if (orphan !== 'cut') return { fileBlock: 0, before: 'used', behind: 'used' };
  // The cluster that the cut goes through stays.
  const clusters = Math.ceil(inode.sizeBytes / blockSizeBytes / clusterRatio);
  return { fileBlock: clusters * clusterRatio, before: 'used', behind: 'free' };
}

async function* blockExtents(
  volume: ExtVolume,
  file: ExtFile,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  const { context, maps } = volume;
  const { inode } = file;
  const { blockSizeBytes } = context.geometry;
  const boundary = boundaryOf(volume, file);
  const freedMaps = await freedMapBlocks(volume, file, boundary);
  const slack = slackOf(volume);
  let nextBytes = 0;
  for await (const runs of blockRuns(maps, inode, 0)) {
    const page: FileExtent[] = [];
    for (const run of runs) {
      volume.spend(run.count);
      if (run.fileBlock === null) {
        const isFreed = boundary.before === 'free' || freedMaps.has(run.block);
        page.push(...placed(volume, 'map', run.block, isFreed ? 'free' : 'used'));
        continue;
      }
      const start = run.fileBlock * blockSizeBytes;
      if (start > nextBytes) {
        page.push({ kind: 'hole', offsetBytes: nextBytes, lengthBytes: start - nextBytes });
      }
      nextBytes = start + run.count * blockSizeBytes;
      for (const part of split(run, run.fileBlock, boundary)) {
        page.push(...slack.before(part.block, part.countedAs));
        page.push(dataExtent(volume, file, part));
        slack.covers(part.block + part.count, part.countedAs);
      }
    }
    if (page.length > 0) yield page;
  }
  const end: FileExtent[] = [...slack.end()];
  if (inode.sizeBytes > nextBytes) {
    end.push({ kind: 'hole', offsetBytes: nextBytes, lengthBytes: inode.sizeBytes - nextBytes });
  }
  if (end.length > 0) yield end;
}

interface Part {
  readonly fileBlock: number;
  readonly block: number;
  readonly count: number;
  readonly isUnwritten: boolean;
  readonly countedAs: DfCount;
}

function split(run: BlockRun, fileBlock: number, boundary: Boundary): readonly Part[] {
  const { block, count, isUnwritten } = run;
  const first = Math.min(count, Math.max(0, boundary.fileBlock - fileBlock));
  const before: Part = { fileBlock, block, count: first, isUnwritten, countedAs: boundary.before };
  const behind: Part = {
    fileBlock: fileBlock + first,
    block: block + first,
    count: count - first,
    isUnwritten,
    countedAs: boundary.behind,
  };
  return [before, behind].filter((part) => part.count > 0);
}

function dataExtent(volume: ExtVolume, { inode, isEncrypted }: ExtFile, part: Part): StoredExtent {
  const { blockSizeBytes } = volume.context.geometry;
  const lengthBytes = part.count * blockSizeBytes;
  // Of an encrypted directory the names are encrypted, and not its blocks.
  const kind = isEncrypted && !inode.isDirectory ? 'encrypted' : 'data';
  return {
    kind: part.isUnwritten ? 'unwritten' : kind,
    offsetBytes: part.fileBlock * blockSizeBytes,
    lengthBytes,
    at: volumeRange(volume.volumes, part.block * blockSizeBytes, lengthBytes),
    isShared: false,
    countedAs: part.countedAs,
  };
}

/** The blocks of the map that go when a file is cut to its size. */
async function freedMapBlocks(
  { maps }: ExtVolume,
  { inode }: ExtFile,
  { before, behind, fileBlock }: Boundary,
): Promise<ReadonlySet<number>> {
  const freed = new Set<number>();
  if (behind !== 'free' || before === 'free') return freed;
  for await (const runs of blockRuns(maps, inode, fileBlock)) {
    for (const run of runs) if (run.fileBlock === null) freed.add(run.block);
  }
  return freed;
}

/** A block that holds no content, and with bigalloc the rest of its cluster, which nothing else has. */
function placed(
  volume: ExtVolume,
  kind: 'map' | 'attributes',
  block: number,
  countedAs: DfCount,
): readonly StoredExtent[] {
  const slack = slackOf(volume);
  const { blockSizeBytes } = volume.context.geometry;
  const own: StoredExtent = {
    kind,
    offsetBytes: null,
    lengthBytes: 0,
    at: volumeRange(volume.volumes, block * blockSizeBytes, blockSizeBytes),
    // Files with the same attributes share their block.
    isShared: kind === 'attributes' ? null : false,
    countedAs,
  };
  const before = slack.before(block, countedAs);
  slack.covers(block + 1, countedAs);
  const isShared = own.isShared;
  return [...before, own, ...slack.end()].map((extent) => ({ ...extent, isShared }));
}

/** With bigalloc a file has whole clusters: the blocks of them that it does not use. */
function slackOf({ context, volumes }: ExtVolume) {
  const { firstDataBlock, clusterRatio, blockSizeBytes, blockCount } = context.geometry;
  let [end, counted]: [number, DfCount] = [-1, 'used'];
  const startOf = (block: number) => block - ((block - firstDataBlock) % clusterRatio);
  const rest = (from: number, to: number, countedAs: DfCount): readonly StoredExtent[] => {
    if (to <= from) return [];
    const at = volumeRange(volumes, from * blockSizeBytes, (to - from) * blockSizeBytes);
    return [{ kind: 'slack', offsetBytes: null, lengthBytes: 0, at, isShared: false, countedAs }];
  };
  const close = () => {
    if (end < 0 || clusterRatio === 1) return [];
    const clusterEnd = Math.min(startOf(end - 1) + clusterRatio, blockCount);
    const slack = rest(end, clusterEnd, counted);
    end = -1;
    return slack;
  };
  return {
    /** The unused blocks of clusters before a piece that begins at `block`. */
    before(block: number, countedAs: DfCount): readonly StoredExtent[] {
      if (clusterRatio === 1) return [];
      const start = startOf(block);
      if (end > start && end <= block) return rest(end, block, counted);
      return [...close(), ...rest(start, block, countedAs)];
    },
    covers(to: number, countedAs: DfCount): void {
      end = to;
      counted = countedAs;
    },
    end: close,
  };
}
