// The bytes of a disc that are no file's: descriptors, path tables, what boots, the directories of names that are not shown, and the
// areas in which extensions go on.
// References: ECMA-119 sections 6.2, 6.9; El Torito 1.0, 2.0 Booting Catalog.
import { iso9660BootEntryRecords } from '../../../generated/filesystem/iso9660.js';
import { type RangeList, rangeList, rangesIn } from '../../bytes/range-list.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteRange } from '../../bytes/source.js';
import { equals, u16, u32 } from '../../validation/guest.js';
import type { FileNode, MetadataRange } from '../files.js';
import { metadataOf, type NamedRanges } from '../written-once.js';
import { extentPages } from './extents.js';
import {
  SECTOR_BYTES,
  type Structures,
  SYSTEM_SECTORS,
  type Tree,
  type Volume,
  wholeBlocks,
} from './volume.js';
import { filePages } from './walk.js';

const BOOT_SECTOR_BYTES = 512;
const ENTRY_BYTES = 32;
/** Behind the first entry and that of the first image come sections. */
const IMAGES = [0x88, 0];
/** The last one is 0x91. */
const SECTIONS = [0x90, 0x91];

/** Met on the way through all files: a guest may tell the same ones again and again. */
interface Found {
  /** Blocks in which fields of files go on. */
  readonly areas: RangeList;
  readonly associated: RangeList;
}

/** @param nodesOf all files that are shown, of which `onEntry` of the walk was told. */
export async function* metadataRanges(
  volume: Volume,
  structures: Structures,
  hidden: Tree | null,
  nodesOf: (found: Found) => AsyncIterable<readonly FileNode[]>,
): AsyncGenerator<readonly MetadataRange[], void, undefined> {
  const found: Found = { areas: rangeList(), associated: rangeList() };
  const { descriptorsEndBytes, pathTables } = structures;
  const systemBytes = SYSTEM_SECTORS * SECTOR_BYTES;
  const boot = await bootParts(volume, structures);
  const parts: NamedRanges[] = [
    { name: 'system area', ranges: [{ offsetBytes: 0, lengthBytes: systemBytes }] },
    {
      name: 'volume descriptors',
      ranges: [{ offsetBytes: systemBytes, lengthBytes: descriptorsEndBytes - systemBytes }],
    },
    {
      name: 'path table',
      ranges: pathTables.map(({ block, lengthBytes }) => wholeBlocks(volume, block, lengthBytes)),
    },
    ...boot,
    { name: 'continuation area', ranges: rangesIn(found.areas) },
    { name: 'associated file', ranges: rangesIn(found.associated) },
    ...(hidden === null ? [] : hiddenParts(volume, hidden)),
  ];
  yield* metadataOf(volume, nodesOf(found), parts);
}

/** The tree of the other names: its directories, and what only it leads to. */
function hiddenParts(volume: Volume, hidden: Tree): readonly NamedRanges[] {
  const words = hidden.names === 'joliet' ? 'Joliet' : 'ISO 9660';
  const rangesOf = (isDirectory: boolean) => hiddenRanges(volume, hidden, isDirectory);
  return [
    { name: `directories of ${words} names`, ranges: rangesOf(true) },
    { name: `files of ${words} names alone`, ranges: rangesOf(false) },
  ];
}

async function* hiddenRanges(
  volume: Volume,
  hidden: Tree,
  isDirectory: boolean,
): AsyncGenerator<ByteRange, void, undefined> {
  for await (const page of filePages(volume, hidden)) {
    for (const file of page) {
      if ((file.kind === 'directory') !== isDirectory) continue;
      for await (const extents of extentPages(volume, file)) {
        for (const extent of extents) if (extent.kind !== 'hole') yield extent.at;
      }
    }
  }
}

/** The catalog of what boots, and the images that are no files. */
async function bootParts(
  volume: Volume,
  { catalogBlock }: Structures,
): Promise<readonly NamedRanges[]> {
  if (catalogBlock === null) return [];
  const { source, blockBytes } = volume;
  const offsetBytes = catalogBlock * blockBytes;
  const bytes = await orNull(() => source.read(offsetBytes, SECTOR_BYTES));
  if (bytes === null) return [];
  const images = bootImages(volume, bytes);
  return [
    { name: 'boot catalog', ranges: [{ offsetBytes, lengthBytes: SECTOR_BYTES }] },
    { name: 'boot image', ranges: images },
  ];
}

/** The second entry is the one that boots by default; sections of others follow. */
function bootImages(volume: Volume, bytes: Uint8Array): readonly ByteRange[] {
  const entries = iso9660BootEntryRecords(bytes);
  const images: ByteRange[] = [];
  const add = (index: number) => {
    const guest = entries.at(index);
    const block = u32(guest.block);
    const lengthBytes = u16(guest.numSectors) * BOOT_SECTOR_BYTES;
    if (block > 0) images.push(wholeBlocks(volume, block, lengthBytes));
  };
  add(1);
  let isIn = false;
  for (let i = 2; i * ENTRY_BYTES < bytes.length; i++) {
    const { indicator } = entries.at(i);
    const isOneOf = (values: readonly number[]) => values.some((value) => equals(indicator, value));
    const isHead = isOneOf(SECTIONS);
    if (!isHead && isIn && isOneOf(IMAGES)) add(i);
    isIn ||= isHead;
  }
  return images;
}
