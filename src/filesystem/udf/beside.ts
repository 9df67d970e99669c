// What lies beside the content of files, and the files that a volume has for itself: each entry with all that it leads to.
// References: ECMA-167 4/9.2 (named streams), 4/14.10 (extended attributes); OSTA UDF 2.60, 3.3.5.
import type { ByteRange } from '../../bytes/source.js';
import { piecesOf } from './content.js';
import type { Disc } from './disc.js';
import { namesOf } from './entries.js';
import { ALL_TYPES, extentsOf, type Icb, readIcb } from './icb.js';
import type { LocatedBlocks } from './physical.js';
import type { Address } from './volume.js';

const STREAM_DIRECTORY = 13;

type Ranges = AsyncGenerator<ByteRange, void, undefined>;

/** An entry of extended attributes, or a directory of streams with these. @throws FormatError */
export async function* besideRanges(disc: Disc, address: Address): Ranges {
  const icb = await readIcb(disc, address, ALL_TYPES);
  if (icb === null) return;
  yield* rangesOf(disc, icb);
  if (icb.fileType !== STREAM_DIRECTORY) return;
  for await (const names of namesOf(disc, icb)) {
    for (const name of names) {
      const stream = await readIcb(disc, name.address, ALL_TYPES);
      if (stream !== null) yield* rangesOf(disc, stream);
    }
  }
}

/** The blocks of an entry, of its content and of its descriptors; of a table of free extents not these. @throws FormatError */
export async function* rangesOf(disc: Disc, icb: Icb): Ranges {
  yield* entryRanges(disc, icb);
  const more: number[] = [];
  const add = ({ block }: LocatedBlocks) => void more.push(block);
  if (icb.isSpaceEntry) {
    for await (const _ of extentsOf(disc, icb, add)) disc.spend(1);
    disc.spend(more.length);
  } else {
    for await (const { block, blockCount } of piecesOf(disc, icb, add)) {
      if (block !== null && blockCount > 0) yield blocksAt(disc, block, blockCount);
    }
  }
  for (const block of more) yield blocksAt(disc, block);
}

/** With the entries that it replaces. */
export async function* entryRanges(disc: Disc, icb: Icb): Ranges {
  for (const address of [...icb.replaced, icb]) {
    const place = await disc.locate(address);
    if (place !== null) yield blocksAt(disc, place.block);
  }
}

export function blocksAt({ blockBytes }: Disc, block: number, blockCount = 1): ByteRange {
  return { offsetBytes: block * blockBytes, lengthBytes: blockCount * blockBytes };
}
