// A raw disk that was cut into files: disk.raw.001, disk.raw.002 ... or disk.raw.aa, disk.raw.ab ...
// References: split(1); FTK Imager's and dd's raw segments.

import { concat } from '../bytes/concat.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, SourceError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { candidates, type Recognizable } from '../kaitai/signature.js';
import { printable } from '../validation/guest.js';
import { type ContainerContext, hostNumbers, layerFile, type WrapperFormat } from './container.js';
import { partNames } from './split/names.js';

export const split: WrapperFormat = {
  name: 'split',
  /** The content of a part does not tell that it is one; `isFirstPart` looks at names and sizes. */
  async probe() {
    return false;
  },
  async unwrap(file, context) {
    const { names, gap } = partNames(file.path, await context.siblings());
    if (gap !== null) throw missingPart(gap.missing);
    if (names.length === 0) {
      const message = `split: ${printable(file.path)} is not the first of several parts`;
      throw new FormatError('INVALID', message);
    }
    return [await joinParts(file, names, context)];
  },
};

/**
 * Whether the file is the first of a disk that was cut: its name says so, the next part is there, and all parts but the
 * last have its size, as every program that cuts disks makes them.
 * @throws SourceError NOT_FOUND, by name, when a part in the middle is missing.
 */
export async function isFirstPart(
  file: HostFile,
  context: ContainerContext,
  containers: readonly Recognizable[],
): Promise<boolean> {
  const { names, gap } = partNames(file.path, await context.siblings());
  const second = names[0] ?? gap?.later;
  if (second === undefined) return false;
  const next = await context.peek(second);
  const isLast = names.length + (gap === null ? 0 : 1) === 1;
  const isSmaller = isLast && next.sizeBytes < file.sizeBytes;
  if (next.sizeBytes !== file.sizeBytes && !isSmaller) return false;
  if (gap !== null) throw missingPart(gap.missing);
  // The files of a chain of overlays may have such names too: then the second has the signature of an image.
  return (await candidates(next, containers)).length === 0;
}

export function missingPart(name: string): SourceError {
  const shown = printable(name);
  const message = `split: the part ${shown} is missing, and there are parts that come after it`;
  return new SourceError('NOT_FOUND', message, { data: { name: shown } });
}

/** The file with its further parts. @throws what `openNamed` throws. */
export async function joinParts(
  file: HostFile,
  names: readonly string[],
  context: ContainerContext,
): Promise<HostFile> {
  const parts: ByteSource[] = [file];
  const files = [layerFile(file, 'image')];
  for (const name of names) {
    const { content, layer } = await context.openNamed(name, 'raw');
    if (layer.problem !== null) throw layer.problem;
    parts.push(content);
    files.push(...layer.files);
  }
  const disk = concat(parts);
  const { allocationBytes, physicalBytes } = hostNumbers({ files });
  return {
    path: file.path,
    joinedPaths: files.slice(1).map(({ path }) => path),
    allocationBytes,
    physicalBytes: physicalBytes ?? disk.sizeBytes,
    ...disk,
  };
}
