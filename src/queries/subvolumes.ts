// The subvolumes of a filesystem by the names that libguestfs gives them, with the reason where there are more.
import { FormatError, reasonOf, type VirtDfError } from '../errors.js';
import type { Filesystem } from '../filesystem/filesystem.js';

export interface SubvolumeNames {
  /** Printable, from the top of the filesystem. */
  readonly paths: readonly string[];
  /** Why the list is not complete. */
  readonly problem: VirtDfError | null;
}

/** null: the format has none. */
export async function subvolumePaths(filesystem: Filesystem): Promise<SubvolumeNames | null> {
  if (filesystem.subvolumes === undefined) return null;
  try {
    const { list, isComplete } = await filesystem.subvolumes();
    const paths = list.map(({ path }) => path);
    const message = `${filesystem.type}: there are more subvolumes than the ${paths.length} that are listed`;
    return { paths, problem: isComplete ? null : new FormatError('LIMIT', message) };
  } catch (error) {
    return { paths: [], problem: reasonOf(error) };
  }
}

/** `btrfsvol:/dev/sda1/home` */
export function subvolumeName(device: string, path: string): string {
  return `btrfsvol:${device}/${path}`;
}
