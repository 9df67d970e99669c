// A filesystem's usage as a df row, checked for plausibility.

import { FormatError } from '../errors.js';
import type { Filesystem, Usage, View } from '../filesystem/filesystem.js';
import type { GuestDefinition } from '../guests/guest.js';
import type { Identity } from '../stack/node.js';
import { theLabel } from '../validation/guest.js';
import { usageOf } from './live.js';
import { problemOf } from './problem.js';
import type { FilesystemRecord, Problem } from './report.js';

/** Where a row was found. */
export type RowPlace = Pick<
  FilesystemRecord,
  'guest' | 'uuid' | 'disk' | 'device' | 'offsetBytes' | 'partitionBytes' | 'partitionUuid'
>;

/** Formats that are written whole, once: they have no free room, and are full by df's numbers. */
const WRITTEN_ONCE: ReadonlySet<string> = new Set([
  ...['cramfs', 'erofs', 'iso9660', 'romfs', 'squashfs', 'squashfs3'],
]);

/** The fields of a row without a filesystem's numbers. */
export const NO_NUMBERS = {
  type: null,
  label: null,
  fsUuid: null,
  fsVersion: null,
  blockSizeBytes: null,
  volumeBytes: null,
  endBytes: null,
  remark: null,
  sizeBytes: null,
  usedBytes: null,
  freeBytes: null,
  availBytes: null,
  files: null,
  filesUsed: null,
  filesFree: null,
  basis: null,
  stale: null,
  readOnly: null,
  reclaimableBytes: null,
  deletedOpenBytes: null,
  view: null,
  doubts: [],
} as const;

/** The row of a place that could not be read. */
export function problemRecord(place: RowPlace, problem: Problem): FilesystemRecord {
  return { ...place, ...NO_NUMBERS, problem };
}

/** Type, label, UUID and version under the names that rows have for them. */
export function identityRecord({ type, uuid, version = null, ...its }: Identity) {
  return { type, ...theLabel(its), fsUuid: uuid, fsVersion: version };
}

/** The view that was asked for, of a guest that runs or not. */
export interface AskedView {
  readonly view: View;
  readonly guest: Pick<GuestDefinition, 'state' | 'disks'>;
}

/** Reads the usage and makes the row; an expected error becomes the row's problem. */
export async function filesystemRecord(
  place: RowPlace,
  filesystem: Filesystem,
  volumeSizeBytes: number,
  { view: asked, guest }: AskedView,
): Promise<FilesystemRecord> {
  const { endBytes = null } = filesystem;
  const identity = {
    ...identityRecord(filesystem),
    volumeBytes: volumeSizeBytes,
    endBytes,
    readOnly: filesystem.isReadOnly === true || WRITTEN_ONCE.has(filesystem.type),
  };
  try {
    const { usage, view } = await usageOf(filesystem, asked, guest);
    const its = {
      reclaimableBytes: null,
      deletedOpenBytes: usage.deletedOpenBytes ?? null,
      view,
      remark: filesystem.remark ?? null,
      problem: null,
    };
    // By spreads, V8 would take twenty times as long for so many fields.
    const counted = numbers(usage, identity.type, volumeSizeBytes, endBytes);
    return Object.assign(its, place, identity, counted);
  } catch (error) {
    const sizeBytes = filesystem.isUnread === true ? volumeSizeBytes : null;
    return { ...problemRecord(place, problemOf(error, filesystem.type)), ...identity, sizeBytes };
  }
}

function numbers(usage: Usage, type: string, volumeSizeBytes: number, endBytes: number | null) {
  const { blockSizeBytes, fileCount, freeFileCount } = usage;
  const bytes = (blocks: number | null) => (blocks === null ? null : blocks * blockSizeBytes);
  const sizeBytes = usage.blockCount * blockSizeBytes;
  const freeBytes = bytes(usage.freeBlockCount);
  const availBytes = bytes(usage.availableBlockCount);
  const { isCompressed, isOpenEnded, hasMoreDevices } = usage;
  // Linux mounts some that end behind their volumes, and a doubt says so.
  const isCut = endBytes !== null && endBytes > volumeSizeBytes;
  const isLarger = [isCompressed, isOpenEnded, hasMoreDevices, isCut].includes(true);
  checkOrder(type, [
    ['0', 0],
    ['available', usage.isAvailableApart ? null : availBytes],
    ['free', freeBytes],
    ['size', sizeBytes],
    ['volume', isLarger ? null : wholeBlocks(volumeSizeBytes, blockSizeBytes)],
  ]);
  checkOrder(type, [
    ['0', 0],
    ['available', availBytes],
    ['size', sizeBytes],
  ]);
  checkOrder(type, [
    ['0', 0],
    ['free inodes', freeFileCount],
    ['inodes', fileCount],
  ]);
  return {
    blockSizeBytes,
    sizeBytes,
    usedBytes: freeBytes === null ? null : sizeBytes - freeBytes,
    freeBytes,
    availBytes,
    files: fileCount,
    filesUsed: fileCount === null || freeFileCount === null ? null : fileCount - freeFileCount,
    filesFree: freeFileCount,
    basis: usage.basis,
    stale: usage.isStale,
    doubts: usage.doubts.map((doubt) => problemOf(doubt, type)),
  };
}

/** The last block of a filesystem may be a part of one: squashfs and romfs count it. */
function wholeBlocks(sizeBytes: number, blockSizeBytes: number): number {
  return Math.ceil(sizeBytes / blockSizeBytes) * blockSizeBytes;
}

/** 0 <= available <= free <= size <= volume, exact; unknown ones are passed over. */
function checkOrder(type: string, steps: readonly (readonly [string, number | null])[]): void {
  let [beforeName, before] = ['0', 0];
  for (const [name, value] of steps) {
    if (value === null) continue;
    if (!Number.isSafeInteger(value) || value < before) {
      throw new FormatError(
        'INVALID',
        `${type}: ${beforeName} is ${before}, which is more than ${name}, ${value}`,
        { data: { [beforeName]: before, [name]: value } },
      );
    }
    [beforeName, before] = [name, value];
  }
}
