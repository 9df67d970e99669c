// What of a file's blocks others have too. st_blocks less this is what `btrfs filesystem du` calls exclusive: what deleting the
// file alone would free.
// References: btrfs-progs cmds/filesystem-du.c: du_calc_file_space.
import type { FileExtent, StoredExtent } from './files.js';

interface SharedSum {
  add(extent: StoredExtent): void;
  /** null: a piece of it may be shared or not, and that could not be read. */
  bytes(): number | null;
}

export function sharedSum(): SharedSum {
  let sum = 0;
  let isKnown = true;
  return {
    add({ offsetBytes, lengthBytes, isShared, isSharedWithin }) {
      if (offsetBytes === null) return;
      if (isShared === null) isKnown = false;
      if (isShared === true && isSharedWithin !== true) sum += lengthBytes;
    },
    bytes: () => (isKnown ? sum : null),
  };
}

/** Of all pieces of a file; null as `SharedSum` has it. */
export async function sharedBytes(
  pages: AsyncIterable<readonly FileExtent[]>,
): Promise<number | null> {
  const sum = sharedSum();
  for await (const extents of pages) {
    for (const extent of extents) {
      if (extent.kind !== 'hole' && extent.kind !== 'inline') sum.add(extent);
    }
  }
  return sum.bytes();
}
