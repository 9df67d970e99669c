// A SquashFS as its superblock describes it.
// References: Linux fs/squashfs/super.c: squashfs_fill_super.
import { type GuestSquashfs, parseSquashfs } from '../../../generated/filesystem/squashfs.js';
import type { ByteSource } from '../../bytes/source.js';
import { MAX_SQUASHFS_INODES } from '../../limits.js';
import { big, hasFlag, int } from '../../validation/guest.js';
import type { FileWalk } from '../files.js';
import { type Spend, visitsOf } from '../visits.js';
import type { NamedRanges, WrittenOnce } from '../written-once.js';
import { decompressor } from './decompress.js';
import { cursorAt, METADATA_BYTES, type Metadata, metadataOf, type Position } from './metadata.js';
import { type NamesBudget, namesBudget } from './names-budget.js';
import {
  attributeBytesOf,
  fragmentAt,
  openTables,
  ownersOf,
  type StoredBlock,
  SUPERBLOCK_BYTES,
  type Table,
} from './tables.js';

const HAS_OPTIONS = 0x400n;
const MAX_BLOCK_BYTES = 2 ** 20;
const MAX_METHOD = 2 ** 15;
/** No block of names is compressed to less. */
const MIN_STORED_BYTES = 16;
/** How often the places of all names may be told. */
const MAX_PASSES = 8;

export interface Volume extends WrittenOnce {
  readonly source: ByteSource;
  readonly walk: FileWalk;
  readonly metadata: Metadata;
  readonly blockBytes: number;
  readonly inodeCount: number;
  readonly inodes: Table;
  readonly directories: Table;
  readonly names: NamesBudget;
  /** Blocks of the table of directories, for the places of names: many directories may have the same ones. */
  readonly spendPlaces: Spend;
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
  const least = METADATA_BYTES / 2;
  const blockBytes = int(guest.lenBlock, 'squashfs: block size', least, MAX_BLOCK_BYTES);
  const what = 'squashfs: bytes in use';
  const usedBytes = int(guest.lenUsed, what, SUPERBLOCK_BYTES, source.sizeBytes);
  const inodeCount = int(guest.numInodes, 'squashfs: number of inodes', 1, MAX_SQUASHFS_INODES);
  const method = int(guest.compression, 'squashfs: method of compression', 0, MAX_METHOD);
  const metadata = metadataOf(source, decompressor(method));
  const tables = await openTables(guest, { source, usedBytes }, inodeCount);
  const { inodes, directories, fragments, fragmentCount, attributes } = tables;
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
    names: namesBudget(source, directories, inodeCount),
    spendPlaces: placesBudget(directories, inodeCount),
    root: rootOf(guest, inodes, usedBytes),
    owners: await ownersOf(metadata, tables.owners, tables.ownerCount),
    fragmentCount,
    attributeBytes: (number) => attributeBytesOf(metadata, attributes, number),
    fragment: (number) => fragmentAt(metadata, fragments, fragmentCount, number),
    parts: [
      named('superblock', { startBytes: 0, endBytes: SUPERBLOCK_BYTES }),
      ...(await optionParts(guest, metadata)),
      named('inode table', inodes),
      named('directory table', directories),
      named('fragment table', fragments),
      named('export table', tables.lookup),
      named('id table', tables.owners),
      named('xattr table', attributes),
    ],
  };
}

/** The names of a directory begin and end within blocks that it has together with others. */
function placesBudget({ startBytes, endBytes }: Table, inodeCount: number): Spend {
  const blockCount = Math.ceil(Math.max(0, endBytes - startBytes) / MIN_STORED_BYTES);
  return visitsOf('squashfs: directories', 'blocks', inodeCount + blockCount, MAX_PASSES);
}

/** A place as directories have it: a block of the table, and 16 bits for where it is in there. */
function rootOf({ rootInode }: GuestSquashfs, { startBytes }: Table, usedBytes: number): Position {
  const most = BigInt(usedBytes) * 0x10000n;
  const place = big(rootInode, 'squashfs: the root inode', 0n, most);
  return {
    offsetBytes: startBytes + Number(place / 0x10000n),
    within: Number(place % 0x10000n),
  };
}

async function optionParts(
  { flags }: GuestSquashfs,
  metadata: Metadata,
): Promise<readonly NamedRanges[]> {
  if (!hasFlag(flags, HAS_OPTIONS)) return [];
  const { at } = await metadata.block(SUPERBLOCK_BYTES);
  return [{ name: 'compression options', ranges: [at] }];
}

function named(name: string, table: Table | null): NamedRanges {
  if (table === null) return { name, ranges: [] };
  const { startBytes: offsetBytes, endBytes } = table;
  return { name, ranges: [{ offsetBytes, lengthBytes: Math.max(0, endBytes - offsetBytes) }] };
}

/** A place in the table of inodes, as directories name it. */
export function inodeCursor({ metadata, inodes }: Volume, position: Position) {
  return cursorAt(metadata, position, inodes.endBytes);
}
