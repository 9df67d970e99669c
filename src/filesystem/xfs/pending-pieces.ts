// The map of a file with the pieces that a mount still puts into it or takes out: a file that was being cloned has the pieces
// that came before the crash, and the one whose transaction was not ended.
// References: Linux 6.18 fs/xfs/xfs_bmap_item.c: xfs_bmap_recover_work; libxfs/xfs_bmap.c: xfs_bmap_finish_one.
import { FormatError } from '../../errors.js';
import type { MappedRun } from './file-extents.js';
import type { PendingPiece } from './pending.js';

/** All runs of such a file are in memory at once. */
const MAX_RUNS = 100_000;

/** Blocks that the file has more, or fewer. */
export function addedBlocks(pieces: readonly PendingPiece[]): number {
  return pieces.reduce(
    (sum, { action, run }) => sum + (action === 'map' ? run.count : -run.count),
    0,
  );
}

/** @throws FormatError LIMIT */
export function withPieces(
  runs: readonly MappedRun[],
  pieces: readonly PendingPiece[],
): readonly MappedRun[] {
  if (runs.length * pieces.length > MAX_RUNS) {
    const message = `xfs: a file of ${runs.length} extents has ${pieces.length} changes that were not ended`;
    throw new FormatError('LIMIT', message);
  }
  let all = runs;
  for (const { action, run } of pieces) {
    all = action === 'map' ? [...all, run] : all.flatMap((one) => without(one, run));
  }
  return all.toSorted((a, b) => a.fileBlock - b.fileBlock);
}

/** What is left of a run before and behind a part of the file. */
function without(run: MappedRun, { fileBlock, count }: MappedRun): readonly MappedRun[] {
  const part = (from: number, to: number): MappedRun => ({
    ...run,
    fileBlock: from,
    block: run.block + from - run.fileBlock,
    count: to - from,
  });
  const end = run.fileBlock + run.count;
  const before = part(run.fileBlock, Math.min(end, fileBlock));
  const behind = part(Math.max(run.fileBlock, fileBlock + count), end);
  return [before, behind].filter((one) => one.count > 0);
}
