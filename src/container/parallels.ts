// Parallels: an expandable image, alone or as a part of the folder that DiskDescriptor.xml describes.
// References: QEMU docs/interop/parallels.txt, docs/interop/prl-xml.txt, block/parallels.c.
import type { ContainerFormat } from './container.js';
import { openBundle } from './parallels/bundle.js';
import { isDescriptor } from './parallels/descriptor.js';
import { HEADER_BYTES, isImage, openImage } from './parallels/image.js';

export const parallels: ContainerFormat = {
  name: 'parallels',
  /** An XML file is looked into: not every one is a DiskDescriptor.xml. */
  async probe(file) {
    if (file.sizeBytes < HEADER_BYTES) return false;
    return (await isImage(file)) || isDescriptor(file);
  },
  async open(file, context) {
    const isBundle = !(await isImage(file)) && (await isDescriptor(file));
    return isBundle ? openBundle(file, context) : openImage(file, context);
  },
};
