// The space-efficient sparse extent of ESXi. No specification is published; it is read as QEMU reads it, and as strictly.
// References: QEMU block/vmdk.c vmdk_open_se_sparse(), get_cluster_offset().
import {
  parseVmdkSesparse,
  parseVmdkSesparseVolatile,
  VmdkSesparseGrain,
  vmdkSesparseDirectoryEntryRecords,
  vmdkSesparseTableEntryRecords,
} from '../../../generated/container/vmdk_sesparse.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/untrusted.js';
import { equals, int, unknownFlags } from '../../validation/guest.js';
import { fileEnd } from '../tables/file-end.js';
import { checkArea, type Grain, type SparseExtent } from './grains.js';

const HEADER_BYTES = 512;
const VERSION = 0x2_0000_0001;
const GRAIN_SECTORS = 8;
const GRAIN_BYTES = GRAIN_SECTORS * SECTOR_BYTES;
const TABLE_SECTORS = 64;
const TABLE_BYTES = TABLE_SECTORS * SECTOR_BYTES;
const ENTRY_BYTES = 8;
const GRAINS_PER_TABLE = TABLE_BYTES / ENTRY_BYTES;
/** VMware's limit: slightly less than 64 TiB. */
const MAX_SECTORS = 2 ** 37;
/** Twice of what VMware's limits allow; a place behind this is no place in a file. */
const MAX_FILE_BYTES = 2 * MAX_SECTORS * SECTOR_BYTES;
/** The state of a directory's entry whose table exists. */
const TABLE_IS_THERE = 0x10000000;
/** A grain's index is in two fields: the high one counts in units of this, the low one is less than it. */
const INDEX_LOW_RANGE = 4096;

/** `label` begins the messages. @throws FormatError, UnsupportedError. */
export async function readSeSparse(file: ByteSource, label: string): Promise<SparseExtent> {
  const header = parseVmdkSesparse(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  const wanted: readonly (readonly [string, GuestInteger, number])[] = [
    ['version', header.version, VERSION],
    ['grain size', header.grainSectors, GRAIN_SECTORS],
    ['size of a grain table', header.tableSectors, TABLE_SECTORS],
    ['flags', header.flags, 0],
    ['reserved field 1', header.reserved1, 0],
    ['reserved field 2', header.reserved2, 0],
    ['reserved field 3', header.reserved3, 0],
    ['reserved field 4', header.reserved4, 0],
  ];
  for (const [name, value, expected] of wanted) {
    if (equals(value, expected)) continue;
    const message = `${label}: the ${name} is ${unknownFlags(value, 0n) ?? '0'}; only 0x${expected.toString(16)} can be read`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const sector = (value: GuestInteger, what: string): number =>
    int(value, `${label}: sector of the ${what}`, 1, Math.floor(file.sizeBytes / SECTOR_BYTES)) *
    SECTOR_BYTES;
  await checkVolatile(file, sector(header.volatileHeader.sector, 'second header'), label);
  const sizeBytes = int(header.numSectors, `${label}: capacity`, 1, MAX_SECTORS) * SECTOR_BYTES;
  const tableCount = Math.ceil(sizeBytes / GRAIN_BYTES / GRAINS_PER_TABLE);
  const neededSectors = Math.ceil((tableCount * ENTRY_BYTES) / SECTOR_BYTES);
  int(header.directory.numSectors, `${label}: size of the grain directory`, neededSectors, 2 ** 32);
  const directoryOffset = sector(header.directory.sector, 'grain directory');
  const directoryBytes = tableCount * ENTRY_BYTES;
  checkArea(file, directoryOffset, directoryBytes, `${label}: the grain directory`);
  const tablesOffset = sector(header.tables.sector, 'grain tables');
  const grainsOffset = sector(header.grains.sector, 'grains');
  return {
    file,
    end: fileEnd(label, file.sizeBytes, GRAIN_BYTES),
    sizeBytes,
    grainBytes: GRAIN_BYTES,
    grainsPerTable: GRAINS_PER_TABLE,
    compression: null,
    overheadBytes: directoryOffset + directoryBytes,
    tableBytes: TABLE_BYTES,
    features: [],
    ...tablesOf({ file, label, directoryOffset, tablesOffset, grainsOffset }),
  };
}

async function checkVolatile(file: ByteSource, offset: number, label: string): Promise<void> {
  checkArea(file, offset, HEADER_BYTES, `${label}: the second header`);
  const header = parseVmdkSesparseVolatile(await file.read(offset, HEADER_BYTES));
  if (equals(header.mustReplay, 0)) return;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `${label}: the extent was not closed, and its journal cannot be replayed: open it in ESXi once`,
  );
}

interface Tables {
  readonly file: ByteSource;
  readonly label: string;
  readonly directoryOffset: number;
  readonly tablesOffset: number;
  readonly grainsOffset: number;
}

function tablesOf(options: Tables): Pick<SparseExtent, 'tables' | 'grains'> {
  const { file, label, directoryOffset, tablesOffset, grainsOffset } = options;
  const maxTable = Math.floor((MAX_FILE_BYTES - tablesOffset) / TABLE_BYTES);
  const maxGrain = Math.floor((MAX_FILE_BYTES - grainsOffset) / GRAIN_BYTES);
  return {
    async tables(first, count) {
      const start = directoryOffset + first * ENTRY_BYTES;
      const bytes = await file.read(start, count * ENTRY_BYTES);
      const entries = vmdkSesparseDirectoryEntryRecords(bytes);
      return Array.from({ length: count }, (_, i) => {
        const { index, state } = entries.at(i);
        if (equals(state, 0) && equals(index, 0)) return null;
        if (!equals(state, TABLE_IS_THERE)) throw odd(label, `grain table ${first + i}`);
        const what = `${label}: index of grain table ${first + i}`;
        return tablesOffset + int(index, what, 0, maxTable) * TABLE_BYTES;
      });
    },
    async grains(table, first, count) {
      const start = table + first * ENTRY_BYTES;
      const entries = vmdkSesparseTableEntryRecords(await file.read(start, count * ENTRY_BYTES));
      return Array.from({ length: count }, (_, i): Grain => {
        const { kind, indexHigh, indexLow } = entries.at(i);
        if (equals(kind, VmdkSesparseGrain.UNMAPPED) || equals(kind, VmdkSesparseGrain.ZEROS))
          return 'zero';
        const what = `${label}: index of a grain`;
        const high = int(indexHigh, what, 0, Math.floor(maxGrain / INDEX_LOW_RANGE));
        const index = high * INDEX_LOW_RANGE + int(indexLow, what, 0, INDEX_LOW_RANGE - 1);
        if (equals(kind, VmdkSesparseGrain.NONE) && index === 0) return 'none';
        if (!equals(kind, VmdkSesparseGrain.DATA)) throw odd(label, 'a grain');
        if (index <= maxGrain) return grainsOffset + index * GRAIN_BYTES;
        const message = `${what} is ${index}; the limit is ${maxGrain}`;
        throw new FormatError('OUT_OF_BOUNDS', message);
      });
    },
  };
}

function odd(label: string, what: string): FormatError {
  return new FormatError('INVALID', `${label}: the entry of ${what} has a state that is not known`);
}
