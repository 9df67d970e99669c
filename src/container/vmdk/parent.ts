// Opens the disk that a disk is based on. A disk has a number that changes with its content, the CID, and its child notes
// it: if the parent has another one now, it was written to since, and the child's grains no longer fit it.
// References: VMware, Virtual Disk Format 5.0, "Delta Links"; QEMU block/vmdk.c vmdk_parent_open(), vmdk_is_cid_valid()
// (which refuses to read the parent's grains); VirtualBox src/VBox/Storage/VMDK.cpp (ddb.uuid.parent).
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { ContainerContext, Disk, Layer } from '../container.js';
import { knownParents } from '../known-parents.js';
import type { Descriptor } from './descriptor.js';
import { readImage } from './image.js';

/** As VMware writes it: 8 hexadecimal digits; null without one. */
export function cidText(cid: number | null): string | null {
  return cid === null ? null : cid.toString(16).padStart(8, '0');
}

/**
 * Opens the parent; null if there is none. A name without a parent's CID is an old one, which is not followed. VirtualBox
 * names no file: it notes the parent's UUID.
 * @throws FormatError INVALID, MISSING_DEVICE, LIMIT; whatever `openNamed` throws.
 */
export async function openParent(
  { parentCid, parentName, parentUuid }: Descriptor,
  context: ContainerContext,
): Promise<Disk | null> {
  if (parentName === null && parentUuid !== null) {
    const found = await findParent(parentUuid, context);
    if (typeof found !== 'string') return context.absent(`{${parentUuid}}`, 'vmdk', found);
    return context.openNamed(found, 'vmdk', (layer) => changed(layer, parentCid));
  }
  if (parentCid === null) return null;
  if (parentName === null) {
    const message = `vmdk: the disk is based on one whose CID is ${cidText(parentCid)}, and does not name it`;
    throw new FormatError('INVALID', message);
  }
  return context.openNamed(parentName, 'vmdk', (layer) => changed(layer, parentCid));
}

function changed({ uuid }: Layer, parentCid: number | null): FormatError | null {
  const wanted = cidText(parentCid);
  if (wanted === null || uuid === wanted) return null;
  const found = uuid === null ? 'has none' : `has the CID ${uuid}`;
  return new FormatError(
    'INVALID',
    `vmdk: the disk is based on one whose CID was ${wanted}, and that ${found}: it was changed since`,
    { data: { wanted, found: uuid } },
  );
}

/** The name of the file with VirtualBox's id of the parent, or the error that there is none. */
async function findParent(
  parentUuid: string,
  context: ContainerContext,
): Promise<string | FormatError> {
  const uuidOf = async (file: ByteSource) => (await readImage(file)).descriptor.uuid;
  for await (const { name, id } of knownParents('vmdk', context, uuidOf)) {
    if (id === parentUuid) return name;
  }
  const message =
    `vmdk: the disk is based on the image ${parentUuid}, which is in no .vmdk file beside it ` +
    '(--allow-root DIR looks in DIR as well)';
  return new FormatError('MISSING_DEVICE', message, { data: { parentUuid } });
}
