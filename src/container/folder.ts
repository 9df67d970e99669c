// A folder that a program keeps a machine in: the file that describes the machine tells its disks, and each is opened as the
// policy allows, with the chain behind it. Nothing is opened because it only lies there.
import { FormatError, SourceError, UnsupportedError, VirtDfError } from '../errors.js';
import { MAX_ARCHIVE_DISKS } from '../limits.js';
import { printable } from '../validation/guest.js';
import type { Disk } from './container.js';
import { nova, sparsebundleFolder } from './folder/backups.js';
import { clonezillaFolder } from './folder/clonezilla.js';
import type { Folder, MachineDisk, MachineKind } from './folder/folder.js';
import { longhornReplica } from './folder/longhorn.js';
import { parallelsDisk, parallelsMachine } from './folder/parallels.js';
import { utm } from './folder/utm.js';
import { virtualBox } from './folder/virtualbox.js';
import { vmware } from './folder/vmware.js';

/** In this order; no folder of one has the file by which another is known. */
const KINDS: readonly MachineKind[] = [
  virtualBox,
  vmware,
  parallelsMachine,
  parallelsDisk,
  utm,
  longhornReplica,
  clonezillaFolder,
  sparsebundleFolder,
  // Last, since it is known by a file that is only called `disk`.
  nova,
];

export interface FolderServices {
  /** @throws SourceError, FormatError, UnsupportedError. */
  open(disk: MachineDisk): Promise<Disk>;
  /** Stands for a disk that cannot be opened. */
  broken(disk: MachineDisk, problem: VirtDfError): Disk;
}

/**
 * The disks of the machine, in its order, each once.
 * @throws FormatError, UnsupportedError; SourceError NOT_ALLOWED for a folder that no program keeps a machine in.
 */
export async function openFolder(
  folder: Folder,
  services: FolderServices,
): Promise<readonly Disk[]> {
  for (const kind of KINDS) {
    const description = kind.find(folder);
    if (description === null) continue;
    const wanted = distinct(await kind.disks(folder, description));
    const shown = `${printable(folder.path)} is the folder of ${kind.title}`;
    if (wanted.length === 0) {
      const message = `${shown}, which has no disk of its own`;
      throw new UnsupportedError('UNSUPPORTED_DISK', message);
    }
    if (wanted.length > MAX_ARCHIVE_DISKS) {
      const message = `${shown} with ${wanted.length} disks; the limit is ${MAX_ARCHIVE_DISKS}`;
      throw new FormatError('LIMIT', message);
    }
    const disks: Disk[] = [];
    for (const one of wanted) disks.push(await openOne(one, wanted.length, services));
    return disks;
  }
  const names = KINDS.map(({ title }) => title).join(', ');
  throw new SourceError(
    'NOT_ALLOWED',
    `${printable(folder.path)} is a directory, and not one that virt-df knows (${names}): name the images in it, or read all with virt-df -r`,
    { data: { path: printable(folder.path) } },
  );
}

/** One disk that cannot be opened does not keep the others from being read. */
async function openOne(disk: MachineDisk, count: number, services: FolderServices): Promise<Disk> {
  try {
    return await services.open(disk);
  } catch (error) {
    if (count === 1 || !(error instanceof VirtDfError)) throw error;
    return services.broken(disk, error);
  }
}

/** A disk may be attached to two controllers. */
function distinct(disks: readonly MachineDisk[]): readonly MachineDisk[] {
  return [...new Map(disks.map((disk) => [disk.names.join('\0'), disk])).values()];
}
