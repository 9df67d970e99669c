// A file of ISO 9660 as its record and its extensions tell of it.
// References: Linux fs/isofs/inode.c: isofs_read_inode; fs/isofs/rock.c: parse_rock_ridge_inode_internal (CL).
import { FormatError } from '../../errors.js';
import { kindOfType, typeOfMode } from '../file-kinds.js';
import type { FileKind } from '../files.js';
import { tell } from '../told.js';
import { isOwnName, plainOrJoliet } from './names.js';
import { entryAt, type IsoEntry, numberOf } from './records.js';
import { type Extensions, readExtensions } from './rock-ridge.js';
import type { Names, Volume } from './volume.js';

const NUMBER_BYTES = 32;

export interface IsoFile {
  readonly number: number;
  readonly kind: FileKind;
  readonly entry: IsoEntry;
  /** null: it is in a tree without any. */
  readonly extensions: Extensions | null;
  /** The directory for which this one's record stands, which lies elsewhere. */
  readonly child: IsoFile | null;
  readonly sizeBytes: number;
}

/** A name in a directory. */
export interface IsoName {
  /** No listing shows the directory itself, the one above, an associated file, and a directory that was moved. */
  readonly isShown: boolean;
  readonly name: Uint8Array;
  readonly number: number;
  readonly entry: IsoEntry;
  readonly extensions: Extensions | null;
}

export async function nameOf(volume: Volume, names: Names, entry: IsoEntry): Promise<IsoName> {
  const { last } = entry;
  const number = numberOf(volume, entry);
  const extensions = await extensionsOf(volume, names, entry, number);
  const isMoved = extensions?.isMoved ?? false;
  return {
    isShown: !isOwnName(last.name) && !last.isAssociated && !isMoved,
    name: extensions?.name ?? plainOrJoliet(names, last.name),
    number,
    entry,
    extensions,
  };
}

/** Those of the last record, which has the name. */
function extensionsOf(
  volume: Volume,
  names: Names,
  { last: { systemUse } }: IsoEntry,
  number: number,
): Promise<Extensions | null> {
  if (names !== 'rock') return Promise.resolve(null);
  const { skippedBytes } = volume;
  const area = {
    bytes: systemUse.bytes.subarray(skippedBytes),
    offsetBytes: systemUse.offsetBytes + skippedBytes,
  };
  return readExtensions(volume, area, (error) => tell(volume, number, error));
}

/** The file of a name. @throws FormatError for a directory whose first record is none. */
export async function fileOf(volume: Volume, names: Names, found: IsoName): Promise<IsoFile> {
  const { entry, number, extensions } = found;
  if (!entry.first.isDirectory) return resolved(volume, names, entry, number, extensions);
  const own = await directoryAt(volume, names, number);
  if (own === null) throw noDirectory(number);
  return own;
}

function noDirectory(number: number): FormatError {
  const words = `no directory begins at byte ${number * NUMBER_BYTES}`;
  return new FormatError('INVALID', `iso9660: ${words}`);
}

/** The directory that begins there, as its first record tells of it; null if nothing does. */
export async function directoryAt(
  volume: Volume,
  names: Names,
  number: number,
): Promise<IsoFile | null> {
  const entry = await entryAt(volume, number);
  if (entry === null || !entry.first.isDirectory || !isOwnName(entry.first.name)) return null;
  const extensions = await extensionsOf(volume, names, entry, number);
  return made(entry, number, extensions, null);
}

/** The file with this number; null if there is none. @throws FormatError */
export async function fileAt(
  volume: Volume,
  names: Names,
  number: number,
): Promise<IsoFile | null> {
  const entry = await entryAt(volume, number);
  if (entry === null) return null;
  if (numberOf(volume, entry) !== number) return null;
  const extensions = await extensionsOf(volume, names, entry, number);
  return resolved(volume, names, entry, number, extensions);
}

/** A record that stands for a directory elsewhere has what that one has, but its number. */
async function resolved(
  volume: Volume,
  names: Names,
  entry: IsoEntry,
  number: number,
  extensions: Extensions | null,
): Promise<IsoFile> {
  const childBlock = extensions?.childBlock ?? null;
  if (childBlock === null) return made(entry, number, extensions, null);
  const childNumber = (childBlock * volume.blockBytes) / NUMBER_BYTES;
  const child = await directoryAt(volume, names, childNumber);
  if (child === null) throw noDirectory(childNumber);
  return made(entry, number, extensions, child);
}

function made(
  entry: IsoEntry,
  number: number,
  extensions: Extensions | null,
  child: IsoFile | null,
): IsoFile {
  if (child !== null) return { ...child, number, child };
  const posix = extensions?.posix ?? null;
  const plainKind = entry.first.isDirectory ? 'directory' : 'file';
  const kind = posix === null ? plainKind : kindOfType(typeOfMode(posix.mode % 2 ** 16));
  if (kind === null) {
    throw new FormatError('INVALID', `iso9660: file ${number} has the mode ${posix?.mode}`);
  }
  const isInterleaved = entry.first.isInterleaved;
  const contentBytes = entry.sections.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  return {
    number,
    kind,
    entry,
    extensions,
    child: null,
    sizeBytes: sizeOf(isInterleaved ? 0 : contentBytes, extensions),
  };
}

function sizeOf(contentBytes: number, extensions: Extensions | null): number {
  if (extensions === null) return contentBytes;
  const { link, uncompressedBytes } = extensions;
  if (link.length > 0) return link.reduce((sum, { targetBytes }) => sum + targetBytes, 0);
  return uncompressedBytes ?? contentBytes;
}
