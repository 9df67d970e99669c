// vpc: the disk images of Virtual PC, which are called VHD by everybody but QEMU.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0; QEMU block/vpc.c.
// QEMU takes all sectors of a block that is there; here, as specified, the bitmap says which of them were written.

import { slice } from '../bytes/slice.js';
import { FormatError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import {
  type ContainerContext,
  type ContainerFormat,
  type Disk,
  type Layer,
  layerOf,
} from './container.js';
import { extentContent } from './tables/extents.js';
import { fileEnd } from './tables/file-end.js';
import { openParent } from './tables/parents.js';
import { type Footer, isVpc, readFooter } from './vpc/footer.js';
import { readDynamicHeader } from './vpc/header.js';
import { inspectBlocks, mapRange } from './vpc/mapping.js';
import { readParentNames } from './vpc/parent.js';

export const vpc: ContainerFormat = {
  name: 'vpc',
  probe: isVpc,
  async open(file, context) {
    const footer = await readFooter(file);
    const layer = layerOf(file, 'vpc', {
      version: footer.type,
      uuid: footer.uuid,
      capacityBytes: footer.sizeBytes,
      features: [
        ...(footer.isCopy ? ['footer-lost'] : []),
        ...(footer.hasSavedState ? ['saved-state'] : []),
      ],
    });
    if (footer.type === 'fixed') return openFixed(file, footer, layer);
    return openDynamic(file, footer, layer, context);
  },
};

function openFixed(file: HostFile, { sizeBytes, offsetBytes }: Footer, layer: Layer): Disk {
  if (sizeBytes > offsetBytes) {
    throw new FormatError(
      'TRUNCATED',
      `vpc: the disk has ${sizeBytes} bytes, but only ${offsetBytes} lie before the footer`,
      { data: { sizeBytes, offsetBytes } },
    );
  }
  return { content: slice(file, 0, sizeBytes), layer };
}

async function openDynamic(
  file: HostFile,
  footer: Footer,
  layer: Layer,
  context: ContainerContext,
): Promise<Disk> {
  const header = await readDynamicHeader(file, footer);
  const backing =
    footer.type === 'dynamic'
      ? null
      : await openParent(
          {
            format: 'vpc',
            names: await readParentNames(file, header),
            uuids: header.parentUuid === null ? [] : [header.parentUuid],
          },
          context,
        );
  // A footer follows the last block, so that none may be cut, not even in part.
  const end = fileEnd('vpc', file.sizeBytes, 1);
  const map = (offset: number, length: number) => mapRange(file, header, end, offset, length);
  const content = extentContent({
    format: 'vpc',
    sizeBytes: header.sizeBytes,
    scope: context.scope,
    map,
    file,
    data: file,
    backing: backing?.content ?? null,
    decompress: null,
  });
  return {
    content,
    layer: {
      ...layer,
      clusterBytes: header.blockBytes,
      backing: backing?.layer ?? null,
      cut: end.cut,
      map,
      inspect: () => inspectBlocks(file, header),
    },
  };
}
