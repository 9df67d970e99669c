// Opens the disk that a disk is based on. A disk has a number that changes with its content, the CID, and its child notes
// it: if the parent has another one now, it was written to since, and the child's grains no longer fit it.
// References: VMware, Virtual Disk Format 5.0, "Delta Links"; QEMU block/vmdk.c vmdk_parent_open(), vmdk_is_cid_valid()
// (which refuses to read the parent's grains).
import { FormatError } from '../../errors.js';
import type { ContainerContext, Disk } from '../container.js';
import type { Descriptor } from './descriptor.js';

/** As VMware writes it: 8 hexadecimal digits; null without one. */
export function cidText(cid: number | null): string | null {
  return cid === null ? null : cid.toString(16).padStart(8, '0');
}

/**
 * Opens the parent; null if there is none. A name without a parent's CID is an old one, which is not followed.
 * @throws FormatError INVALID; whatever `openNamed` throws.
 */
export async function openParent(
  { parentCid, parentName }: Descriptor,
  context: ContainerContext,
): Promise<Disk | null> {
  if (parentCid === null) return null;
  const wanted = cidText(parentCid);
  if (parentName === null) {
    const message = `vmdk: the disk is based on one whose CID is ${wanted}, and does not name it`;
    throw new FormatError('INVALID', message);
  }
  const parent = await context.openNamed(parentName, 'vmdk');
  const { uuid, problem } = parent.layer;
  if (problem !== null || uuid === wanted) return parent;
  const found = uuid === null ? 'has none' : `has the CID ${uuid}`;
  throw new FormatError(
    'INVALID',
    `vmdk: the disk is based on one whose CID was ${wanted}, and that ${found}: it was changed since`,
    { data: { wanted, found: uuid } },
  );
}
