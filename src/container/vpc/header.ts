// The header of a dynamic or differencing VHD: the place of the table of blocks, their size, and the names of the parent.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Dynamic Disk Header Format";
// QEMU block/vpc.c vpc_open(), tests/qemu-iotests/135 for images that must be refused.
import {
  type GuestVpcDynamicHeader,
  parseVpcDynamicHeader,
} from '../../../generated/container/vpc.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int, powerOfTwo, rawText, uuidText } from '../../validation/guest.js';
import { checksum, DYNAMIC_HEADER_BYTES, type Footer } from './footer.js';

/** How the blocks of an image are laid out. */
export interface Layout {
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  /** The size of a block's data. */
  readonly blockBytes: number;
  /** The size of the bitmap before the data. */
  readonly bitmapBytes: number;
  readonly headerOffsetBytes: number;
  readonly tableOffsetBytes: number;
  /** Entries that the disk's size needs; the table may have more. */
  readonly entryCount: number;
}

export interface DynamicHeader extends Layout {
  readonly parentUuid: string | null;
  /** The parent's name in the header itself, not cleaned; '' without one. */
  readonly parentName: string;
  /** The eight records that tell where further names of the parent are. */
  readonly locators: Uint8Array;
}

const CHECKSUM_OFFSET = 36;
const LOCATORS_OFFSET = 576;
const LOCATORS_BYTES = 8 * 24;
export const ENTRY_BYTES = 4;
const PARENT_NAME_LENGTH = 256;

/** @throws FormatError. */
export async function readDynamicHeader(file: ByteSource, footer: Footer): Promise<DynamicHeader> {
  const headerOffsetBytes = footer.headerOffsetBytes(file.sizeBytes);
  const bytes = await file.read(headerOffsetBytes, DYNAMIC_HEADER_BYTES);
  const header = parseVpcDynamicHeader(bytes);
  if (!equals(header.checksum, checksum(bytes, CHECKSUM_OFFSET))) {
    const message = `vpc: the header at ${headerOffsetBytes} does not match its checksum`;
    throw new FormatError('BAD_CHECKSUM', message, { data: { headerOffsetBytes } });
  }
  const blockBytes = powerOfTwo(header.lenBlock, 'vpc: block size', SECTOR_BYTES, 2 ** 31);
  return {
    sizeBytes: footer.sizeBytes,
    blockBytes,
    bitmapBytes: Math.ceil(blockBytes / SECTOR_BYTES / 8 / SECTOR_BYTES) * SECTOR_BYTES,
    headerOffsetBytes,
    ...readTable(header, file, Math.ceil(footer.sizeBytes / blockBytes)),
    parentUuid: uuidText(header.parentUniqueId),
    parentName: rawText(header.parentName, PARENT_NAME_LENGTH).replace(/\0.*$/su, ''),
    locators: bytes.slice(LOCATORS_OFFSET, LOCATORS_OFFSET + LOCATORS_BYTES),
  };
}

function readTable(
  header: GuestVpcDynamicHeader,
  { sizeBytes }: ByteSource,
  neededCount: number,
): Pick<Layout, 'tableOffsetBytes' | 'entryCount'> {
  const maxCount = Math.floor(sizeBytes / ENTRY_BYTES);
  const count = int(header.numTableEntries, 'vpc: Max Table Entries', 0, maxCount);
  if (count < neededCount) {
    const message = `vpc: the table of blocks has ${count} entries; the disk needs ${neededCount}`;
    throw new FormatError('INVALID', message, { data: { count, neededCount } });
  }
  const end = sizeBytes - count * ENTRY_BYTES;
  const tableOffsetBytes = int(header.ofsTable, 'vpc: offset of the table of blocks', 0, end);
  return { tableOffsetBytes, entryCount: neededCount };
}
