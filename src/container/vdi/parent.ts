// The parent of a differencing VDI. The image knows it by UUIDs alone, so it is looked for by what the files beside it hold,
// those beside its folder Snapshots/, and those of directories that the caller gave.
// References: VirtualBox src/VBox/Storage/VD.cpp VDOpen(), which compares the UUIDs; VDI.cpp vdiGetParentUuid().
import { FormatError, VirtDfError } from '../../errors.js';
import type { ContainerContext, Disk } from '../container.js';
import { type Header, type Identity, peekIdentity } from './header.js';

/** A folder of VirtualBox's has one image for each snapshot; more than so many are not opened to look for one. */
const MAX_CANDIDATES = 1000;

/** null if the image stands alone. @throws FormatError MISSING_DEVICE, INVALID, LIMIT, LOOP; whatever `openNamed` throws. */
export async function openParent(header: Header, context: ContainerContext): Promise<Disk | null> {
  const { parentUuid, kind, uuid } = header;
  if (parentUuid === null) {
    if (kind !== 'differencing') return null;
    const message = 'vdi: the image is a differencing one, and does not say what it continues';
    throw new FormatError('INVALID', message);
  }
  if (parentUuid === uuid) {
    throw new FormatError('LOOP', `vdi: the image ${parentUuid} says that it continues itself`);
  }
  const found = await findParent(parentUuid, header.parentModificationUuid, context);
  if (typeof found !== 'string') return context.absent(`{${parentUuid}}`, 'vdi', found);
  return context.openNamed(found, 'vdi', ({ uuid: other }) =>
    other === parentUuid ? null : notThere(parentUuid, 'was replaced while it was opened'),
  );
}

/** The name of the parent's file, or why there is none. */
async function findParent(
  parentUuid: string,
  modificationUuid: string | null,
  context: ContainerContext,
): Promise<string | FormatError> {
  const names = await context.parentCandidates(/\.vdi$/iu);
  if (names.length > MAX_CANDIDATES) {
    const message = `vdi: ${names.length} files may be what the image continues; the limit is ${MAX_CANDIDATES}`;
    throw new FormatError('LIMIT', message);
  }
  let isOther = false;
  for (const name of names) {
    context.scope.check();
    const identity = await identityOf(name, context);
    if (identity?.uuid !== parentUuid) continue;
    if (modificationUuid === null || identity.modificationUuid === modificationUuid) return name;
    isOther = true;
  }
  const state = modificationUuid === null ? '' : ` in its state ${modificationUuid}`;
  return isOther
    ? notThere(`${parentUuid}${state}`, 'was written to since')
    : notThere(
        `${parentUuid}${state}`,
        'is in no .vdi file beside it (--allow-root DIR looks in DIR as well)',
      );
}

function notThere(parent: string, reason: string): FormatError {
  const message = `vdi: the image continues the image ${parent}, which ${reason}`;
  return new FormatError('MISSING_DEVICE', message, { data: { parent, reason } });
}

/** The ids of a file; null if it cannot be opened or is no VDI, since then it is not the parent. */
async function identityOf(name: string, context: ContainerContext): Promise<Identity | null> {
  try {
    return await peekIdentity(await context.peek(name));
  } catch (error) {
    if (error instanceof VirtDfError && error.code !== 'TIMEOUT' && error.code !== 'LIMIT') {
      return null;
    }
    throw error;
  }
}
