// The extents of a disk, one behind the other, and the files that they lie in.
// References: VMware, Virtual Disk Format 5.0, "The Extent Description"; QEMU block/vmdk.c vmdk_parse_extents().
import { parseVmdkSignature, VmdkFileKind } from '../../../generated/container/vmdk.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, printable } from '../../validation/guest.js';
import { type ContainerContext, hostNumbers, type LayerFile } from '../container.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { extentBuilder } from '../tables/extent-builder.js';
import { type FileEnd, fileEnd } from '../tables/file-end.js';
import { readCowd } from './cowd.js';
import type { ExtentLine, FileLine } from './extent-line.js';
import { mapGrains, type SparseExtent } from './grains.js';
import { readHosted } from './hosted.js';
import { readSeSparse } from './sesparse.js';

/** An extent, and the range of the disk that it holds. */
export interface Part {
  readonly startBytes: number;
  readonly sizeBytes: number;
  /**
   * Where its file begins if all files of the disk are numbered as one: behind a first file of 2 GiB, the second at 2
   * GiB.
   */
  readonly hostBaseBytes: number;
  /** null if the extent is flat, or zeros. */
  readonly sparse: SparseExtent | null;
  /** As `Layer.cut`. */
  readonly cut: FileEnd['cut'] | null;
  /** As `Layer.map`, with offsets in the extent and in its file. */
  map(offsetBytes: number, lengthBytes: number): Promise<readonly DiskExtent[]>;
}

interface PartFile {
  readonly content: ByteSource;
  readonly file: LayerFile;
}

export interface Parts {
  readonly parts: readonly Part[];
  readonly files: readonly PartFile[];
}

const SIGNATURE_BYTES = 4;
const MAX_SHOWN_LENGTH = 200;

/** `hosted`: with a header that may hold a descriptor. `text`: perhaps a descriptor. */
type FileKind = 'hosted' | 'cowd' | 'sesparse' | 'text';

export async function fileKind(file: ByteSource): Promise<FileKind> {
  if (file.sizeBytes < SIGNATURE_BYTES) return 'text';
  const { value } = parseVmdkSignature(await file.read(0, SIGNATURE_BYTES));
  if (equals(value, VmdkFileKind.HOSTED)) return 'hosted';
  if (equals(value, VmdkFileKind.COWD)) return 'cowd';
  return equals(value, VmdkFileKind.SESPARSE) ? 'sesparse' : 'text';
}

/** The sparse extent as the part that begins the disk and its file. */
export function sparsePart(sparse: SparseExtent, sizeBytes: number): Part {
  const map = (offset: number, length: number) => mapGrains(sparse, offset, length);
  return { startBytes: 0, hostBaseBytes: 0, sizeBytes, sparse, cut: sparse.end.cut, map };
}

/**
 * Opens the files that the lines of a descriptor name, each file once.
 * @throws FormatError, UnsupportedError; whatever `openNamed` throws.
 */
export async function openParts(
  lines: readonly ExtentLine[],
  context: ContainerContext,
): Promise<Parts> {
  const opened = new Map<string, PartFile & { readonly hostBaseBytes: number }>();
  const parts: Part[] = [];
  let [startBytes, hostBytes] = [0, 0];
  for (const line of lines) {
    context.scope.check();
    if (line.kind === 'zero') {
      parts.push(zeroPart(startBytes, line.sizeBytes));
    } else {
      let held = opened.get(line.name);
      if (held === undefined) {
        held = { ...(await openPartFile(line, context)), hostBaseBytes: hostBytes };
        opened.set(line.name, held);
        hostBytes += held.content.sizeBytes;
      }
      const part = await filePart(line, held.content);
      parts.push({ ...part, startBytes, hostBaseBytes: held.hostBaseBytes });
    }
    startBytes += line.sizeBytes;
    if (!Number.isSafeInteger(startBytes + hostBytes)) {
      const message = `vmdk: the extents of the descriptor have more than ${Number.MAX_SAFE_INTEGER} bytes`;
      throw new FormatError('LIMIT', message);
    }
  }
  return { parts, files: [...opened.values()] };
}

/** Opens the file as raw: its content is never probed, only the header of a sparse extent is read. */
async function openPartFile(line: FileLine, context: ContainerContext): Promise<PartFile> {
  const { content, layer } = await context.openNamed(line.name, 'raw');
  if (layer.problem !== null) throw layer.problem;
  return { content, file: { path: layer.path, role: 'extent', ...hostNumbers(layer) } };
}

function zeroPart(startBytes: number, sizeBytes: number): Part {
  return {
    startBytes,
    sizeBytes,
    hostBaseBytes: 0,
    sparse: null,
    cut: null,
    async map(offsetBytes, lengthBytes) {
      return [{ kind: 'zero', offsetBytes, lengthBytes }];
    },
  };
}

async function filePart(line: FileLine, file: ByteSource): Promise<Part> {
  const { kind, sizeBytes, offsetBytes: fileOffsetBytes, name } = line;
  const shown = printable(name, MAX_SHOWN_LENGTH);
  if (kind === 'sparse') {
    const sparse = await readSparse(file, `vmdk: ${shown}`);
    const grains = (bytes: number): number => Math.ceil(bytes / sparse.grainBytes);
    // Some writers round one of the two up to a grain.
    if (grains(sizeBytes) === grains(sparse.sizeBytes)) return sparsePart(sparse, sizeBytes);
    const both = `${sizeBytes} bytes, and its own header says ${sparse.sizeBytes}`;
    throw new FormatError('INVALID', `vmdk: the descriptor says that ${shown} has ${both}`);
  }
  if (kind === 'device' && file.sizeBytes < sizeBytes) {
    const message = `vmdk: ${shown} stands for a device of ${sizeBytes} bytes, which only ESXi reaches`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  return flatPart(sizeBytes, fileOffsetBytes, fileEnd(`vmdk: ${shown}`, file.sizeBytes, 1));
}

/** All bytes of the extent, each in its place of the file, which may end before. */
function flatPart(sizeBytes: number, fileOffsetBytes: number, end: FileEnd): Part {
  end.needs(fileOffsetBytes + sizeBytes);
  return {
    startBytes: 0,
    sizeBytes,
    hostBaseBytes: 0,
    sparse: null,
    cut: end.cut,
    async map(offsetBytes, lengthBytes) {
      const extents = extentBuilder(end);
      extents.data(offsetBytes, lengthBytes, fileOffsetBytes + offsetBytes);
      return extents.finish();
    },
  };
}

/** A descriptor within an extent is not followed. */
async function readSparse(file: ByteSource, label: string): Promise<SparseExtent> {
  const kind = await fileKind(file);
  if (kind === 'cowd') return readCowd(file, label);
  if (kind === 'sesparse') return readSeSparse(file, label);
  const { extent } = await readHosted(file, label);
  if (extent !== null) return extent;
  throw new FormatError('INVALID', `${label}: the extent has a capacity of 0`);
}
