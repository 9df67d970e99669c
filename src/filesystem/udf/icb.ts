// File entries (ICBs): of files, and of what a volume needs for itself (the virtual allocation table, the metadata file, the table
// of free extents); and their allocation descriptors.
// References: ECMA-167 4/14.5 to 4/14.14; Linux fs/udf/inode.c: udf_read_inode, udf_next_aext, udf_current_aext.
import {
  parseUdfDescriptorsHead,
  parseUdfExtendedFileEntry,
  parseUdfFileEntry,
  parseUdfIcbHead,
  parseUdfIndirectEntry,
  parseUdfSpaceEntry,
  udfLongDescriptorRecords,
  udfShortDescriptorRecords,
} from '../../../generated/filesystem/udf.js';
import { FormatError } from '../../errors.js';
import { equals, int, u8, u16, u32 } from '../../validation/guest.js';
import type { Descriptor } from './blocks.js';
import type { LocatedBlocks, Reach } from './physical.js';
import { type Address, addressIn } from './volume.js';

const TAG_INDIRECT = 259;
const TAG_FILE = 261;
const TAG_SPACE = 263;
const TAG_EXTENDED_FILE = 266;
const FILE_ENTRIES = [TAG_FILE, TAG_SPACE, TAG_EXTENDED_FILE];

const FILE_BYTES = 176;
const SPACE_BYTES = 40;
const EXTENDED_FILE_BYTES = 216;
const DESCRIPTORS_AT = 24;

const STRATEGY_REWRITTEN = 4096;
const STRATEGIES = [4, STRATEGY_REWRITTEN];
const MAX_REWRITTEN = 1024;
const KINDS = ['short', 'long', undefined, 'inline'] as const;
/** None, directories, files, devices, sockets, links and such, and those of UDF itself, from the table of virtual blocks on. */
const FILE_TYPES = [0, 4, 5, 6, 7, 9, 10, 12, 248, 249, 250, 251, 252];
/** Beside these, attributes and directories of streams, which Linux does not look at. */
export const ALL_TYPES: readonly number[] = [...FILE_TYPES, 8, 13];

const LENGTH_MODULUS = 2 ** 30;
const CONTINUED = 3;
/** A free extent in each MiB of a TiB. */
const MAX_EXTENTS = 2 ** 20;
/** Blocks of descriptors, each of which is a read. */
const MAX_CONTINUATIONS = 2 ** 15;

/** A file entry. */
export interface Icb {
  /** The partition that it is in, and short allocation descriptors are of. */
  readonly reference: number;
  /** Where in it. */
  readonly block: number;
  /** The block of the entry. */
  readonly bytes: Uint8Array;
  readonly isSpaceEntry: boolean;
  readonly isExtended: boolean;
  readonly fileType: number;
  readonly flags: number;
  /** Blocks with the entries that it replaces, and those that lead to it. */
  readonly replaced: readonly Address[];
  readonly kind: 'short' | 'long' | 'inline';
  readonly sizeBytes: number;
  /** The allocation descriptors, or the content of a file that is inline. */
  readonly content: Uint8Array;
  /** Where in the block these begin. */
  readonly contentAt: number;
}

export interface IcbExtent extends Address {
  /** 0 recorded, 1 allocated only, 2 neither. */
  readonly state: number;
  readonly lengthBytes: number;
}

/**
 * The newest entry of the file whose entry is there; null if there is none that the kernel would take.
 * @throws FormatError OUT_OF_BOUNDS, LIMIT
 */
export async function readIcb(
  reach: Reach,
  address: Address,
  fileTypes: readonly number[] = FILE_TYPES,
): Promise<Icb | null> {
  const replaced: Address[] = [];
  let at = address;
  for (let count = 0; count <= MAX_REWRITTEN; count++) {
    const { blockCount = 0 } = reach.volume.partitions[at.reference] ?? {};
    if (at.block >= blockCount) return null;
    const descriptor = await reach.descriptor(at);
    if (descriptor === null || !FILE_ENTRIES.includes(descriptor.ident)) return null;
    const { icb } = parseUdfIcbHead(descriptor.bytes);
    const strategy = u16(icb.strategy);
    if (!STRATEGIES.includes(strategy)) return null;
    const newer = strategy === STRATEGY_REWRITTEN ? await newerEntry(reach, at) : null;
    if (newer === null) {
      const icb = parse(descriptor, at, replaced);
      return icb !== null && (icb.isSpaceEntry || fileTypes.includes(icb.fileType)) ? icb : null;
    }
    replaced.push(at, { ...at, block: at.block + 1 });
    at = newer;
  }
  const words = `more than ${MAX_REWRITTEN} file entries replace each other`;
  throw new FormatError('LIMIT', `udf: ${words}`, { data: { limit: MAX_REWRITTEN } });
}

/** On media that are written once the next block names the entry that replaces this one. */
async function newerEntry(reach: Reach, { reference, block }: Address): Promise<Address | null> {
  const descriptor = await reach.descriptor({ reference, block: block + 1 });
  if (descriptor === null || descriptor.ident !== TAG_INDIRECT) return null;
  const { newer } = parseUdfIndirectEntry(descriptor.bytes);
  if (equals(newer.lenExtent, 0)) return null;
  return addressIn(newer);
}

function parse(
  { ident, bytes }: Descriptor,
  address: Address,
  replaced: readonly Address[],
): Icb | null {
  const { icb } = parseUdfIcbHead(bytes);
  const flags = u16(icb.flags);
  const kind = KINDS[flags % 8];
  if (kind === undefined) return null;
  const known = { ...address, bytes, flags, kind, replaced, fileType: u8(icb.fileType) };
  if (ident === TAG_SPACE) {
    const end = SPACE_BYTES + lengthOf(parseUdfSpaceEntry(bytes).lenDescriptors);
    const content = bytes.subarray(SPACE_BYTES, end);
    const place = { content, contentAt: SPACE_BYTES };
    return { ...known, ...place, isSpaceEntry: true, isExtended: false, sizeBytes: 0 };
  }
  const isExtended = ident === TAG_EXTENDED_FILE;
  const guest = isExtended ? parseUdfExtendedFileEntry(bytes) : parseUdfFileEntry(bytes);
  const headBytes = isExtended ? EXTENDED_FILE_BYTES : FILE_BYTES;
  const start = headBytes + lengthOf(guest.lenAttributes);
  const end = start + lengthOf(guest.lenDescriptors);
  if (end > bytes.length) return null;
  if (kind === 'inline' && !equals(guest.lenFile, end - start)) return null;
  const sizeBytes = int(guest.lenFile, 'udf: bytes of a file', 0, Number.MAX_SAFE_INTEGER);
  const place = { content: bytes.subarray(start, end), contentAt: start };
  return { ...known, ...place, isSpaceEntry: false, isExtended, sizeBytes };
}

function lengthOf(length: Parameters<typeof int>[0]): number {
  return u32(length);
}

/**
 * The extents of a file in their order; none of an inline one.
 * @param onMore told of each block with more descriptors.
 * @throws FormatError LOOP when the blocks of descriptors lead to each other, LIMIT.
 */
export async function* extentsOf(
  reach: Reach,
  icb: Icb,
  onMore?: (place: LocatedBlocks) => void,
): AsyncGenerator<IcbExtent> {
  const seen = new Set<string>();
  let content: Uint8Array | null = icb.content;
  let count = 0;
  while (content !== null) {
    let next: Address | null = null;
    const extents: Iterable<IcbExtent> = descriptors(icb, content);
    for (const extent of extents) {
      checkCount(++count, MAX_EXTENTS, 'extents');
      if (extent.state === CONTINUED) {
        next = extent;
        break;
      }
      yield extent;
    }
    const place: LocatedBlocks | null = next && (await placeOfMore(reach, next, seen));
    if (place !== null) onMore?.(place);
    content = place === null ? null : await moreDescriptors(reach, place);
  }
}

function checkCount(count: number, limit: number, what: string): void {
  if (count <= limit) return;
  throw new FormatError('LIMIT', `udf: a file has more than ${limit} ${what}`, { data: { limit } });
}

/** Until the first of length 0. */
function* descriptors({ kind, reference }: Icb, content: Uint8Array): Generator<IcbExtent> {
  if (kind === 'inline') return;
  const isLong = kind === 'long';
  const records = isLong ? udfLongDescriptorRecords(content) : udfShortDescriptorRecords(content);
  const partitions = isLong ? udfLongDescriptorRecords(content) : null;
  for (let i = 0; i < records.length; i++) {
    const { lenExtent, block } = records.at(i);
    const length = u32(lenExtent);
    if (length === 0) return;
    yield {
      state: Math.floor(length / LENGTH_MODULUS),
      lengthBytes: length % LENGTH_MODULUS,
      block: u32(block),
      reference: partitions === null ? reference : u16(partitions.at(i).partitionReference),
    };
  }
}

async function placeOfMore(
  reach: Reach,
  address: Address,
  seen: Set<string>,
): Promise<LocatedBlocks | null> {
  const key = `${address.reference} ${address.block}`;
  if (seen.has(key)) {
    throw new FormatError('LOOP', `udf: a file's extents come to block ${address.block} again`);
  }
  seen.add(key);
  checkCount(seen.size, MAX_CONTINUATIONS, 'blocks of extents');
  return reach.locate(address);
}

/** The block of descriptors there; null for one that cannot be read, at which the kernel stops too. */
async function moreDescriptors(
  { volume }: Reach,
  { block }: LocatedBlocks,
): Promise<Uint8Array | null> {
  const bytes = await volume.blocks.read(block);
  if (bytes === null) return null;
  const { lenDescriptors } = parseUdfDescriptorsHead(bytes);
  const length = u32(lenDescriptors);
  return bytes.subarray(DESCRIPTORS_AT, Math.min(bytes.length, DESCRIPTORS_AT + length));
}
