// The root directory of a disc of ISO 9660, without which Linux does not mount it: of the primary descriptor, and of Joliet's where
// that one is shown.
// References: Linux fs/isofs/inode.c: isofs_fill_super, isofs_read_inode.
import type { GuestIso9660Descriptor } from '../../../generated/filesystem/iso9660.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { UNHEARD } from '../told.js';
import { entryAt, firstBlockOf, type IsoEntry } from './records.js';
import { readDescriptors, type Volume, volumeOf } from './volume.js';
import { rootNumber } from './walk.js';

/** @param window the descriptors. @throws FormatError with why Linux does not mount it. */
export async function checkIso9660(source: ByteSource, window: Uint8Array): Promise<void> {
  const descriptors = await readDescriptors(window);
  const volume = volumeOf(source, descriptors, UNHEARD);
  const { primary, joliet } = descriptors;
  const { first } = await rootOf(volume, primary);
  // What Rock Ridge says of a file is behind the name; where the root directory has it, Joliet's is not looked at.
  const hasExtensions = first.systemUse.bytes.length > 0;
  if (joliet !== null && !hasExtensions) await rootOf(volume, joliet);
}

async function rootOf(volume: Volume, { root }: GuestIso9660Descriptor): Promise<IsoEntry> {
  const rootBlock = firstBlockOf(root);
  const entry = await entryAt(volume, rootNumber(volume, { names: 'plain', rootBlock }));
  if (entry?.first.isDirectory === true) return entry;
  const message = `iso9660: no directory begins in block ${rootBlock}, where the root is; Linux does not mount it`;
  throw new FormatError('INVALID', message, { data: { block: rootBlock } });
}
