// qcow2: an image that stores only what was written, and names the image behind it.
// References: QEMU docs/interop/qcow2.rst; https://www.qemu.org/docs/master/interop/qcow2.html.
// Internal snapshots are not looked at: they have tables of their own, and the disk is what the active table says.
import { FormatError } from '../errors.js';
import { resize } from '../source/resize.js';
import type { HostFile } from '../source/scope.js';
import type { ContainerContext, ContainerFormat, Disk, Layer } from './container.js';
import { qcow2Content } from './qcow2/content.js';
import { type Names, readNames } from './qcow2/extensions.js';
import { type Header, readHeader, V2_HEADER_BYTES } from './qcow2/header.js';

export const qcow2: ContainerFormat = {
  name: 'qcow2',
  /** The registry has compared the magic number already; no shorter file is an image. */
  async probe(file) {
    return file.sizeBytes >= V2_HEADER_BYTES;
  },
  async open(file, context) {
    const header = await readHeader(file);
    const names = await readNames(file, header);
    const data = header.hasDataFile ? await openDataFile(names, context) : null;
    const layers = [layerOf(file, header), ...(data?.layers ?? [])];
    if (data !== null && header.isDataFileRaw) {
      return { content: resize(data.content, header.sizeBytes), format: 'qcow2', layers };
    }
    const backing = await openBacking(names, context);
    const content = qcow2Content({
      layout: header,
      scope: context.scope,
      file,
      data: data?.content ?? file,
      hasDataFile: header.hasDataFile,
      // A shorter backing file is followed by zeros; of a longer one the rest is never seen.
      backing: backing === null ? null : resize(backing.content, header.sizeBytes),
    });
    return { content, format: 'qcow2', layers: [...layers, ...(backing?.layers ?? [])] };
  },
};

function layerOf(file: HostFile, { sizeBytes }: Header): Layer {
  const { path, allocationBytes, physicalBytes } = file;
  return { path, format: 'qcow2', capacityBytes: sizeBytes, allocationBytes, physicalBytes };
}

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
