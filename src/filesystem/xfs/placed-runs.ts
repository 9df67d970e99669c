// The runs of a file's map as pieces of the file: with the holes between them, and by what else has the same blocks.
// References: Linux 6.18 fs/xfs/xfs_iomap.c: xfs_bmbt_to_iomap; fs/xfs/xfs_reflink.c: xfs_reflink_trim_around_shared;
// libxfs/xfs_symlink_remote.c: xfs_symlink_remote_read; libxfs/xfs_dir2.h: XFS_DIR2_LEAF_OFFSET.
import { parseXfsAgf, XfsSymlinkBlockFields } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { GIB } from '../../limits.js';
import { type DfCount, type FileExtent, type StoredExtent, volumeRange } from '../files.js';
import { partsOf } from './block-ranges.js';
import type { BlockRange, MappedRun } from './file-extents.js';
import { treePlace } from './group-tree.js';
import { type SharedBlocks, type SummedChange, sharedReader } from './shared-blocks.js';
import { blocksAt, type XfsFile, type XfsVolume } from './volume-files.js';

/** Behind it lies the index of a directory. */
export const DIRECTORY_INDEX_BYTES = 32 * GIB;
/** In version 5 each piece of a link's target begins with a head. */
const LINK_HEAD_BYTES = XfsSymlinkBlockFields.lastWriteLsn.at + 8;

/** Blocks that hold no content. */
export function placed(
  volume: XfsVolume,
  file: XfsFile,
  kind: 'map' | 'attributes',
  range: BlockRange,
): StoredExtent {
  const at = blocksAt(volume, range);
  const countedAs: DfCount = volume.pending.deleted.has(file.number) ? 'free' : 'used';
  return { kind, offsetBytes: null, lengthBytes: 0, at, isShared: false, countedAs };
}

interface Placer {
  /** The pieces of the next run. @throws FormatError for one before it. */
  run(run: MappedRun): Promise<readonly FileExtent[]>;
  /** The hole behind the last run. */
  end(): readonly FileExtent[];
}

export function placer(volume: XfsVolume, file: XfsFile): Placer {
  const { blockSizeBytes } = volume.context.geometry;
  const headBytes =
    file.kind === 'symlink' && volume.context.features.version === 5 ? LINK_HEAD_BYTES : 0;
  const mayShare = file.inode.core.isShared;
  const isCounted = volume.walk.needsNoCounts !== true;
  const shares = mayShare && isCounted ? shareParts(volume) : null;
  let [nextBytes, headsBytes] = [0, 0];
  return {
    async run(run) {
      const offset = run.fileBlock * blockSizeBytes - headsBytes;
      const lengthBytes = run.count * blockSizeBytes;
      if (file.kind === 'directory' && offset >= DIRECTORY_INDEX_BYTES) {
        return [placed(volume, file, 'map', run)];
      }
      if (lengthBytes === 0 || offset < nextBytes || !Number.isSafeInteger(offset + lengthBytes)) {
        const message = `xfs: inode ${file.number} has ${run.count} blocks at block ${run.fileBlock}, which cannot be`;
        throw new FormatError('INVALID', message);
      }
      const hole = holeOf(nextBytes, offset);
      nextBytes = offset + lengthBytes - headBytes;
      headsBytes += headBytes;
      if (headBytes > 0) return [...hole, ...linkPieces(volume, file, run, offset)];
      const parts =
        shares === null ? [{ ...run, isShared: mayShare ? null : false }] : await shares(run);
      return [...hole, ...parts.flatMap((part) => pieces(volume, file, run, part))];
    },
    end: () => holeOf(nextBytes, file.sizeBytes),
  };
}

function holeOf(from: number, to: number): readonly FileExtent[] {
  return to > from ? [{ kind: 'hole', offsetBytes: from, lengthBytes: to - from }] : [];
}

interface SharePart extends BlockRange {
  readonly isShared: boolean | null;
}

/** Of a file that a mount deletes those blocks are free to which no other file refers. */
function pieces(
  volume: XfsVolume,
  file: XfsFile,
  run: MappedRun,
  part: SharePart,
): readonly StoredExtent[] {
  const { pending, context } = volume;
  const { blockSizeBytes } = context.geometry;
  const gone = pending.groups.get(run.group)?.unreferenced ?? [];
  const isDeleted = pending.deleted.has(file.number);
  const all = [{ ...part, isInside: isDeleted }];
  const split = isDeleted && file.inode.core.isShared ? partsOf(part, gone) : all;
  return split.map(({ block, count, isInside }) => ({
    kind: run.isUnwritten ? 'unwritten' : 'data',
    offsetBytes: (run.fileBlock + block - run.block) * blockSizeBytes,
    lengthBytes: count * blockSizeBytes,
    at: blocksAt(volume, { group: run.group, block, count }),
    isShared: part.isShared,
    countedAs: isInside ? 'free' : 'used',
  }));
}

/** The head of the piece, and the target's bytes behind it. */
function linkPieces(
  volume: XfsVolume,
  file: XfsFile,
  run: MappedRun,
  offsetBytes: number,
): readonly StoredExtent[] {
  const { volumes } = volume;
  const whole = placed(volume, file, 'map', run);
  const start = whole.at.offsetBytes;
  const lengthBytes = whole.at.lengthBytes - LINK_HEAD_BYTES;
  const content = volumeRange(volumes, start + LINK_HEAD_BYTES, lengthBytes);
  return [
    { ...whole, at: volumeRange(volumes, start, LINK_HEAD_BYTES) },
    { ...whole, kind: 'data', offsetBytes, lengthBytes, at: content },
  ];
}

/** Splits runs by whether other files have the same blocks; null where the tree that says so is damaged. */
function shareParts({
  context,
  pending,
  spend,
}: XfsVolume): (run: MappedRun) => Promise<readonly SharePart[]> {
  const readers = new Map<number, ReturnType<typeof sharedReader>>();
  const readerOf = async (group: number) => {
    const known = readers.get(group);
    if (known !== undefined) return known;
    const { source, geometry } = context;
    const { blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
    const start = group * blocksPerGroup * blockSizeBytes + sectorSizeBytes;
    const agf = parseXfsAgf(await source.read(start, sectorSizeBytes));
    const tree = treePlace(group, agf.refcountRoot, agf.refcountLevel);
    // A map whose pieces are out of order begins the walk again for each of them.
    const reader = sharedReader(context, tree, () => spend(1));
    readers.set(group, reader);
    return reader;
  };
  return async (run) => {
    try {
      const reader = await readerOf(run.group);
      const shared = await reader.overlapping(run.block, run.block + run.count);
      const changes = pending.groups.get(run.group)?.references ?? [];
      return sharesOf(run, shared, changes);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return [{ ...run, isShared: null }];
    }
  };
}

/** What is not in the tree has one reference. */
function sharesOf(
  run: MappedRun,
  shared: readonly SharedBlocks[],
  changes: readonly SummedChange[],
): readonly SharePart[] {
  return partsOf(run, shared).flatMap((part) => {
    const references = part.of?.references ?? 1;
    return partsOf(part, changes).map(({ block, count, of }) => {
      return { group: run.group, block, count, isShared: references + (of?.more ?? 0) > 1 };
    });
  });
}
