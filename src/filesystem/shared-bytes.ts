// What of a file's blocks others have too. st_blocks less this is what `btrfs filesystem du` calls exclusive: what deleting the
// file alone would free.
// References: btrfs-progs cmds/filesystem-du.c: du_calc_file_space.
import type { FileExtent } from './files.js';

/** null: a piece of it may be shared or not, and that could not be read. */
export async function sharedBytes(
  pages: AsyncIterable<readonly FileExtent[]>,
): Promise<number | null> {
  let bytes = 0;
  let isKnown = true;
  for await (const extents of pages) {
    for (const extent of extents) {
      if (extent.kind === 'hole' || extent.kind === 'inline' || extent.offsetBytes === null)
        continue;
      if (extent.isShared === null) isKnown = false;
      if (extent.isShared === true && extent.isSharedWithin !== true) bytes += extent.lengthBytes;
    }
  }
  return isKnown ? bytes : null;
}
