// A disc of ISO 9660 as a mount takes it: where its trees of directories begin, and which of them it shows.
// References: Linux fs/isofs/inode.c: isofs_fill_super, rootdir_empty; fs/isofs/rock.c: parse_rock_ridge_inode_internal (SP, ER).
import {
  type GuestIso9660Descriptor,
  Iso9660DescriptorType,
  parseIso9660BootRecord,
  parseIso9660Descriptor,
} from '../../../generated/filesystem/iso9660.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, powerOfTwo, rawText, u32 } from '../../validation/guest.js';
import type { FileWalk } from '../files.js';
import { type Spend, visitsOf } from '../visits.js';
import type { WrittenOnce } from '../written-once.js';

/** Of the system area, of descriptors and of directories, whatever the size of the blocks. */
export const SECTOR_BYTES = 2048;
export const SYSTEM_SECTORS = 16;
const MIN_BLOCK_BYTES = 512;
const JOLIET = /^%\/[@CE]/u;
const EL_TORITO = 'EL TORITO SPECIFICATION';
const TEXT_BYTES = 32;

/** `rock`: Rock Ridge's where a file has one. */
export type Names = 'rock' | 'joliet' | 'plain';

/** A tree of directories. */
export interface Tree {
  readonly names: Names;
  /** In which its root directory lies. */
  readonly rootBlock: number;
}

/** What there is beside files and directories. */
export interface Structures {
  readonly descriptorsEndBytes: number;
  /** Each with its length in bytes. */
  readonly pathTables: readonly { readonly block: number; readonly lengthBytes: number }[];
  readonly catalogBlock: number | null;
}

export interface Volume extends WrittenOnce {
  readonly source: ByteSource;
  readonly walk: FileWalk;
  readonly blockBytes: number;
  /** Of each record's system use, the bytes that are another protocol's. */
  readonly skippedBytes: number;
  readonly spend: Spend;
}

/** The trees and structures by the descriptors, of which those that Linux does not look at have no tree. */
export interface Descriptors {
  readonly primary: GuestIso9660Descriptor;
  readonly joliet: GuestIso9660Descriptor | null;
  readonly structures: Structures;
}

/** @param window the descriptors, from the first one on. @throws FormatError without a primary one. */
export async function readDescriptors(window: Uint8Array): Promise<Descriptors> {
  const count = Math.floor(window.length / SECTOR_BYTES);
  let primary: GuestIso9660Descriptor | null = null;
  let joliet: GuestIso9660Descriptor | null = null;
  let catalogBlock: number | null = null;
  let sector = 0;
  for (; sector < count; sector++) {
    const bytes = window.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES);
    const found = await orNull(async () => parseIso9660Descriptor(bytes));
    if (found === null || equals(found.type, Iso9660DescriptorType.END)) break;
    if (equals(found.type, Iso9660DescriptorType.PRIMARY)) primary ??= found;
    if (equals(found.type, Iso9660DescriptorType.SUPPLEMENTARY) && isJoliet(found))
      joliet ??= found;
    if (equals(found.type, Iso9660DescriptorType.BOOT)) catalogBlock ??= catalogOf(bytes);
  }
  if (primary === null) throw new FormatError('INVALID', 'iso9660: there is no primary descriptor');
  const pathTables = [primary, ...(joliet === null ? [] : [joliet])].flatMap(pathTablesOf);
  const descriptorsEndBytes = (SYSTEM_SECTORS + Math.min(count, sector + 1)) * SECTOR_BYTES;
  return { primary, joliet, structures: { descriptorsEndBytes, pathTables, catalogBlock } };
}

function isJoliet({ escapeSequences }: GuestIso9660Descriptor): boolean {
  return JOLIET.test(Buffer.from(escapeSequences).toString('latin1'));
}

function catalogOf(bytes: Uint8Array): number | null {
  const { systemId, catalogBlock } = parseIso9660BootRecord(bytes);
  return rawText(systemId, TEXT_BYTES) === EL_TORITO ? u32(catalogBlock) : null;
}

function pathTablesOf(guest: GuestIso9660Descriptor): Structures['pathTables'] {
  const { pathTable, optionalPathTable, pathTableBe, optionalPathTableBe } = guest;
  const lengthBytes = u32(guest.lenPathTable);
  return [pathTable, optionalPathTable, pathTableBe, optionalPathTableBe]
    .map((block) => ({ block: u32(block), lengthBytes }))
    .filter(({ block }) => block > 0);
}

export function volumeOf(source: ByteSource, { primary }: Descriptors, walk: FileWalk): Volume {
  const blockBytes = powerOfTwo(
    primary.lenBlock,
    'iso9660: block size',
    MIN_BLOCK_BYTES,
    SECTOR_BYTES,
  );
  return {
    source,
    volumes: [source],
    walk,
    blockBytes,
    endBytes: u32(primary.numBlocks) * blockBytes,
    skippedBytes: 0,
    spend: newBudget(source),
  };
}

/** For one pass over all directories, which may come to each a few times. */
export function newBudget(source: ByteSource): Spend {
  return visitsOf('iso9660: directories', 'bytes', source.sizeBytes);
}

/** What so many bytes take from a block on. */
export function wholeBlocks({ blockBytes }: Volume, block: number, lengthBytes: number): ByteRange {
  const blocks = Math.ceil(lengthBytes / blockBytes);
  return { offsetBytes: block * blockBytes, lengthBytes: blocks * blockBytes };
}
