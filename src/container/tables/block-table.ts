// Images with one flat table of equal blocks: VDI's block map, the allocation table of Parallels. Pages of it are read as
// they are needed, since a table may be as large as its writer likes.
import type { Scope } from '../../host/scope.js';
import type { Inspection } from '../container.js';
import type { DiskExtent } from './disk-extent.js';
import { extentBuilder } from './extent-builder.js';
import type { FileEnd } from './file-end.js';

/** Where a block of the disk is: at an offset of the file, nowhere because it is zeros, or in the image's parent. */
export type BlockPlace = number | 'zero' | 'backing';

export interface BlockTable {
  /** Size of the disk. */
  readonly sizeBytes: number;
  readonly blockBytes: number;
  /** Blocks that the table has entries for; the others are not allocated. */
  readonly entryCount: number;
  readonly end: FileEnd;
  /** Where `blockCount` blocks are, from `firstBlock` on. @throws FormatError for an entry that cannot be right. */
  places(firstBlock: number, blockCount: number): Promise<readonly BlockPlace[]>;
}

/** The number of entries read at once: of 4 bytes each, they are one page of a file. */
const BLOCKS_AT_ONCE = 1024;

/** As `Layer.map`. */
export async function mapBlocks(
  table: BlockTable,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const { blockBytes, entryCount, end } = table;
  const first = Math.floor(offset / blockBytes);
  if (first >= entryCount) {
    return [{ kind: 'backing', offsetBytes: offset, lengthBytes: wantedBytes }];
  }
  const extents = extentBuilder(end);
  const wantedLast = Math.floor(Math.max(offset, offset + wantedBytes - 1) / blockBytes);
  const last = Math.min(wantedLast, entryCount - 1);
  const places = await table.places(first, Math.min(last - first + 1, BLOCKS_AT_ONCE));
  for (const [i, place] of places.entries()) {
    const blockOffset = (first + i) * blockBytes;
    const start = Math.max(offset, blockOffset);
    const lengthBytes = Math.min(offset + wantedBytes, blockOffset + blockBytes) - start;
    if (typeof place === 'string') extents.plain(place, start, lengthBytes);
    else {
      const skippedBytes = start - blockOffset;
      extents.data(start, lengthBytes, place + skippedBytes, skippedBytes);
    }
  }
  return extents.finish();
}

/** The end of the last block in the file; without a block, the end of the header and table. @throws as `places`. */
export async function inspectBlocks(
  table: BlockTable,
  startBytes: number,
  scope: Scope,
): Promise<Inspection> {
  const { sizeBytes, blockBytes, entryCount } = table;
  const blockCount = Math.min(entryCount, Math.ceil(sizeBytes / blockBytes));
  let watermarkBytes = startBytes;
  for (let first = 0; first < blockCount; first += BLOCKS_AT_ONCE) {
    scope.check();
    for (const place of await table.places(first, Math.min(BLOCKS_AT_ONCE, blockCount - first))) {
      if (typeof place === 'number') watermarkBytes = Math.max(watermarkBytes, place + blockBytes);
    }
  }
  return { watermarkBytes, leakedClusterCount: null, snapshots: [] };
}
