// The SIT: which blocks of each segment are in use, and whose they are. Its blocks come twice, as the NAT's do.
// References: Linux 6.1 fs/f2fs/segment.h: current_sit_addr; fs/f2fs/segment.c: update_sit_entry, f2fs_get_sum_page.
import { f2fsSitEntryRecords } from '../../../generated/filesystem/f2fs.js';
import { FormatError, limitIn } from '../../errors.js';
import { MAX_ROLLED_DATA_SEGMENTS, MAX_ROLLED_SEGMENTS } from '../../limits.js';
import { readTogether } from '../blocks-together.js';
import { flipHighBit, highBitAt } from './bitmap.js';
import { readBitmaps } from './node-table.js';
import { type Owner, ownerAt, type Summaries } from './summaries.js';
import { BLOCK_BYTES, BLOCKS_PER_SEGMENT } from './superblock.js';
import { isInMain, placeOf, readBlock, type Volume } from './volume.js';

const checkLimit = limitIn('f2fs: ');

const ENTRY_BYTES = 74;
const ENTRIES_PER_BLOCK = 55;
/** Of the table, read at once: 256 KiB. */
const PIECE_BLOCKS = 64;
const SUMMARY_ENTRIES_BYTES = 7 * BLOCKS_PER_SEGMENT;
/** More than there are addresses in a node. */
const INDEX_VALUES = 65536;

/**
 * The SIT of the disk, with the changes of a mount kept in memory beside it. Blocks outside of the main area are not in use.
 * A segment is loaded before its blocks are asked for: files have many blocks in one, and waiting for each would take longer
 * than all else.
 */
export interface SegmentTable {
  isLoaded(block: number): boolean;
  load(block: number): Promise<void>;
  isUsed(block: number): boolean;
  /** Takes a block into use for an owner. */
  use(block: number, owner: Owner): void;
  /** @returns whether it was in use. */
  release(block: number): boolean;
  ownerOf(block: number): Promise<Owner>;
  /** The bitmaps of the segments in which anything was changed, as they are now. */
  changed(): ReadonlyMap<number, Uint8Array>;
  /** The bitmaps of all segments as the disk has them, in order. */
  onDisk(): AsyncGenerator<readonly Uint8Array[]>;
}

interface Segment {
  readonly bitmap: Uint8Array;
  /** Of blocks that were taken into use here: the number of the node and the index in one number; 0 is nobody. */
  owners: Float64Array | null;
}

export async function openSegmentTable(
  volume: Volume,
  summaries: Summaries,
): Promise<SegmentTable> {
  const segments = new Map<number, Segment>();
  const copies = (await readBitmaps(volume)).sit;
  let dataSegments = 0;
  const segmentOf = (block: number): Segment | undefined =>
    isInMain(volume, block) ? segments.get(placeOf(volume, block).segment) : undefined;
  return {
    isLoaded: (block) => !isInMain(volume, block) || segmentOf(block) !== undefined,
    async load(block) {
      const { segment: number } = placeOf(volume, block);
      if (!isInMain(volume, block) || segments.has(number)) return;
      checkLimit(segments.size + 1, MAX_ROLLED_SEGMENTS, 'segments that the mount changes');
      const bitmap = summaries.sit.get(number) ?? (await readEntry(volume, number, copies));
      segments.set(number, { bitmap: new Uint8Array(bitmap), owners: null });
    },
    isUsed(block) {
      const segment = segmentOf(block);
      return segment !== undefined && highBitAt(segment.bitmap, placeOf(volume, block).offset);
    },
    use(block, { node, index }) {
      const segment = segmentOf(block);
      if (segment === undefined) return;
      const { offset } = placeOf(volume, block);
      if (!highBitAt(segment.bitmap, offset)) flipHighBit(segment.bitmap, offset);
      if (segment.owners === null) {
        checkLimit(
          ++dataSegments,
          MAX_ROLLED_DATA_SEGMENTS,
          'segments of data that the mount changes',
        );
        segment.owners = new Float64Array(BLOCKS_PER_SEGMENT);
      }
      segment.owners[offset] = node * INDEX_VALUES + index;
    },
    release(block) {
      const segment = segmentOf(block);
      return segment !== undefined && releaseBit(segment, placeOf(volume, block).offset);
    },
    async ownerOf(block) {
      const { segment: number, offset } = placeOf(volume, block);
      const owner = segments.get(number)?.owners?.[offset] ?? 0;
      if (owner !== 0) {
        return { node: Math.floor(owner / INDEX_VALUES), index: owner % INDEX_VALUES };
      }
      const current = summaries.owners.get(number);
      return ownerAt(current ?? (await readOwners(volume, number)), offset);
    },
    changed: () =>
      new Map([...segments].map(([number, { bitmap }]) => [number, new Uint8Array(bitmap)])),
    onDisk: () => allBitmaps(volume, summaries, copies),
  };
}

function releaseBit({ bitmap }: Segment, offset: number): boolean {
  if (!highBitAt(bitmap, offset)) return false;
  flipHighBit(bitmap, offset);
  return true;
}

async function readEntry(volume: Volume, segment: number, copies: Uint8Array): Promise<Uint8Array> {
  const at = tableBlock(volume, Math.floor(segment / ENTRIES_PER_BLOCK), copies);
  const offset = at * BLOCK_BYTES + (segment % ENTRIES_PER_BLOCK) * ENTRY_BYTES;
  return f2fsSitEntryRecords(await volume.source.read(offset, ENTRY_BYTES)).at(0).validMap;
}

/** Where a block of the SIT lies: the copies of all of them are behind all of them. */
function tableBlock({ superblock }: Volume, index: number, copies: Uint8Array): number {
  const { block, segmentCount } = superblock.sit;
  const copy = Math.floor(segmentCount / 2) * BLOCKS_PER_SEGMENT;
  return block + index + (highBitAt(copies, index) ? copy : 0);
}

async function* allBitmaps(
  volume: Volume,
  { sit }: Summaries,
  copies: Uint8Array,
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
  const { segmentCount } = volume.superblock.main;
  const blockCount = Math.ceil(segmentCount / ENTRIES_PER_BLOCK);
  for (let first = 0; first < blockCount; first += PIECE_BLOCKS) {
    const count = Math.min(PIECE_BLOCKS, blockCount - first);
    const places = Array.from({ length: count }, (_, i) => tableBlock(volume, first + i, copies));
    const blocks = await readTogether(volume.source, BLOCK_BYTES, places);
    for (const [i, place] of places.entries()) {
      const entries = f2fsSitEntryRecords(blocks.get(place) ?? new Uint8Array(0));
      const segment = (first + i) * ENTRIES_PER_BLOCK;
      const length = Math.min(ENTRIES_PER_BLOCK, segmentCount - segment);
      yield Array.from({ length }, (_, at) => sit.get(segment + at) ?? entries.at(at).validMap);
    }
  }
}

/** A segment that is full, or was left, has its owners in an area of their own. */
async function readOwners(volume: Volume, segment: number): Promise<Uint8Array> {
  const { block, segmentCount } = volume.superblock.summaries;
  if (segment >= segmentCount * BLOCKS_PER_SEGMENT) {
    throw new FormatError('OUT_OF_BOUNDS', `f2fs: segment ${segment} has no summary`);
  }
  return (await readBlock(volume, block + segment)).subarray(0, SUMMARY_ENTRIES_BYTES);
}
