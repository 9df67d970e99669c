// What names the disks of an archive beside an OVF descriptor: the metadata.json of a Vagrant box, and the names that
// Google Compute Engine and KubeVirt look for.
// References: vagrant-libvirt docs/boxes.markdown; Google Cloud, "Requirements to build custom images" (disk.raw in a
// tar.gz); KubeVirt user guide, "Disks and Volumes", containerDisk (/disk/).
import { isObject, parseJson } from '../../validation/json.js';
import type { Stated } from './content.js';

/** A disk that a Vagrant box names. */
export interface VagrantDisk {
  readonly path: string;
  readonly stated: Stated;
}

/** KubeVirt's folder, the name that vagrant-libvirt takes where none is said, and names that say that it is a raw disk. */
const DISK_NAMES = /^disk\/[^/]+\.(?:img|qcow2)$|^box\.img$|\.raw(?:\.(?:gz|xz|zst))?$/u;
/** Google Compute Engine takes a file of this name for a raw disk, whatever it begins with. */
const RAW_DISK = 'disk.raw';
/** The formats that vagrant-libvirt knows. */
const STATED_FORMATS = ['raw', 'qcow2'];

/** What the name of a file says of it. */
export function statedByName(name: string): Stated {
  if (name === RAW_DISK) return { role: 'disk', format: 'raw' };
  return DISK_NAMES.test(name) ? { role: 'disk' } : {};
}

/**
 * The disks that metadata.json lists; null if it lists none, as those of most providers.
 * @throws FormatError INVALID, LIMIT.
 */
export function vagrantDisks(text: string): readonly VagrantDisk[] | null {
  const metadata = parseJson(text, 'ova: metadata.json of the archive');
  if (!isObject(metadata) || typeof metadata.provider !== 'string') return null;
  const disks = Array.isArray(metadata.disks) ? metadata.disks : [];
  const listed = disks.flatMap((disk: unknown) => {
    if (!isObject(disk) || typeof disk.path !== 'string') return [];
    return [{ path: disk.path, stated: statedAs(disk.format) }];
  });
  return listed.length > 0 ? listed : null;
}

function statedAs(format: unknown): Stated {
  const known = STATED_FORMATS.find((one) => one === format);
  return known === undefined ? { role: 'disk' } : { role: 'disk', format: known };
}
