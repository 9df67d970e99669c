// The pieces of a file of XFS: its blocks, those of its map and of its attributes, holes, and content that lies in its inode.
// References: Linux 6.18 fs/xfs/libxfs/xfs_inode_fork.c: xfs_iformat_data_fork, xfs_iformat_attr_fork; xfs_bmap_btree.c.
import { FormatError } from '../../errors.js';
import { type FileExtent, volumeRange } from '../files.js';
import { tell } from '../told.js';
import { type MapPage, type MappedRun, mapPages } from './file-extents.js';
import type { Fork } from './inode.js';
import type { PendingPiece } from './pending.js';
import { withPieces } from './pending-pieces.js';
import { placed, placer } from './placed-runs.js';
import type { XfsFile, XfsVolume } from './volume-files.js';

export async function* extentPages(
  volume: XfsVolume,
  file: XfsFile,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  const content = inlineExtents(volume, file);
  if (content.length > 0) yield content;
  const { fork, attributeFork, core } = file.inode;
  const parts = [
    ...(attributeFork !== null && (core.attributeExtentCount > 0 || attributeFork.kind === 'tree')
      ? [attributeExtents(volume, file, attributeFork, core.attributeExtentCount)]
      : []),
    ...(fork === null ? [] : [contentExtents(volume, file, fork)]),
  ];
  for (const part of parts) {
    try {
      for await (const page of part) yield page;
    } catch (error) {
      tell(volume, file.number, error);
    }
  }
}

/** A short target of a link, or a directory of few names. */
function inlineExtents(
  { volumes }: XfsVolume,
  { kind, inode, sizeBytes, offsetBytes }: XfsFile,
): readonly FileExtent[] {
  if (inode.fork !== null || (kind !== 'symlink' && kind !== 'directory')) return [];
  const lengthBytes = Math.min(sizeBytes, inode.localBytes);
  if (lengthBytes === 0) return [];
  const at = volumeRange(volumes, offsetBytes + inode.localOffset, lengthBytes);
  return [{ kind: 'inline', offsetBytes: 0, lengthBytes, at }];
}

async function* attributeExtents(
  volume: XfsVolume,
  file: XfsFile,
  fork: Fork,
  count: number,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  const budget = mapBudget(volume);
  for await (const { mapBlock, runs } of mapPages(volume.context, fork, count, budget)) {
    const page = mapBlock === null ? [] : [placed(volume, file, 'map', mapBlock)];
    page.push(...runs.map((run) => placed(volume, file, 'attributes', run)));
    if (page.length > 0) yield page;
  }
}

function mapBudget({ spend }: XfsVolume) {
  // The pieces of a block are as many as fit into it.
  return { spendBlock: () => spend(1), spendRuns() {} };
}

async function* contentExtents(
  volume: XfsVolume,
  file: XfsFile,
  fork: Fork,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  const { context } = volume;
  const { core } = file.inode;
  const pieces = volume.pending.pieces.get(file.number) ?? [];
  const place = placer(volume, file);
  const pages = mapPages(context, fork, core.extentCount, mapBudget(volume), core.isRealtime);
  const all = pieces.length === 0 ? pages : withPending(pages, pieces);
  for await (const { mapBlock, runs } of all) {
    const page: FileExtent[] = mapBlock === null ? [] : [placed(volume, file, 'map', mapBlock)];
    for (const run of runs) page.push(...(await place.run(run)));
    if (page.length > 0) yield page;
  }
  if (core.isRealtime && core.extentCount > 0) {
    const message = `xfs: inode ${file.number} has its content on the realtime device, which is not read`;
    throw new FormatError('MISSING_DEVICE', message);
  }
  const end = place.end();
  if (end.length > 0) yield end;
}

/** Where a mount changes the map, all of it comes at the end. */
async function* withPending(
  pages: AsyncIterable<MapPage>,
  pieces: readonly PendingPiece[],
): AsyncGenerator<MapPage, void, undefined> {
  const all: MappedRun[] = [];
  for await (const { mapBlock, runs } of pages) {
    for (const run of runs) all.push(run);
    yield { mapBlock, runs: [] };
  }
  yield { mapBlock: null, runs: withPieces(all, pieces) };
}
