// Opens the parent that a VHD or a VHDX names. Windows writes several names of it: a path from the image's own directory,
// and one of the machine that it was made on. The first is preferred; of the others, the file's own name may be beside
// the image. The file that is found must be the very image that this one was made on: its id tells.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Parent Locator"; [MS-VHDX] 2.6.2.6.
import { FormatError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import type { ContainerContext, Disk, Layer } from '../container.js';

export interface ParentNames {
  /** Paths from the image's directory, in the order in which they are tried, with slashes or backslashes. */
  readonly relative: readonly string[];
  /** Paths of the machine that made the image. */
  readonly absolute: readonly string[];
}

export interface WantedParent {
  /** The registry's word, with which messages begin: a parent has the format of its child. */
  readonly format: 'vpc' | 'vhdx';
  readonly names: ParentNames;
  /** The parent has one of these ids; empty if no id is known. */
  readonly uuids: readonly string[];
}

/** @throws FormatError INVALID if there is no name, or another image of that name; whatever `openNamed` throws. */
export async function openParent(wanted: WantedParent, context: ContainerContext): Promise<Disk> {
  const { format, uuids } = wanted;
  const names = candidateNames(wanted.names);
  if (names.length === 0) {
    const message = `${format}: the image is based on another and does not name it`;
    throw new FormatError('INVALID', message);
  }
  if (uuids.length === 0) return context.openNamed(names, format);
  return context.openNamed(names, format, (layer) => strangerError(wanted, layer));
}

function strangerError({ format, uuids }: WantedParent, layer: Layer): FormatError | null {
  if (layer.uuid !== null && uuids.includes(layer.uuid)) return null;
  return new FormatError(
    'INVALID',
    `${format}: the image was made on ${uuids.join(' or ')}, but ${printable(layer.path)} is ` +
      `${layer.uuid ?? 'without an id'}: it is another image, or was changed since`,
    { data: { wanted: uuids.join(' '), found: layer.uuid } },
  );
}

/** The names to try, the best first. */
function candidateNames({ relative, absolute }: ParentNames): readonly string[] {
  const near = relative.map((name) => name.replaceAll('\\', '/').replace(/^(?:\.\/+)+/u, ''));
  return [...near, ...absolute].filter((name) => name !== '');
}
