// A file whose blocks are looked up again and again, since they are those of a partition or say where these are: its extents as a
// list, in which a block is searched.
import { lastAtMost } from '../../bytes/search.js';
import { FormatError } from '../../errors.js';
import { extentsOf, type Icb } from './icb.js';
import type { LocatedBlocks, Reach } from './physical.js';

export const RECORDED = 0;
/** Far more pieces than a file has that is allocated by 32 blocks and more. */
const MAX_STRETCHES = 2 ** 16;

/** Blocks of a file that lie side by side. */
interface Stretch {
  /** Of the file. */
  readonly first: number;
  readonly count: number;
  readonly reference: number;
  /** Of the partition that they are in; null where nothing is recorded. */
  readonly block: number | null;
}

/** @throws FormatError LOOP, LIMIT */
export async function stretchesOf(reach: Reach, icb: Icb): Promise<readonly Stretch[]> {
  const stretches: Stretch[] = [];
  let first = 0;
  for await (const { lengthBytes, state, block, reference } of extentsOf(reach, icb)) {
    const count = Math.ceil(lengthBytes / reach.volume.blocks.blockBytes);
    if (stretches.length === MAX_STRETCHES) throw tooMany();
    stretches.push({ first, count, reference, block: state === RECORDED ? block : null });
    first += count;
  }
  return stretches;
}

function tooMany(): FormatError {
  const words = `a file of the volume's own is in more than ${MAX_STRETCHES} pieces`;
  return new FormatError('LIMIT', `udf: ${words}`, { data: { limit: MAX_STRETCHES } });
}

/** Where a block of the file is; null if it has none there. */
export async function blockWithin(
  reach: Reach,
  stretches: readonly Stretch[],
  block: number,
): Promise<LocatedBlocks | null> {
  const stretch = stretches[lastAtMost(block, stretches.length, (i) => stretches[i]?.first)];
  if (stretch === undefined || stretch.block === null) return null;
  const offset = block - stretch.first;
  if (offset >= stretch.count) return null;
  const { reference } = stretch;
  const place = await reach.locate({ reference, block: stretch.block + offset });
  return place && { block: place.block, count: Math.min(place.count, stretch.count - offset) };
}
