// The folder of a Parallels disk, opened by its DiskDescriptor.xml: parts one behind the other, each of them a chain of
// snapshots from the active image to its root.
// References: QEMU docs/interop/prl-xml.txt.

import { concat } from '../../bytes/concat.js';
import { resize } from '../../bytes/resize.js';
import { slice } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { HostFile } from '../../host/scope.js';
import { type ContainerContext, type Disk, type Layer, layerFile } from '../container.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { extentContent } from '../tables/extents.js';
import { firstCut } from '../tables/file-end.js';
import { type Part, readDescriptor } from './descriptor.js';

/** The image that a snapshot has for one part of the disk. */
interface PartImage {
  readonly part: Part;
  readonly image: Disk;
}

/** @throws FormatError, UnsupportedError; whatever `openNamed` throws. */
export async function openBundle(file: HostFile, context: ContainerContext): Promise<Disk> {
  const { parts, chain } = await readDescriptor(file);
  let below: Disk | null = null;
  for (const guid of chain.toReversed()) {
    const images: PartImage[] = [];
    for (const part of parts) images.push({ part, image: await openImageOf(part, guid, context) });
    below = join(file, images, below, context);
  }
  if (below === null) throw new FormatError('INVALID', 'parallels: the disk has no image');
  const { content, layer } = below;
  const extents = layer.files.map((one) => ({ ...one, role: 'extent' as const }));
  return {
    content,
    layer: { ...layer, path: file.path, files: [layerFile(file, 'image'), ...extents] },
  };
}

function openImageOf(part: Part, guid: string, context: ContainerContext): Promise<Disk> {
  const image = part.images.get(guid);
  if (image !== undefined)
    return context.openNamed(image.file, image.isPlain ? 'raw' : 'parallels');
  const message = `parallels: the part at ${part.offsetBytes} of the disk has no image ${guid}`;
  throw new FormatError('INVALID', message);
}

/** Joins the images of one snapshot to a layer, over the layer below. */
function join(
  file: HostFile,
  images: readonly PartImage[],
  below: Disk | null,
  { scope }: ContainerContext,
): Disk {
  const contents = images.map((one) =>
    extentContent({
      format: 'parallels',
      sizeBytes: one.part.sizeBytes,
      scope,
      map: async (offset, length) => readable(await mapPartImage(one, offset, length)),
      file,
      data: resize(one.image.content, one.part.sizeBytes),
      backing: below === null ? null : partOf(below.content, one.part),
      decompress: null,
    }),
  );
  const content = concat(contents);
  const layers = images.map(({ image }) => image.layer);
  const [first] = layers;
  if (first === undefined) throw new FormatError('INVALID', 'parallels: the disk has no part');
  const layer: Layer = {
    ...first,
    format: 'parallels',
    features: [...new Set(layers.flatMap(({ features }) => features))],
    capacityBytes: content.sizeBytes,
    files: layers.flatMap(({ files }) => files),
    backing: below?.layer ?? null,
    problem: layers.find(({ problem }) => problem !== null)?.problem ?? null,
    cut: () => firstCut(layers.map(({ cut }) => cut)),
    map: (offset, length) => mapPartImages(images, offset, length),
    inspect: images.length === 1 ? first.inspect : null,
  };
  return { content, layer };
}

function partOf(content: ByteSource, { offsetBytes, sizeBytes }: Part): ByteSource {
  return slice(content, offsetBytes, sizeBytes);
}

/** As `Layer.map`, counted from the part's first byte. */
async function mapPartImage(
  { part, image }: PartImage,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const lengthBytes = Math.min(wantedBytes, part.sizeBytes - offset);
  const { map } = image.layer;
  // The part of a range that is behind the end of a smaller image is the parent's.
  const held = Math.min(lengthBytes, image.content.sizeBytes - offset);
  if (held <= 0) return [{ kind: 'backing', offsetBytes: offset, lengthBytes }];
  if (map !== null) return map(offset, held);
  return [{ kind: 'data', offsetBytes: offset, lengthBytes: held, hostOffsetBytes: offset }];
}

async function mapPartImages(
  images: readonly PartImage[],
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const one = images.findLast(({ part }) => part.offsetBytes <= offset);
  if (one === undefined) throw new FormatError('OUT_OF_BOUNDS', 'parallels: no part is there');
  const start = one.part.offsetBytes;
  const extents = await mapPartImage(one, offset - start, wantedBytes);
  return extents.map((extent) => ({ ...extent, offsetBytes: extent.offsetBytes + start }));
}

/**
 * Makes each extent of data point into the image's own content, in which a byte is at the offset that it has on the disk.
 */
function readable(extents: readonly DiskExtent[]): readonly DiskExtent[] {
  return extents.map(({ kind, offsetBytes, lengthBytes }) =>
    kind === 'backing' || kind === 'zero'
      ? { kind, offsetBytes, lengthBytes }
      : { kind: 'data', offsetBytes, lengthBytes, hostOffsetBytes: offsetBytes },
  );
}
