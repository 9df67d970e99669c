// The metadata of a VHDX: sizes of the disk, its blocks and sectors, and where the name of its parent is.
// References: [MS-VHDX] 2.6 "Metadata Region"; QEMU block/vhdx.c vhdx_parse_metadata().
import {
  parseVhdxDiskSize,
  parseVhdxFileParameters,
  parseVhdxMetadataTable,
  parseVhdxSectorSize,
  vhdxMetadataEntryRecords,
} from '../../../generated/container/vhdx.js';
import type { ByteSource } from '../../bytes/source.js';
import { invalidIn, UnsupportedError } from '../../errors.js';
import { GIB, KIB, MIB } from '../../limits.js';
import { hasFlag, int, powerOfTwo, uuidText } from '../../validation/guest.js';
import type { Region } from './regions.js';

const invalid = invalidIn('vhdx: the image ');

/** Where an item is in the file. */
export interface Item {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface Metadata {
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  readonly blockBytes: number;
  /** The sector size of the guest's disk: 512 or 4096. */
  readonly sectorBytes: number;
  /** All blocks are in the file and stay there. */
  readonly isFixed: boolean;
  /** The item that names the parent; null if the image is not based on another. */
  readonly parentLocator: Item | null;
}

const TABLE_BYTES = 64 * KIB;
const HEAD_BYTES = 32;
const MAX_ENTRIES = 2047;
const MAX_DISK_BYTES = 64 * KIB * GIB;
const FLAG = { isUser: 1n << 0n, isRequired: 1n << 2n };
const PARAMETER = { leaveBlocksAllocated: 1n << 0n, hasParent: 1n << 1n };

type Name = 'file parameters' | 'disk size' | 'logical sector size' | 'parent locator' | 'other';

const NAMES: ReadonlyMap<string | null, Name> = new Map([
  ['caa16737-fa36-4d43-b3b6-33f0aa44e76b', 'file parameters'],
  ['2fa54224-cd1b-4876-b211-5dbed83bf4b8', 'disk size'],
  ['8141bf1d-a96f-4709-ba47-f233a8faab5f', 'logical sector size'],
  ['a8d35f2d-b30b-454d-abf7-d3d84834ab0c', 'parent locator'],
  // Known, but not needed to read the disk: its id and the physical sector size.
  ['beca12ab-b2e6-4523-93ef-c309e000c746', 'other'],
  ['cda348c7-445d-4471-9cc9-e9885251c556', 'other'],
]);

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE for an item that one must know. */
export async function readMetadata(file: ByteSource, region: Region): Promise<Metadata> {
  const items = await readItems(file, region);
  const read = (name: Name, lengthBytes: number): Promise<Uint8Array> => {
    const item = items.get(name);
    if (item === undefined) throw invalid(`has no ${name}`);
    return file.read(item.offsetBytes, Math.min(lengthBytes, item.lengthBytes));
  };
  const { lenBlock, flags } = parseVhdxFileParameters(await read('file parameters', 8));
  const { lenSector } = parseVhdxSectorSize(await read('logical sector size', 4));
  const { lenDisk } = parseVhdxDiskSize(await read('disk size', 8));
  const sectorBytes = powerOfTwo(lenSector, 'vhdx: logical sector size', 512, 4096);
  if (sectorBytes !== 512 && sectorBytes !== 4096) {
    throw invalid(`has logical sectors of ${sectorBytes} bytes, neither 512 nor 4096`);
  }
  const sizeBytes = int(lenDisk, 'vhdx: disk size', 0, MAX_DISK_BYTES);
  if (sizeBytes % sectorBytes !== 0) {
    throw invalid(`has a disk of ${sizeBytes} bytes, not of whole sectors of ${sectorBytes}`);
  }
  const hasParent = hasFlag(flags, PARAMETER.hasParent);
  const locator = items.get('parent locator') ?? null;
  if (hasParent && locator === null)
    throw invalid('is based on another image and does not name it');
  return {
    sizeBytes,
    sectorBytes,
    blockBytes: powerOfTwo(lenBlock, 'vhdx: block size', MIB, 256 * MIB),
    isFixed: hasFlag(flags, PARAMETER.leaveBlocksAllocated),
    parentLocator: hasParent ? locator : null,
  };
}

async function readItems(file: ByteSource, region: Region): Promise<ReadonlyMap<Name, Item>> {
  const bytes = await file.read(region.offsetBytes, TABLE_BYTES);
  const { numEntries } = parseVhdxMetadataTable(bytes);
  const count = int(numEntries, 'vhdx: items of metadata', 0, MAX_ENTRIES);
  const records = vhdxMetadataEntryRecords(bytes.subarray(HEAD_BYTES));
  const items = new Map<Name, Item>();
  for (let i = 0; i < count; i++) {
    const entry = records.at(i);
    const guid = uuidText(entry.itemId, true);
    const name = hasFlag(entry.flags, FLAG.isUser) ? undefined : NAMES.get(guid);
    if (name === undefined) {
      if (hasFlag(entry.flags, FLAG.isRequired)) throw unknownItem(guid);
      continue;
    }
    const lengthBytes = int(entry.lenItem, `vhdx: length of the ${name} in the metadata`, 0, MIB);
    const end = region.lengthBytes - lengthBytes;
    const offset = int(entry.ofsItem, `vhdx: offset of the ${name} in the metadata`, 0, end);
    if (lengthBytes > 0 && offset < TABLE_BYTES) throw invalid(`has its ${name} within the table`);
    if (items.has(name) && name !== 'other') throw invalid(`has more than one ${name}`);
    items.set(name, { offsetBytes: region.offsetBytes + offset, lengthBytes });
  }
  return items;
}

function unknownItem(guid: string | null): UnsupportedError {
  const message = `vhdx: the image needs metadata of kind ${guid}, which is not known`;
  return new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { guid } });
}
