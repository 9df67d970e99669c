// The pieces of a file: its content, blocks that say where this lies, and what lies beside it.
// References: ECMA-167 4/14.14.1.1; Linux fs/udf/inode.c: udf_block_map; fs/udf/symlink.c: udf_symlink_filler.
import type { DfCount, FileExtent, StoredExtent, VolumeRange } from '../files.js';
import { volumeRange } from '../files.js';
import { addExtent } from '../join-extents.js';
import { toldOf } from '../told.js';
import { besideRanges } from './beside.js';
import { type Piece, piecesOf } from './content.js';
import type { Disc } from './disc.js';
import type { Inode } from './inode.js';
import type { LocatedBlocks } from './physical.js';

type Page = readonly FileExtent[];

const PAGE = 256;
/** Of what holds no content of the file. */
const NOWHERE = { offsetBytes: null, lengthBytes: 0 };

export function extentPages(disc: Disc, inode: Inode): AsyncIterable<Page> {
  return toldOf(disc, inode.number, pages(disc, inode));
}

async function* pages(disc: Disc, inode: Inode): AsyncGenerator<Page, void, undefined> {
  const { kind, icb } = inode;
  if (kind !== 'device') {
    if (icb.kind === 'inline') yield inlinePieces(disc, inode);
    else if (kind === 'symlink') yield* linkPages(disc, inode);
    else yield* contentPages(disc, inode);
  }
  for (const address of inode.beside) {
    const countedAs = countedIn(disc, address.reference);
    for await (const { offsetBytes, lengthBytes } of besideRanges(disc, address)) {
      const at = volumeRange(disc.volumes, offsetBytes, lengthBytes);
      yield [stored(disc, 'attributes', NOWHERE, at, countedAs)];
    }
  }
}

/** Content behind its entry: of a link its components, which are longer than the target. */
function inlinePieces(disc: Disc, { icb, entryBlock, sizeBytes }: Inode): Page {
  const { content, contentAt } = icb;
  if (sizeBytes === 0 || content.length === 0) return [];
  const at = volumeRange(disc.volumes, entryBlock * disc.blockBytes + contentAt, content.length);
  return [{ kind: 'inline', offsetBytes: 0, lengthBytes: sizeBytes, at }];
}

/** All of the target is in the first piece, in another form. */
async function* linkPages(
  disc: Disc,
  { icb, sizeBytes }: Inode,
): AsyncGenerator<Page, void, undefined> {
  const more = gathered();
  let target: Pick<StoredExtent, 'offsetBytes' | 'lengthBytes'> = {
    offsetBytes: 0,
    lengthBytes: sizeBytes,
  };
  for await (const piece of piecesOf(disc, icb, more.add)) {
    const at = placeOf(disc, piece);
    if (at === null) continue;
    const kind = target === NOWHERE ? 'slack' : 'compressed';
    yield [stored(disc, kind, target, at, countedIn(disc, piece.reference))];
    target = NOWHERE;
  }
  yield more.extents(disc, icb.reference);
}

async function* contentPages(
  disc: Disc,
  { icb, sizeBytes }: Inode,
): AsyncGenerator<Page, void, undefined> {
  const more = gathered();
  let page: FileExtent[] = [];
  let [end, before]: [number, Piece | null] = [0, null];
  for await (const piece of piecesOf(disc, icb, more.add)) {
    if (before !== null) addPiece(disc, page, before, false);
    before = piece;
    end = piece.offsetBytes + piece.lengthBytes;
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (before !== null) addPiece(disc, page, before, true);
  const left = Math.ceil((sizeBytes - end) / disc.blockBytes) * disc.blockBytes;
  if (left > 0) addExtent(page, { kind: 'hole', offsetBytes: end, lengthBytes: left });
  yield page;
  yield more.extents(disc, icb.reference);
}

/** The file goes on behind the bytes of a piece that is not the last, which has whole blocks. */
function addPiece(disc: Disc, page: FileExtent[], piece: Piece, isLast: boolean): void {
  const { offsetBytes, lengthBytes, isRecorded, reference } = piece;
  const at = placeOf(disc, piece);
  if (at === null) {
    if (lengthBytes > 0) addExtent(page, { kind: 'hole', offsetBytes, lengthBytes });
    return;
  }
  const usedBytes = isLast ? at.lengthBytes : lengthBytes;
  const countedAs = countedIn(disc, reference);
  const own = { ...at, lengthBytes: usedBytes };
  const file = { offsetBytes, lengthBytes: usedBytes };
  addExtent(page, stored(disc, isRecorded ? 'data' : 'unwritten', file, own, countedAs));
  const restBytes = at.lengthBytes - usedBytes;
  if (restBytes === 0) return;
  const rest = { ...at, offsetBytes: at.offsetBytes + usedBytes, lengthBytes: restBytes };
  page.push(stored(disc, 'slack', NOWHERE, rest, countedAs));
}

function placeOf(disc: Disc, { block, blockCount }: Piece): VolumeRange | null {
  if (block === null || blockCount === 0) return null;
  return volumeRange(disc.volumes, block * disc.blockBytes, blockCount * disc.blockBytes);
}

/** The blocks with more descriptors, of which there may be thousands. */
function gathered() {
  const blocks: number[] = [];
  return {
    add: ({ block }: LocatedBlocks) => void blocks.push(block),
    extents: (disc: Disc, reference: number): Page =>
      blocks.map((block) => {
        const at = volumeRange(disc.volumes, block * disc.blockBytes, disc.blockBytes);
        return stored(disc, 'map', NOWHERE, at, countedIn(disc, reference));
      }),
  };
}

function stored(
  { partition }: Disc,
  kind: StoredExtent['kind'],
  file: Pick<StoredExtent, 'offsetBytes' | 'lengthBytes'>,
  at: VolumeRange,
  countedAs: DfCount,
): StoredExtent {
  // On a disc that was written once, files with the same content may lie in the same blocks.
  return { kind, ...file, at, isShared: partition.isWritable ? false : null, countedAs };
}

/** df counts the blocks of one partition, of whichever map. */
function countedIn({ volume, partition }: Disc, reference: number): DfCount {
  const { physical = null } = volume.partitions[reference] ?? {};
  return physical === partition.physical ? 'used' : 'overhead';
}
