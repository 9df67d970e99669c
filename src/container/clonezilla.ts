// An image of Clonezilla's, a folder: for each disk its partition table and streams of its partitions. The disk is put
// together of them; what was not saved, or cannot be read, says so where it would lie.
// References: Clonezilla ocs-functions task_saveparts(), save_part_table_mbr_dm_info(), image_save().
import { FormatError, SourceError, type VirtDfError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { printable } from '../validation/guest.js';
import { openImage, pieceOf } from './clonezilla/images.js';
import { imageOf } from './clonezilla/names.js';
import { assemble, type Piece, unreadable } from './clonezilla/pieces.js';
import { tableRecords } from './clonezilla/records.js';
import { swapPiece } from './clonezilla/swap.js';
import { isExtended, readTable, type SavedPartition } from './clonezilla/table.js';
import {
  type ContainerContext,
  type ContainerFormat,
  type LayerFile,
  layerFile,
  layerOf,
} from './container.js';
import { textOfFile } from './text-file.js';

/** The file that a disk is opened by; one without a table is opened by its image. */
export const TABLE = /^(?:.*\/)?([^/]+)-pt\.sf$/u;

export const clonezilla: ContainerFormat = {
  name: 'clonezilla',
  /** The folder tells, see folder/clonezilla.ts. */
  async probe() {
    return false;
  },
  async open(file, context) {
    const [, disk] = TABLE.exec(file.path) ?? [];
    if (disk === undefined) return openBare(file, context);
    const { scope } = context;
    const siblings = await context.siblings();
    const parted = await textBeside(`${disk}-pt.parted`, context);
    const table = readTable(await textOfFile(file, file.path), parted);
    const { pieces, files } = await tableRecords(disk, table, context);
    const all = { pieces: [...pieces], files: [layerFile(file, 'image'), ...files] };
    for (const partition of table.partitions.filter((one) => !isExtended(one))) {
      scope.check();
      const found = await partitionPiece(partition, siblings, context);
      all.pieces.push(found.piece);
      all.files.push(...found.files);
    }
    const { content, map } = assemble(all.pieces, table.diskBytes, scope);
    const fields = { capacityBytes: table.diskBytes, files: all.files, map };
    return { content, layer: layerOf(file, 'clonezilla', fields) };
  },
};

/** A filesystem on a disk without partitions. */
async function openBare(file: HostFile, context: ContainerContext) {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const image = imageOf(name.slice(0, name.indexOf('.')), [name]);
  if (image === null) {
    const message = `clonezilla: ${printable(file.path)} is neither a saved table nor an image`;
    throw new FormatError('INVALID', message);
  }
  const { content, map, files } = await openImage(image, context);
  const layer = layerOf(file, 'clonezilla', { capacityBytes: content.sizeBytes, files, map });
  return { content, layer };
}

interface Found {
  readonly piece: Piece;
  readonly files: readonly LayerFile[];
}

async function partitionPiece(
  partition: SavedPartition,
  siblings: readonly string[],
  context: ContainerContext,
): Promise<Found> {
  const { name } = partition;
  const image = imageOf(name, siblings);
  if (image !== null) return pieceOf(partition, image, context);
  const swap = siblings.includes(`swappt-${name}.info`)
    ? await textBeside(`swappt-${name}.info`, context)
    : null;
  const piece = swap === null ? null : swapPiece(swap, partition);
  if (piece !== null) return { piece, files: [] };
  return { piece: unreadable(partition, notSaved(name), context.scope), files: [] };
}

function notSaved(name: string): VirtDfError {
  const message = `clonezilla: the saved table has ${printable(name)}, and the folder no image of it: it was not saved`;
  return new SourceError('NOT_FOUND', message, { data: { name: printable(name) } });
}

async function textBeside(name: string, context: ContainerContext): Promise<string | null> {
  const file = await context.piece(name);
  return file === null ? null : textOfFile(file, file.path);
}
