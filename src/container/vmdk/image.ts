// What a VMDK says of its disk: a text that is a file of its own, or a sparse extent with such a text in it.
// References: VMware, Virtual Disk Format 5.0, "The Descriptor File", "Hosted Sparse Extents".
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { type Descriptor, MAX_DESCRIPTOR_BYTES, parseDescriptor } from './descriptor.js';
import { readHosted } from './hosted.js';
import { fileKind, type Parts, sparsePart } from './parts.js';

/** What a file of VMware's says of its disk. */
interface Image {
  readonly descriptor: Descriptor;
  /** The parts of a file that is its own only extent; null if the descriptor names other files. */
  readonly own: Parts | null;
}

/** @throws FormatError INVALID, LIMIT; UnsupportedError. */
export async function readImage(file: ByteSource): Promise<Image> {
  const kind = await fileKind(file);
  if (kind === 'text') {
    const descriptor = await readDescriptor(file, 0, file.sizeBytes);
    return { descriptor, own: null };
  }
  const { descriptor: area, extent } =
    kind === 'hosted' ? await readHosted(file, 'vmdk') : { descriptor: null, extent: null };
  if (area === null) {
    throw new FormatError(
      'INVALID',
      'vmdk: the file is an extent and does not describe a disk: open the descriptor that names it',
    );
  }
  const descriptor = await readDescriptor(file, area.offsetBytes, area.lengthBytes);
  if (extent === null) return { descriptor, own: null };
  const { length } = descriptor.extents;
  if (length > 1) {
    const message = `vmdk: the file is the only extent of its disk, and names ${length}`;
    throw new FormatError('INVALID', message);
  }
  return { descriptor, own: { parts: [sparsePart(extent, extent.sizeBytes)], files: [] } };
}

async function readDescriptor(
  file: ByteSource,
  offset: number,
  length: number,
): Promise<Descriptor> {
  if (length <= MAX_DESCRIPTOR_BYTES) return parseDescriptor(await file.read(offset, length));
  throw new FormatError(
    'LIMIT',
    `vmdk: the descriptor has ${length} bytes; the limit is ${MAX_DESCRIPTOR_BYTES}`,
    { data: { length } },
  );
}
