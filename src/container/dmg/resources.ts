// Where a dmg keeps its block tables: Base64 in the property list of newer images, or the resource fork of older ones.
// References: QEMU block/dmg.c dmg_read_plist_xml(), dmg_read_resource_fork(); Inside Macintosh: More Macintosh Toolbox,
// "Resource File Format".
import {
  parseDmgPropertyList,
  parseDmgResourceFork,
  parseDmgResourceLength,
} from '../../../generated/container/dmg.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int, rawText } from '../../validation/guest.js';
import type { FileRange, Trailer } from './trailer.js';

/** QEMU's own limit. */
const MAX_PROPERTY_LIST_BYTES = 16 * MIB;
const MAX_RESOURCE_FORK_BYTES = 16 * MIB;
/** An image has some for each partition, and some that describe the image. */
const MAX_RESOURCES = 10_000;
const FORK_HEAD_BYTES = 16;
const LENGTH_BYTES = 4;
const MISH = [0x6d, 0x69, 0x73, 0x68];
/** A block table with one chunk: other resources are smaller, or begin otherwise. */
const MIN_TABLE_BYTES = 244;

/** The block tables in the order of the image; never empty. @throws FormatError. */
export async function readBlockTables(
  file: ByteSource,
  { resourceFork, propertyList }: Trailer,
): Promise<readonly Uint8Array[]> {
  const resources =
    resourceFork.lengthBytes > 0
      ? await readResourceFork(file, resourceFork)
      : await readPropertyList(file, propertyList);
  const tables = resources.filter(isBlockTable);
  if (tables.length > 0) return tables;
  throw new FormatError('INVALID', 'dmg: the image describes no partition');
}

function isBlockTable(bytes: Uint8Array): boolean {
  return bytes.length >= MIN_TABLE_BYTES && MISH.every((byte, i) => bytes[i] === byte);
}

/**
 * The block tables in the XML: each text between <data> and </data>, in whatever element. No XML parser is used, as in QEMU:
 * a list of chunks may have megabytes, and a tree of it would let a hostile image take a hundred times as much memory.
 */
async function readPropertyList(
  file: ByteSource,
  range: FileRange,
): Promise<readonly Uint8Array[]> {
  const { offsetBytes, lengthBytes } = checked(range, 'property list', MAX_PROPERTY_LIST_BYTES);
  const { document } = parseDmgPropertyList(await file.read(offsetBytes, lengthBytes));
  const text = rawText(document, MAX_PROPERTY_LIST_BYTES);
  const found: Uint8Array[] = [];
  for (let at = 0; ; ) {
    const start = text.indexOf('<data>', at);
    if (start < 0) return found;
    const end = text.indexOf('</data>', start);
    if (end < 0) throw new FormatError('INVALID', 'dmg: the property list ends within its data');
    if (found.length === MAX_RESOURCES) throw tooMany();
    // Blanks and line ends between the characters are skipped.
    found.push(new Uint8Array(Buffer.from(text.slice(start + '<data>'.length, end), 'base64')));
    at = end;
  }
}

/** The resources lie one behind the other; the map that tells their types and names is not needed. */
async function readResourceFork(
  file: ByteSource,
  range: FileRange,
): Promise<readonly Uint8Array[]> {
  const { offsetBytes, lengthBytes } = checked(range, 'resource fork', MAX_RESOURCE_FORK_BYTES);
  const fork = await file.read(offsetBytes, lengthBytes);
  const head = parseDmgResourceFork(fork.subarray(0, FORK_HEAD_BYTES));
  const start = int(head.ofsData, 'dmg: offset of the resources', FORK_HEAD_BYTES, lengthBytes);
  const end = start + int(head.lenData, 'dmg: size of the resources', 1, lengthBytes - start);
  const found: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    if (found.length === MAX_RESOURCES) throw tooMany();
    const { lenResource } = parseDmgResourceLength(
      fork.subarray(at, Math.min(end, at + LENGTH_BYTES)),
    );
    const room = end - at - LENGTH_BYTES;
    const length = int(lenResource, `dmg: size of resource ${found.length}`, 1, room);
    found.push(fork.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length));
    at += LENGTH_BYTES + length;
  }
  return found;
}

function checked(range: FileRange, what: string, maxBytes: number): FileRange {
  if (range.lengthBytes > 0 && range.lengthBytes <= maxBytes) return range;
  throw new FormatError(
    range.lengthBytes === 0 ? 'INVALID' : 'LIMIT',
    `dmg: the ${what} has ${range.lengthBytes} bytes; the limits are 1 and ${maxBytes}`,
    { data: { lengthBytes: range.lengthBytes } },
  );
}

function tooMany(): FormatError {
  return new FormatError('LIMIT', `dmg: the image has more than ${MAX_RESOURCES} resources`);
}
