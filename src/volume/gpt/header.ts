// The header of a GPT and its table of entries, checked; the backup if the primary one is damaged.
// References: UEFI specification 2.10, 5.3.2; Linux block/partitions/efi.c (is_gpt_valid, find_valid_gpt).
import { parseGpt } from '../../../generated/volume/gpt.js';
import { crc32 } from '../../bytes/crc32.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, VirtDfError } from '../../errors.js';
import { big, equals, int, u32, u64, uuidText } from '../../validation/guest.js';

/** A header and its table whose checksums are right. */
export interface Gpt {
  readonly sectorSizeBytes: number;
  readonly uuid: string | null;
  readonly entries: Uint8Array;
  /** The stride of the entries. */
  readonly entryBytes: number;
  /** Faults that could be worked around: a damaged primary header whose backup is sound. */
  readonly problems: readonly VirtDfError[];
}

/** A header whose own checksum is right. */
interface Header {
  readonly sectorSizeBytes: number;
  readonly uuid: string | null;
  readonly alternateLba: bigint;
  readonly lastUsableLba: bigint;
  readonly entriesLba: bigint;
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entriesCrc32: number;
}

const SIGNATURE = 'EFI PART';
const SECTOR_SIZES = [512, 4096];
const PRIMARY_LBA = 1;
/** The kernel's limit (KMALLOC_MAX_SIZE). */
const MAX_TABLE_BYTES = 4 * 1024 * 1024;
const MAX_ENTRY_BYTES = 4096;
const MAX_U8 = 0xffff_ffff_ffff_ffffn;
/** Where the header has its own checksum, which counts as zero in the sum. */
const CRC_OFFSET = 16;
const CRC_END = 20;

/** Whether there is a header, sound or not, where a primary or a backup one may be. */
export async function hasHeader(disk: ByteSource): Promise<boolean> {
  for (const sectorSizeBytes of SECTOR_SIZES) {
    if (await hasSignature(disk, PRIMARY_LBA, sectorSizeBytes)) return true;
    if (await hasSignature(disk, lastLba(disk, sectorSizeBytes), sectorSizeBytes)) return true;
  }
  return false;
}

/** Whether there is a header with a table, the primary or the one in the last sector, and the checksums of both are right. */
export async function isSound(disk: ByteSource): Promise<boolean> {
  for (const sectorSizeBytes of SECTOR_SIZES) {
    for (const lba of [PRIMARY_LBA, lastLba(disk, sectorSizeBytes)]) {
      if ((await soundTable(disk, lba, sectorSizeBytes)) !== null) return true;
    }
  }
  return false;
}

/**
 * The primary GPT, or the backup where that one says that it is, or the backup in the last sector. The sector size is
 * the one with which a header is where it says it is.
 * @throws FormatError the fault of the primary one, if there is no sound one at all.
 */
export async function findGpt(disk: ByteSource): Promise<Gpt> {
  let firstError: VirtDfError | null = null;
  for (const sectorSizeBytes of await likelySectorSizes(disk)) {
    let header: Header | null = null;
    try {
      header = await readHeader(disk, PRIMARY_LBA, sectorSizeBytes);
      return { ...(await readTable(disk, header)), problems: checkEnd(disk, header) };
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      firstError ??= error;
    }
    const backup = await findBackup(disk, sectorSizeBytes, header?.alternateLba ?? null);
    if (backup === null) continue;
    return { ...backup, problems: [replaced(firstError, backup.lba * sectorSizeBytes)] };
  }
  throw noGpt(firstError);
}

/** The sizes whose primary header has the signature; else both, for the backup. */
async function likelySectorSizes(disk: ByteSource): Promise<readonly number[]> {
  const sizes: number[] = [];
  for (const sectorSizeBytes of SECTOR_SIZES) {
    if (await hasSignature(disk, PRIMARY_LBA, sectorSizeBytes)) sizes.push(sectorSizeBytes);
  }
  return [...sizes, ...SECTOR_SIZES.filter((size) => !sizes.includes(size))];
}

function lastLba(disk: ByteSource, sectorSizeBytes: number): number {
  return Math.floor(disk.sizeBytes / sectorSizeBytes) - 1;
}

async function hasSignature(
  disk: ByteSource,
  lba: number,
  sectorSizeBytes: number,
): Promise<boolean> {
  if (lba < PRIMARY_LBA || lba > lastLba(disk, sectorSizeBytes)) return false;
  if (disk.isFar?.(lba * sectorSizeBytes)) return false;
  const bytes = await disk.read(lba * sectorSizeBytes, SIGNATURE.length);
  return Buffer.from(bytes).toString('latin1') === SIGNATURE;
}

type Table = Omit<Gpt, 'problems'>;
type Backup = Table & { readonly lba: number };

async function findBackup(
  disk: ByteSource,
  sectorSizeBytes: number,
  alternateLba: bigint | null,
): Promise<Backup | null> {
  const last = lastLba(disk, sectorSizeBytes);
  const alternate =
    alternateLba === null || alternateLba > BigInt(last) ? last : Number(alternateLba);
  for (const lba of new Set([alternate, last])) {
    const table = lba === PRIMARY_LBA ? null : await soundTable(disk, lba, sectorSizeBytes);
    if (table !== null) return { ...table, lba };
  }
  return null;
}

/** The table of the header in a sector; null if there is no header, or one of them is damaged. */
function soundTable(disk: ByteSource, lba: number, sectorSizeBytes: number): Promise<Table | null> {
  return orNull(async () =>
    (await hasSignature(disk, lba, sectorSizeBytes))
      ? readTable(disk, await readHeader(disk, lba, sectorSizeBytes))
      : null,
  );
}

async function readHeader(disk: ByteSource, lba: number, sectorSizeBytes: number): Promise<Header> {
  const where = `gpt: the header at byte ${lba * sectorSizeBytes}`;
  if (!(await hasSignature(disk, lba, sectorSizeBytes))) {
    const message = `gpt: there is no header at byte ${lba * sectorSizeBytes}`;
    throw new FormatError('BAD_MAGIC', message);
  }
  const sector = await disk.read(lba * sectorSizeBytes, sectorSizeBytes);
  const header = parseGpt(sector);
  const headerBytes = int(header.lenHeader, `${where}: its size`, 92, sectorSizeBytes);
  const summed = Uint8Array.from(sector.subarray(0, headerBytes)).fill(0, CRC_OFFSET, CRC_END);
  if (!equals(header.headerCrc32, crc32(summed))) {
    throw new FormatError('BAD_CHECKSUM', `${where} has a wrong checksum`);
  }
  if (!equals(header.myLba, lba)) {
    throw new FormatError('INVALID', `${where} says that it is in another sector than ${lba}`);
  }
  const firstUsableLba = u64(header.firstUsableLba);
  return {
    sectorSizeBytes,
    uuid: uuidText(header.diskGuid, true),
    alternateLba: u64(header.alternateLba),
    lastUsableLba: big(header.lastUsableLba, `${where}: last sector`, firstUsableLba, MAX_U8),
    entriesLba: u64(header.entriesLba),
    entryCount: u32(header.numEntries),
    entryBytes: int(header.lenEntry, `${where}: size of an entry`, 128, MAX_ENTRY_BYTES),
    entriesCrc32: u32(header.entriesCrc32),
  };
}

async function readTable(disk: ByteSource, header: Header): Promise<Table> {
  const { sectorSizeBytes, entriesLba, entryCount, entryBytes, uuid } = header;
  const lengthBytes = entryCount * entryBytes;
  const start = entriesLba * BigInt(sectorSizeBytes);
  const what = `gpt: the table of ${entryCount} entries of ${entryBytes} bytes at byte ${start}`;
  if (lengthBytes > MAX_TABLE_BYTES) {
    throw new FormatError('LIMIT', `${what} is larger than ${MAX_TABLE_BYTES} bytes`);
  }
  if (start + BigInt(lengthBytes) > BigInt(disk.sizeBytes)) {
    const message = `${what} is not within the disk of ${disk.sizeBytes} bytes`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const entries = await disk.read(Number(start), lengthBytes);
  if (crc32(entries) !== header.entriesCrc32) {
    throw new FormatError('BAD_CHECKSUM', `${what} has a wrong checksum`);
  }
  return { sectorSizeBytes, uuid, entries, entryBytes };
}

/** A disk that is shorter than its table says: an image that was cut off. The kernel would not take the table. */
function checkEnd(disk: ByteSource, header: Header): readonly VirtDfError[] {
  const { lastUsableLba, sectorSizeBytes } = header;
  if (lastUsableLba <= BigInt(lastLba(disk, sectorSizeBytes))) return [];
  const needed = (lastUsableLba + 1n) * BigInt(sectorSizeBytes);
  const message = `gpt: the table is for a disk of more than ${needed} bytes, but this one has only ${disk.sizeBytes}`;
  return [new FormatError('TRUNCATED', message, { data: { diskBytes: disk.sizeBytes } })];
}

function replaced(cause: VirtDfError, backupOffset: number): VirtDfError {
  const message = `${cause.message}; the backup at byte ${backupOffset} is used instead`;
  return new FormatError(cause.code, message, { data: { backupOffset }, cause });
}

function noGpt(cause: VirtDfError | null): VirtDfError {
  const code = cause?.code ?? 'BAD_MAGIC';
  const reason = cause === null ? '' : ` (${cause.message})`;
  const message = `gpt: neither the primary table nor the backup at the end of the disk is sound${reason}`;
  return new FormatError(code, message, { cause });
}
