// Folders that other programs keep disks in: an instance of OpenStack's nova, an image of Clonezilla's, a sparse bundle of
// Apple's. The last two are named, with what makes a disk of them.
// References: nova nova/virt/libvirt/imagebackend.py (disk.info), nova/virt/libvirt/driver.py (disk.eph0, disk.swap);
// Clonezilla, "What are the files in the image directory"; hdiutil(1).
import { basename } from 'node:path';
import { UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
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

const CLONE = /^([^.]+)\.(.+)-(?:ptcl|ptimg|ntfs|dd)-img(?:\.([a-z0-9]+))?(?:\.[a-z]{2,3})?$/u;
const DECOMPRESS: Readonly<Record<string, string>> = {
  gz: 'gunzip -c',
  bz2: 'bunzip2 -c',
  xz: 'xz -dc',
  lzma: 'xz -dc',
  zst: 'zstd -dc',
  lz4: 'lz4 -dc',
  lzo: 'lzop -dc',
};
const MAX_SHOWN = 8;

export const clonezilla: MachineKind = {
  title: 'an image of Clonezilla',
  find({ files }) {
    if (files.has('clonezilla-img')) return 'clonezilla-img';
    return files.has('parts') ? ([...files].find((name) => CLONE.test(name)) ?? null) : null;
  },
  async disks({ path, files }) {
    const parts = new Map(
      [...files].sort().flatMap((name) => {
        const [, partition, type = '', compression = ''] = CLONE.exec(name) ?? [];
        return partition === undefined ? [] : [[partition, { name, type, compression }] as const];
      }),
    );
    const shown = [...parts]
      .slice(0, MAX_SHOWN)
      .map(([partition, { type }]) => `${partition} ${type}`);
    const [first] = parts.values();
    const command = DECOMPRESS[first?.compression ?? ''] ?? 'cat';
    const stem = first?.name.replace(/\.[a-z]{2}$/u, '') ?? '';
    const step =
      first === undefined
        ? 'restore it with Clonezilla'
        : `\`cat ${printable(path)}/${printable(stem)}.* | ${command} | partclone.restore -C -s - -O FILE -W\` makes a raw file of one`;
    throw new UnsupportedError(
      'UNSUPPORTED_FORMAT',
      `${printable(path)} is an image of Clonezilla's with ${parts.size} partitions ` +
        `(${printable(shown.join(', '))}), which cannot be read in place; ${step}`,
    );
  },
};

export const sparsebundleFolder: MachineKind = {
  title: 'a sparse bundle',
  find({ files, folders }) {
    return files.has('Info.plist') && folders.has('bands') ? 'Info.plist' : null;
  },
  async disks(_folder, description) {
    return [{ names: [description], format: 'sparsebundle', namer: description }];
  },
};
