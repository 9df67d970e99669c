// qcow2: an image that stores only what was written, and names the image behind it.
// References: QEMU docs/interop/qcow2.rst; https://www.qemu.org/docs/master/interop/qcow2.html.
// Internal snapshots are not looked at: they have tables of their own, and the disk is what the active table says.
import { FormatError } from '../errors.js';
import { resize } from '../source/resize.js';
import {
  type ContainerContext,
  type ContainerFormat,
  type Disk,
  hostNumbers,
  layerOf,
} from './container.js';
import { extentContent } from './extents.js';
import { decompressCluster } from './qcow2/compression.js';
import { type Names, readNames } from './qcow2/extensions.js';
import { readHeader, V2_HEADER_BYTES } from './qcow2/header.js';
import { mapRange } from './qcow2/mapping.js';

export const qcow2: ContainerFormat = {
  name: 'qcow2',
  /** The registry has compared the magic number already; no shorter file is an image. */
  async probe(file) {
    return file.sizeBytes >= V2_HEADER_BYTES;
  },
  async open(file, context) {
    const header = await readHeader(file);
    const names = await readNames(file, header);
    const { sizeBytes, clusterBytes, version, hasDataFile } = header;
    const data = hasDataFile ? await openDataFile(names, context) : null;
    const image = layerOf(file, 'qcow2', {
      version: String(version),
      capacityBytes: sizeBytes,
      clusterBytes,
    });
    const files =
      data === null
        ? image.files
        : [
            ...image.files,
            { path: data.layer.path, role: 'data' as const, ...hostNumbers(data.layer) },
          ];
    if (data !== null && header.isDataFileRaw) {
      return { content: resize(data.content, sizeBytes), layer: { ...image, files } };
    }
    const backing = await openBacking(names, context);
    const mapped = { layout: header, tables: file, hasDataFile };
    const map = (offset: number, length: number) => mapRange(mapped, offset, length);
    const content = extentContent({
      format: 'qcow2',
      sizeBytes,
      scope: context.scope,
      map,
      file,
      data: data?.content ?? file,
      backing: backing?.content ?? null,
      decompress: (stream) => decompressCluster(stream, header),
    });
    return { content, layer: { ...image, files, backing: backing?.layer ?? null, map } };
  },
};

/** A data file is raw; QEMU can be told of one that the image does not name, virt-df cannot. */
async function openDataFile({ dataFile }: Names, context: ContainerContext): Promise<Disk> {
  if (dataFile !== null) return context.openNamed(dataFile, 'raw');
  throw new FormatError(
    'INVALID',
    'qcow2: the image has an external data file and does not name it',
  );
}

async function openBacking(names: Names, context: ContainerContext): Promise<Disk | null> {
  const { backingFile, backingFormat } = names;
  return backingFile === null ? null : context.openNamed(backingFile, backingFormat ?? undefined);
}
