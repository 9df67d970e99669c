// A journal on a device of its own: the row of that device, and the problem of the filesystem if the device was not given.
// References: Linux 6.18 fs/ext4/super.c: ext4_get_journal_blkdev; fs/ext4/ext4.h: struct ext4_super_block.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { uuidText } from '../../validation/guest.js';
import type { OuterLog, Usage } from '../filesystem.js';
import { readBlockCount, readBlockSize } from './geometry.js';

/**
 * @param awaitsReplay whether the journal has changes that are not in the filesystem yet.
 * @param join gives the filesystem as it is after the replay of a journal.
 */
export function outerLog(
  superblock: GuestExt,
  awaitsReplay: boolean,
  join: OuterLog['join'],
): OuterLog {
  const uuid = uuidText(superblock.journalUuid);
  const missing = awaitsReplay ? missingJournal(superblock) : absent(uuid, NOT_MOUNTED);
  return { key: `jbd ${uuid}`, missing, join };
}

const NOT_MOUNTED = '; without that device Linux does not mount it';

export function missingJournal(superblock: GuestExt): FormatError {
  const stale = ', and awaits its replay; without that device the numbers are stale';
  return absent(uuidText(superblock.journalUuid), stale);
}

function absent(uuid: string | null, consequence: string): FormatError {
  const message = `ext: the journal is on another device, with the UUID ${uuid}${consequence}`;
  return new FormatError('MISSING_DEVICE', message, { data: { uuid: String(uuid) } });
}

/** A journal on a device of its own has a size and nothing that is free. */
export function journalUsage(superblock: GuestExt, source: ByteSource): Usage {
  const blockSizeBytes = readBlockSize(superblock);
  return {
    blockSizeBytes,
    blockCount: readBlockCount(superblock, blockSizeBytes, source.sizeBytes),
    freeBlockCount: null,
    availableBlockCount: null,
    fileCount: null,
    freeFileCount: null,
    basis: 'superblock',
    isStale: false,
    doubts: [],
  };
}
