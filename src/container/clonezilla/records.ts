// The sectors that hold the partition table: those that Clonezilla saved, and the boot records of logical partitions, of
// which it saved only what sfdisk prints.
// References: Clonezilla ocs-functions save_part_table_mbr_dm_info(); Linux block/partitions/msdos.c parse_extended();
// UEFI specification 2.10, 5.3.
import { MbrPartitionFields } from '../../../generated/volume/mbr.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { slice } from '../../bytes/slice.js';
import { FormatError, SourceError, UnsupportedError } from '../../errors.js';
import type { HostFile } from '../../host/scope.js';
import { setField } from '../../kaitai/fields.js';
import { printable } from '../../validation/guest.js';
import { type ContainerContext, type LayerFile, layerFile } from '../container.js';
import { made, type Piece } from './pieces.js';
import { isExtended, type SavedPartition, type SavedTable } from './table.js';

interface Records {
  readonly pieces: readonly Piece[];
  readonly files: readonly LayerFile[];
}

/** The first header and its entries; the second's come before it, at the disk's end. */
const GPT_BYTES = 34 * SECTOR_BYTES;
const GPT_ENTRIES_OFFSET = 2 * SECTOR_BYTES;
const GPT_ENTRIES_BYTES = GPT_BYTES - GPT_ENTRIES_OFFSET;
const FIRST_LOGICAL = 5;
const ENTRIES_OFFSET = 446;
const ENTRY_BYTES = 16;
const EXTENDED = 5;
const MAX_U4 = 0xffffffff;

/** @throws SourceError NOT_FOUND; FormatError; UnsupportedError UNSUPPORTED_FEATURE. */
export async function tableRecords(
  disk: string,
  table: SavedTable,
  context: ContainerContext,
): Promise<Records> {
  return table.isGpt ? gptRecords(disk, table, context) : mbrRecords(disk, table, context);
}

async function saved(name: string, minBytes: number, context: ContainerContext): Promise<HostFile> {
  const file = await context.piece(name);
  if (file === null) {
    throw new SourceError('NOT_FOUND', `clonezilla: ${printable(name)} is missing in the folder`);
  }
  if (file.sizeBytes >= minBytes) return file;
  const message = `clonezilla: ${printable(name)} has ${file.sizeBytes} bytes, not ${minBytes}`;
  throw new FormatError('TRUNCATED', message, { data: { sizeBytes: file.sizeBytes } });
}

function dataPiece(file: HostFile, offsetBytes: number, from: number, sizeBytes: number): Piece {
  return { offsetBytes, source: slice(file, from, sizeBytes), map: null };
}

async function gptRecords(
  disk: string,
  { sectorBytes, diskBytes }: SavedTable,
  context: ContainerContext,
): Promise<Records> {
  if (sectorBytes !== SECTOR_BYTES) {
    const message = `clonezilla: of a GPT in sectors of ${sectorBytes} bytes only a part was saved`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { sectorBytes } });
  }
  const first = await saved(`${disk}-gpt-1st`, GPT_BYTES, context);
  const pieces = [dataPiece(first, 0, 0, GPT_BYTES)];
  const files = [layerFile(first, 'extent')];
  // Clonezilla saves from one sector too late on: of the second copy the header is whole, and the entries are the first's.
  const second = await context.piece(`${disk}-gpt-2nd`);
  if (second !== null && second.sizeBytes >= SECTOR_BYTES) {
    const header = diskBytes - SECTOR_BYTES;
    const entries = header - GPT_ENTRIES_BYTES;
    pieces.push(dataPiece(first, entries, GPT_ENTRIES_OFFSET, GPT_ENTRIES_BYTES));
    pieces.push(dataPiece(second, header, second.sizeBytes - SECTOR_BYTES, SECTOR_BYTES));
    files.push(layerFile(second, 'extent'));
  }
  return { pieces, files };
}

async function mbrRecords(
  disk: string,
  { partitions, sectorBytes }: SavedTable,
  context: ContainerContext,
): Promise<Records> {
  const mbr = await saved(`${disk}-mbr`, SECTOR_BYTES, context);
  const logical = partitions.filter(({ number }) => number >= FIRST_LOGICAL);
  const extended = partitions.find(isExtended);
  const pieces = [dataPiece(mbr, 0, 0, SECTOR_BYTES)];
  if (extended !== undefined) pieces.push(...chainOf(extended, logical, sectorBytes));
  return { pieces, files: [layerFile(mbr, 'extent')] };
}

/** A boot record for each logical partition: the first begins the extended partition, the others lie before their own. */
function chainOf(
  extended: SavedPartition,
  logical: readonly SavedPartition[],
  sectorBytes: number,
): readonly Piece[] {
  const start = extended.offsetBytes / sectorBytes;
  const records = logical.map(({ offsetBytes, sizeBytes, type }, index) => {
    const first = offsetBytes / sectorBytes;
    const place = index === 0 ? start : first - 1;
    return { place, first, count: sizeBytes / sectorBytes, type: Number.parseInt(type, 16) };
  });
  return records.map(({ place, first, count, type }, index): Piece => {
    const record = new Uint8Array(SECTOR_BYTES);
    setEntry(record, 0, type, first - place, count);
    const next = records[index + 1];
    if (next !== undefined) {
      setEntry(record, 1, EXTENDED, next.place - start, next.first + next.count - next.place);
    }
    record.set([0x55, 0xaa], SECTOR_BYTES - 2);
    return { offsetBytes: place * sectorBytes, source: made(record), map: null };
  });
}

function setEntry(
  record: Uint8Array,
  slot: number,
  type: number,
  first: number,
  count: number,
): void {
  if (![first, count].every((one) => one >= 0 && one <= MAX_U4) || !(type >= 0 && type <= 0xff)) {
    const message =
      'clonezilla: a logical partition of the saved table lies outside of the extended one';
    throw new FormatError('INVALID', message);
  }
  const at = ENTRIES_OFFSET + slot * ENTRY_BYTES;
  setField(record, MbrPartitionFields.type, type, at);
  setField(record, MbrPartitionFields.firstSector, first, at);
  setField(record, MbrPartitionFields.numSectors, count, at);
}
