// The content of a file entry, where it lies and as bytes.
// References: Linux fs/udf/inode.c: inode_bmap, udf_block_map.
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import type { Disc } from './disc.js';
import { extentsOf, type Icb, type IcbExtent } from './icb.js';
import type { LocatedBlocks } from './physical.js';
import { RECORDED } from './stretches.js';

const NOT_ALLOCATED = 2;
const READ_BYTES = 64 * KIB;

/** Bytes of a file that lie side by side, or nowhere. */
export interface Piece {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Whether anything was written there. */
  readonly isRecorded: boolean;
  /** The partition that it is in. */
  readonly reference: number;
  /** The first of its blocks, of the volume; null: it has none. */
  readonly block: number | null;
  readonly blockCount: number;
}

/**
 * The pieces of a file that is not inline.
 * @param onMore told of each block with more descriptors.
 * @throws FormatError OUT_OF_BOUNDS for a piece that lies nowhere; as `extentsOf`.
 */
export async function* piecesOf(
  disc: Disc,
  icb: Icb,
  onMore?: (place: LocatedBlocks) => void,
): AsyncGenerator<Piece, void, undefined> {
  let offsetBytes = 0;
  const addMore = (place: LocatedBlocks) => {
    disc.spend(1);
    onMore?.(place);
  };
  for await (const extent of extentsOf(disc, icb, addMore)) {
    disc.spend(1);
    if (extent.state === NOT_ALLOCATED) {
      const { lengthBytes, reference } = extent;
      yield { offsetBytes, lengthBytes, isRecorded: false, reference, block: null, blockCount: 0 };
    } else yield* located(disc, extent, offsetBytes);
    offsetBytes += extent.lengthBytes;
  }
}

async function* located(
  disc: Disc,
  { state, reference, block, lengthBytes }: IcbExtent,
  offsetBytes: number,
): AsyncGenerator<Piece, void, undefined> {
  const { blockBytes } = disc;
  for (let done = 0; done < lengthBytes; ) {
    const place = await disc.locate({ reference, block: block + done / blockBytes });
    if (place === null) throw nowhere(reference, block + done / blockBytes);
    const left = Math.ceil((lengthBytes - done) / blockBytes);
    const blockCount = Math.min(place.count, left);
    if (done > 0) disc.spend(1);
    yield {
      offsetBytes: offsetBytes + done,
      lengthBytes: Math.min(blockCount * blockBytes, lengthBytes - done),
      isRecorded: state === RECORDED,
      reference,
      block: place.block,
      blockCount,
    };
    done += blockCount * blockBytes;
  }
}

function nowhere(reference: number, block: number): FormatError {
  const words = `a file lies in block ${block} of partition ${reference}, which lies nowhere`;
  return new FormatError('OUT_OF_BOUNDS', `udf: ${words}`, { data: { reference, block } });
}

/** The bytes of a directory or a link up to its size. @throws FormatError INVALID where nothing was written. */
export async function* bytesOf(disc: Disc, icb: Icb): AsyncGenerator<Uint8Array, void, undefined> {
  if (icb.kind === 'inline') {
    yield icb.content;
    return;
  }
  for await (const { offsetBytes, lengthBytes, isRecorded, block } of piecesOf(disc, icb)) {
    const end = Math.min(lengthBytes, icb.sizeBytes - offsetBytes);
    if (end <= 0) return;
    if (block === null || !isRecorded) {
      throw new FormatError('INVALID', `udf: nothing was written at byte ${offsetBytes} of names`);
    }
    for (let at = 0; at < end; at += READ_BYTES) {
      const length = Math.min(READ_BYTES, end - at);
      disc.spend(Math.ceil(length / disc.blockBytes));
      yield await disc.source.read(block * disc.blockBytes + at, length);
    }
  }
}
