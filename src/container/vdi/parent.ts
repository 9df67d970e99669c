// The parent of a differencing VDI, which the image knows by UUIDs alone.
// References: VirtualBox src/VBox/Storage/VDI.cpp vdiGetParentUuid().
import { FormatError } from '../../errors.js';
import type { ContainerContext, Disk } from '../container.js';
import { knownParents } from '../known-parents.js';
import { type Header, peekIdentity } from './header.js';

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
  let isOther = false;
  for await (const { name, id } of knownParents('vdi', context, peekIdentity)) {
    if (id.uuid !== parentUuid) continue;
    if (modificationUuid === null || id.modificationUuid === modificationUuid) return name;
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
