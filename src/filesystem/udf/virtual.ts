// Virtual partitions, of discs that are written once: a table, the VAT, which is written anew at the end each time, says
// where every block is that had to be written again.
// References: OSTA UDF 1.50, 2.2.10; 2.60, 2.2.11; Linux fs/udf/super.c: udf_load_vat, udf_find_vat_block;
// fs/udf/partition.c: udf_get_pblock_virt15.
import { parseUdfVatHead, udfWordRecords } from '../../../generated/filesystem/udf.js';
import { FormatError } from '../../errors.js';
import { u16, u32 } from '../../validation/guest.js';
import { type Icb, readIcb } from './icb.js';
import { physicalReach, type Reach } from './physical.js';
import { blockWithin, stretchesOf } from './stretches.js';
import type { Address, Partition, Volume } from './volume.js';

const WORD_BYTES = 4;
const HEAD_BYTES = 2;
/** UDF 1.50 has an identifier and the place of the table before behind the entries. */
const TAIL_BYTES = 36;
/** Some writers leave a few blocks behind the table. */
const LAST_BLOCKS = 4;

/** Where a virtual block is; null if the table does not say. */
type VirtualTable = (block: number) => Promise<Address | null>;

/** @throws FormatError INVALID when there is no table in the last blocks, OUT_OF_BOUNDS */
export async function openVirtual(volume: Volume, partition: Partition): Promise<VirtualTable> {
  const icb = await findTable(volume, partition);
  const { physical, map } = partition;
  const read = await fileBytes(physicalReach(volume), icb);
  const hasHead = map.kind === 'virtual' && map.hasHead;
  const start = hasHead ? await headBytes(read) : 0;
  const end = hasHead ? icb.sizeBytes : icb.sizeBytes - TAIL_BYTES;
  return async (block) => {
    const at = start + block * WORD_BYTES;
    if (at + WORD_BYTES > end) return null;
    const bytes = await read(at, WORD_BYTES);
    if (bytes === null) return null;
    const entry = udfWordRecords(bytes).at(0);
    return { reference: physical, block: u32(entry.value) };
  };
}

/** The file that is the table. @throws FormatError INVALID */
export async function findTable(volume: Volume, { physical, firstBlock }: Partition): Promise<Icb> {
  const reach = physicalReach(volume);
  const deviceLast = volume.blocks.blockCount - 1;
  for (const last of new Set([volume.lastBlock, deviceLast])) {
    for (let block = last; block >= firstBlock && block > last - LAST_BLOCKS; block--) {
      const icb = await readIcb(reach, { reference: physical, block: block - firstBlock });
      if (icb !== null) return icb;
    }
  }
  const words = `no virtual allocation table in the ${LAST_BLOCKS} blocks up to ${deviceLast}`;
  throw new FormatError('INVALID', `udf: ${words}, where a disc that is written once has it`);
}

async function headBytes(read: ReadBytes): Promise<number> {
  const head = await read(0, HEAD_BYTES);
  if (head === null) throw new FormatError('TRUNCATED', 'udf: the VAT has no header');
  return u16(parseUdfVatHead(head).lenHead);
}

/** Bytes of a file that lie in one of its blocks; null if it has none there. */
type ReadBytes = (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array | null>;

async function fileBytes(reach: Reach, icb: Icb): Promise<ReadBytes> {
  const { blocks } = reach.volume;
  const stretches = await stretchesOf(reach, icb);
  const cut = (bytes: Uint8Array, at: number, lengthBytes: number) =>
    at + lengthBytes <= bytes.length ? bytes.subarray(at, at + lengthBytes) : null;
  return async (offsetBytes, lengthBytes) => {
    if (icb.kind === 'inline') return cut(icb.content, offsetBytes, lengthBytes);
    const block = Math.floor(offsetBytes / blocks.blockBytes);
    const place = await blockWithin(reach, stretches, block);
    const bytes = place === null ? null : await blocks.read(place.block);
    return bytes === null ? null : cut(bytes, offsetBytes % blocks.blockBytes, lengthBytes);
  };
}
