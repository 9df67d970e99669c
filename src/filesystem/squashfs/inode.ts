// An inode of SquashFS, of which there are two forms for each kind of file.
// References: Linux fs/squashfs/inode.c: squashfs_read_inode; fs/squashfs/squashfs_fs.h: SQUASHFS_LREG_TYPE and its neighbours.
import {
  squashfsDirectoryInodeRecords,
  squashfsFileInodeRecords,
  squashfsIndexEntryRecords,
  squashfsInodeHeadRecords,
  squashfsLargeDirectoryInodeRecords,
  squashfsLargeFileInodeRecords,
  squashfsWordRecords,
} from '../../../generated/filesystem/squashfs.js';
import type { ByteRange } from '../../bytes/source.js';
import { int, u16, u32 } from '../../validation/guest.js';
import type { FileKind } from '../files.js';
import { type Cursor, METADATA_BYTES, type Position } from './metadata.js';
import { inodeCursor, type Volume } from './volume.js';

const HEAD_BYTES = 16;
const DIRECTORY_BYTES = 16;
const LARGE_DIRECTORY_BYTES = 24;
const INDEX_BYTES = 12;
const FILE_BYTES = 16;
const LARGE_FILE_BYTES = 40;
const WORD_BYTES = 4;
/** From here on the types are those of larger inodes. */
const KINDS = 7;
const NAMES = 'squashfs: bytes of the names of a directory';
const MAX_SIZE_BYTES = Number.MAX_SAFE_INTEGER;
/** PAGE_SIZE: no link's target is longer. */
const MAX_TARGET_BYTES = 65_536;
/** The kernel's own limit of a name. */
const MAX_NAME_BYTES = 256;
const NO_FRAGMENT = 0xffff_ffff;
const MAX_PERMISSIONS = 0o7777;
/** The kind of each type, and its bits in st_mode. */
const OF_TYPE: readonly (readonly [FileKind, number])[] = [
  ['directory', 0o040000],
  ['file', 0o100000],
  ['symlink', 0o120000],
  ['device', 0o060000],
  ['device', 0o020000],
  ['device', 0o010000],
  ['device', 0o140000],
];
const [DIRECTORY, FILE, LINK] = [1, 2, 3];
/** Block and character devices have a number, FIFOs and sockets none. */
const NUMBERED = [4, 5];

/** Where a file's blocks lie one behind the other, and how many there are. */
export interface FileContent {
  readonly startBytes: number;
  readonly blockCount: number;
  /** Of the sizes of the blocks, in the table of inodes. */
  readonly sizesAt: Position | null;
  /** null: the end of the file has a block of its own. */
  readonly fragment: number | null;
  readonly fragmentOffsetBytes: number;
}

export interface Inode {
  readonly number: number;
  readonly position: Position;
  /** The block of metadata in which it begins. */
  readonly at: ByteRange;
  readonly kind: FileKind;
  readonly mode: number;
  readonly ownerIndex: number;
  readonly groupIndex: number;
  readonly modifiedSeconds: number;
  readonly linkCount: number;
  readonly sizeBytes: number;
  /** What of it is holes. */
  readonly sparseBytes: number;
  readonly content: FileContent | null;
  readonly attributeBytes: number;
  /** Of a directory: in the table of directories, where its first block begins and how far into it. */
  readonly names: { readonly block: number; readonly within: number } | null;
}

type Body = Pick<Inode, 'linkCount' | 'sizeBytes'> &
  Partial<Pick<Inode, 'sparseBytes' | 'content' | 'names' | 'attributeBytes'>>;

/** The inode at a place. @throws FormatError */
export function inodeAt(volume: Volume, position: Position): Promise<Inode> {
  return readInode(volume, inodeCursor(volume, position));
}

/** @param isWhole the cursor is behind all of it afterwards, and not only behind what tells of the file. */
export async function readInode(volume: Volume, cursor: Cursor, isWhole = false): Promise<Inode> {
  const place = await cursor.next();
  const guest = squashfsInodeHeadRecords(await cursor.take(HEAD_BYTES)).at(0);
  const type = int(guest.type, 'squashfs: type of an inode', 1, 2 * KINDS);
  const number = int(guest.number, 'squashfs: number of an inode', 1, volume.inodeCount);
  const owners = volume.owners.length - 1;
  const head = {
    number,
    ownerIndex: int(guest.owner, 'squashfs: owner', 0, owners),
    groupIndex: int(guest.group, 'squashfs: group', 0, owners),
    modifiedSeconds: u32(guest.modifiedAt),
  };
  const permissions = int(guest.mode, 'squashfs: permissions', 0, MAX_PERMISSIONS);
  const [kind, bits] = OF_TYPE[(type - 1) % KINDS] ?? (['device', 0] as const);
  const body = await bodyOf(volume, cursor, type, isWhole);
  return {
    ...head,
    position: place?.position ?? { offsetBytes: 0, within: 0 },
    at: place?.block.at ?? { offsetBytes: 0, lengthBytes: 1 },
    kind,
    mode: bits + permissions,
    sparseBytes: 0,
    attributeBytes: 0,
    content: null,
    names: null,
    ...body,
  };
}

function bodyOf(volume: Volume, cursor: Cursor, type: number, isWhole: boolean): Promise<Body> {
  const isLarge = type > KINDS;
  const plainType = isLarge ? type - KINDS : type;
  if (plainType === DIRECTORY)
    return isLarge ? largeDirectory(volume, cursor) : directory(volume, cursor);
  if (plainType === FILE) {
    return isLarge ? largeFile(volume, cursor, isWhole) : file(volume, cursor, isWhole);
  }
  return other(volume, cursor, plainType, isLarge);
}

async function directory(volume: Volume, cursor: Cursor): Promise<Body> {
  const guest = squashfsDirectoryInodeRecords(await cursor.take(DIRECTORY_BYTES)).at(0);
  return {
    linkCount: u32(guest.numLinks),
    sizeBytes: int(guest.lenNames, NAMES, 0, MAX_SIZE_BYTES),
    names: namesOf(volume, guest),
  };
}

type GuestNames = Pick<
  ReturnType<ReturnType<typeof squashfsDirectoryInodeRecords>['at']>,
  'block' | 'offset'
>;

function namesOf({ directories }: Volume, { block, offset }: GuestNames) {
  const tableBytes = directories.endBytes - directories.startBytes;
  return {
    block: int(block, 'squashfs: block of the names of a directory', 0, tableBytes),
    within: int(offset, 'squashfs: where the names of a directory begin', 0, METADATA_BYTES),
  };
}

async function largeDirectory(volume: Volume, cursor: Cursor): Promise<Body> {
  const guest = squashfsLargeDirectoryInodeRecords(await cursor.take(LARGE_DIRECTORY_BYTES)).at(0);
  const body = {
    linkCount: u32(guest.numLinks),
    sizeBytes: int(guest.lenNames, NAMES, 0, MAX_SIZE_BYTES),
    names: namesOf(volume, guest),
    attributeBytes: await volume.attributeBytes(u32(guest.attributes)),
  };
  for (let left = u16(guest.numIndex); left > 0; left--) {
    const entry = squashfsIndexEntryRecords(await cursor.take(INDEX_BYTES)).at(0);
    await cursor.skip(1 + int(entry.lenName, 'squashfs: bytes of a name', 0, MAX_NAME_BYTES - 1));
  }
  return body;
}

async function file(volume: Volume, cursor: Cursor, isWhole: boolean): Promise<Body> {
  const guest = squashfsFileInodeRecords(await cursor.take(FILE_BYTES)).at(0);
  const sizeBytes = int(guest.lenFile, 'squashfs: bytes of a file', 0, MAX_SIZE_BYTES);
  const content = await contentOf(volume, cursor, guest, sizeBytes, isWhole);
  return { linkCount: 1, sizeBytes, content };
}

async function largeFile(volume: Volume, cursor: Cursor, isWhole: boolean): Promise<Body> {
  const guest = squashfsLargeFileInodeRecords(await cursor.take(LARGE_FILE_BYTES)).at(0);
  const sizeBytes = int(guest.lenFile, 'squashfs: bytes of a file', 0, MAX_SIZE_BYTES);
  return {
    linkCount: u32(guest.numLinks),
    sizeBytes,
    sparseBytes: int(guest.lenSparse, 'squashfs: bytes of holes', 0, sizeBytes),
    attributeBytes: await volume.attributeBytes(u32(guest.attributes)),
    content: await contentOf(volume, cursor, guest, sizeBytes, isWhole),
  };
}

type GuestContent = Pick<
  ReturnType<ReturnType<typeof squashfsLargeFileInodeRecords>['at']>,
  'fragment' | 'offset'
> & { readonly ofsContent: Parameters<typeof int>[0] };

async function contentOf(
  { blockBytes, source }: Volume,
  cursor: Cursor,
  guest: GuestContent,
  sizeBytes: number,
  isWhole: boolean,
): Promise<FileContent> {
  const number = u32(guest.fragment);
  const fragment = number === NO_FRAGMENT ? null : number;
  const blocks = sizeBytes / blockBytes;
  const blockCount = fragment === null ? Math.ceil(blocks) : Math.floor(blocks);
  const place = blockCount === 0 ? null : await cursor.next();
  if (isWhole) await cursor.skip(blockCount * WORD_BYTES);
  const what = 'squashfs: where the content of a file begins';
  return {
    startBytes: int(guest.ofsContent, what, 0, source.sizeBytes),
    blockCount,
    sizesAt: place?.position ?? null,
    fragment,
    fragmentOffsetBytes: int(guest.offset, 'squashfs: offset in a fragment', 0, blockBytes),
  };
}

async function other(
  volume: Volume,
  cursor: Cursor,
  type: number,
  isLarge: boolean,
): Promise<Body> {
  const linkCount = await wordOf(cursor);
  let sizeBytes = 0;
  if (type === LINK) {
    const { value } = squashfsWordRecords(await cursor.take(WORD_BYTES)).at(0);
    sizeBytes = int(value, 'squashfs: bytes of the target of a link', 0, MAX_TARGET_BYTES);
    await cursor.skip(sizeBytes);
  } else if (NUMBERED.includes(type)) {
    await cursor.skip(WORD_BYTES);
  }
  if (!isLarge) return { linkCount, sizeBytes };
  return {
    linkCount,
    sizeBytes,
    attributeBytes: await volume.attributeBytes(await wordOf(cursor)),
  };
}

/** Of a link, whose inode is read again. @throws FormatError */
export async function targetOf(
  volume: Volume,
  { position, sizeBytes }: Inode,
): Promise<Uint8Array> {
  const cursor = inodeCursor(volume, position);
  await cursor.skip(HEAD_BYTES + 2 * WORD_BYTES); // How many names it has, and how long the target is.
  return cursor.take(sizeBytes);
}

async function wordOf(cursor: Cursor): Promise<number> {
  return u32(squashfsWordRecords(await cursor.take(WORD_BYTES)).at(0).value);
}
