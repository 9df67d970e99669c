// A SquashFS as its superblock describes it, and where its tables begin and end.
// References: Linux fs/squashfs/super.c: squashfs_fill_super; fs/squashfs/id.c, fragment.c, export.c, xattr_id.c.
import {
  parseSquashfs,
  squashfsAttributesEntryRecords,
  squashfsAttributesHeadRecords,
  squashfsFragmentEntryRecords,
  squashfsPlaceRecords,
  squashfsWordRecords,
} from '../../../generated/filesystem/squashfs.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/untrusted.js';
import { big, equals, hasFlag, int, u32 } from '../../validation/guest.js';
import type { FileWalk } from '../files.js';
import type { NamedRanges, WrittenOnce } from '../written-once.js';
import { decompressor } from './decompress.js';
import { cursorAt, METADATA_BYTES, type Metadata, metadataOf, type Position } from './metadata.js';

const NONE = 0xffff_ffff_ffff_ffffn;
const SUPERBLOCK_BYTES = 96;
const HAS_OPTIONS = 0x400n;
const PLACE_BYTES = 8;
const OWNER_BYTES = 4;
const FRAGMENT_BYTES = 16;
const LOOKUP_BYTES = 8;
const ATTRIBUTES_BYTES = 16;
const ATTRIBUTES_HEAD_BYTES = 16;
const NO_ATTRIBUTES = 0xffff_ffff;
const MAX_BLOCK_BYTES = 2 ** 20;
const IS_PLAIN = 2 ** 24;
/** 16 million: their places take 128 MiB. */
const MAX_INODES = 2 ** 24;

/** A table of the volume, from its first block of metadata to the end of its last one. */
interface Table {
  readonly startBytes: number;
  readonly endBytes: number;
}

/** A block of files' content. */
export interface StoredBlock {
  readonly at: ByteRange;
  readonly isCompressed: boolean;
}

export interface Volume extends WrittenOnce {
  readonly source: ByteSource;
  readonly walk: FileWalk;
  readonly metadata: Metadata;
  readonly blockBytes: number;
  readonly inodeCount: number;
  readonly inodes: Table;
  readonly directories: Table;
  readonly root: Position;
  readonly owners: readonly number[];
  readonly fragmentCount: number;
  fragment(index: number): Promise<StoredBlock>;
  /** How many bytes the attributes with this index have; 0 for that of none. */
  attributeBytes(index: number): Promise<number>;
  readonly parts: readonly NamedRanges[];
}

/** @throws FormatError, UnsupportedError where the tables cannot be read. */
export async function openVolume(
  source: ByteSource,
  window: Uint8Array,
  walk: FileWalk,
): Promise<Volume> {
  const guest = parseSquashfs(window);
  const end = source.sizeBytes;
  const blockBytes = int(
    guest.lenBlock,
    'squashfs: block size',
    METADATA_BYTES / 2,
    MAX_BLOCK_BYTES,
  );
  const usedBytes = int(guest.lenUsed, 'squashfs: bytes in use', SUPERBLOCK_BYTES, end);
  const inodeCount = int(guest.numInodes, 'squashfs: number of inodes', 1, MAX_INODES);
  const compression = int(guest.compression, 'squashfs: method of compression', 0, 2 ** 15);
  const metadata = metadataOf(source, decompressor(compression));
  const at = (place: Parameters<typeof int>[0], what: string) =>
    int(place, `squashfs: where ${what} begins`, SUPERBLOCK_BYTES, usedBytes);
  const startBytes = at(guest.ofsInodes, 'the table of inodes');
  const directoriesAt = at(guest.ofsDirectories, 'the table of directories');
  const ownerCount = int(guest.numIds, 'squashfs: owners', 1, 2 ** 15 * 2);
  const fragmentCount = int(guest.numFragments, 'squashfs: fragments', 0, end);
  const index = { source, usedBytes };
  const ownersAt = await tableOf(
    index,
    at(guest.ofsOwners, 'the table of owners'),
    ownerCount,
    OWNER_BYTES,
  );
  const fragmentsAt =
    fragmentCount === 0
      ? null
      : await tableOf(
          index,
          at(guest.ofsFragments, 'the table of fragments'),
          fragmentCount,
          FRAGMENT_BYTES,
        );
  const lookupAt = equals(guest.ofsLookup, NONE)
    ? null
    : await tableOf(index, at(guest.ofsLookup, 'the table for NFS'), inodeCount, LOOKUP_BYTES);
  const attributesAt = equals(guest.ofsXattrs, NONE)
    ? null
    : await attributesOf(index, at(guest.ofsXattrs, 'the table of attributes'));
  const known = [fragmentsAt, lookupAt, ownersAt].filter((one) => one !== null);
  const directories = {
    startBytes: directoriesAt,
    endBytes: Math.min(...known.map((one) => one.startBytes)),
  };
  const inodes = { startBytes, endBytes: directoriesAt };
  const rootPlace = big(guest.rootInode, 'squashfs: the root inode', 0n, BigInt(end) * 0x10000n);
  const optionsAt = hasFlag(guest.flags, HAS_OPTIONS)
    ? await metadata.block(SUPERBLOCK_BYTES)
    : null;
  return {
    source,
    volumes: [source],
    walk,
    endBytes: Math.ceil(usedBytes / blockBytes) * blockBytes,
    metadata,
    blockBytes,
    inodeCount,
    inodes,
    directories,
    root: {
      offsetBytes: startBytes + Number(rootPlace / 0x10000n),
      within: Number(rootPlace % 0x10000n),
    },
    owners: await ownersOf(metadata, ownersAt, ownerCount),
    fragmentCount,
    attributeBytes: (number) => attributeBytesOf(metadata, attributesAt, number),
    fragment: (number) => fragmentAt(metadata, fragmentsAt, fragmentCount, number),
    parts: [
      named('superblock', { startBytes: 0, endBytes: SUPERBLOCK_BYTES }),
      ...(optionsAt === null ? [] : [{ name: 'compression options', ranges: [optionsAt.at] }]),
      named('inode table', inodes),
      named('directory table', directories),
      named('fragment table', fragmentsAt),
      named('export table', lookupAt),
      named('id table', ownersAt),
      named('xattr table', attributesAt),
    ],
  };
}

function named(name: string, table: Table | null): NamedRanges {
  if (table === null) return { name, ranges: [] };
  const { startBytes: offsetBytes, endBytes } = table;
  return { name, ranges: [{ offsetBytes, lengthBytes: Math.max(0, endBytes - offsetBytes) }] };
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
  const count = int(numEntries, 'squashfs: sets of attributes', 0, index.usedBytes);
  const what = 'squashfs: where attributes begin';
  const startBytes = int(ofsAttributes, what, SUPERBLOCK_BYTES, headAt);
  const table = await tableOf(index, headAt + ATTRIBUTES_HEAD_BYTES, count, ATTRIBUTES_BYTES);
  return { ...table, startBytes, endBytes: index.usedBytes };
}

async function ownersOf(
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

async function fragmentAt(
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
  return storedBlock(offsetBytes, lenBlock);
}

/** @param guest its size as the disk has it: a bit says that it is not compressed. */
export function storedBlock(offsetBytes: number, guest: GuestInteger): StoredBlock {
  const size = int(guest, 'squashfs: size of a block', 0, 2 * IS_PLAIN - 1);
  const at = { offsetBytes, lengthBytes: size % IS_PLAIN };
  return { at, isCompressed: Math.floor(size / IS_PLAIN) % 2 === 0 };
}

/** As the kernel, which takes no inode whose attributes are not there. */
async function attributeBytesOf(
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

/** A place in the table of inodes, as directories name it. */
export function inodeCursor({ metadata, inodes }: Volume, position: Position) {
  return cursorAt(metadata, position, inodes.endBytes);
}
