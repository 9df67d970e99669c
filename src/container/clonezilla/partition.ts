// What was saved of a partition or a logical volume: an image, the UUID and label of a swap area, or the logical volumes that
// lie on it.
// References: Clonezilla ocs-functions image_save(), save_logv().
import { SourceError, VirtDfError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import type { ContainerContext } from '../container.js';
import { textOfFile } from '../text-file.js';
import { pieceOf } from './images.js';
import { physicalVolume, type SavedPhysicalVolume } from './lvm.js';
import { imageOf } from './names.js';
import { type Found, type Place, unreadable } from './pieces.js';
import { swapPiece } from './swap.js';

/** What the folder has. */
interface Saved {
  /** The names of its files. */
  readonly siblings: readonly string[];
  readonly physical: readonly SavedPhysicalVolume[];
  readonly context: ContainerContext;
}

/** @param place with the name that files of its image have: `sda1`, `vg-root`. */
export async function partitionPiece(
  place: Place & { readonly name: string },
  saved: Saved,
): Promise<Found> {
  const { name } = place;
  const { siblings, physical, context } = saved;
  const image = imageOf(name, siblings);
  if (image !== null) return pieceOf(place, image, context);
  const info = `swappt-${name}.info`;
  const swap = siblings.includes(info) ? await textBeside(info, context) : null;
  const piece = swap === null ? null : swapPiece(swap, place);
  if (piece !== null) return { piece, files: [] };
  const own = physical.find(({ device }) => device === name);
  if (own === undefined) return unread(place, notSaved(name), context);
  try {
    // Logical volumes are looked for as partitions are; that one of them is a physical volume again is nothing that is saved.
    const inside = { ...saved, physical: [] };
    const open = (logical: string, sizeBytes: number) =>
      partitionPiece({ name: logical, offsetBytes: 0, sizeBytes }, inside);
    return await physicalVolume(place, own, open, context);
  } catch (error) {
    if (!(error instanceof VirtDfError) || error.code === 'TIMEOUT') throw error;
    return unread(place, error, context);
  }
}

function unread(place: Place, problem: VirtDfError, { scope }: ContainerContext): Found {
  return { piece: unreadable(place, problem, scope), files: [] };
}

function notSaved(name: string): VirtDfError {
  const message = `clonezilla: the folder has no image of ${printable(name)}: it was not saved`;
  return new SourceError('NOT_FOUND', message, { data: { name: printable(name) } });
}

/** The text of a file of the folder; null if it is not there. @throws FormatError LIMIT. */
export async function textBeside(name: string, context: ContainerContext): Promise<string | null> {
  const file = await context.piece(name);
  return file === null ? null : textOfFile(file, file.path);
}
