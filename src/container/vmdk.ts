// vmdk: VMware's disks. A descriptor names the extents that the disk consists of, one behind the other, and the disk that
// it is based on; it is a file of its own or a part of the only file.
// References: VMware, Virtual Disk Format 5.0 (technical note, 2011); QEMU block/vmdk.c.

import { concat } from '../bytes/concat.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { type ContainerContext, type ContainerFormat, layerFile, layerOf } from './container.js';
import { extentContent } from './tables/extents.js';
import { firstCut } from './tables/file-end.js';
import { type Descriptor, MAX_DESCRIPTOR_BYTES } from './vmdk/descriptor.js';
import { readImage } from './vmdk/image.js';
import { decompressPart, mapParts } from './vmdk/mapping.js';
import { cidText, openParent } from './vmdk/parent.js';
import { fileKind, openParts, type Parts } from './vmdk/parts.js';
import { isDescriptor, PROBE_BYTES } from './vmdk/probe.js';
import { watermarkBytes } from './vmdk/watermark.js';

export const vmdk: ContainerFormat = {
  name: 'vmdk',
  /** A longer text is no descriptor but a disk whose guest wrote one into its first sector. */
  async probe(file) {
    if ((await fileKind(file)) !== 'text') return true;
    if (file.sizeBytes > MAX_DESCRIPTOR_BYTES) return false;
    return isDescriptor(await file.read(0, Math.min(PROBE_BYTES, file.sizeBytes)));
  },
  async open(file, context) {
    const { descriptor, own } = await readImage(file);
    const { parts, files } = own ?? (await openParts(descriptor.extents, context));
    if (parts.length === 0) {
      throw new FormatError('INVALID', 'vmdk: the descriptor names no extents');
    }
    const backing = await openParent(descriptor, context);
    const sizeBytes = parts.reduce((total, part) => total + part.sizeBytes, 0);
    const map = (offset: number, length: number) => mapParts(parts, offset, length);
    const data = own === null ? concat(files.map(({ content }) => content)) : file;
    const content = extentContent({
      format: 'vmdk',
      sizeBytes,
      scope: context.scope,
      map,
      file: own === null ? asOneFile(file, data) : file,
      data,
      backing: backing?.content ?? null,
      decompress: (stream, extent) => decompressPart(parts, data, stream, extent),
    });
    const layer = layerOf(file, 'vmdk', {
      version: descriptor.createType,
      features: featuresOf(parts, descriptor),
      clusterBytes: grainBytesOf(parts),
      capacityBytes: sizeBytes,
      uuid: cidText(descriptor.cid),
      files: [layerFile(file, 'image'), ...files.map((one) => one.file)],
      backing: backing?.layer ?? null,
      cut: () => firstCut(parts.map(({ cut }) => cut)),
      map,
      inspect: inspectOf(own, context),
    });
    return { content, layer };
  },
};

/** The files of the extents as one, under the descriptor's path: a cached grain is known by that path and its offset. */
function asOneFile({ path, allocationBytes }: HostFile, files: ByteSource): HostFile {
  return { ...files, path, allocationBytes, physicalBytes: files.sizeBytes };
}

function featuresOf(parts: Parts['parts'], { hasChangeTracking }: Descriptor): readonly string[] {
  const features = new Set(parts.flatMap(({ sparse }) => sparse?.features ?? []));
  return [...features, ...(hasChangeTracking ? ['ctk'] : [])];
}

/** The grain size of all sparse extents; null if there is none, or they have different ones. */
function grainBytesOf(parts: Parts['parts']): number | null {
  const sizes = new Set(parts.flatMap(({ sparse }) => sparse?.grainBytes ?? []));
  const [only = null] = sizes;
  return sizes.size === 1 ? only : null;
}

/** The inspection of a disk in a single file; null for several files, which have no common end. */
function inspectOf(own: Parts | null, { scope }: ContainerContext) {
  const sparse = own?.parts[0]?.sparse ?? null;
  if (sparse === null) return null;
  return async () => ({
    watermarkBytes: await watermarkBytes(sparse, scope),
    leakedClusterCount: null,
    snapshots: [],
  });
}
