// The partition maps of a logical volume: which kind of partition each reference number stands for.
// References: ECMA-167 3/10.7; OSTA UDF 2.60, 2.2.8 (virtual), 2.2.9 (sparable), 2.2.10 (metadata), 2.2.12 (sparing
// table); Linux fs/udf/super.c: udf_load_logicalvol, udf_load_sparable_map.
import {
  type GuestUdfSpecialMap,
  parseUdfMapHead,
  parseUdfMetadataUse,
  parseUdfPlainMap,
  parseUdfSparableUse,
  parseUdfSparingTable,
  parseUdfSpecialMap,
  udfSparingEntryRecords,
  udfWordRecords,
} from '../../../generated/filesystem/udf.js';
import { FormatError } from '../../errors.js';
import { equals, int, powerOfTwo, rawText, u8, u16, u32 } from '../../validation/guest.js';
import type { Blocks } from './blocks.js';

const U16_MAX = 0xffff;
const PLAIN = 1;
const SPECIAL = 2;
const USE_AT = 40;
const NAME_BYTES = 23;
const REVISION_2 = 0x0200;

const TABLE_PLACES_AT = 48;
const MAX_TABLES = 4;
const TABLE_HEAD_BYTES = 56;
const ENTRY_BYTES = 8;
/** From here on an entry replaces nothing. */
const NO_PACKET = 0xfffffff0;

/** Packets that lie elsewhere because their place is worn out: the first block of each, and where it is. */
interface Sparing {
  readonly packetBlocks: number;
  /** Of the volume. */
  readonly tableBlocks: readonly number[];
  readonly replacements: ReadonlyMap<number, number>;
}

export type PartitionMap =
  | { readonly kind: 'plain'; readonly number: number }
  | { readonly kind: 'sparable'; readonly number: number; readonly sparing: Sparing }
  | { readonly kind: 'virtual'; readonly number: number; readonly hasHead: boolean }
  | {
      readonly kind: 'metadata';
      readonly number: number;
      readonly mainBlock: number;
      readonly mirrorBlock: number;
      readonly bitmapBlock: number;
    }
  | { readonly kind: 'unknown'; readonly number: null };

const UNKNOWN: PartitionMap = { kind: 'unknown', number: null };

/**
 * As the kernel takes them: the length of a map only says where the next one is.
 * @throws FormatError INVALID, OUT_OF_BOUNDS, TRUNCATED
 */
export async function readMaps(
  blocks: Blocks,
  table: Uint8Array,
  mapCount: number,
): Promise<readonly PartitionMap[]> {
  const maps: PartitionMap[] = [];
  for (let at = 0; maps.length < mapCount && at < table.length; ) {
    const bytes = table.subarray(at);
    maps.push(await readMap(blocks, bytes));
    at += u8(parseUdfMapHead(bytes).lenMap);
  }
  return maps;
}

async function readMap(blocks: Blocks, bytes: Uint8Array): Promise<PartitionMap> {
  const { type } = parseUdfMapHead(bytes);
  if (equals(type, PLAIN)) {
    return { kind: 'plain', number: numberOf(parseUdfPlainMap(bytes)) };
  }
  if (!equals(type, SPECIAL)) return UNKNOWN;
  const guest = parseUdfSpecialMap(bytes);
  const number = numberOf(guest);
  const name = rawText(guest.entity.name, NAME_BYTES);
  if (name.startsWith('*UDF Virtual Partition')) {
    const revision = u16(guest.entity.suffix.revision);
    return { kind: 'virtual', number, hasHead: revision >= REVISION_2 };
  }
  if (name.startsWith('*UDF Sparable Partition')) {
    return { kind: 'sparable', number, sparing: await readSparing(blocks, bytes) };
  }
  if (!name.startsWith('*UDF Metadata Partition')) return UNKNOWN;
  const use = parseUdfMetadataUse(bytes.subarray(USE_AT));
  const [mainBlock = 0, mirrorBlock = 0, bitmapBlock = 0] = [
    use.mainBlock,
    use.mirrorBlock,
    use.bitmapBlock,
  ].map((block) => u32(block));
  return { kind: 'metadata', number, mainBlock, mirrorBlock, bitmapBlock };
}

function numberOf({ partitionNumber }: Pick<GuestUdfSpecialMap, 'partitionNumber'>): number {
  return u16(partitionNumber);
}

/** By the first of its tables that is right; without one nothing is replaced. */
async function readSparing(blocks: Blocks, map: Uint8Array): Promise<Sparing> {
  const use = parseUdfSparableUse(map.subarray(USE_AT));
  const packetBlocks = powerOfTwo(use.packetBlocks, 'udf: blocks of a packet', 1, U16_MAX + 1);
  const tables = int(use.numTables, 'udf: sparing tables', 0, MAX_TABLES);
  int(use.lenTable, 'udf: bytes of a sparing table', 0, blocks.blockBytes);
  const places = udfWordRecords(map.subarray(TABLE_PLACES_AT));
  if (places.length < tables) {
    throw new FormatError('TRUNCATED', `udf: a map of ${map.length} bytes has ${tables} tables`);
  }
  const tableBlocks = Array.from({ length: tables }, (_, i) => u32(places.at(i).value));
  for (const block of tableBlocks) {
    const descriptor = await blocks.descriptor(block, block);
    if (descriptor === null || descriptor.ident !== 0) continue;
    const replacements = readTable(descriptor.bytes);
    if (replacements !== null) return { packetBlocks, tableBlocks, replacements };
  }
  return { packetBlocks, tableBlocks, replacements: new Map() };
}

/** Entries are in ascending order; null if this is no sparing table. */
function readTable(bytes: Uint8Array): ReadonlyMap<number, number> | null {
  const { entity, numEntries } = parseUdfSparingTable(bytes);
  if (!rawText(entity.name, NAME_BYTES).startsWith('*UDF Sparing Table')) return null;
  const count = u16(numEntries);
  if (TABLE_HEAD_BYTES + count > bytes.length) return null;
  const fitting = Math.floor((bytes.length - TABLE_HEAD_BYTES) / ENTRY_BYTES);
  const entries = udfSparingEntryRecords(bytes.subarray(TABLE_HEAD_BYTES));
  const replacements = new Map<number, number>();
  for (let i = 0, last = -1; i < Math.min(count, fitting); i++) {
    const { packet, replacement } = entries.at(i);
    const block = u32(packet);
    if (block >= NO_PACKET) break;
    const place = u32(replacement);
    // The kernel's search ends at the first entry for a higher block: in 32, 96, 64 it does not find the entry for 64.
    if (block > last) replacements.set(block, place);
    last = Math.max(last, block);
  }
  return replacements;
}
