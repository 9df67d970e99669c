// The rigid disk block of the Amiga, and the chain of its partitions' blocks.
// References: Linux block/partitions/amiga.c (amiga_partition), include/uapi/linux/affs_hardblocks.h.
import {
  type GuestAmiga,
  type GuestAmigaPartition,
  parseAmiga,
  parseAmigaPartition,
} from '../../generated/volume/amiga.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { sumOfWords } from '../bytes/word-sums.js';
import { FormatError, type VirtDfError } from '../errors.js';
import { int, labelOf, text, u32 } from '../validation/guest.js';
import { recordTable, type TableRecord } from './records.js';

/** RDB_ALLOCATION_LIMIT: the first of these sectors that is one. */
const MAX_SECTOR = 16;
/** As many as Linux takes. */
const MAX_PARTITIONS = 16;
const END = 0xffff_ffff;
/** SummedLongs counts words of 32 bits, of which a sector has 128. */
const SUMMED_MASK = 0x7fn;
/** Windows writes its signature here. */
const TRASHED = { at: 0xdc, end: 0xe0 };
const MAX_BLOCK_BYTES = 65_536;
const MAX_CYLINDER_SECTORS = 2 ** 32 - 1;
const HEADS = 3;
const TRACK_BLOCKS = 5;
const FIRST_CYLINDER = 9;
const LAST_CYLINDER = 10;
const TYPE = 16;

export const amiga = recordTable('amiga', async (disk) => {
  const block = await rigidDiskBlock(disk);
  if (block === null) return null;
  const blockBytes = int(block.lenBlock, 'amiga: size of a block', SECTOR_BYTES, MAX_BLOCK_BYTES);
  const blockSectors = Math.floor(blockBytes / SECTOR_BYTES);
  const found = await partitionBlocks(disk, block, blockSectors);
  const records: TableRecord[] = [];
  for (const { environment, label } of found.blocks) {
    const field = (index: number) => u32(environment[index] ?? block.host);
    const cylinder = BigInt(field(HEADS)) * BigInt(field(TRACK_BLOCKS)) * BigInt(blockSectors);
    const cylinders = BigInt(field(LAST_CYLINDER)) - BigInt(field(FIRST_CYLINDER)) + 1n;
    if (cylinder > MAX_CYLINDER_SECTORS || cylinder * cylinders <= 0n) continue;
    const name = text(label);
    records.push({
      number: records.length + 1,
      first: BigInt(field(FIRST_CYLINDER)) * cylinder,
      count: cylinders * cylinder,
      typeCode: `0x${field(TYPE).toString(16).padStart(8, '0')}`,
      label: labelOf(label),
      ...(name === '' ? {} : { nativeName: () => name }),
    });
  }
  return { type: 'amiga', unitBytes: SECTOR_BYTES, records, problems: found.problems };
});

async function rigidDiskBlock(disk: ByteSource): Promise<GuestAmiga | null> {
  const bytes = await disk.read(0, Math.min(disk.sizeBytes, MAX_SECTOR * SECTOR_BYTES));
  for (let at = 0; at + SECTOR_BYTES <= bytes.length; at += SECTOR_BYTES) {
    const sector = bytes.subarray(at, at + SECTOR_BYTES);
    const block = await orNull(() => parseAmiga(sector));
    if (block === null) continue;
    if (isSealed(sector, block)) return block;
    const mended = Uint8Array.from(sector).fill(0, TRASHED.at, TRASHED.end);
    if (isSealed(mended, block)) return block;
  }
  return null;
}

function isSealed(sector: Uint8Array, { numSummedWords }: Pick<GuestAmiga, 'numSummedWords'>) {
  const words = Number(BigInt(u32(numSummedWords)) & SUMMED_MASK);
  return sumOfWords(sector.subarray(0, 4 * words)) === 0;
}

/** The chain, as far as it leads: a block with a wrong sum is passed over, as Linux does. */
async function partitionBlocks(
  disk: ByteSource,
  { firstPartition }: GuestAmiga,
  blockSectors: number,
): Promise<{ blocks: readonly GuestAmigaPartition[]; problems: readonly VirtDfError[] }> {
  const blocks: GuestAmigaPartition[] = [];
  const visited = new Set<number>();
  let next = u32(firstPartition);
  try {
    while (next !== END && next !== 0 && visited.size < MAX_PARTITIONS) {
      const offset = placeOf(disk, next, blockSectors, visited);
      visited.add(next);
      const sector = await disk.read(offset, SECTOR_BYTES);
      const block = parseAmigaPartition(sector);
      if (isSealed(sector, block)) blocks.push(block);
      next = u32(block.next);
    }
    return { blocks, problems: [] };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { blocks, problems: [error] };
  }
}

function placeOf(
  disk: ByteSource,
  block: number,
  blockSectors: number,
  visited: ReadonlySet<number>,
): number {
  if (visited.has(block)) {
    const message = `amiga: the chain of partitions comes back to block ${block}`;
    throw new FormatError('LOOP', message, { data: { block } });
  }
  const offset = block * blockSectors * SECTOR_BYTES;
  if (offset + SECTOR_BYTES <= disk.sizeBytes) return offset;
  const message = `amiga: a partition is described at byte ${offset}, but the disk has only ${disk.sizeBytes}`;
  throw new FormatError('OUT_OF_BOUNDS', message, { data: { offset } });
}
