// An image of Clonezilla's, a folder: for each disk its partition table and streams of its partitions. The disk is put
// together of them; what was not saved, or cannot be read, says so where it would lie.
// References: Clonezilla ocs-functions task_saveparts(), save_part_table_mbr_dm_info(), image_save().
import { FormatError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { printable } from '../validation/guest.js';
import { openImage } from './clonezilla/images.js';
import { savedPhysicalVolumes } from './clonezilla/lvm.js';
import { imageOf } from './clonezilla/names.js';
import { partitionPiece, textBeside } from './clonezilla/partition.js';
import { assemble } from './clonezilla/pieces.js';
import { tableRecords } from './clonezilla/records.js';
import { isExtended, readTable } from './clonezilla/table.js';
import { type ContainerContext, type ContainerFormat, layerFile, layerOf } from './container.js';
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
    const isWhole = !table.isTable && table.partitions.length === 0;
    const { pieces, files } = isWhole ? NOTHING : await tableRecords(disk, table, context);
    const all = { pieces: [...pieces], files: [layerFile(file, 'image'), ...files] };
    const saved = { siblings, physical: await savedPhysicalVolumes(context), context };
    const whole = { name: disk, offsetBytes: 0, sizeBytes: table.diskBytes };
    const partitions = table.partitions.filter((one) => !isExtended(one));
    for (const partition of isWhole ? [whole] : partitions) {
      scope.check();
      const found = await partitionPiece(partition, saved);
      all.pieces.push(found.piece);
      all.files.push(...found.files);
    }
    const { content, map } = assemble(all.pieces, table.diskBytes, scope);
    const fields = { capacityBytes: table.diskBytes, files: all.files, map };
    return { content, layer: layerOf(file, 'clonezilla', fields) };
  },
};

/** Of a disk without a table: it is a physical volume as a whole. */
const NOTHING = { pieces: [], files: [] };

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
