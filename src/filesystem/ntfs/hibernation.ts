// Whether Windows sleeps on this volume: the head of hiberfil.sys, which is looked up in the root directory.
// References: ntfs-3g libntfs-3g/volume.c (ntfs_volume_check_hiberfile), dir.c (ntfs_inode_lookup_by_name).
import {
  parseNtfsIndexBlock,
  parseNtfsIndexChild,
  parseNtfsIndexEntry,
  parseNtfsIndexHeader,
  parseNtfsIndexRoot,
} from '../../../generated/filesystem/ntfs.js';
import { KIB } from '../../limits.js';
import { hasFlag, int, powerOfTwo, rawText } from '../../validation/guest.js';
import { DATA, INDEX_ALLOCATION, INDEX_NAME, INDEX_ROOT } from './attribute-types.js';
import { type FileTable, openValue, readFileRecord, unnamed } from './file-table.js';
import { recordNumber, withoutProtection } from './record.js';
import { readBytes, type Value } from './value.js';

const ROOT_DIRECTORY = 5;
const INDEX = Buffer.from(INDEX_NAME, 'utf16le');
const FILE_NAME = 'HIBERFIL.SYS';
const HEAD_BYTES = 4 * KIB;
/** Windows 8 and newer write capitals. Once Windows was resumed, the file begins with other letters and means nothing. */
const ASLEEP = ['hibr', 'HIBR'];
const HAS_CHILD = 1n;
const IS_LAST = 2n;
const ROOT_HEAD_BYTES = 16;
const BLOCK_HEAD_BYTES = 24;
const ENTRY_BYTES = 16;
const CHILD_BYTES = 8;
const MAX_BLOCK_BYTES = 64 * KIB;
const SMALL_UNIT_BYTES = 512;
/** Of a tree of names: ten levels hold more than there can be. */
const MAX_DEPTH = 10;

/**
 * Whether Windows is hibernated, or its fast start is.
 * @throws FormatError, UnsupportedError for a root directory or a file that makes no sense.
 */
export async function isHibernated(table: FileTable): Promise<boolean> {
  const number = await findFile(table);
  if (number === null) return false;
  const file = await readFileRecord(table, number);
  const value = await openValue(table, file, unnamed(DATA, 'hiberfil.sys'));
  if (value === null || value.sizeBytes === 0) return false;
  // A shorter file says that a Windows on another volume sleeps and has this one mounted, as ntfs-3g has it.
  if (value.sizeBytes < HEAD_BYTES) return true;
  const head = await readBytes(table.source, table.geometry, value, 0, 4);
  return ASLEEP.includes(Buffer.from(head).toString('latin1'));
}

/** The record of the file in the root directory; null if it has none. @throws FormatError */
async function findFile(table: FileTable): Promise<number | null> {
  const { source, geometry } = table;
  const directory = await readFileRecord(table, ROOT_DIRECTORY);
  const wanted = { name: INDEX, what: 'the root directory' };
  const root = await openValue(table, directory, { ...wanted, type: INDEX_ROOT });
  if (root === null || root.resident === null) return null;
  const bytes = await root.resident.read(0, root.sizeBytes);
  const what = 'ntfs: block of the root directory';
  const blockBytes = powerOfTwo(parseNtfsIndexRoot(bytes).lenBlock, what, 512, MAX_BLOCK_BYTES);
  let found = searchNode(bytes, ROOT_HEAD_BYTES);
  let blocks: Value | null = null;
  for (let depth = 0; depth < MAX_DEPTH && found !== null && 'child' in found; depth++) {
    blocks ??= await openValue(table, directory, { ...wanted, type: INDEX_ALLOCATION });
    if (blocks === null) return null;
    const unit = blockBytes < geometry.clusterBytes ? SMALL_UNIT_BYTES : geometry.clusterBytes;
    const block = await readBytes(source, geometry, blocks, found.child * unit, blockBytes);
    const plain = withoutProtection(block, parseNtfsIndexBlock(block), 'the root directory');
    found = searchNode(plain, BLOCK_HEAD_BYTES);
  }
  return found !== null && 'file' in found ? found.file : null;
}

type Found = { readonly file: number } | { readonly child: number } | null;

/** Names are in order, all of them in capitals; a name between two of them is in the child of the second. */
function searchNode(node: Uint8Array, headOffset: number): Found {
  const header = parseNtfsIndexHeader(node.subarray(headOffset));
  const room = node.length - headOffset;
  const end = headOffset + int(header.lenUsed, 'ntfs: bytes of a directory', 0, room);
  let at = headOffset + int(header.ofsEntries, 'ntfs: entries of a directory', 0, room);
  while (at + ENTRY_BYTES <= end) {
    const entry = parseNtfsIndexEntry(node.subarray(at, end));
    const length = int(entry.lenEntry, 'ntfs: entry of a directory', ENTRY_BYTES, end - at);
    const name = entry.key === undefined ? '' : rawText(entry.key.name, 255).toUpperCase();
    const isLast = hasFlag(entry.flags, IS_LAST);
    if (!isLast && name === FILE_NAME) return { file: recordNumber(entry.file) ?? 0 };
    if (isLast || name > FILE_NAME) {
      if (!hasFlag(entry.flags, HAS_CHILD) || length < ENTRY_BYTES + CHILD_BYTES) return null;
      const { cluster } = parseNtfsIndexChild(node.subarray(at + length - CHILD_BYTES));
      return { child: int(cluster, 'ntfs: node of a directory', 0, 2 ** 32) };
    }
    at += length;
  }
  return null;
}
