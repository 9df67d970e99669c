// Reads the folder of a machine: the names in it, and the text that describes the machine.
import type { HostFile } from '../../host/scope.js';
import type { Disk } from '../container.js';
import { type FolderServices, openFolder } from '../folder.js';
import { textOfFile } from '../text-file.js';
import { namesIn } from './folder.js';

interface MachineServices extends FolderServices {
  /** The file of that name in the folder, if it is a regular one. @throws SourceError NOT_FOUND, NOT_ALLOWED. */
  file(name: string): Promise<HostFile>;
}

/**
 * The disks of the machine that a program keeps in the folder.
 * @param path with its links resolved.
 * @throws FormatError, UnsupportedError, SourceError.
 */
export async function openMachine(
  path: string,
  services: MachineServices,
): Promise<readonly Disk[]> {
  const text = async (name: string): Promise<string> => {
    const file = await services.file(name);
    return textOfFile(file, file.path);
  };
  return openFolder({ path, ...(await namesIn(path)), text }, services);
}
