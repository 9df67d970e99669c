// qcow2: an image that stores only clusters that were written, and names the image behind it.
// References: QEMU docs/interop/qcow2.rst; https://www.qemu.org/docs/master/interop/qcow2.html.

import { resize } from '../bytes/resize.js';
import { FormatError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import {
  type ContainerContext,
  type ContainerFormat,
  type Disk,
  hostNumbers,
  type LayerFile,
  layerFile,
  layerOf,
} from './container.js';
import { tablesAhead } from './qcow2/ahead.js';
import { decompressCluster } from './qcow2/compression.js';
import { clusterCipher } from './qcow2/encryption.js';
import { type Names, readNames } from './qcow2/extensions.js';
import { V2_HEADER_BYTES } from './qcow2/features.js';
import { type Header, readHeader } from './qcow2/header.js';
import { mapRange, SUBCLUSTER_COUNT } from './qcow2/mapping.js';
import { extentContent } from './tables/extents.js';
import { fileEnd, firstCut } from './tables/file-end.js';

export const qcow2: ContainerFormat = {
  name: 'qcow2',
  hasSnapshots: true,
  /** The registry has compared the magic number already; no shorter file is an image. */
  async probe(file) {
    return file.sizeBytes >= V2_HEADER_BYTES;
  },
  async open(file, context) {
    const header = await readHeader(file);
    const names = await readNames(file, header);
    if (file.ahead !== undefined) await tablesAhead(file, header);
    const layout = await wantedLayout(file, header, context);
    const { sizeBytes, clusterBytes } = layout;
    const { hasDataFile } = header;
    const data = hasDataFile ? await openDataFile(names, context) : null;
    const fields = {
      version: String(header.version),
      features: featuresOf(header, names),
      capacityBytes: sizeBytes,
      clusterBytes,
      files: filesOf(file, data),
      inspect: async () => {
        const { inspect } = await import('./qcow2/inspect.js');
        return inspect(file, header, names, context.scope);
      },
      shares: async () => {
        const { sharesOf } = await import('./qcow2/shares.js');
        return sharesOf(file, header);
      },
    };
    if (data !== null && header.isDataFileRaw && header.encryption === null) {
      return {
        content: resize(data.content, sizeBytes),
        layer: layerOf(file, 'qcow2', fields),
      };
    }
    const backing = await openBacking(names, context);
    const end = fileEnd('qcow2', file.sizeBytes, clusterBytes);
    const dataEnd =
      data === null ? end : fileEnd('qcow2: data file', data.content.sizeBytes, clusterBytes);
    const mapped = { layout, tables: file, end, dataEnd, hasDataFile };
    const map = (offset: number, length: number) => mapRange(mapped, offset, length);
    const content = extentContent({
      format: 'qcow2',
      sizeBytes,
      scope: context.scope,
      map,
      blockBytes: header.hasExtendedL2 ? clusterBytes / SUBCLUSTER_COUNT : clusterBytes,
      file,
      data: data?.content ?? file,
      backing: backing?.content ?? null,
      decompress: (stream) => decompressCluster(stream, header),
      end,
      cipher: clusterCipher(file, header, names, context),
    });
    const layer = layerOf(file, 'qcow2', {
      ...fields,
      backing: backing?.layer ?? null,
      cut: () => firstCut([end.cut, dataEnd.cut]),
      map,
    });
    return { content, layer };
  },
};

/** The layout of the active disk, or of the snapshot that is wanted. */
async function wantedLayout(file: HostFile, header: Header, { snapshot }: ContainerContext) {
  if (snapshot === null) return header;
  const { snapshotLayout } = await import('./qcow2/snapshots.js');
  return snapshotLayout(file, header, snapshot);
}

/** The features in the words of `qemu-img info`, where it has one; features that every image has are left out. */
function featuresOf(header: Header, { bitmaps }: Names): readonly string[] {
  const { compression, encryption, refcountBits } = header;
  return [
    ...(header.isDirty ? ['dirty'] : []),
    ...(header.isCorrupt ? ['corrupt'] : []),
    ...(header.hasLazyRefcounts ? ['lazy-refcounts'] : []),
    ...(refcountBits === 16 ? [] : [`refcount-bits=${refcountBits}`]),
    ...(header.hasExtendedL2 ? ['extended-l2'] : []),
    ...(compression === 'zstd' ? ['zstd'] : []),
    ...(header.hasDataFile ? ['data-file'] : []),
    ...(header.isDataFileRaw ? ['data-file-raw'] : []),
    ...(bitmaps === null || bitmaps.bitmapCount === 0 ? [] : ['bitmaps']),
    ...(encryption === null ? [] : [encryption]),
  ];
}

function filesOf(file: HostFile, data: Disk | null): readonly LayerFile[] {
  const image = layerFile(file, 'image');
  if (data === null) return [image];
  return [image, { path: data.layer.path, role: 'data', ...hostNumbers(data.layer) }];
}

/** Opens the data file, which is raw. Unlike QEMU, virt-df cannot be given one that the image does not name. */
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
