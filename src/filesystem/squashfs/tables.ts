// Where the tables of a SquashFS begin and end, and what is looked up in them: owners, fragments, sizes of attributes.
// References: Linux fs/squashfs/id.c, fragment.c, export.c, xattr_id.c; fs/squashfs/super.c: squashfs_fill_super.
import {
  type GuestSquashfs,
  squashfsAttributesEntryRecords,
  squashfsAttributesHeadRecords,
  squashfsFragmentEntryRecords,
  squashfsPlaceRecords,
  squashfsWordRecords,
} from '../../../generated/filesystem/squashfs.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/untrusted.js';
import { MAX_SQUASHFS_INODES } from '../../limits.js';
import { equals, int, u32 } from '../../validation/guest.js';
import { METADATA_BYTES, type Metadata } from './metadata.js';

export const SUPERBLOCK_BYTES = 96;
const NONE = 0xffff_ffff_ffff_ffffn;
const PLACE_BYTES = 8;
const OWNER_BYTES = 4;
const FRAGMENT_BYTES = 16;
const LOOKUP_BYTES = 8;
const ATTRIBUTES_BYTES = 16;
const ATTRIBUTES_HEAD_BYTES = 16;
const NO_ATTRIBUTES = 0xffff_ffff;
const IS_PLAIN = 2 ** 24;
const MAX_OWNERS = 2 ** 16;

/** A table of the volume, from its first block of metadata to the end of its last one. */
export interface Table {
  readonly startBytes: number;
  readonly endBytes: number;
}

/** A block of files' content. */
export interface StoredBlock {
  readonly at: ByteRange;
  readonly isCompressed: boolean;
}

/** null: it has none of this kind. */
interface Tables {
  readonly inodes: Table;
  readonly directories: Table;
  readonly owners: IndexedTable;
  readonly ownerCount: number;
  readonly fragments: IndexedTable | null;
  readonly fragmentCount: number;
  readonly lookup: Table | null;
  readonly attributes: IndexedTable | null;
}

/** @throws FormatError */
export async function openTables(
  guest: GuestSquashfs,
  index: IndexSource,
  inodeCount: number,
): Promise<Tables> {
  const at = (place: GuestInteger, what: string) =>
    int(place, `squashfs: where the table of ${what} begins`, SUPERBLOCK_BYTES, index.usedBytes);
  const ownerCount = int(guest.numIds, 'squashfs: owners', 1, MAX_OWNERS);
  const fragmentCount = int(guest.numFragments, 'squashfs: fragments', 0, MAX_SQUASHFS_INODES);
  const owners = await tableOf(index, at(guest.ofsOwners, 'owners'), ownerCount, OWNER_BYTES);
  const fragments =
    fragmentCount === 0
      ? null
      : await tableOf(index, at(guest.ofsFragments, 'fragments'), fragmentCount, FRAGMENT_BYTES);
  const lookup = equals(guest.ofsLookup, NONE)
    ? null
    : await tableOf(index, at(guest.ofsLookup, 'inodes for NFS'), inodeCount, LOOKUP_BYTES);
  const attributes = equals(guest.ofsXattrs, NONE)
    ? null
    : await attributesOf(index, at(guest.ofsXattrs, 'attributes'));
  const behind = [fragments, lookup, owners].filter((one) => one !== null);
  const directoriesAt = at(guest.ofsDirectories, 'directories');
  return {
    inodes: { startBytes: at(guest.ofsInodes, 'inodes'), endBytes: directoriesAt },
    directories: {
      startBytes: directoriesAt,
      endBytes: Math.min(...behind.map(({ startBytes }) => startBytes)),
    },
    owners,
    ownerCount,
    fragments,
    fragmentCount,
    lookup,
    attributes,
  };
}

interface IndexSource {
  readonly source: ByteSource;
  readonly usedBytes: number;
}

/** With the places of its blocks. */
interface IndexedTable extends Table {
  readonly places: readonly number[];
}

/** A table whose blocks lie before their index. */
async function tableOf(
  { source }: IndexSource,
  indexAt: number,
  count: number,
  entryBytes: number,
): Promise<IndexedTable> {
  const blocks = Math.ceil((count * entryBytes) / METADATA_BYTES);
  const bytes = await source.read(indexAt, blocks * PLACE_BYTES);
  const records = squashfsPlaceRecords(bytes);
  const places = Array.from({ length: blocks }, (_, i) =>
    int(records.at(i).value, 'squashfs: where a block of a table is', SUPERBLOCK_BYTES, indexAt),
  );
  return { startBytes: places[0] ?? indexAt, endBytes: indexAt + bytes.length, places };
}

/** To the end of what is in use: its index comes last, behind a head. */
async function attributesOf(index: IndexSource, headAt: number): Promise<IndexedTable> {
  const head = await index.source.read(headAt, ATTRIBUTES_HEAD_BYTES);
  const { ofsAttributes, numEntries } = squashfsAttributesHeadRecords(head).at(0);
  const count = int(numEntries, 'squashfs: sets of attributes', 0, MAX_SQUASHFS_INODES);
  const what = 'squashfs: where attributes begin';
  const startBytes = int(ofsAttributes, what, SUPERBLOCK_BYTES, headAt);
  const table = await tableOf(index, headAt + ATTRIBUTES_HEAD_BYTES, count, ATTRIBUTES_BYTES);
  return { ...table, startBytes, endBytes: index.usedBytes };
}

export async function ownersOf(
  metadata: Metadata,
  { places }: IndexedTable,
  count: number,
): Promise<readonly number[]> {
  const owners: number[] = [];
  for (const place of places) {
    const { bytes } = await metadata.block(place);
    const records = squashfsWordRecords(bytes);
    for (let i = 0; i < records.length && owners.length < count; i++) {
      owners.push(u32(records.at(i).value));
    }
  }
  return owners;
}

export async function fragmentAt(
  metadata: Metadata,
  table: IndexedTable | null,
  count: number,
  number: number,
): Promise<StoredBlock> {
  const each = METADATA_BYTES / FRAGMENT_BYTES;
  const place = table?.places[Math.floor(number / each)];
  if (place === undefined || number >= count) {
    const words = `fragment ${number} of ${count} is named`;
    throw new FormatError('OUT_OF_BOUNDS', `squashfs: ${words}`, { data: { number, count } });
  }
  const { bytes } = await metadata.block(place);
  const { ofsBlock, lenBlock } = squashfsFragmentEntryRecords(bytes).at(number % each);
  const offsetBytes = int(ofsBlock, 'squashfs: where a fragment is', 0, Number.MAX_SAFE_INTEGER);
  const block = storedBlock(offsetBytes, lenBlock);
  if (block.at.lengthBytes > 0) return block;
  throw new FormatError('INVALID', `squashfs: fragment ${number} has no bytes`, {
    data: { number },
  });
}

/** As the kernel, which takes no inode whose attributes are not there. */
export async function attributeBytesOf(
  metadata: Metadata,
  table: IndexedTable | null,
  number: number,
): Promise<number> {
  if (table === null || number === NO_ATTRIBUTES) return 0;
  const each = METADATA_BYTES / ATTRIBUTES_BYTES;
  const place = table.places[Math.floor(number / each)];
  if (place === undefined) {
    const words = `attributes ${number} are named, which there are not`;
    throw new FormatError('OUT_OF_BOUNDS', `squashfs: ${words}`, { data: { number } });
  }
  const { bytes } = await metadata.block(place);
  const { lenAttributes } = squashfsAttributesEntryRecords(bytes).at(number % each);
  return u32(lenAttributes);
}

/** @param guest its size as the disk has it: a bit says that it is not compressed. */
export function storedBlock(offsetBytes: number, guest: GuestInteger): StoredBlock {
  const size = int(guest, 'squashfs: size of a block', 0, 2 * IS_PLAIN - 1);
  const at = { offsetBytes, lengthBytes: size % IS_PLAIN };
  return { at, isCompressed: Math.floor(size / IS_PLAIN) % 2 === 0 };
}
