// The parent of an image that knows it by an id alone, as VirtualBox's do: it is looked for by what the files beside the image
// hold, those beside its folder Snapshots/, and those of directories that the caller gave.
// References: VirtualBox src/VBox/Storage/VD.cpp VDOpen(), which compares the ids.

import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, VirtDfError } from '../errors.js';
import type { ContainerContext } from './container.js';

/** A folder of VirtualBox's has one image for each snapshot; more than so many are not opened to look for one. */
const MAX_CANDIDATES = 1000;

/** A file that may be the parent. */
interface KnownFile<Id> {
  readonly name: string;
  readonly id: Id;
}

/**
 * The files of a format (`vdi`) that may be the parent, with their ids; those that cannot be opened, or are of another
 * format, are not among them.
 * @throws FormatError LIMIT; SourceError TIMEOUT.
 */
export async function* knownParents<Id>(
  format: string,
  context: ContainerContext,
  idOf: (file: ByteSource) => Promise<Id | null>,
): AsyncGenerator<KnownFile<Id>, void, undefined> {
  const names = await context.parentCandidates(new RegExp(`\\.${format}$`, 'iu'));
  if (names.length > MAX_CANDIDATES) {
    const message = `${format}: ${names.length} files may be what the image continues; the limit is ${MAX_CANDIDATES}`;
    throw new FormatError('LIMIT', message);
  }
  for (const name of names) {
    context.scope.check();
    const id = await orNull(async () => idOf(await context.peek(name)), isNoParent);
    if (id !== null) yield { name, id };
  }
}

const isNoParent = (error: unknown): boolean =>
  error instanceof VirtDfError && !['TIMEOUT', 'LIMIT'].includes(error.code);
