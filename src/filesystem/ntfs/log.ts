// Whether the log ($LogFile) was closed. If it was not, it has changes that are not in their places, and only Windows puts them
// there.
// References: ntfs-3g libntfs-3g/logfile.c (ntfs_check_logfile, ntfs_is_logfile_clean).
import { parseNtfsRestartArea, parseNtfsRestartPage } from '../../../generated/filesystem/ntfs.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag, int, powerOfTwo, u64 } from '../../validation/guest.js';
import { DATA } from './attribute-types.js';
import { type FileTable, openValue, readFileRecord, unnamed } from './file-table.js';
import { readBytes, type Value } from './value.js';

const LOG_FILE = 2;
const PAGE_HEAD_BYTES = 512;
const DEFAULT_PAGE_BYTES = 4 * KIB;
const MAX_PAGE_BYTES = 64 * KIB;
const AREA_BYTES = 16;
/** A restart area that begins behind this would reach the last two bytes of the sector, which the update sequence replaces. */
const MAX_AREA_OFFSET = PAGE_HEAD_BYTES - 2 - AREA_BYTES;
const NO_CLIENT = 0xffff;
const VOLUME_IS_CLEAN = 2n;
const EMPTY = 0xff;

interface RestartPage {
  readonly sequence: bigint;
  readonly isClean: boolean;
  readonly pageBytes: number;
}

/** Whether nobody has the log open. @throws FormatError for a file of the log that makes no sense. */
export async function isLogClosed(table: FileTable): Promise<boolean> {
  const file = await readFileRecord(table, LOG_FILE);
  const value = await openValue(table, file, unnamed(DATA, '$LogFile'));
  if (value !== null) return isClosed(table, value);
  throw new FormatError('INVALID', 'ntfs: $LogFile has no content');
}

async function isClosed({ source, geometry }: FileTable, value: Value): Promise<boolean> {
  const pageAt = (offset: number) =>
    offset + PAGE_HEAD_BYTES > value.sizeBytes
      ? Promise.resolve(new Uint8Array(0))
      : readBytes(source, geometry, value, offset, PAGE_HEAD_BYTES);
  const head = await pageAt(0);
  const first = restartPage(head);
  const behind = await pageAt(first?.pageBytes ?? DEFAULT_PAGE_BYTES);
  const second = restartPage(behind);
  // Who mounts it under Linux for writing, or makes it, leaves a log of nothing but ones.
  if (first === null && second === null) return [...head, ...behind].every((b) => b === EMPTY);
  if (first === null || (second !== null && second.sequence > first.sequence)) {
    return second?.isClean ?? false;
  }
  return first.isClean;
}

/** The newer of the two counts; null if the page is none. */
function restartPage(bytes: Uint8Array): RestartPage | null {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (magic !== 'RSTR' && magic !== 'CHKD') return null;
  try {
    const page = parseNtfsRestartPage(bytes);
    const offset = int(page.ofsArea, 'ntfs: restart area', 0, MAX_AREA_OFFSET);
    const area = parseNtfsRestartArea(bytes.subarray(offset));
    const sequence = magic === 'RSTR' ? area.currentLsn : page.checkDiskLsn;
    return {
      sequence: u64(sequence),
      isClean: equals(area.firstClient, NO_CLIENT) || hasFlag(area.flags, VOLUME_IS_CLEAN),
      pageBytes: powerOfTwo(
        page.lenSystemPage,
        'ntfs: page of the log',
        PAGE_HEAD_BYTES,
        MAX_PAGE_BYTES,
      ),
    };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
