// The blocks of an image whose place was looked up a moment ago: a reader of metadata comes back to the same few clusters again and
// again, and each time two tables would be read and a list of extents be made for one answer.
import type { DiskExtent } from './disk-extent.js';

/** So many places are remembered; a B-tree's root and the tables of a superblock are a few dozen clusters. */
const MAX_BLOCKS = 256;

type Extent = Exclude<DiskExtent, { kind: 'missing' }>;

interface Mapped {
  readonly sizeBytes: number;
  map(offsetBytes: number, lengthBytes: number): Promise<readonly DiskExtent[]>;
}

/**
 * The extent of a range, where it is known to be one: without a promise if the block was looked up already. null: the range lies in
 * several blocks, or its block in several extents, or in none.
 * @throws as `map`.
 */
type ExtentOf = (
  offsetBytes: number,
  lengthBytes: number,
) => Promise<Extent | null> | Extent | null;

/** @param blockBytes what one entry of the image's tables tells of. */
export function knownBlocks(image: Mapped, blockBytes: number): ExtentOf {
  const blocks = new Map<number, Extent | null>();
  const lookUp = async (block: number): Promise<Extent | null> => {
    const start = block * blockBytes;
    const [first, ...others] = await image.map(
      start,
      Math.min(blockBytes, image.sizeBytes - start),
    );
    const isOne = first !== undefined && first.kind !== 'missing' && others.length === 0;
    const extent = isOne ? first : null;
    if (blocks.size === MAX_BLOCKS) blocks.clear();
    blocks.set(block, extent);
    return extent;
  };
  return (offset, length) => {
    const block = Math.floor(offset / blockBytes);
    if (length === 0 || offset + length > (block + 1) * blockBytes) return null;
    const extent = blocks.get(block);
    if (extent !== undefined) return extent && partOf(extent, offset, length);
    return lookUp(block).then((found) => found && partOf(found, offset, length));
  };
}

/** The part of an extent that a range takes, which lies in it. */
function partOf(extent: Extent, offsetBytes: number, lengthBytes: number): Extent {
  switch (extent.kind) {
    case 'zero':
    case 'backing':
      return { kind: extent.kind, offsetBytes, lengthBytes };
    case 'data': {
      const hostOffsetBytes = extent.hostOffsetBytes + offsetBytes - extent.offsetBytes;
      return { kind: 'data', offsetBytes, lengthBytes, hostOffsetBytes };
    }
    case 'compressed':
      return { ...extent, offsetBytes, lengthBytes };
  }
}
