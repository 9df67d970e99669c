// The rows of the directories of the host that a guest has as filesystems: what df(1) of the host says of each, as it does inside.
import type { GuestDefinition, GuestFolder } from '../guests/guest.js';
import { printable } from '../validation/guest.js';
import { NO_STRETCH } from './place.js';
import { problemOf } from './problem.js';
import { NO_NUMBERS, problemRecord } from './record.js';
import type { FilesystemRecord } from './report.js';

export function folderRecords({
  name,
  uuid,
  folders = [],
}: GuestDefinition): readonly FilesystemRecord[] {
  return folders.map((folder) => {
    const device = printable(folder.target);
    return folderRecord(
      { guest: printable(name), uuid, disk: null, device, ...NO_STRETCH },
      folder,
    );
  });
}

function folderRecord(
  place: Parameters<typeof problemRecord>[0],
  { usage, problem, isReadOnly }: GuestFolder,
): FilesystemRecord {
  if (problem !== null) return { ...problemRecord(place, problemOf(problem)), hostDevice: null };
  if (usage === null) return { ...place, ...NO_NUMBERS, hostDevice: null, problem: null };
  const { type, device, blockSizeBytes, sizeBytes, freeBytes, availBytes } = usage;
  const { files, filesFree } = usage;
  return {
    ...place,
    ...NO_NUMBERS,
    ...{ type, blockSizeBytes, sizeBytes, freeBytes, availBytes },
    usedBytes: sizeBytes - freeBytes,
    // A filesystem that counts no inodes has none of either kind (btrfs).
    ...(files === 0 ? {} : { files, filesUsed: files - filesFree, filesFree }),
    hostDevice: device,
    stale: false,
    readOnly: isReadOnly,
    view: 'guest',
    problem: null,
  };
}
