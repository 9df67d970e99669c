// A replica of a Longhorn volume: sparse files, one over the other. A hole means that the bytes are those of the file below;
// which one that is stands in a .meta beside each, and which is the newest, and the image of a template below all, in
// volume.meta.
// References: Longhorn longhorn-engine pkg/replica/replica.go (Info, disk), pkg/replica/diff_disk.go (lookup, read).
import { orNull } from '../bytes/sound.js';
import { UnsupportedError } from '../errors.js';
import { isMissing } from '../host/host-error.js';
import type { HostFile } from '../host/scope.js';
import { printable } from '../validation/guest.js';
import {
  type ContainerContext,
  type ContainerFormat,
  type Disk,
  type Layer,
  layerOf,
} from './container.js';
import { mapHoles } from './longhorn/holes.js';
import { LAYER_NAME, readLayer, readReplica } from './longhorn/meta.js';
import { extentContent } from './tables/extents.js';

export const longhorn: ContainerFormat = {
  name: 'longhorn',
  /** The content of a layer does not tell that it is one: `isLonghornLayer` looks at its name, and at its .meta. */
  async probe() {
    return false;
  },
  async open(file, context) {
    const backing = await openBelow(file, context);
    const { sizeBytes } = file;
    const map = mapHoles(file);
    const content = extentContent({
      format: 'longhorn',
      sizeBytes,
      scope: context.scope,
      map,
      file,
      data: file,
      backing: backing?.content ?? null,
      decompress: null,
    });
    const layer = layerOf(file, 'longhorn', {
      capacityBytes: sizeBytes,
      backing: backing?.layer ?? null,
      doubts: backing === null ? [] : doubtsOf(file),
      map,
    });
    return { content, layer };
  },
};

/** Whether the file is a layer of a replica: its name says so, and the .meta of that name lies beside it. */
export async function isLonghornLayer(file: HostFile, context: ContainerContext): Promise<boolean> {
  const name = LAYER_NAME.exec(file.path)?.[1];
  return name !== undefined && (await context.siblings()).includes(`${name}.meta`);
}

/** The layer below, or the template's image below all of them; null if there is none. */
async function openBelow(file: HostFile, context: ContainerContext): Promise<Disk | null> {
  const { parent } = await readLayer(file, context);
  if (parent !== null) return context.openNamed(parent, 'longhorn');
  const { backingFile } = await readReplica(context);
  if (backingFile === null) return null;
  return context.openNamed(backingFile, (await isQcow2(backingFile, context)) ? 'qcow2' : 'raw');
}

/** Nobody writes to a template's image, and Longhorn too tells its format by how it begins. */
async function isQcow2(name: string, context: ContainerContext): Promise<boolean> {
  const source = await orNull(() => context.peek(name), isMissing);
  if (source === null || source.sizeBytes < 4) return false;
  return Buffer.from(await source.read(0, 4)).toString('latin1') === 'QFI\xfb';
}

/** A copy that was made without its holes hides all that lies below, and nothing else tells that it is one. */
function doubtsOf({ path, allocationBytes, sizeBytes }: HostFile): Layer['doubts'] {
  if (allocationBytes === null || allocationBytes < sizeBytes) return [];
  const message =
    `longhorn: ${printable(path)} has no holes, so nothing of the layer below is seen: ` +
    'if it was copied, copy it again with them (cp --sparse=auto, rsync -S, tar -S)';
  return [new UnsupportedError('AMBIGUOUS', message)];
}
