// The regions of a VHDX: where the table of blocks and the metadata are.
// References: [MS-VHDX] 2.2.3 "Region Tables"; QEMU block/vhdx.c vhdx_open_region_tables(), vhdx_region_check().
import { parseVhdxRegionTable, vhdxRegionEntryRecords } from '../../../generated/container/vhdx.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn, UnsupportedError } from '../../errors.js';
import { KIB, MIB } from '../../limits.js';
import { equals, hasFlag, int, uuidText } from '../../validation/guest.js';
import { checksum } from './checksum.js';
import type { Log } from './header.js';

const invalid = invalidIn('vhdx: ');

/** A part of the file that is no block. */
export interface Region {
  readonly name: 'headers' | 'log' | 'table of blocks' | 'metadata';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

interface Regions {
  readonly table: Region;
  readonly metadata: Region;
  /** All regions, with the headers and the log. */
  readonly all: readonly Region[];
}

const TABLE_OFFSETS = [192 * KIB, 256 * KIB];
const TABLE_BYTES = 64 * KIB;
const HEAD_BYTES = 16;
const MAX_ENTRIES = 2047;
const REQUIRED = 1n;

const NAMES: ReadonlyMap<string | null, 'table of blocks' | 'metadata'> = new Map([
  ['2dc27766-f623-4200-9d64-115e9bfd4a08', 'table of blocks'],
  ['8b7ca206-4790-4b9a-b8fe-575f050f886e', 'metadata'],
]);

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE for a region that one must know. */
export async function readRegions(file: ByteSource, log: Log): Promise<Regions> {
  const { bytes, count } = await soundTable(file);
  const records = vhdxRegionEntryRecords(bytes.subarray(HEAD_BYTES));
  const found: Region[] = [];
  for (let i = 0; i < count; i++) {
    const entry = records.at(i);
    const guid = uuidText(entry.guid, true);
    const name = NAMES.get(guid);
    if (name === undefined) {
      if (hasFlag(entry.flags, REQUIRED)) throw unknownRegion(guid);
      continue;
    }
    const lengthBytes = int(entry.lenRegion, `vhdx: length of the ${name}`, MIB, 2 ** 32);
    const end = file.sizeBytes - lengthBytes;
    const offsetBytes = int(entry.ofsRegion, `vhdx: offset of the ${name}`, MIB, end);
    if (offsetBytes % MIB !== 0 || lengthBytes % MIB !== 0) {
      throw invalid(`the ${name} of ${lengthBytes} bytes at ${offsetBytes} is not of whole MiB`);
    }
    found.push({ name, offsetBytes, lengthBytes });
  }
  const { offsetBytes, lengthBytes } = log;
  const logs: readonly Region[] =
    lengthBytes > 0 ? [{ name: 'log', offsetBytes, lengthBytes }] : [];
  const all: readonly Region[] = [
    { name: 'headers', offsetBytes: 0, lengthBytes: MIB },
    ...logs,
    ...found,
  ];
  refuseOverlap(all);
  return { table: regionOf(found, 'table of blocks'), metadata: regionOf(found, 'metadata'), all };
}

function isNoTable(error: unknown): boolean {
  return error instanceof FormatError && error.code === 'BAD_MAGIC';
}

async function soundTable(file: ByteSource) {
  for (const offset of TABLE_OFFSETS) {
    if (offset + TABLE_BYTES > file.sizeBytes) continue;
    const bytes = await file.read(offset, TABLE_BYTES);
    const head = await orNull(() => parseVhdxRegionTable(bytes), isNoTable);
    if (head === null || !equals(head.checksum, checksum(bytes))) continue;
    return { bytes, count: int(head.numEntries, 'vhdx: regions', 0, MAX_ENTRIES) };
  }
  throw new FormatError('BAD_CHECKSUM', 'vhdx: neither of the two tables of regions is valid');
}

function regionOf(found: readonly Region[], name: Region['name']): Region {
  const [region, other] = found.filter((one) => one.name === name);
  if (region !== undefined && other === undefined) return region;
  throw invalid(`the image has ${region === undefined ? 'no' : 'more than one'} ${name}`);
}

function refuseOverlap(regions: readonly Region[]): void {
  const sorted = [...regions].sort((a, b) => a.offsetBytes - b.offsetBytes);
  for (const [i, region] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined) continue;
    if (before.offsetBytes + before.lengthBytes <= region.offsetBytes) continue;
    throw invalid(
      `the ${region.name} at ${region.offsetBytes} lies over the ${before.name} at ${before.offsetBytes}`,
    );
  }
}

function unknownRegion(guid: string | null): UnsupportedError {
  const message = `vhdx: the image needs a region of kind ${guid}, which is not known`;
  return new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { guid } });
}
