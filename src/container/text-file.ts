// The text of a small file that describes disks: VirtualBox's .vbox, Longhorn's .meta, nova's disk.info.
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { MIB } from '../limits.js';
import { printable } from '../validation/guest.js';

/** @param name of the file, for the message. @throws FormatError LIMIT: it has more than 1 MiB. */
export async function textOfFile(
  { sizeBytes, read }: Pick<ByteSource, 'sizeBytes' | 'read'>,
  name: string,
): Promise<string> {
  if (sizeBytes <= MIB) return Buffer.from(await read(0, sizeBytes)).toString('utf8');
  const message = `${printable(name)} has ${sizeBytes} bytes; the limit for a description of disks is ${MIB}`;
  throw new FormatError('LIMIT', message, { data: { sizeBytes } });
}
