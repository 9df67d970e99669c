// Reads the folder of a machine: the names in it, and the text that describes the machine.
import { FormatError } from '../../errors.js';
import type { HostFile } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import { printable } from '../../validation/guest.js';
import type { Disk } from '../container.js';
import { type FolderServices, openFolder } from '../folder.js';
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
  const text = async (name: string): Promise<string> => textOf(await services.file(name));
  return openFolder({ path, ...(await namesIn(path)), text }, services);
}

/** The text of a file that describes a machine. @throws FormatError LIMIT. */
async function textOf({ path, sizeBytes, read }: HostFile): Promise<string> {
  if (sizeBytes <= MIB) return Buffer.from(await read(0, sizeBytes)).toString('utf8');
  const message = `${printable(path)} has ${sizeBytes} bytes; the limit for a machine's description is ${MIB}`;
  throw new FormatError('LIMIT', message, { data: { sizeBytes } });
}
