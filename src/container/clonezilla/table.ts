// The partition table that Clonezilla saved, as sfdisk and parted print it: NAME-pt.sf and NAME-pt.parted.
// References: sfdisk(8), "DUMP"; parted `unit s print`; Clonezilla ocs-functions save_part_table_mbr_dm_info().
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError, invalidIn } from '../../errors.js';
import { KIB } from '../../limits.js';
import { printable } from '../../validation/guest.js';

export interface SavedPartition {
  /** As files of the image are called: `sda1`, `cciss-c0d0p1`. */
  readonly name: string;
  readonly number: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** The type of an MBR's partition in hexadecimal, or the GUID of a GPT's. */
  readonly type: string;
}

export interface SavedTable {
  /** Whether sfdisk knew one: what it prints of a disk without a table is nothing. */
  readonly isTable: boolean;
  readonly isGpt: boolean;
  /** A logical sector of the disk. */
  readonly sectorBytes: number;
  readonly diskBytes: number;
  readonly partitions: readonly SavedPartition[];
}

const invalid = invalidIn('clonezilla: ');

/** The kernel's DISK_MAX_PARTS. */
const MAX_PARTITIONS = 256;
const MAX_LINE_LENGTH = 4096;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES / 16);
const SECTOR_SIZES = [SECTOR_BYTES, 4 * KIB];
/** The sectors of a GPT's second header and its entries, behind the last one that partitions may use. */
const GPT_END_SECTORS = 33;
const EXTENDED = ['5', 'f', '85'];

/** @param parted the text of NAME-pt.parted; null without one. @throws FormatError INVALID, LIMIT. */
export function readTable(dump: string, parted: string | null): SavedTable {
  const headers = new Map<string, string>();
  const lines: string[] = [];
  for (const line of dump.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.length > MAX_LINE_LENGTH) continue;
    if (line.startsWith('/dev/')) lines.push(line);
    else headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  if (lines.length > MAX_PARTITIONS) {
    const message = `clonezilla: the saved table has ${lines.length} partitions; the limit is ${MAX_PARTITIONS}`;
    throw new FormatError('LIMIT', message);
  }
  const sectorBytes = sectorSize(headers.get('sector-size') ?? partedSectorSize(parted));
  const partitions = lines.map((line) => readPartition(line, sectorBytes)).filter(isUsed);
  const isGpt = headers.get('label') === 'gpt';
  const diskBytes = sizeOfDisk(parted, headers, sectorBytes, partitions);
  const isTable = headers.size > 0;
  return { isTable, isGpt, sectorBytes, diskBytes, partitions };
}

export function isExtended({ type }: SavedPartition): boolean {
  return EXTENDED.includes(type);
}

function isUsed({ sizeBytes }: SavedPartition): boolean {
  return sizeBytes > 0;
}

/** `/dev/sda1 : start=        2048, size=      204800, type=83, bootable`; sfdisk before 2.26 wrote Id. */
function readPartition(line: string, sectorBytes: number): SavedPartition {
  const colon = line.indexOf(' :');
  const device = line.slice('/dev/'.length, colon < 0 ? 0 : colon).trim();
  const [, digits = ''] = /(\d{1,4})$/u.exec(device) ?? [];
  if (digits === '') throw invalid(`the saved table names "${printable(device)}", no partition`);
  const rest = line.slice(colon + ' :'.length);
  const fields = new Map(
    rest.split(',').map((field) => {
      const [key = '', value = ''] = field.split('=', 2);
      return [key.trim().toLowerCase(), value.trim()];
    }),
  );
  const type = fields.get('type') ?? fields.get('id') ?? '';
  return {
    name: device.replaceAll('/', '-'),
    number: Number(digits),
    offsetBytes: sectors(fields.get('start'), 'start', device) * sectorBytes,
    sizeBytes: sectors(fields.get('size'), 'size', device) * sectorBytes,
    type: type.toLowerCase().replace(/^0x/u, ''),
  };
}

function sectors(text: string | undefined, key: string, device: string): number {
  const value = /^\d{1,16}$/u.test(text ?? '') ? Number(text) : Number.NaN;
  if (value <= MAX_SECTORS) return value;
  throw invalid(`the ${key} of ${printable(device)} in the saved table is no number of sectors`);
}

function sectorSize(text: string | null): number {
  const size = SECTOR_SIZES.find((one) => `${one}` === (text ?? `${SECTOR_BYTES}`));
  if (size !== undefined) return size;
  throw invalid(`the saved table has sectors of "${printable(text ?? '')}" bytes`);
}

/** `Sector size (logical/physical): 512B/4096B` */
function partedSectorSize(parted: string | null): string | null {
  return /^Sector size \(logical\/physical\): (\d{1,6})B\//mu.exec(parted ?? '')?.[1] ?? null;
}

/** parted tells it; without its text a GPT tells where its last partition may end, and an MBR where the last one does. */
function sizeOfDisk(
  parted: string | null,
  headers: ReadonlyMap<string, string>,
  sectorBytes: number,
  partitions: readonly SavedPartition[],
): number {
  const told = /^Disk \/dev\/[^:\n]*: (\d{1,16})s$/mu.exec(parted ?? '')?.[1];
  const last = headers.get('last-lba');
  const end = Math.max(0, ...partitions.map((one) => one.offsetBytes + one.sizeBytes));
  const count =
    told !== undefined
      ? sectors(told, 'size', 'the disk')
      : last !== undefined
        ? sectors(last, 'last-lba', 'the disk') + 1 + GPT_END_SECTORS
        : 0;
  return Math.max(end, count * sectorBytes);
}
