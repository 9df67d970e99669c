// Parallels: NAME.pvm holds config.pvs, which names the machine's disks, and each disk is a folder NAME.hdd with a
// DiskDescriptor.xml, which tells its snapshots.
// References: Parallels, ParallelsDomModel.h (Hdd, SystemName); QEMU docs/interop/prl-xml.txt.
import { FormatError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { element, elements, parseDocument } from '../../validation/xml.js';
import type { MachineDisk, MachineKind } from './folder.js';

const MACHINE = 'config.pvs';
const DISK = 'DiskDescriptor.xml';

export const parallelsMachine: MachineKind = {
  title: 'a Parallels machine',
  find({ path, files, folders }) {
    if (files.has(MACHINE)) return MACHINE;
    // Without a description, the disks that lie there are its.
    return /\.pvm$/iu.test(path) ? (disksIn(folders)[0] ?? null) : null;
  },
  async disks(folder, description) {
    if (description !== MACHINE) return disksIn(folder.folders).map((name) => diskOf(name, name));
    const root = parseDocument(await folder.text(MACHINE));
    if (root.name !== 'ParallelsVirtualMachine') {
      const message = `parallels: ${MACHINE} is a ${printable(root.name)}, not a ParallelsVirtualMachine`;
      throw new FormatError('INVALID', message);
    }
    return elements(element(root, 'Hardware'), 'Hdd')
      .filter((disk) => element(disk, 'Enabled')?.text.trim() !== '0')
      .flatMap((disk) => element(disk, 'SystemName')?.text.trim() || [])
      .map((name) => diskOf(name, MACHINE));
  },
};

/** A disk's own folder. */
export const parallelsDisk: MachineKind = {
  title: 'a Parallels disk',
  find: ({ files }) => (files.has(DISK) ? DISK : null),
  async disks() {
    return [{ names: [DISK], format: 'parallels', namer: DISK }];
  },
};

function disksIn(folders: ReadonlySet<string>): readonly string[] {
  return [...folders].filter((name) => /\.hdd$/iu.test(name)).sort();
}

function diskOf(name: string, namer: string): MachineDisk {
  // Not by a regular expression, which takes quadratic time on a name of slashes.
  let length = name.length;
  while (length > 0 && /[\\/]/u.test(name[length - 1] ?? '')) length--;
  const folder = name.slice(0, length);
  return { names: [`${folder}/${DISK}`, folder], format: 'parallels', namer };
}
