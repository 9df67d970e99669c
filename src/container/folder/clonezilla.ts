// An image of Clonezilla's: NAME-pt.sf has the table of a disk, and what `parts` names beyond the partitions of these disks
// are disks without a table.
// References: Clonezilla, "What are the files in the image directory"; ocs-functions task_saveparts().
import { SourceError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { imageOf } from '../clonezilla/names.js';
import { TABLE } from '../clonezilla.js';
import type { Folder, MachineDisk, MachineKind } from './folder.js';

const SIGN = 'clonezilla-img';
const DISKS = 'disk';
const PARTS = 'parts';

export const clonezillaFolder: MachineKind = {
  title: 'an image of Clonezilla',
  find({ files }) {
    if (files.has(SIGN)) return SIGN;
    const isImage = [...files].some((name) => TABLE.test(name) || /\.\S+-img(?:\.|$)/u.test(name));
    return files.has(PARTS) && isImage ? PARTS : null;
  },
  async disks(folder, description) {
    const [order, parts] = [await words(folder, DISKS), await words(folder, PARTS)];
    const tables = [...folder.files].flatMap((name) => TABLE.exec(name)?.[1] ?? []).sort();
    const disks = [...order.filter((name) => tables.includes(name)), ...tables];
    const bare = parts.filter((name) => !tables.some((disk) => name.startsWith(disk)));
    const images = bare.map((name) => bareDisk(name, [...folder.files], description));
    return [
      ...[...new Set(disks)].map((name): MachineDisk => {
        return { names: [`${name}-pt.sf`], format: 'clonezilla', namer: description };
      }),
      ...images,
    ];
  },
};

async function words(folder: Folder, name: string): Promise<readonly string[]> {
  const text = folder.files.has(name) ? await folder.text(name) : '';
  return text
    .split(/\s+/u)
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('/', '-'));
}

function bareDisk(name: string, files: readonly string[], namer: string): MachineDisk {
  const image = imageOf(name, files);
  if (image !== null) return { names: [image.name], format: 'clonezilla', namer };
  const message = `clonezilla: ${PARTS} names ${printable(name)}, and the folder has no image of it`;
  const problem = new SourceError('NOT_FOUND', message, { data: { name: printable(name) } });
  return { names: [name], format: 'clonezilla', namer, problem };
}
