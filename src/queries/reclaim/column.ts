// df's column `reclaimable`: what fstrim would give back, for a row that df has already.
import type { DiskNode, FilesystemNode } from '../../stack/node.js';
import type { FilesystemRecord } from '../report.js';
import { reclaimDisks } from './disks.js';
import { reclaimFilesystem } from './filesystem.js';

export type ReclaimableColumn = (
  node: FilesystemNode,
  row: FilesystemRecord,
) => Promise<FilesystemRecord>;

/** @throws as `reclaimDisks`. */
export async function reclaimableColumn(
  nodes: readonly DiskNode[],
  check: () => void,
): Promise<ReclaimableColumn> {
  const disks = await reclaimDisks(nodes, false);
  return async (node, row) => {
    if (row.problem !== null) return row;
    const { space, problem } = await reclaimFilesystem(node, row, { disks, check });
    // A format whose files are not read has df's numbers all the same.
    const isTold = problem === null || problem.code === 'UNSUPPORTED_FEATURE';
    const doubts = isTold ? row.doubts : [...row.doubts, problem];
    return { ...row, reclaimableBytes: space?.reclaimableBytes ?? null, doubts };
  };
}
