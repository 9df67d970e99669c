// All inodes of a SquashFS as they lie in their table, and where the one with a number is: nothing on the disk needs to say it.
import { FormatError } from '../../errors.js';
import { tell } from '../told.js';
import { type Inode, inodeAt, readInode } from './inode.js';
import { METADATA_BYTES, type Position } from './metadata.js';
import { inodeCursor, type Volume } from './volume.js';

const PAGE = 256;
const FIRST_LENGTH = 1024;

export interface InodeTable {
  /** All of them, each number once, up to a damaged one. */
  pages(): AsyncGenerator<readonly Inode[], void, undefined>;
  /** null: none has this number. @throws FormatError */
  inode(number: number): Promise<Inode | null>;
}

export function inodeTable(volume: Volume, silent: Volume): InodeTable {
  let places: Promise<Places> | null = null;
  return {
    pages: () => pagesOf(volume, newPlaces()),
    async inode(number) {
      places ??= placesOf(silent);
      const position = (await places).at(number);
      return position === null ? null : inodeAt(volume, position);
    },
  };
}

/** Where the inodes are, by number. */
interface Places {
  /** false: another one has this number. */
  add(number: number, position: Position): boolean;
  at(number: number): Position | null;
}

function newPlaces(): Places {
  let column = new Float64Array(FIRST_LENGTH);
  return {
    // Numbers are not more than the superblock says, which is bounded. Of a TiB all places are whole numbers.
    add(number, { offsetBytes, within }) {
      if (number >= column.length) {
        const longer = new Float64Array(Math.max(number + 1, 2 * column.length));
        longer.set(column);
        column = longer;
      }
      if (column[number] !== 0) return false;
      column[number] = offsetBytes * METADATA_BYTES + within;
      return true;
    },
    at(number) {
      const place = column[number] ?? 0;
      if (place === 0) return null;
      return {
        offsetBytes: Math.floor(place / METADATA_BYTES),
        within: place % METADATA_BYTES,
      };
    },
  };
}

async function placesOf(volume: Volume): Promise<Places> {
  const places = newPlaces();
  const pages = pagesOf(volume, places);
  while ((await pages.next()).done !== true);
  return places;
}

async function* pagesOf(
  volume: Volume,
  places: Places,
): AsyncGenerator<readonly Inode[], void, undefined> {
  const { startBytes: offsetBytes } = volume.inodes;
  const cursor = inodeCursor(volume, { offsetBytes, within: 0 });
  let page: Inode[] = [];
  let count = 0;
  try {
    while ((await cursor.next()) !== null) {
      const inode = await readInode(volume, cursor, true);
      if (++count > volume.inodeCount) throw tooMany(volume);
      if (!places.add(inode.number, inode.position)) tellTwice(volume, inode);
      else page.push(inode);
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (count < volume.inodeCount) throw tooFew(volume, count);
  } catch (error) {
    tell(volume, null, error);
  }
  if (page.length > 0) yield page;
}

function tooMany({ inodeCount }: Volume): FormatError {
  const words = `the table has more inodes than the ${inodeCount} of the superblock`;
  return new FormatError('INVALID', `squashfs: ${words}`, { data: { inodeCount } });
}

function tooFew({ inodeCount }: Volume, count: number): FormatError {
  const words = `the table has ${count} inodes, and the superblock says ${inodeCount}`;
  return new FormatError('INVALID', `squashfs: ${words}`, { data: { count, inodeCount } });
}

function tellTwice(volume: Volume, { number }: Inode): void {
  tell(
    volume,
    number,
    new FormatError('INVALID', `squashfs: two inodes have the number ${number}`),
  );
}
