// Opens the parent that a VHD or a VHDX names. Windows writes several names of it: a path from the image's own directory,
// and one of the machine that it was made on. The first is preferred; of the others, the file's own name may be beside
// the image. The file that is found must be the very image that this one was made on: its id tells.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Parent Locator"; [MS-VHDX] 2.6.2.6.
import { FormatError, VirtDfError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import type { ContainerContext, Disk } from '../container.js';

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

/** After an error with one of these codes, another name may still lead to the parent. */
const TRY_ON: ReadonlySet<string> = new Set(['NOT_FOUND', 'NOT_ALLOWED']);

/** @throws FormatError INVALID if there is no name, or another image of that name; whatever `openNamed` throws. */
export async function openParent(wanted: WantedParent, context: ContainerContext): Promise<Disk> {
  const { format } = wanted;
  let failure: Attempt | null = null;
  for (const name of candidateNames(wanted.names)) {
    const found = await attempt(name, format, context);
    if ('disk' in found && found.disk.layer.problem === null) {
      const stranger = strangerError(wanted, found.disk);
      if (stranger === null) return found.disk;
      // This error tells more than one that another name does not exist, so it replaces that.
      failure = { error: stranger };
      continue;
    }
    if (!TRY_ON.has(codeOf(found))) return diskOrThrow(found);
    failure ??= found;
  }
  if (failure !== null) return diskOrThrow(failure);
  throw new FormatError('INVALID', `${format}: the image is based on another and does not name it`);
}

/** The outcome of one name: a disk, which may be one that stands for a broken layer, or an error. */
type Attempt = { readonly error: VirtDfError } | { readonly disk: Disk };

async function attempt(
  name: string,
  format: WantedParent['format'],
  context: ContainerContext,
): Promise<Attempt> {
  try {
    return { disk: await context.openNamed(name, format) };
  } catch (error) {
    if (error instanceof VirtDfError) return { error };
    throw error;
  }
}

function codeOf(failure: Attempt): string {
  return 'error' in failure ? failure.error.code : (failure.disk.layer.problem?.code ?? '');
}

function diskOrThrow(failure: Attempt): Disk {
  if ('error' in failure) throw failure.error;
  return failure.disk;
}

function strangerError({ format, uuids }: WantedParent, { layer }: Disk): FormatError | null {
  if (uuids.length === 0 || (layer.uuid !== null && uuids.includes(layer.uuid))) return null;
  return new FormatError(
    'INVALID',
    `${format}: the image was made on ${uuids.join(' or ')}, but ${printable(layer.path)} is ` +
      `${layer.uuid ?? 'without an id'}: it is another image, or was changed since`,
    { data: { wanted: uuids.join(' '), found: layer.uuid } },
  );
}

/** The names to try, the best first, each once. */
function candidateNames({ relative, absolute }: ParentNames): ReadonlySet<string> {
  const names = new Set<string>();
  for (const name of relative) names.add(withSlashes(name).replace(/^(?:\.\/+)+/u, ''));
  for (const name of absolute) names.add(name);
  for (const name of absolute) names.add(withSlashes(name).replace(/^.*\//su, ''));
  names.delete('');
  return names;
}

function withSlashes(name: string): string {
  return name.replaceAll('\\', '/');
}
