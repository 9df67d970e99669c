// Folders that other programs keep disks in: an instance of OpenStack's nova, a sparse bundle of Apple's.
// References: nova nova/virt/libvirt/imagebackend.py (disk.info), nova/virt/libvirt/driver.py (disk.eph0, disk.swap);
// hdiutil(1).
import { basename } from 'node:path';
import { parseObject, textField } from '../../validation/json.js';
import type { MachineDisk, MachineKind } from './folder.js';

const DISK_INFO = 'disk.info';
/** The root disk, a local one, ephemeral ones, swap and the config drive. */
const NOVA_DISK = /^disk(?:\.(?:local|swap|config|eph\d+))?$/u;
/** What lies beside them in every instance's folder. */
const NOVA_SIGNS = [DISK_INFO, 'disk.config', 'console.log', 'libvirt.xml'];

export const nova: MachineKind = {
  title: 'an instance of nova',
  find({ files }) {
    const sign = NOVA_SIGNS.find((name) => files.has(name));
    return files.has('disk') && sign !== undefined ? sign : null;
  },
  async disks(folder, description) {
    const formats = description === DISK_INFO ? readFormats(await folder.text(DISK_INFO)) : null;
    const names = [...folder.files].filter((name) => NOVA_DISK.test(name)).sort();
    return names.map((name): MachineDisk => {
      // The config drive is not in the list: it is never a format of images.
      const format = formats === null ? 'auto' : (formats.get(name) ?? 'raw');
      return { names: [name], format, namer: description };
    });
  },
};

/** `{"/var/lib/nova/instances/UUID/disk": "qcow2"}`: the formats by the file's own name. */
function readFormats(text: string): ReadonlyMap<string, string> {
  const object = parseObject(text, `nova: ${DISK_INFO}`);
  const paths = [...object.fields.keys()];
  return new Map(paths.map((path) => [basename(path), textField(object, path)]));
}

export const sparsebundleFolder: MachineKind = {
  title: 'a sparse bundle',
  find({ files, folders }) {
    return files.has('Info.plist') && folders.has('bands') ? 'Info.plist' : null;
  },
  async disks(_folder, description) {
    return [{ names: [description], format: 'sparsebundle', namer: description }];
  },
};
